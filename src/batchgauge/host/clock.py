"""The computer's clock."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """`Clock` on one anchor: the wall clock once, a monotonic counter from then on."""

    def __init__(self, not_before_ms: float = 0.0) -> None:
        """A wall clock that says less than `not_before_ms` is not believed: what is taken up again must not go backwards."""
        self._anchor_ms = max(time.time() * 1000, not_before_ms) - time.monotonic() * 1000

    def now_ms(self) -> float:
        """UTC milliseconds since the epoch, to the microsecond; never goes backwards."""
        return round(self._anchor_ms + time.monotonic() * 1000, 3)

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long."""
        await asyncio.sleep(seconds)
