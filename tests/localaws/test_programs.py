"""A container's command becomes a program of this machine, or a reason why it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from batchgauge.localaws.countdowns import PYTHON_COUNTDOWN, Countdowns, Launcher
from batchgauge.localaws.programs import CannotStartError, Program, make_bin_folder, resolve

COUNTDOWNS = Countdowns(Launcher(PYTHON_COUNTDOWN))
WINDOWS = "WINDOWS_SERVER_2022_CORE"


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    make_bin_folder(tmp_path / "bin", COUNTDOWNS)
    return tmp_path / "bin"


def resolved(command: list[str], family: str, bin_folder: Path) -> Program:
    return resolve(command, family, os.pathsep.join((str(bin_folder), os.environ["PATH"])), bin_folder, COUNTDOWNS)


@pytest.mark.parametrize(
    ("command", "is_under_powershell"),
    [
        (["C:\\test\\countdown.exe", "30"], False),
        (["C:\\test\\countdown.exe 30"], False),
        (["countdown.exe", "30"], False),
        (['"C:\\Program Files\\countdown.exe" 30'], False),
        (["cmd.exe", "/S", "/C", "C:\\test\\countdown.exe 30"], False),
        (["powershell.exe", "-Command", "C:\\test\\countdown.exe", "30"], True),
        (["powershell.exe", "-Command", "C:\\test\\countdown.exe 30"], True),
        (
            ["powershell", "-NoProfile", "-ExecutionPolicy", "Bypass", "-Command", "& 'C:\\test\\countdown.exe' 30"],
            True,
        ),
        (["C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\PowerShell.exe", "C:\\test\\COUNTDOWN.EXE", "30"], True),
    ],
)
def test_a_windows_countdown_runs_the_native_one(
    command: list[str], is_under_powershell: bool, bin_folder: Path
) -> None:
    assert resolved(command, WINDOWS, bin_folder) == Program((*PYTHON_COUNTDOWN, "30"), is_under_powershell)


@pytest.mark.parametrize(
    "command", [["C:\\app.exe"], ["powershell.exe", "-Command"], ["powershell.exe", "-Command", "Get-Date"], [" "]]
)
def test_another_windows_program_cannot_start_and_says_why(command: list[str], bin_folder: Path) -> None:
    with pytest.raises(
        CannotStartError, match=r"^CannotStartContainerError: this embedded AWS runs countdown\.exe only"
    ):
        resolved(command, WINDOWS, bin_folder)


def test_a_linux_command_is_found_on_the_path(bin_folder: Path) -> None:
    program = resolved(["sh", "-c", "exit 3"], "LINUX", bin_folder)
    assert Path(program.arguments[0]).name == "sh"
    assert program.arguments[1:] == ("-c", "exit 3")


def test_countdown_by_name_needs_no_shell(bin_folder: Path) -> None:
    assert resolved(["countdown", "5"], "LINUX", bin_folder).arguments == (*PYTHON_COUNTDOWN, "5")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_countdown_can_be_started_by_other_programs_too(bin_folder: Path) -> None:
    completed = subprocess.run([bin_folder / "countdown", "0"], capture_output=True, text=True, check=True)
    assert completed.stdout.startswith("countdown done seconds=0 ")


@pytest.mark.parametrize(
    ("command", "cause"), [("no-such-program", "executable file not found in \\$PATH"), ("/no/such", "no such file")]
)
def test_a_missing_linux_program_fails_as_under_docker(command: str, cause: str, bin_folder: Path) -> None:
    with pytest.raises(CannotStartError, match=f'^CannotStartContainerError: .* exec: "{command}": .*{cause}'):
        resolved([command], "LINUX", bin_folder)


def test_an_empty_command_cannot_start(bin_folder: Path) -> None:
    with pytest.raises(CannotStartError, match="no command specified"):
        resolved([], "LINUX", bin_folder)


def test_a_reason_is_never_longer_than_aws_keeps(bin_folder: Path) -> None:
    with pytest.raises(CannotStartError) as caught:
        resolved(["x" * 500], "LINUX", bin_folder)
    assert len(caught.value.reason) == 255


def test_exit_codes_are_reported_as_the_container_would() -> None:
    assert [Program(("x",)).container_exit_code(code) for code in (0, 3, -9, -15)] == [0, 3, 137, 143]
    assert [Program(("x",), True).container_exit_code(code) for code in (0, 3, -9)] == [0, 1, 137]
