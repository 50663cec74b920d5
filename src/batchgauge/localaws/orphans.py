"""A program beside each server that outlives it, however suddenly it ends: ``python -I -S orphans.py FOLDER``.

Standard input says which process groups there are, ``+GROUP`` or ``-GROUP`` a line. Its end means that the server is gone: the groups that
are left are killed, and on Linux every process that has FOLDER in its environment, as all of the server's jobs have (one that was being
started in that moment, one that has left its group); then FOLDER is removed. Imports nothing but built-in modules until then: it starts in
about ten milliseconds.
"""

from __future__ import annotations

import os
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

READ_BYTES = 64 * 1024
QUIET_LOOKS, LOOK_EVERY_S = 2, 0.1
"""A process that is just being started shows its environment a moment later."""


def main(folder: str) -> None:
    """Listen to the end, then clean up."""
    # Only the server's end counts, not what a terminal or a supervisor sends to both.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    clean_up(listen(), folder)


def listen() -> set[int]:
    """The groups that are left at the end."""
    groups: set[int] = set()
    rest = b""
    while data := os.read(0, READ_BYTES):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            (groups.add if line[:1] == b"+" else groups.discard)(int(line[1:]))
    return groups


def clean_up(groups: set[int], folder: str) -> None:
    """Kill and remove what is left, if anything."""
    for group in groups:
        kill(os.killpg, group)
    if not os.path.isdir(folder):  # noqa: PTH112 - pathlib would double the start
        return  # the server has ended in order
    quiet_looks = 0
    while quiet_looks < QUIET_LOOKS:
        strays = strays_of(folder)
        for process in strays:
            kill(os.kill, process)
        quiet_looks = 0 if strays else quiet_looks + 1
        time.sleep(LOOK_EVERY_S)
    from shutil import rmtree  # noqa: PLC0415

    rmtree(folder, ignore_errors=True)


def kill(how: Callable[[int, int], None], target: int) -> None:
    """What is gone already is no error."""
    try:
        how(target, signal.SIGKILL)
    except OSError:
        return


def strays_of(folder: str) -> list[int]:
    """Processes with the folder in their environment; none where there is no ``/proc``."""
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():  # noqa: PTH112, PTH208
        if name.isdecimal() and int(name) != os.getpid() and folder.encode() in environment_of(name):
            found.append(int(name))
    return found


def environment_of(name: str) -> bytes:
    """Nothing for one that is gone, or not ours, or is waiting to be reaped."""
    try:
        with open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return b""


if __name__ == "__main__":
    main(sys.argv[1])
