"""The build-and-push scripts, with a docker, an aws and a python3 that write down how they were called."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "windows"
REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
DOCKER = """#!/bin/sh
echo "docker $*" >> "$CALLS"
case "$1" in login) read -r password; echo "password $password" >> "$CALLS"; echo Login Succeeded ;; esac
case "$*" in "buildx inspect"*) exit "${NO_BUILDER:-0}" ;; "buildx build"*) echo progress >&2; exit "${BUILD_FAILS:-0}" ;; esac
"""
AWS = f"""#!/bin/sh
echo "aws $*" >> "$CALLS"
case "$*" in
  "ecr describe-repositories"*) [ -n "$HAS_REPOSITORY" ] || [ -f "$CALLS.made" ] || exit 254; echo {REGISTRY}/here ;;
  "ecr create-repository"*) touch "$CALLS.made"; echo "{{}}" ;;
  "ecr get-login-password"*) echo secret ;;
  "configure get region") echo eu-west-1 ;;
esac
"""
PYTHON = """#!/bin/sh
echo "python $*" >> "$CALLS"
"""


@dataclass(frozen=True)
class Scripts:
    """The scripts in a project of their own, with the stubs first on PATH."""

    folder: Path
    shell: str
    environment: dict[str, str]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        name = "build-and-push." + {"bash": "sh", "pwsh": "ps1"}[self.shell]
        if self.shell == "pwsh":
            arguments = tuple(pascal(argument) for argument in arguments)
        return self.start(str(self.folder / "deploy" / "windows" / name), *arguments, **variables)

    def run_where_errors_stop(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """As somebody calls it who has PowerShell stop at every error; bash has nothing of the kind to inherit."""
        if self.shell == "bash":
            return self.run(*arguments, **variables)
        script = self.folder / "deploy" / "windows" / "build-and-push.ps1"
        strict = "$PSNativeCommandUseErrorActionPreference = $true; $ErrorActionPreference = 'Stop'"
        flags = " ".join(pascal(argument) for argument in arguments)
        return self.start("-Command", f"{strict}; & '{script}' {flags}; exit $LASTEXITCODE", **variables)

    def start(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [shutil.which(self.shell) or self.shell, *arguments],
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        log = Path(self.environment["CALLS"])
        lines = log.read_text().splitlines() if log.exists() else []
        here = str(self.folder.resolve())
        return [line.replace(here, "HERE") for line in lines]


def pascal(argument: str) -> str:
    """--dry-run becomes -DryRun."""
    words = argument.removeprefix("--").split("-")
    return "-" + "".join(word.capitalize() for word in words) if argument.startswith("--") else argument


@pytest.fixture(params=["bash", "pwsh"])
def scripts(request: pytest.FixtureRequest, tmp_path: Path) -> Scripts:
    shell: str = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not on PATH")
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    for name, text in {"docker": DOCKER, "aws": AWS, "python3": PYTHON, "python": PYTHON}.items():
        (stubs / name).write_text(text)
        (stubs / name).chmod(0o755)
    folder = tmp_path / "project"
    shutil.copytree(FOLDER, folder / "deploy" / "windows", ignore=shutil.ignore_patterns("dist", "countdown"))
    kept = {name: os.environ[name] for name in ("HOME", "DOTNET_BUNDLE_EXTRACT_BASE_DIR") if name in os.environ}
    path = f"{stubs}{os.pathsep}/usr/bin{os.pathsep}/bin"
    return Scripts(folder, shell, {**kept, "PATH": path, "CALLS": str(tmp_path / "calls"), "LC_ALL": "C.UTF-8"})


@pytest.fixture
def without(scripts: Scripts) -> Callable[[str], None]:
    def take_away(name: str) -> None:
        stub = Path(scripts.environment["PATH"].split(os.pathsep)[0]) / name
        stub.write_text("#!/bin/sh\nexit 127\n")

    return take_away


def test_the_windows_image_is_built_and_pushed(scripts: Scripts) -> None:
    done = scripts.run("--windows", "2019", "--tag", "v1", HAS_REPOSITORY="yes")
    assert (done.returncode, done.stdout.strip()) == (0, f"{REGISTRY}/here:v1"), done.stderr
    calls = scripts.calls
    assert any(call.startswith("python ") and "build-countdown" in call and call.endswith("/dist") for call in calls)
    assert f"docker login --username AWS --password-stdin {REGISTRY}" in calls
    assert "password secret" in calls
    assert calls[-1] == (
        "docker buildx build --builder batchgauge --provenance=false --sbom=false --push"
        f" --tag {REGISTRY}/here:v1 --platform windows/amd64 --build-arg WINDOWS_VERSION=ltsc2019"
        " --file HERE/deploy/windows/Dockerfile HERE/deploy/windows"
    )
    assert not [call for call in calls if "create" in call], "the builder and the repository are there"
    assert all("--region eu-west-1" in call for call in calls if call.startswith("aws ecr"))
    assert "secret" not in done.stdout + done.stderr


def test_the_linux_image_has_its_own_file_and_repository(scripts: Scripts) -> None:
    done = scripts.run_where_errors_stop("--linux", "--region", "us-east-2", NO_BUILDER="1")
    assert (done.returncode, done.stdout.strip()) == (0, f"{REGISTRY}/here:latest"), done.stderr
    calls = scripts.calls
    assert "aws ecr create-repository --region us-east-2 --repository-name linux-countdown" in calls
    assert "docker buildx create --name batchgauge --driver docker-container" in calls
    assert calls[-1].endswith("--platform linux/amd64 --file HERE/deploy/windows/Dockerfile.linux HERE/deploy/windows")


def test_a_program_that_is_built_already_is_not_built_again(scripts: Scripts) -> None:
    (scripts.folder / "deploy" / "windows" / "dist").mkdir()
    (scripts.folder / "deploy" / "windows" / "dist" / "countdown.exe").touch()
    assert scripts.run(HAS_REPOSITORY="yes").returncode == 0
    assert not [call for call in scripts.calls if "build-countdown" in call]


def test_a_dry_run_changes_nothing(scripts: Scripts) -> None:
    done = scripts.run("--dry-run", NO_BUILDER="1", AWS_REGION="ap-northeast-1")
    assert done.stdout.strip() == "ACCOUNT.dkr.ecr.ap-northeast-1.amazonaws.com/windows-countdown:latest"
    asked = ("docker buildx version", "docker buildx inspect", "aws --version", "aws ecr describe", "python --version")
    assert [call for call in scripts.calls if not call.startswith(asked)] == []
    login = "get-login-password --region ap-northeast-1 | docker login --username AWS --password-stdin ACCOUNT."
    for word in ("build-countdown", "create-repository", login, "buildx create", "buildx build"):
        assert word in done.stderr


def test_a_build_that_fails_is_the_end(scripts: Scripts) -> None:
    done = scripts.run(HAS_REPOSITORY="yes", BUILD_FAILS="17")
    assert (done.returncode, done.stdout) == (17, "")


@pytest.mark.parametrize("name", ["docker", "aws"])
def test_what_is_missing_is_named(name: str, scripts: Scripts, without: Callable[[str], None]) -> None:
    if name == "aws" and scripts.shell == "bash":
        (Path(scripts.environment["PATH"].split(os.pathsep)[0]) / "aws").unlink()
        if shutil.which("aws", path="/usr/bin:/bin"):
            pytest.skip("this machine has an aws of its own")
    else:
        without(name)
    done = scripts.run()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert ("batchgauge image push" in done.stderr) == (name == "docker")


@pytest.mark.parametrize("arguments", [["--windows", "2016"], ["--speed"], ["--tag"]])
def test_bash_refuses_what_it_does_not_understand(scripts: Scripts, arguments: list[str]) -> None:
    if scripts.shell != "bash":
        pytest.skip("PowerShell's own parameter binding does it there")
    assert scripts.run(*arguments).returncode == 2
    assert scripts.calls == []
    assert "です" in scripts.run("--windows", "2016", LC_ALL="ja_JP.UTF-8").stderr


def test_both_have_help_in_both_languages() -> None:
    for language, word in (("C.UTF-8", "default"), ("ja_JP.UTF-8", "既定値")):
        done = subprocess.run(
            ["bash", str(FOLDER / "build-and-push.sh"), "--help"],
            env={**os.environ, "LC_ALL": language},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        assert word in done.stdout
    text = (FOLDER / "build-and-push.ps1").read_text(encoding="utf-8-sig")
    assert text.startswith("<#\n.SYNOPSIS\n")
    for parameter in ("Windows", "Linux", "Repository", "Tag", "Region", "DryRun"):
        assert f".PARAMETER {parameter}\n" in text


def test_windows_powershell_can_read_it() -> None:
    raw = (FOLDER / "build-and-push.ps1").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "Japanese text needs it"
    if shutil.which("pwsh") is None:
        pytest.skip("pwsh is not on PATH")
    done = subprocess.run(
        ["pwsh", "-Check", str(FOLDER / "build-and-push.ps1")], capture_output=True, text=True, check=False
    )
    if "-Check" in done.stderr:
        pytest.skip("this pwsh does not check for Windows PowerShell 5.1")
    assert done.returncode == 0, done.stdout
