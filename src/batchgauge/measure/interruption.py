"""Somebody asked us to end: a flag that can be waited for, so that no wait outlasts it."""

from __future__ import annotations

import asyncio
from typing import Final

from batchgauge.core.journal import DEADLINE
from batchgauge.ports import Clock

ANSWER_GRACE_S: Final = 5.0
"""How long, once the end is asked for, an answer that is still to come is waited for: the run's jobs cost money all the while, and whoever
asked may do so with more force soon (ten seconds are usual). Whatever a request without an answer makes is found by its name."""

FATAL: Final = "fatal"
"""The cause where it was nobody's wish: every further submission would fail."""


class Interruption:
    """Set once, by a signal; everything that waits or begins something new looks at it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.cause = ""

    @property
    def is_requested(self) -> bool:
        """Whether somebody asked us to end."""
        return self._event.is_set()

    @property
    def is_deadline(self) -> bool:
        """Whether it was nobody's wish, but ``--deadline``: the jobs are then left running."""
        return self.is_requested and self.cause == DEADLINE

    def request(self, cause: str) -> None:
        """Ask for the end; the first cause is kept."""
        self.cause = self.cause or cause
        self._event.set()

    async def grace(self, clock: Clock, seconds: float) -> None:
        """Return so long after somebody asked for the end."""
        await self._event.wait()
        await clock.sleep(seconds)

    async def sleep(self, clock: Clock, seconds: float) -> None:
        """Sleep that long, or until somebody asks for the end."""
        if self.is_requested:
            return
        sleeping = asyncio.ensure_future(clock.sleep(seconds))
        asked = asyncio.ensure_future(self._event.wait())
        try:
            await asyncio.wait({sleeping, asked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in (sleeping, asked):
                waiting.cancel()
            await asyncio.gather(sleeping, asked, return_exceptions=True)


async def enforce_deadline(deadline_s: float, clock: Clock, interruption: Interruption) -> None:
    """Ask for the end that long from now, unless the caller cancels it before."""
    await clock.sleep(deadline_s)
    interruption.request(DEADLINE)
