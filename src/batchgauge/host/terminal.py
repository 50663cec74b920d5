"""The person at the terminal: whether there is one, and what they type."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from contextlib import suppress

LONGEST_LINE_BYTES = 4096


def can_ask() -> bool:
    """Whether somebody sees what is written to stderr and can type an answer."""
    streams = (sys.stdin, sys.stderr)
    return all(stream is not None and not stream.closed and stream.isatty() for stream in streams)


async def read_line() -> str | None:
    """A line that is typed, without its end; None where there is none to come.

    The thread that waits is nobody's: whoever stops waiting for the answer, or ends the process, need not wait for it. It reads the
    file itself, since a buffered stream that is being read cannot be closed at the process's end.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str | None] = loop.create_future()
    descriptor = sys.stdin.fileno()

    def deliver(line: str | None) -> None:
        if not answer.done():
            answer.set_result(line)

    def read() -> None:
        try:
            line = os.read(descriptor, LONGEST_LINE_BYTES)
        except OSError:
            line = b""
        text = line.decode(errors="replace").rstrip("\r\n") if line else None
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(deliver, text)

    threading.Thread(target=read, name="answer", daemon=True).start()
    return await answer
