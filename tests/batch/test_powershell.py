"""The .ps1 files of the repository: each is a thin twin of its .sh, with help, for Windows PowerShell 5.1 as for PowerShell 7."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
FOLDERS = ("batch", "deploy", "scripts", "docs")
STAND_IN = "import json, os, sys; print(json.dumps(sys.argv[1:])); sys.exit(int(os.environ.get('STAND_IN_CODE', '0')))"
"""In the place of ``_project.py``: what it was called with."""
END_OF_HELP = "-- end of help --"
TWINS = ("setup", "create-job-definition", "quickstart", "run-concurrency-tests")


def powershell_files() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.ps1"))


def scripts() -> list[Path]:
    """Those that people start; the others are dot-sourced by them."""
    return [path for path in powershell_files() if not path.name.startswith("_")]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def comment_based_help(path: Path) -> dict[str, str]:
    """What stands under each keyword, parameters as ``PARAMETER Name``."""
    text = path.read_text(encoding="utf-8-sig")
    block = re.match(r"<#\n(.*?)^#>", text, re.MULTILINE | re.DOTALL)
    assert block is not None, "no comment-based help at the beginning"
    parts = re.split(r"^\.([A-Z]+(?: \w+)?)$", block[1], flags=re.MULTILINE)[1:]
    return {keyword: said.strip() for keyword, said in zip(parts[::2], parts[1::2], strict=True)}


def parameters(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8-sig")
    block = re.search(r"^param\((.*?)^\)$|^param\(\)$", text, re.MULTILINE | re.DOTALL)
    assert block is not None, "no param block"
    return re.findall(r"^ {4}(?:\[[^\n]*?\])*\$(\w+)", block[1] or "", re.MULTILINE)


def test_the_walk_finds_the_scripts() -> None:
    assert {path.stem for path in scripts()} >= set(TWINS)


@pytest.mark.parametrize("path", powershell_files(), ids=relative)
def test_a_byte_order_mark_stands_where_text_is_not_ascii(path: Path) -> None:
    """Windows PowerShell 5.1 would read it in the system's code page, and show Japanese as something else."""
    data = path.read_bytes()
    assert data.startswith(BYTE_ORDER_MARK) is not data.isascii()
    assert b"\r\n" not in data


@pytest.mark.parametrize("path", powershell_files(), ids=relative)
def test_each_has_a_twin_for_bash(path: Path) -> None:
    assert path.with_suffix(".sh").is_file()


@pytest.mark.parametrize("path", scripts(), ids=relative)
def test_each_helps(path: Path) -> None:
    said = comment_based_help(path)
    assert said["SYNOPSIS"]
    assert said["DESCRIPTION"]
    assert said["EXAMPLE"]
    named = [keyword.removeprefix("PARAMETER ") for keyword in said if keyword.startswith("PARAMETER ")]
    assert sorted(named) == sorted(parameters(path))
    assert all(said.values())


@pytest.mark.usefixtures("pwsh")
def test_windows_powershell_5_would_take_them_all() -> None:
    found = [relative(path) for path in powershell_files()]
    done = subprocess.run(["pwsh", "-Check", *found], cwd=ROOT, capture_output=True, text=True, check=False)
    if "-Check" in done.stderr and "not recognized" in done.stderr:
        pytest.skip("this pwsh does not check for Windows PowerShell 5.1")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.usefixtures("pwsh")
def test_get_help_shows_synopsis_parameters_and_examples() -> None:
    asked = "; ".join(f"Get-Help '{path}' -Full; '{END_OF_HELP}'" for path in scripts())
    done = subprocess.run(["pwsh", "-Command", asked], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    for path, shown in zip(scripts(), done.stdout.split(END_OF_HELP), strict=False):
        words = " ".join(shown.split())
        assert " ".join(comment_based_help(path)["SYNOPSIS"].split()) in words
        assert "EXAMPLE 1" in words
        assert [name for name in parameters(path) if f"-{name} " not in words] == []


def test_help_and_parameters_are_those_of_the_commands() -> None:
    """Where this fails: a flag was added or its text changed; run scripts/powershell-help."""
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "powershell-help"), "--check"], check=False)
    assert done.returncode == 0


