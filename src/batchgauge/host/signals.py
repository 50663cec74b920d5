"""Ctrl-C and SIGTERM, on Windows Ctrl-Break too, as requests to end in order."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGBREAK: Final = 21
"""`signal.SIGBREAK`, which is there on Windows only."""


def requests_to_end(platform: str) -> list[int]:
    """The signals' numbers. Windows sends SIGBREAK for Ctrl-Break and when the console's window is closed, and SIGTERM for nothing."""
    numbers: list[int] = [signal.SIGINT, signal.SIGTERM]
    return [*numbers, SIGBREAK] if platform == "win32" else numbers


@contextmanager
def on_end_requested(react: Callable[[str], None]) -> Iterator[None]:
    """Call `react` with the signal's name, in the event loop, for each request to end within the context.

    Plain handlers instead of the loop's own: Windows has no others.
    """
    loop = asyncio.get_running_loop()

    def handle(number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(react, signal.Signals(number).name)

    earlier = {number: signal.signal(number, handle) for number in requests_to_end(sys.platform)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
