"""A measuring process that can be killed at any step, and what it leaves on its disk."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any, Final

from batchgauge.core.journal import Record
from batchgauge.ports import Clock

FLUSH_INTERVAL_S: Final = 0.25
"""As the journal on a disk does it."""


class Disk:
    """What a journal holds: what is synced outlasts a power failure, what is only written outlasts a kill."""

    def __init__(self, records: list[Record] | None = None) -> None:
        self.written: list[Record] = records or []
        self.synced = len(self.written)

    def after_power_failure(self) -> list[Record]:
        """What is there then."""
        return self.written[: self.synced]


class VolatileJournal:
    """`Journal` on such a disk, as the real one writes: in groups, a little later; each write takes a moment."""

    def __init__(self, disk: Disk, clock: Clock, chance: random.Random) -> None:
        self._disk = disk
        self._clock = clock
        self._chance = chance
        self._waiting: list[Record] = []
        self._writing = asyncio.Lock()
        self.is_dead = False

    def append(self, record: Record) -> None:
        """Add a record, unless the process is dead."""
        if not self.is_dead:
            self._waiting.append(record)

    async def sync(self) -> None:
        """Return when everything is on the disk."""
        async with self._writing:
            if self.is_dead or not self._waiting:
                return
            group, self._waiting = self._waiting, []
            self._disk.written.extend(group)
            await self._clock.sleep(self._chance.uniform(0.001, 0.02))
            if not self.is_dead:
                self._disk.synced += len(group)

    async def flush_now_and_then(self) -> None:
        """For as long as the process lives."""
        while True:
            await self._clock.sleep(FLUSH_INTERVAL_S)
            await self.sync()


async def live_until(
    kill: Awaitable[None], journal: VolatileJournal, work: Coroutine[Any, Any, Any], immortal: set[asyncio.Task[Any]]
) -> Any:
    """The result of `work`, or None where `kill` came first: then everything but `immortal` and the caller is gone, and wrote no word.

    Tasks that were there before are the caller's.
    """
    others = asyncio.all_tasks()
    living = asyncio.ensure_future(work)
    flushing = asyncio.ensure_future(journal.flush_now_and_then())
    dying = asyncio.ensure_future(kill)
    await asyncio.wait({living, dying}, return_when=asyncio.FIRST_COMPLETED)
    is_killed = not living.done()
    journal.is_dead = is_killed
    flushing.cancel()
    dying.cancel()
    if is_killed:
        # What a task still does while it is cancelled comes to nothing: the journal is dead, and what it waits for is cancelled too.
        while remains := asyncio.all_tasks() - others - immortal:
            for task in remains:
                task.cancel()
            await asyncio.gather(*remains, return_exceptions=True)
        return None
    with suppress(asyncio.CancelledError):
        await asyncio.gather(flushing, dying)
    return living.result()
