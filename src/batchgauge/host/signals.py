"""Ctrl-C and SIGTERM as requests to end in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def on_end_requested(react: Callable[[str], None]) -> Iterator[None]:
    """Call `react` with the signal's name, in the event loop, for each SIGINT or SIGTERM within the context.

    Plain handlers instead of the loop's own: Windows has no others.
    """
    loop = asyncio.get_running_loop()

    def handle(number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(react, signal.Signals(number).name)

    earlier = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
