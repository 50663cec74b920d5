"""What the scripts beside this file share: make the project's virtual environment, and hand over to batchgauge in it.

Any Python 3 runs this file, from 3.6 on; batchgauge itself needs 3.11.

    python3 _project.py install EXTRA[,EXTRA...]    make .venv where it is missing, install where pyproject.toml has changed
    python3 _project.py setup                       the same for users, then look whether AWS can be reached
    python3 _project.py COMMAND [ARGUMENT...]       batchgauge COMMAND in that environment
"""

import filecmp
import importlib.util
import locale
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).absolute().parent.parent
VENV = PROJECT / ".venv"
PYPROJECT = PROJECT / "pyproject.toml"
EXTRAS_FOR_USERS = "report,local"
IS_NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))"
NAMES_ON_PATH = ("python3", "python3.13", "python3.12", "python3.11", "python3.14", "python")
USAGE_ERROR = 2


def say(english, japanese):
    """Write a line of talk in the user's language."""
    variables = ("BATCHGAUGE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    said = [os.environ.get(name) for name in variables] + [locale.getlocale()[0]]
    deciding = next((name for name in said if name), "")
    print(japanese if deciding.lower().startswith("ja") else english, file=sys.stderr)
    sys.stderr.flush()


def venv_python():
    """The virtual environment's interpreter; None where there is none."""
    candidates = (VENV / "bin" / "python", VENV / "Scripts" / "python.exe")
    return next((str(path) for path in candidates if path.exists()), None)


def hand_over(command, arguments):
    """Run ``batchgauge COMMAND`` in the project's environment, or in this one if it is installed here; its exit code."""
    python = venv_python()
    if python is None and importlib.util.find_spec("batchgauge") is not None:
        python = sys.executable
    if python is None:
        say("error: the virtual environment .venv is missing", "error: 仮想環境 .venv がありません")
        say(
            "hint: run ./setup.sh (Windows: .\\setup.ps1) in the folder batch, once",
            "hint: batch ディレクトリで ./setup.sh (Windows では .\\setup.ps1) を一度実行してください",
        )
        return USAGE_ERROR
    # -P: a file in the user's folder must not be taken for a module.
    line = [python, "-P", "-m", "batchgauge", command, *arguments]
    if os.name == "posix":
        os.execv(python, line)
    # On Windows exec would give the prompt back at once. Ctrl-C reaches the child too: it decides what comes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.call(line)


def install(extras):
    """Make the environment where it is missing, install where something has changed; an exit code."""
    stamp = VENV / (".installed-" + extras)
    python = venv_python()
    if python is None or not succeeds([python, "-c", IS_NEW_ENOUGH]):
        if not make_environment():
            return 1
        python = venv_python()
    is_current = stamp.exists() and filecmp.cmp(str(PYPROJECT), str(stamp), shallow=False)
    if is_current and succeeds([python, "-c", "import batchgauge"]):
        return 0
    if not succeeds([python, "-m", "pip", "--version"]) and not make_pip(python):
        return 1
    say(
        "Installing batchgauge and what it needs into .venv (the first time takes a minute or two) ...",
        "batchgauge と必要なパッケージを .venv にインストールしています (初回は 1〜2 分かかります) ...",
    )
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*pip, "--editable", "{}[{}]".format(PROJECT, extras)], stdout=sys.stderr) != 0:
        say(
            "hint: pip must reach a package index; behind a proxy set HTTPS_PROXY, for a mirror PIP_INDEX_URL",
            "hint: pip がパッケージインデックスに接続できるか確認してください "
            "(プロキシ環境では HTTPS_PROXY、ミラーを使う場合は PIP_INDEX_URL を設定)",
        )
        return 1
    shutil.copyfile(str(PYPROJECT), str(stamp))
    return 0


def make_environment():
    """Make .venv with a Python that is new enough; whether it came about."""
    interpreter = find_interpreter()
    if interpreter is None:
        say(
            "error: no Python 3.11 or newer was found",
            "error: Python 3.11 以上が見つかりません",
        )
        say(
            "hint: install one (https://www.python.org/downloads/), or name it in the variable PYTHON",
            "hint: インストールするか (https://www.python.org/downloads/)、環境変数 PYTHON で指定してください",
        )
        return False
    say("Making the virtual environment .venv ...", "仮想環境 .venv を作成しています ...")
    # Without pip first: Debian's Python may lack ensurepip, and what it would say is not what helps.
    line = [*interpreter, "-m", "venv", "--clear", "--without-pip", str(VENV)]
    return subprocess.call(line, stdout=sys.stderr) == 0


