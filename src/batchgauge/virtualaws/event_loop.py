"""An event loop whose clock moves on where it would sleep: an hour of waiting takes no time, and the same work goes the same way."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class NobodyIsComingError(RuntimeError):
    """All tasks wait, and nothing is left that could wake them."""


class _Selector(selectors.SelectSelector):
    """Where the loop would sleep, its clock is moved on instead."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NobodyIsComingError
        if timeout <= 0:
            return []
        self.now_s += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """For code without threads, sockets and signals: nothing from outside is ever looked for."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._virtual.now_s


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end in virtual time.

    Raises:
        NobodyIsComingError: it waits for something that never comes.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


class VirtualClock:
    """`Clock` of the running virtual loop; `start_ms` is the moment at which the loop was made."""

    def __init__(self, start_ms: float) -> None:
        self._start_ms = start_ms

    def now_ms(self) -> float:
        """UTC milliseconds since the epoch."""
        return self._start_ms + asyncio.get_running_loop().time() * 1000

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long."""
        await asyncio.sleep(seconds)
