"""What sees to it that no job's process outlives its server: a program that is told of each of them (`orphans`).

It costs some bytes a process, and one write for all that are started in a turn of the event loop; a launcher around each process (with
Linux's ``PR_SET_PDEATHSIG``, say) would double the time that a start takes.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

LOG = logging.getLogger(__name__)
PROGRAM = Path(__file__).with_name("orphans.py")
END_PATIENCE_S = 5.0
HAS_PROCESS_GROUPS = hasattr(os, "killpg")
"""Not on Windows, where a job object does the same (`job_object`)."""


class ProcessGuard:
    """Knows the process groups of one server, in a process that outlives it."""

    def __init__(self, folder: Path, call_soon: Callable[[Callable[[], None]], object]) -> None:
        """`folder` is removed with them, if the server has not done it; `call_soon` is the event loop's."""
        self._call_soon = call_soon
        self._untold: list[bytes] = []
        self._process: subprocess.Popen[bytes] | None = None
        if HAS_PROCESS_GROUPS:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(PROGRAM), str(folder)],
                stdin=subprocess.PIPE,
                # Whoever reads the server's output to its end must not wait for this one.
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )

    def started(self, group: int) -> None:
        """A process was started that leads this group."""
        self._tell(b"+%d\n" % group)

    def ended(self, group: int) -> None:
        """It has ended; to be called before it is reaped, while its number cannot be anyone else's."""
        self._tell(b"-%d\n" % group)

    def _tell(self, line: bytes) -> None:
        self._untold.append(line)
        if len(self._untold) == 1:
            self._call_soon(self._flush)

    def _flush(self) -> None:
        lines, self._untold = self._untold, []
        if not lines or self._process is None or self._process.stdin is None:
            return
        try:
            self._process.stdin.write(b"".join(lines))
        except OSError as error:  # somebody has killed it
            LOG.warning("The processes of jobs would outlive this server's sudden end from now on: %s", error)
            self._let_go()

    def _let_go(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(END_PATIENCE_S)

    def close(self) -> None:
        """The server ends in order: nothing is left to be killed."""
        self._flush()
        self._let_go()
