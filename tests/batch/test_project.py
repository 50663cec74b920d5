"""Making the virtual environment, with a Python in it that only writes down what it was asked to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")

INSTALL = "python3 _project.py install dev"


def make_executable(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(0o755)
    return path


def old_python(tools: Path, statement: str) -> str:
    """A command line: `statement` as a Python of another version would run it, with nothing but `tools` on PATH."""
    pretence = f"os.environ['PATH'] = '{tools}'; sys.executable = '{tools}/python3'"
    return f'"{sys.executable}" -c "import os, sys, _project; {pretence}; {statement}"'


@pytest.fixture
def cloned(make_project: Callable[..., Any]) -> Any:
    """A project as it is cloned."""
    return make_project(has_venv=False)


@pytest.fixture
def asked(cloned: Any) -> Callable[[], list[str]]:
    """What the environment's Python was asked to do since the last time; it can do everything."""
    log = cloned.root / "asked.txt"
    make_executable(cloned.root / ".venv" / "bin" / "python", f'echo "$@" >> "{log}"')

    def take() -> list[str]:
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line for line in lines if line.startswith("-m pip install")]

    return take


def test_it_installs_once_and_again_when_pyproject_has_changed(
    cloned: Any, asked: Callable[[], list[str]], bare_shell: Any
) -> None:
    assert bare_shell.bash(cloned.batch, INSTALL).returncode == 0
    [line] = asked()
    assert line.endswith(f"--editable {cloned.root}[dev]")
    assert bare_shell.bash(cloned.batch, INSTALL).returncode == 0
    assert asked() == []
    pyproject = cloned.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert bare_shell.bash(cloned.batch, INSTALL).returncode == 0
    assert len(asked()) == 1


def test_other_extras_are_installed_besides(cloned: Any, asked: Callable[[], list[str]], bare_shell: Any) -> None:
    bare_shell.bash(cloned.batch, INSTALL)
    asked()
    bare_shell.bash(cloned.batch, "python3 _project.py install report,local")
    [line] = asked()
    assert line.endswith("[report,local]")


def test_a_failed_installation_is_tried_again_the_next_time(cloned: Any, bare_shell: Any) -> None:
    make_executable(cloned.root / ".venv" / "bin" / "python", 'case "$*" in *"pip install"*) exit 1 ;; esac')
    for _ in range(2):
        done = bare_shell.bash(cloned.batch, INSTALL)
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith("hint: pip must reach")


def test_without_ensurepip_debians_package_is_named(cloned: Any, bare_shell: Any) -> None:
    make_executable(cloned.root / ".venv" / "bin" / "python", 'case "$*" in *pip*) exit 1 ;; esac')
    done = bare_shell.bash(cloned.batch, INSTALL)
    assert done.returncode == 1
    assert "sudo apt install python3-venv" in done.stderr


def test_a_new_enough_python_is_looked_for_on_the_path(cloned: Any, tmp_path: Path, bare_shell: Any) -> None:
    """The Python that runs the script may be an old one: it only has to find a better."""
    tools = tmp_path / "tools"
    make_executable(tools / "python3", "exit 1")
    make_executable(tools / "python3.12", "exit 0")
    done = bare_shell.bash(cloned.batch, old_python(tools, "print(_project.find_interpreter())"))
    assert done.stdout.strip() == str([f"{tools}/python3.12"])


def test_the_variable_python_chooses(cloned: Any, tmp_path: Path, bare_shell: Any) -> None:
    mine = make_executable(tmp_path / "my python", "exit 0")
    done = bare_shell.bash(
        cloned.batch, 'python3 -c "import _project; print(_project.find_interpreter())"', PYTHON=str(mine)
    )
    assert done.stdout.strip() == str([str(mine)])


def test_without_any_new_enough_python_the_remedy_is_named(cloned: Any, tmp_path: Path, bare_shell: Any) -> None:
    old = make_executable(tmp_path / "tools" / "python3", "exit 1")
    done = bare_shell.bash(cloned.batch, old_python(old.parent, "sys.exit(_project.install('dev'))"))
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]


def test_setup_says_what_is_missing_for_aws_and_is_no_failure(bare_shell: Any, project: Any) -> None:
    done = bare_shell.bash(project.batch, "./setup.sh")
    assert done.returncode == 0
    assert "note: the AWS CLI" in done.stderr


@pytest.mark.parametrize(("argument", "code"), [("--help", 0), ("--levels", 2)])
def test_setup_installs_nothing_when_it_is_asked_something(
    argument: str, code: int, bare_shell: Any, cloned: Any
) -> None:
    done = bare_shell.bash(cloned.batch, f"./setup.sh {argument}")
    assert done.returncode == code
    assert "usage: ./setup.sh" in done.stderr
    assert not (cloned.root / ".venv").exists()


@pytest.mark.usefixtures("aws_cli")
def test_setup_shows_the_account_that_aws_knows(shell: Any, project: Any) -> None:
    done = shell.bash(project.batch, "./setup.sh")
    assert "AWS account: 123456789012" in done.stderr
