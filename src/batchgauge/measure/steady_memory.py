"""No pause of the garbage collector's while every millisecond counts."""

from __future__ import annotations

import gc
from types import TracebackType
from typing import Final, Self

from batchgauge.ports import Clock

TIDY_EVERY_MS: Final = 60_000.0
"""A call of the AWS client leaves about 1.2 KB that only the collector frees: at 500 calls a second 36 MB in this time."""


class SteadyMemory:
    """While it is entered, the collector runs only when told to, and then over what is new only.

    By itself it would now and then walk every object there is, the AWS client's hundred thousands included: 30 to 80 ms in which nothing
    is sent. Nearly all that a call leaves behind is freed without it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tidied_ms = 0.0
        self._was_enabled = False

    def __enter__(self) -> Self:
        self._was_enabled = gc.isenabled()
        self._tidied_ms = self._clock.now_ms()
        gc.disable()
        gc.freeze()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    def tidy_up_now_and_then(self) -> None:
        """To be called right after a send: the longest time before the next."""
        now_ms = self._clock.now_ms()
        if now_ms - self._tidied_ms >= TIDY_EVERY_MS:
            self._tidied_ms = now_ms
            gc.collect(0)
