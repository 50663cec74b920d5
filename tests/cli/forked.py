"""Commands that are forked from a process that has imported everything once: see `fork_server`."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cli import fork_server

READ_AT_START = ("LANG", "LC_", "PYTHON")
"""Variables that Python reads when it starts: a command that has others than we needs a start of its own."""


def can_fork(environment: Mapping[str, str]) -> bool:
    """Whether a forked command would be like one that Python started with this environment."""
    names = {name for name in {*environment, *os.environ} if name.startswith(READ_AT_START)}
    return sys.platform == "linux" and all(environment.get(name) == os.environ.get(name) for name in names)


class ForkServer:
    """One for all tests of a worker; begun when it is first needed."""

    def __init__(self) -> None:
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def run(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], limit_s: float
    ) -> subprocess.CompletedProcess[str]:
        """As `subprocess.run` with captured text, and nothing on stdin."""
        words = list(arguments)
        request = {"arguments": words, "folder": str(folder), "environment": dict(environment)}
        answer, theirs = os.pipe()
        with (
            tempfile.TemporaryFile() as stdout,
            tempfile.TemporaryFile() as stderr,
            Path(os.devnull).open("rb") as stdin,
        ):
            streams = (stdin.fileno(), stdout.fileno(), stderr.fileno())
            socket.send_fds(self._begun(), [json.dumps(request).encode()], [*streams, theirs])
            os.close(theirs)
            try:
                pid = _number(answer)
                if not select.select([answer], [], [], limit_s)[0]:
                    os.kill(pid, signal.SIGKILL)
                    raise subprocess.TimeoutExpired(words, limit_s)
                code = _number(answer)
            finally:
                os.close(answer)
            said = []
            for stream in (stdout, stderr):
                stream.seek(0)
                # As text streams read it: whatever ends a line is one newline.
                said.append(stream.read().decode("utf-8").replace("\r\n", "\n").replace("\r", "\n"))
        return subprocess.CompletedProcess(words, code, *said)

    def _begun(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                command = [sys.executable, "-P", fork_server.__file__, str(theirs.fileno())]
                self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        return self._control

    def end(self) -> None:
        """It ends where nobody can ask it any more."""
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.wait()


def _number(descriptor: int) -> int:
    return int.from_bytes(os.read(descriptor, fork_server.INT_BYTES), sys.byteorder, signed=True)