@pytest.fixture
def stand_in(make_project: Callable[..., Any]) -> Any:
    """A project whose scripts only tell what they would hand over."""
    made = make_project(has_venv=False)
    (made.batch / "_project.py").write_text(STAND_IN, encoding="utf-8")
    return made


def handed_over(text: str) -> list[list[str]]:
    """The calls; ``--flag value`` as ``--flag=value``, since both arrive as the same."""
    return [list(_as_one(json.loads(line))) for line in text.splitlines() if line.startswith("[")]


def _as_one(words: list[str]) -> Iterator[str]:
    for position, word in enumerate(words):
        if position and words[position - 1].startswith("--") and "=" not in words[position - 1] and word[:2] != "--":
            continue
        following = words[position + 1] if position + 1 < len(words) else "--"
        yield f"{word}={following}" if word.startswith("--") and "=" not in word and following[:2] != "--" else word


CALLS = [
    ("setup", "", ""),
    ("create-job-definition", "", ""),
    ("create-job-definition", "--dry-run --image 'a/b:1' --json", "-DryRun -Image a/b:1 -Json"),
    ("quickstart", "", ""),
    ("quickstart", "--job-queue q --num-jobs 3 --yes", "-JobQueue q -NumJobs 3 -Yes"),
    ("run-concurrency-tests", "", ""),
    ("run-concurrency-tests", "--levels 2,5 --pause 0.5 --local", "-Levels 2,5 -Pause 0.5 -Local"),
    (
        "run-concurrency-tests",
        "--threshold 'p95(queue_s) < 60' --threshold 'success_rate >= 99%' --parameter 'a=1,2'",
        "-Threshold 'p95(queue_s) < 60','success_rate >= 99%' -Parameter 'a=1,2'",
    ),
]
"""A script, its arguments for bash, and the same for PowerShell."""
NEXT = "-- next --"


@pytest.mark.usefixtures("pwsh")
def test_twins_hand_over_the_same(stand_in: Any, bare_shell: Any) -> None:
    """All in one shell of each kind, since PowerShell takes its time to start."""
    variables = {"JOB_QUEUE": "from environment", "JOB_DEFINITION": "d"}
    for_bash = [line for name, words, _ in CALLS for line in (f"./{name}.sh {words}", f"echo '{NEXT}'")]
    for_powershell = [line for name, _, words in CALLS for line in (f".\\{name}.ps1 {words}", f"'{NEXT}'")]
    bash = bare_shell.bash(stand_in.batch, *for_bash, **variables)
    powershell = bare_shell.pwsh(stand_in.batch, *for_powershell, **variables)
    assert (bash.returncode, powershell.returncode) == (0, 0), powershell.stderr
    expected = [handed_over(said) for said in bash.stdout.split(NEXT)][:-1]
    found = [handed_over(said) for said in powershell.stdout.split(NEXT)][:-1]
    assert len(expected) == len(found) == len(CALLS)
    for call, by_bash, by_powershell in zip(CALLS, expected, found, strict=True):
        assert by_bash, call
        if "--job-definition=d" in by_bash[-1]:  # bash sets the one in front of the other
            by_bash[-1].sort()
            by_powershell[-1].sort()
        assert by_powershell == by_bash, call


@pytest.mark.usefixtures("pwsh")
def test_twins_end_with_the_same_code(stand_in: Any, bare_shell: Any) -> None:
    for name in TWINS:
        assert bare_shell.bash(stand_in.batch, f"./{name}.sh", STAND_IN_CODE="5").returncode == 5
    codes = bare_shell.bash(stand_in.batch, *(f"pwsh {name}.ps1 || echo $?" for name in TWINS), STAND_IN_CODE="5")
    assert [line for line in codes.stdout.splitlines() if not line.startswith("[")] == ["5"] * len(TWINS)


