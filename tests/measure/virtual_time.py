"""Time that passes only where everybody waits: the clock of `virtualaws`, begun at a moment that tests know."""

from __future__ import annotations

import asyncio

from batchgauge.virtualaws import event_loop
from batchgauge.virtualaws.event_loop import VirtualLoop, run_virtually

__all__ = ["EPOCH_MS", "VirtualClock", "VirtualLoop", "run_virtually"]

EPOCH_MS = 1_790_000_000_000.0


class VirtualClock(event_loop.VirtualClock):
    """`Clock` of the running virtual loop."""

    def __init__(self) -> None:
        super().__init__(EPOCH_MS)

    @property
    def elapsed_s(self) -> float:
        return asyncio.get_running_loop().time()
