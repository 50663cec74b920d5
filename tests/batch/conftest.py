"""A project folder as a user has it after ./setup.sh, and shells that speak to a running embedded AWS."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SPECIFICATION = ROOT / "tests" / "data" / "specification" / "README.ja.md"
SHELL_LIMIT_S = 170


@dataclass(frozen=True)
class Project:
    """A copy of the project, with `batch` and a virtual environment in it."""

    root: Path

    @property
    def batch(self) -> Path:
        return self.root / "batch"


@dataclass(frozen=True)
class Chapter:
    """A block of the specification: the heading it stands under, its language, its command lines."""

    heading: str
    language: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Shell:
    """Runs scripts; `environment` is all they see."""

    environment: dict[str, str] = field(repr=False)

    def bash(
        self, folder: Path, *lines: str, limit_s: float = SHELL_LIMIT_S, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Lines one after the other, as far as the first that fails."""
        return self._run(["bash", "-c", "\n".join(["set -e", *lines])], folder, limit_s, variables)

    def pwsh(
        self, folder: Path, *lines: str, limit_s: float = SHELL_LIMIT_S, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """The same in PowerShell, where a failed program's code has to be looked at."""
        looked_at = [f"{line}\nif ($LASTEXITCODE) {{ exit $LASTEXITCODE }}" for line in lines]
        script = folder / "lines.ps1"
        script.write_text("\n".join(looked_at), encoding="utf-8-sig")
        try:
            return self._run(["pwsh", str(script)], folder, limit_s, variables)
        finally:
            script.unlink()

    def _run(
        self, command: list[str], folder: Path, limit_s: float, variables: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            timeout=limit_s,
            check=False,
        )


def english(environment: dict[str, str]) -> dict[str, str]:
    """Without what would change the scripts' words, flags or interpreter: also where an environment is activated."""
    hidden = ("BATCHGAUGE_", "JOB_", "PYTHON", "VIRTUAL_ENV")
    kept = {name: value for name, value in environment.items() if not name.startswith(hidden)}
    own = Path(sys.prefix) / ("Scripts" if os.name == "nt" else "bin")
    folders = [folder for folder in kept.get("PATH", "").split(os.pathsep) if Path(folder) != own]
    return {**kept, "PATH": os.pathsep.join(folders), "BATCHGAUGE_LANG": "en", "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    """Makes projects; without `has_venv`, as they are cloned."""

    def make(name: str = "project", *, has_venv: bool = True) -> Project:
        project = Project(tmp_path / name)
        shutil.copytree(ROOT / "batch", project.batch, ignore=shutil.ignore_patterns("__pycache__", "test-results*"))
        shutil.copyfile(ROOT / "pyproject.toml", project.root / "pyproject.toml")
        (project.root / "src").symlink_to(ROOT / "src")
        if has_venv:
            _make_venv(project)
        return project

    return make


def _make_venv(project: Project) -> None:
    """What ./setup.sh makes, without an hour of downloads in all: this environment's packages by reference."""
    folder = project.root / ".venv"
    venv.create(folder, with_pip=False, symlinks=os.name == "posix")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "Lib" / "site-packages" if os.name == "nt" else folder / "lib" / version / "site-packages"
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(project.root / "src")}
    (packages / "project.pth").write_text("\n".join(sorted(paths)), encoding="utf-8")
    shutil.copyfile(ROOT / "pyproject.toml", folder / ".installed-report,local")


@pytest.fixture
def project(make_project: Callable[..., Project]) -> Project:
    """One that is set up."""
    return make_project()


@pytest.fixture
def shell(server: Any) -> Shell:
    """Pointed at a running embedded AWS by the variables that ``batchgauge local serve`` prints."""
    return Shell(english(server.environment))


@pytest.fixture
def bare_shell(tmp_path: Path) -> Shell:
    """On a machine where nobody has set up AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return Shell(english({**kept, **nowhere, "AWS_EC2_METADATA_DISABLED": "true"}))


@pytest.fixture
def aws_cli() -> None:
    """Skips without the AWS CLI."""
    if shutil.which("aws") is None:
        pytest.skip("the AWS CLI (pip install awscli, in an environment of its own) is not on PATH")


@pytest.fixture
def pwsh() -> None:
    """Skips without PowerShell."""
    if shutil.which("pwsh") is None:
        pytest.skip("pwsh (PowerShell 7) is not on PATH")


@pytest.fixture(scope="session")
def specification() -> str:
    """The specification's text."""
    return SPECIFICATION.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def chapters(specification: str) -> Callable[[str], list[Chapter]]:
    """The blocks of one language."""
    return lambda language: [chapter for chapter in _chapters(specification) if chapter.language == language]


@pytest.fixture(scope="session")
def result_example(specification: str) -> str:
    """The result file that the specification shows."""
    blocks = re.findall(r"^```json\n(.*?)^```$", specification, re.MULTILINE | re.DOTALL)
    return next(str(block) for block in blocks if '"totalJobs"' in block)


def _chapters(text: str) -> Iterator[Chapter]:
    for block in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        headings = re.findall(r"^#+ (.*)$", _outside_blocks(text[: block.start()]), re.MULTILINE)
        yield Chapter(
            headings[-1], block[1], tuple(_command_lines(block[2], continued="`" if block[1] == "powershell" else "\\"))
        )


def _outside_blocks(text: str) -> str:
    """Comments of a shell look like headings."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def _command_lines(block: str, continued: str) -> Iterator[str]:
    """Without comments; a line that goes on is one with the next (a backslash before an empty line belongs to a path)."""
    joined = re.sub(rf"(?<= ){re.escape(continued)}\n\s*", "", block)
    for line in joined.splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()