@pytest.mark.usefixtures("pwsh")
def test_a_preference_that_makes_errors_of_exit_codes_changes_nothing(stand_in: Any, bare_shell: Any) -> None:
    lines = "$PSNativeCommandUseErrorActionPreference = $true; $ErrorActionPreference = 'Stop'; .\\setup.ps1"
    done = bare_shell.pwsh(stand_in.batch, lines, STAND_IN_CODE="5")
    assert (done.returncode, done.stderr) == (5, "")


@pytest.mark.usefixtures("pwsh")
def test_common_parameters_are_powershells_own(stand_in: Any, bare_shell: Any) -> None:
    done = bare_shell.pwsh(stand_in.batch, ".\\quickstart.ps1 -Verbose -ErrorAction Stop -NumJobs 1")
    assert handed_over(done.stdout)[-1] == ["quickstart", "--num-jobs=1"]


VALUES = [
    "plain",
    "",
    "-1",
    "日本 語",
    "a b",
    "C:\\my folder\\",
    "C:\\folder\\",
    'say "hi"',
    'ends in \\"',
    'x y\\\\"z\\',
    '["a", "b"]',
]


@pytest.mark.usefixtures("pwsh")
@pytest.mark.parametrize("passing", ["Standard", "Legacy"])
def test_any_value_arrives_as_it_is(passing: str, stand_in: Any, bare_shell: Any) -> None:
    (stand_in.batch / "values.json").write_text(json.dumps(VALUES), encoding="utf-8")
    done = bare_shell.pwsh(
        stand_in.batch,
        f"$PSNativeCommandArgumentPassing = '{passing}'",
        "$values = Get-Content -Raw values.json | ConvertFrom-Json",
        "foreach ($value in $values) { .\\run-concurrency-tests.ps1 -Results $value }",
    )
    assert handed_over(done.stdout) == [["sweep", "--force", f"--results={value}"] for value in VALUES]


@pytest.mark.usefixtures("pwsh")
def test_values_survive_the_quoting_of_windows_powershell_5(stand_in: Any, bare_shell: Any) -> None:
    """5.1 sets what has spaces between quotes and changes nothing else; Windows programs take the line apart by the C runtime's rules."""
    (stand_in.batch / "values.json").write_text(json.dumps(VALUES), encoding="utf-8")
    done = bare_shell.pwsh(
        stand_in.batch,
        ". .\\_project.ps1",
        "$values = Get-Content -Raw values.json | ConvertFrom-Json",
        "foreach ($value in $values) { '{0}' -f (ConvertTo-NativeArgument $value '' 5) }",
    )
    assert done.returncode == 0, done.stderr
    written = done.stdout.split("\n")[: len(VALUES)]
    line = " ".join(f'"{word}"' if re.search(r"\s", word) or not word else word for word in written)
    assert by_the_c_runtime(line) == VALUES


def by_the_c_runtime(line: str) -> list[str]:
    """Microsoft's rules: 2n backslashes before a quote are n, 2n + 1 are n and a quote that is meant; others stand for themselves."""
    found, word, is_quoted, is_word = [], "", False, False
    for backslashes, letter in re.findall(r'(\\*)(["\s]|[^\\"\s]|$)', line):
        word += "\\" * (len(backslashes) // 2 if letter == '"' else len(backslashes))
        is_word = is_word or bool(backslashes)
        if letter == '"' and len(backslashes) % 2 == 0:
            is_quoted, is_word = not is_quoted, True
        elif letter.isspace() and not is_quoted:
            found += [word] if is_word else []
            word, is_word = "", False
        else:
            word, is_word = word + letter, is_word or bool(letter)
    return [*found, word] if is_word else found


def test_the_rules_of_the_c_runtime_are_python_s_own() -> None:
    assert by_the_c_runtime(subprocess.list2cmdline(VALUES)) == VALUES
