"""Taking a run's events off a queue until every job has ended."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeVar

import msgspec

from batchgauge.core.journal import CallOutcome, EventBatch, EventSighting, Sighting
from batchgauge.core.observed.trace import progress
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, BackOff
from batchgauge.ports import Clock, EventMessage, EventSource, JobEvent, Reply

T = TypeVar("T")

LONG_POLL_S: Final = 20.0
"""SQS waits no longer; while nothing comes, a call costs nothing but this wait."""
FULL_BATCH: Final = 10
MOST_RECEIVERS: Final = 8
"""Receiving at once while a backlog is worked off."""
GATHER_S: Final = 0.5
"""Before the next call after one that was not full. A call that waits is answered with the first event that comes, alone: a busy run would
make a call for each. An event says itself when it happened, so little is lost by taking it later."""
SHOW_INTERVAL_S: Final = 1.0
"""Between two words to whoever watches: what they cost grows with the jobs."""
FOREIGN_PAUSE_S: Final = 1.0
"""After a batch with nothing of ours in a queue of others': the same messages would come again and again, and those they are for would not
get at them."""
LINGER_S: Final = 2.0
"""After the last job's end, as long as events still come."""


@dataclass(slots=True)
class _Waiting:
    """An event of a job of ours whose SubmitJob answer has not come yet."""

    receipt: str
    event: JobEvent
    reply: Reply[tuple[EventMessage, ...]]


