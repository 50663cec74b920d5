"""When to try again, and how long to wait before."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from batchgauge.core.journal import CallOutcome
from batchgauge.measure.interruption import Interruption
from batchgauge.ports import Clock, Reply

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BackOff:
    """Exponential back-off with full jitter (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015)."""

    first_s: float = 0.25
    longest_s: float = 8.0
    max_tries: int = 20

    def wait_s(self, tries: int, reply: Reply[object], chance: random.Random) -> float:
        """How long to wait after the `tries`-th try (from 1); a hint of the server's is a lower bound."""
        window = min(self.longest_s, self.first_s * 2 ** (tries - 1))
        return max(chance.uniform(0, window), reply.retry_after_s or 0.0)


@dataclass(frozen=True, slots=True)
class Persistence:
    """Makes a call that may be made twice, until it is answered or will not be."""

    clock: Clock
    chance: random.Random
    back_off: BackOff
    note: Callable[[Reply[object], int, float], None]
    """Is told (reply, number of the try, seconds until the next one)."""
    interruption: Interruption = field(default_factory=Interruption)
    """Once the end is asked for, nothing is tried again."""

    async def ask(self, request: Callable[[], Awaitable[Reply[T]]]) -> Reply[T]:
        """The last reply, whatever it is."""
        tries = 0
        while True:
            tries += 1
            reply = await request()
            is_last = reply.outcome in (CallOutcome.OK, CallOutcome.REFUSED) or tries >= self.back_off.max_tries
            wait_s = 0.0 if is_last else self.back_off.wait_s(tries, reply, self.chance)
            self.note(reply, tries, wait_s)
            if is_last or self.interruption.is_requested:
                return reply
            await self.interruption.sleep(self.clock, wait_s)


SUBMIT_BACK_OFF: Final = BackOff()
READ_BACK_OFF: Final = BackOff(first_s=0.5, longest_s=20.0, max_tries=6)
