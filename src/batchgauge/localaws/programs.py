"""Which program of this machine a container's command is: commands are resolved here, and never handed to a shell of ours."""

from __future__ import annotations

import re
import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from batchgauge.localaws.countdowns import Countdowns

COUNTDOWN_NAMES = frozenset({"countdown", "countdown.exe"})
POWERSHELL_NAMES = frozenset({"powershell", "powershell.exe", "pwsh", "pwsh.exe"})
COMMAND_PROMPT_NAMES = frozenset({"cmd", "cmd.exe"})
POWERSHELL_SWITCHES = frozenset({"-noprofile", "-noninteractive", "-nologo"})
POWERSHELL_OPTIONS_WITH_VALUE = frozenset({"-executionpolicy", "-ep", "-windowstyle"})
WINDOWS_WORD = re.compile(r""""[^"]*"|'[^']*'|[^\s"']+""")


@dataclass(frozen=True, slots=True)
class Program:
    """What to start; with PowerShell's ``-Command`` around it any failure becomes exit code 1, as PowerShell does."""

    arguments: tuple[str, ...]
    is_under_powershell: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that it needs beside the job's own."""

    def container_exit_code(self, exit_code: int) -> int:
        """The exit code as the container would report it: 128 + N for signal N, as Docker does."""
        if exit_code < 0:
            return 128 - exit_code
        return 1 if exit_code and self.is_under_powershell else exit_code


class CannotStartError(Exception):
    """The container could not have started either; `reason` is for its ``container.reason``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason[:255]


def make_bin_folder(folder: Path, countdowns: Countdowns) -> None:
    """Fill the folder that stands first on every job's PATH: `countdown` for whatever starts it by name."""
    folder.mkdir(parents=True, exist_ok=True)
    quoted = " ".join("'" + part.replace("'", "'\\''") + "'" for part in countdowns.linux.arguments)
    for name in sorted(COUNTDOWN_NAMES):
        launcher = folder / name
        launcher.write_text(f'#!/bin/sh\nexec {quoted} "$@"\n', encoding="utf-8")
        launcher.chmod(launcher.stat().st_mode | stat.S_IXUSR)


def resolve(
    command: Sequence[str], operating_system_family: str, search_path: str, bin_folder: Path, countdowns: Countdowns
) -> Program:
    """The program for a container's command; raises `CannotStartError`."""
    if not command:
        raise CannotStartError("CannotStartContainerError: Error response from daemon: no command specified")
    if operating_system_family.startswith("WINDOWS"):
        return _windows_program(command, countdowns)
    return _linux_program(command, search_path, bin_folder, countdowns)


def _linux_program(command: Sequence[str], search_path: str, bin_folder: Path, countdowns: Countdowns) -> Program:
    found = shutil.which(command[0], path=search_path)
    if found is None:
        is_path = "/" in command[0]
        cause = f"stat {command[0]}: no such file or directory" if is_path else "executable file not found in $PATH"
        raise CannotStartError(
            "CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create "
            f'shim task: OCI runtime create failed: exec: "{command[0]}": {cause}: unknown'
        )
    if Path(found).parent == bin_folder:
        return Program((*countdowns.linux.arguments, *command[1:]))  # the same as the launcher, without a shell's start
    return Program((found, *command[1:]))


def _windows_program(command: Sequence[str], countdowns: Countdowns) -> Program:
    words = _windows_words(command)
    first = _windows_name(words)
    is_under_powershell = first in POWERSHELL_NAMES
    if is_under_powershell:
        words = _powershell_command(words[1:])
    elif first in COMMAND_PROMPT_NAMES:
        words = [word for word in words[1:] if word.lower() not in ("/c", "/s")]
    if _windows_name(words) not in COUNTDOWN_NAMES:
        raise CannotStartError(
            "CannotStartContainerError: this embedded AWS runs countdown.exe only (no Windows here), not: "
            + " ".join(command)
        )
    launcher = countdowns.windows
    return Program((*launcher.arguments, *words[1:]), is_under_powershell, launcher.environment)


def _windows_words(command: Sequence[str]) -> list[str]:
    """The words of the joined command line, quotes taken off: an element may hold a program and its arguments."""
    return [word.strip("\"'") for element in command for word in WINDOWS_WORD.findall(element)]


def _windows_name(words: Sequence[str]) -> str:
    return re.split(r"[\\/]", words[0])[-1].lower() if words else ""


def _powershell_command(words: Sequence[str]) -> list[str]:
    """What ``-Command`` starts (PowerShell joins all that follows it); without the switch everything is the command."""
    rest = list(words)
    while rest:
        switch = rest[0].lower()
        if switch in POWERSHELL_OPTIONS_WITH_VALUE:
            del rest[:2]
        elif switch in POWERSHELL_SWITCHES or switch in ("-command", "-c", "&"):
            del rest[0]
        else:
            break
    return rest
