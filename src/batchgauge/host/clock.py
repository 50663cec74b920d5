"""The computer's clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final


def _counter() -> Callable[[], float]:
    """Seconds from some moment, by a counter that nobody sets and that goes on while the computer sleeps (docs/decisions/0019)."""
    for name in (
        "CLOCK_BOOTTIME",
        "CLOCK_MONOTONIC",
    ):  # Linux; macOS, whose CLOCK_MONOTONIC is not Python's monotonic()
        number = getattr(time, name, None)
        if number is not None:
            return lambda: time.clock_gettime(number)
    return time.perf_counter  # Windows: its performance counter goes on, and is finer than its monotonic()


COUNTER: Final = _counter()


class SystemClock:
    """`Clock` on one anchor: the wall clock once, a monotonic counter from then on."""

    def __init__(self, not_before_ms: float = 0.0) -> None:
        """A wall clock that says less than `not_before_ms` is not believed: what is taken up again must not go backwards."""
        self._anchor_ms = max(time.time() * 1000, not_before_ms) - COUNTER() * 1000

    def now_ms(self) -> float:
        """UTC milliseconds since the epoch, to the microsecond; never goes backwards."""
        return round(self._anchor_ms + COUNTER() * 1000, 3)

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long; the time that the computer sleeps need not count."""
        await asyncio.sleep(seconds)