def make_pip(python):
    """Put pip into the environment; whether it is there."""
    if succeeds([python, "-m", "ensurepip", "--default-pip"]):
        return True
    say("error: the Python module ensurepip is missing", "error: Python のモジュール ensurepip がありません")
    say(
        "hint: on Debian and Ubuntu: sudo apt install python3-venv, then run this again",
        "hint: Debian / Ubuntu では sudo apt install python3-venv を実行してから、もう一度実行してください",
    )
    return False


def find_interpreter():
    """The command of a Python that is new enough: the one of the variable PYTHON, this one, one on PATH; None if there is none."""
    named = os.environ.get("PYTHON")
    commands = ([[named]] if named else []) + [[sys.executable]]
    commands += [[found] for found in map(shutil.which, NAMES_ON_PATH) if found]
    commands += [["py", "-3"]] if os.name == "nt" else []
    return next((command for command in commands if succeeds([*command, "-c", IS_NEW_ENOUGH])), None)


def succeeds(line):
    """Whether a command can be run and ends with 0; what it says is thrown away."""
    try:
        return (
            subprocess.call(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
        )
    except OSError:
        return False


def setup():
    """Install, then say what is missing for AWS: it is needed for real measurements only, so nothing of it is an error."""
    code = install(EXTRAS_FOR_USERS)
    if code != 0:
        return code
    say("batchgauge is ready in .venv", "batchgauge の準備ができました (.venv)")
    check_aws()
    say(
        "Without AWS: ./quickstart.sh measures on an embedded AWS. With AWS: ./create-job-definition.sh comes next; where there "
        "is no queue yet, first .venv/bin/batchgauge deploy up.",
        "AWS なしで試す場合: ./quickstart.sh (組み込み AWS で測定します)。AWS を使う場合: 次は ./create-job-definition.sh です。"
        "キューがまだなければ、先に .venv/bin/batchgauge deploy up を実行してください。",
    )
    return 0


def setup_says(arguments):
    """What setup says of arguments, none of which it takes but --help; an exit code."""
    is_help = arguments[0] in ("-h", "--help")
    if not is_help:
        say("error: setup takes no argument: " + arguments[0], "error: setup に引数は指定できません: " + arguments[0])
    say(
        "usage: ./setup.sh (Windows: .\\setup.ps1): makes .venv with batchgauge in it; may be run again",
        "usage: ./setup.sh (Windows では .\\setup.ps1): batchgauge の入った .venv を作成します。何度でも実行できます",
    )
    return 0 if is_help else USAGE_ERROR


def check_aws():
    """Say whether the AWS CLI is there and has credentials that AWS accepts."""
    if shutil.which("aws") is None:
        say(
            "note: the AWS CLI is not installed (https://aws.amazon.com/cli/); batchgauge itself does not need it",
            "note: AWS CLI がインストールされていません (https://aws.amazon.com/cli/)。batchgauge 自体には不要です",
        )
        return
    line = [shutil.which("aws"), "sts", "get-caller-identity", "--query", "Account", "--output", "text"]
    line += ["--cli-connect-timeout", "5", "--cli-read-timeout", "10"]
    asked = subprocess.run(
        line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
    )
    if asked.returncode == 0:
        account = asked.stdout.decode("ascii", "replace").strip()
        say("AWS account: " + account, "AWS アカウント: " + account)
        return
    say(
        "note: the AWS CLI has no credentials that AWS accepts; for measurements on AWS run aws configure",
        "note: AWS CLI の認証情報が有効ではありません。AWS で測定する場合は aws configure を実行してください",
    )


def main(arguments):
    """Do what the command line says; an exit code."""
    if not arguments:
        print(__doc__.strip(), file=sys.stderr)
        return USAGE_ERROR
    command, rest = arguments[0], arguments[1:]
    if command == "install" and len(rest) == 1:
        return install(rest[0])
    if command == "setup":
        return setup() if not rest else setup_says(rest)
    return hand_over(command, rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
