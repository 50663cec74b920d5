"""The command at a terminal: stdin and stderr are one, stdout is not."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyte

LIMIT_S = 60.0
WIDE = 400
LINES = 50


@dataclass
class AtTerminal:
    """A process, what it has said, and a keyboard."""

    process: subprocess.Popen[bytes]
    keyboard: int
    columns: int
    _said: bytearray = field(default_factory=bytearray)

    @property
    def said(self) -> str:
        return bytes(self._said).decode(errors="replace")

    @property
    def screen(self) -> str:
        """What stands there now for whoever looks at it, line ends and all: what was wiped again is not in it."""
        screen = pyte.Screen(self.columns, LINES)
        pyte.ByteStream(screen).feed(bytes(self._said))
        return "\n".join(line.rstrip() for line in screen.display).rstrip("\n")

    def until_said(self, text: str) -> None:
        """Wait for it; lines may be broken anywhere, since the terminal is 80 columns wide."""
        deadline_s = time.monotonic() + LIMIT_S
        while text not in self.said:
            assert time.monotonic() < deadline_s, self.said
            assert self.process.poll() is None or text in self.said, self.said
            time.sleep(0.02)

    def type(self, text: str) -> None:
        os.write(self.keyboard, text.encode())

    def interrupt(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def ended(self) -> int:
        """Its exit code."""
        assert self.process.stdout is not None
        self.process.stdout.read()
        return self.process.wait(LIMIT_S)

    def read(self) -> None:
        with suppress(OSError):  # what a terminal's end looks like on Linux
            while data := os.read(self.keyboard, 4096):
                self._said.extend(data)


@contextmanager
def at_terminal(
    arguments: tuple[str, ...], folder: Path, environ: dict[str, str], columns: int = WIDE
) -> Iterator[AtTerminal]:
    """``batchgauge ARGUMENTS`` with somebody in front of it."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "batchgauge", *arguments],
        cwd=folder,
        env={**environ, "TERM": "xterm", "COLUMNS": str(columns), "LINES": str(LINES)},
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    os.close(theirs)
    seen = AtTerminal(process, ours, columns)
    reader = threading.Thread(target=seen.read, daemon=True)
    reader.start()
    try:
        yield seen
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(LIMIT_S)
        assert process.stdout is not None
        process.stdout.close()
        reader.join(LIMIT_S)
        os.close(ours)
