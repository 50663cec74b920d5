"""Time that passes only where everybody waits: an hour of waiting takes no time, and the same test always takes the same way."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

EPOCH_MS = 1_790_000_000_000.0

T = TypeVar("T")


class _NobodyIsComingError(Exception):
    """All tasks wait, and nothing is left that could wake them."""


class _Selector(selectors.SelectSelector):
    """Where the loop would sleep, its clock is moved on instead."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise _NobodyIsComingError
        self.now_s += max(timeout, 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time. For code without threads and sockets."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now_s


class VirtualClock:
    """`Clock` of the running virtual loop."""

    def now_ms(self) -> float:
        return EPOCH_MS + asyncio.get_running_loop().time() * 1000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    @property
    def elapsed_s(self) -> float:
        return asyncio.get_running_loop().time()


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
