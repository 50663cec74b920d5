"""The computer's clock."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """`Clock` on one anchor: the wall clock once, a monotonic counter from then on."""

    def __init__(self) -> None:
        self._anchor_ms = time.time() * 1000 - time.monotonic() * 1000

    def now_ms(self) -> float:
        """UTC milliseconds since the epoch, to the microsecond; never goes backwards."""
        return round(self._anchor_ms + time.monotonic() * 1000, 3)

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long."""
        await asyncio.sleep(seconds)