@dataclass(slots=True)
class EventWatcher:
    """Receives, records, then acknowledges: what was not recorded comes again."""

    source: EventSource
    recorder: Recorder
    clock: Clock
    chance: random.Random
    interruption: Interruption
    name_prefix: str
    """What the names of this run's jobs begin with."""
    is_own_queue: bool
    """Whether the queue was made for this run: whatever is in it may then be deleted."""
    back_off: BackOff = READ_BACK_OFF
    _indexes: dict[str, int] = field(default_factory=dict)
    """By job id."""
    _waiting: list[_Waiting] = field(default_factory=list)
    _shown_ms: float = 0.0
    _received: int = 0
    """Deliveries of events of ours."""
    _launched: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch_beside(self, looks: Coroutine[Any, Any, None], launched: asyncio.Event) -> bool:
        """Watch while `looks` go on, until either is done. False where no more events can be received, and somebody should look oftener.

        Raises:
            AwsError: what the looks raise.
        """
        watching = asyncio.create_task(self.watch(launched))
        looking = asyncio.create_task(looks)
        launching = asyncio.create_task(self._all_ended_before_launched(launched))
        tasks = {watching, looking, launching}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            if watching in done and not watching.result():
                return False
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._linger()
        return True

    async def _linger(self) -> None:
        """Events that were overtaken still tell when a job that has ended had come to its earlier states."""
        before = -1
        while self._received != before and not self.interruption.is_requested:
            before = self._received
            await self._receive(LINGER_S, 1)

    async def _all_ended_before_launched(self, launched: asyncio.Event) -> None:
        """The last job may end before the last submission is refused: then no event comes after it."""
        await launched.wait()
        while not self.recorder.has_all_ended:
            await self.clock.sleep(LONG_POLL_S)

    async def watch(self, launched: asyncio.Event) -> bool:
        """Return True when `launched` is set and every job has ended, False where no more events can be received."""
        self._launched = launched
        failures = 0
        while not self._is_done():
            reply = await self._receive(LONG_POLL_S, failures + 1)
            if reply.value is not None:
                failures = 0
                if len(reply.value) == FULL_BATCH:
                    await self._work_off()
                elif reply.value and not self._is_done():
                    await self.clock.sleep(GATHER_S)
                continue
            failures += 1
            if reply.outcome is CallOutcome.REFUSED or failures >= self.back_off.max_tries:
                return False
            await self.clock.sleep(self.back_off.wait_s(failures, reply, self.chance))
        return True

    def _is_done(self) -> bool:
        return self._launched.is_set() and self.recorder.has_all_ended

    async def _work_off(self) -> None:
        """A backlog: twice as many calls at once as long as all of them come back full."""
        at_once = 1
        while not self._is_done():
            replies = await _all(self._receive(0.0, 1) for _ in range(at_once))
            if any(reply.value is None or len(reply.value) < FULL_BATCH for reply in replies):
                return
            at_once = min(2 * at_once, MOST_RECEIVERS)

    async def _receive(self, wait_s: float, attempt: int) -> Reply[tuple[EventMessage, ...]]:
        reply = await self.source.receive_events(wait_s)
        self.recorder.call(reply, attempt=attempt)
        arrived: list[_Waiting] = []
        foreign: list[str] = []
        for message in reply.value or ():
            if message.event is not None and message.event.job.job_name.startswith(self.name_prefix):
                arrived.append(_Waiting(message.receipt, message.event, reply))
            else:
                foreign.append(message.receipt)
        self._received += len(arrived)
        await self._take_in(arrived)
        await self._leave(foreign, is_all=not arrived)
        return reply

    async def _take_in(self, arrived: Sequence[_Waiting]) -> None:
        """Record what is known to be of which job; the rest waits until the answer that tells its job's id is there."""
        self._learn_ids()
        known: list[_Waiting] = []
        waiting: list[_Waiting] = []
        for entry in [*self._waiting, *arrived]:
            (known if entry.event.job.job_id in self._indexes else waiting).append(entry)
        self._waiting = waiting
        if (
            self._launched.is_set() and waiting
        ):  # every answer is there: these are of jobs that we will never know by their id
            self._waiting = []
            await self._acknowledge_all(waiting)
        if not known:
            return
        by_call: dict[float, list[_Waiting]] = {}
        for entry in known:
            by_call.setdefault(entry.reply.sent_ms, []).append(entry)
        for entries in by_call.values():
            self._record(entries)
        self._show()
        # Recorded on the disk first: what is acknowledged is told by nobody again.
        await self.recorder.sync()
        await self._acknowledge_all(known)

    def _show(self) -> None:
        now_ms = self.clock.now_ms()
        if now_ms - self._shown_ms >= SHOW_INTERVAL_S * 1000 or self._is_done():
            self._shown_ms = now_ms
            self.recorder.show()

    async def _acknowledge_all(self, entries: Sequence[_Waiting]) -> None:
        receipts = [entry.receipt for entry in entries]
        for first in range(0, len(receipts), FULL_BATCH):
            await self._acknowledge(receipts[first : first + FULL_BATCH])

    def _learn_ids(self) -> None:
        ids = self.recorder.job_ids
        if len(ids) == len(self._indexes):
            return
        for index, job_id in islice(ids.items(), len(self._indexes), None):
            self._indexes[job_id] = index

    def _record(self, entries: Sequence[_Waiting]) -> None:
        reply = entries[0].reply
        events = []
        for entry in entries:
            event = entry.event
            sighting = msgspec.structs.replace(event.job.sighting, job=self._indexes[event.job.job_id])
            events.append(
                EventSighting(job=sighting.job, event_id=event.event_id, time_ms=event.time_ms, sighting=sighting)
            )
        self.recorder.record(
            EventBatch(
                sent_ms=reply.sent_ms,
                received_ms=reply.received_ms,
                events=tuple(events),
                request_id=reply.request_id,
            )
        )
        for told in events:
            if is_news(told.sighting, self.recorder.last_seen.get(told.job)):
                self.recorder.saw(told.sighting)

    async def _acknowledge(self, receipts: Sequence[str]) -> None:
        """Once: what stays in the queue comes again, and is known then."""
        reply = await self.source.acknowledge_events(receipts)
        self.recorder.call(reply)

    async def _leave(self, receipts: Sequence[str], *, is_all: bool) -> None:
        """What is not ours: out of a queue of our own, back into one that others read."""
        if not receipts:
            return
        if self.is_own_queue:
            await self._acknowledge(receipts)
            return
        self.recorder.call(await self.source.release_events(receipts))
        if is_all:
            await self.clock.sleep(FOREIGN_PAUSE_S)


async def _all(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All of them to their end, then the first exception of any."""
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]


def is_news(sighting: Sighting, known: Sighting | None) -> bool:
    """Whether a job is further in its life than it was known to be: events come doubled and in any order."""
    return known is None or progress(sighting) > progress(known)
