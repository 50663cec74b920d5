"""Ctrl-C, SIGTERM and a terminal that is closed, on Windows Ctrl-Break too, as requests to end in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGBREAK: Final = 21
"""`signal.SIGBREAK`, which is there on Windows only."""


SIGHUP: Final = 1
"""`signal.SIGHUP`, which is not there on Windows: the terminal was closed, or the connection to it was lost."""
STANDARD_FILES: Final = (0, 1, 2)


def requests_to_end(platform: str) -> list[int]:
    """The signals' numbers. Windows sends SIGBREAK for Ctrl-Break and when the console's window is closed, and SIGTERM for nothing."""
    return [signal.SIGINT, signal.SIGTERM, SIGBREAK if platform == "win32" else SIGHUP]


@contextmanager
def on_end_requested(react: Callable[[str], None]) -> Iterator[None]:
    """Call `react` with the signal's name, in the event loop, for each request to end within the context.

    Plain handlers instead of the loop's own: Windows has no others.
    """
    loop = asyncio.get_running_loop()

    terminals = [file for file in STANDARD_FILES if os.isatty(file)]

    def handle(number: int, _frame: FrameType | None) -> None:
        if number == SIGHUP:
            _let_go_of(terminals)
        loop.call_soon_threadsafe(react, signal.Signals(number).name)

    # Whoever ignores SIGHUP was started to outlive its terminal (nohup).
    numbers = [
        number
        for number in requests_to_end(sys.platform)
        if not (number == SIGHUP and signal.getsignal(number) is signal.SIG_IGN)
    ]
    earlier = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _let_go_of(terminals: list[int]) -> None:
    """Of a terminal that is gone: whatever is still said would fail, and keep the jobs from being ended."""
    for file in terminals:
        if not os.isatty(file):
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, file)
            os.close(nowhere)
