"""Looking at a run's jobs until all have ended."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from batchgauge.core.journal import CallOutcome, Look, to_ranges
from batchgauge.core.refusals import error_of, is_fatal
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, BackOff
from batchgauge.ports import BatchGateway, Clock, ObservedJob, Reply

DESCRIBE_JOBS_LIMIT: Final = 100
"""Ids a DescribeJobs call takes."""
LOOKS_IN_FLIGHT: Final = 4
IDLE_S: Final = 0.1
"""While there is no job to look at yet: the first look comes this soon after the first job."""
BLIND_LIMIT_S: Final = 300.0
"""How long every look may fail before the run is given up; its jobs go on, and its journal says which they are."""
GONE_LIMIT_S: Final = 600.0
"""How long a job may be missing from the answers before it is no longer asked about."""


@dataclass(slots=True)
class Observer:
    """Asks DescribeJobs about all jobs that have not ended, every `interval_s`; never again about one that has."""

    gateway: BatchGateway
    recorder: Recorder
    clock: Clock
    chance: random.Random
    endpoint: str
    interval_s: float
    back_off: BackOff = READ_BACK_OFF
    _missing_since_ms: dict[int, float] = field(default_factory=dict)
    _failing_since_ms: float | None = None
    """When the first look of an unbroken series of failures was sent."""

    async def observe(self, launched: asyncio.Event, interruption: Interruption) -> None:
        """Return when `launched` is set and every job has ended, or is gone, or somebody asks for the end.

        Raises:
            AwsError: no look can succeed any more, or none has for `BLIND_LIMIT_S`.
        """
        begun_ms = self.clock.now_ms()
        passes = 0
        while not interruption.is_requested:
            is_complete = launched.is_set()
            waiting = self._waiting()
            if is_complete and not waiting:
                return
            if not waiting:
                await interruption.sleep(self.clock, min(IDLE_S, self.interval_s))
                continue
            await self._look_at(waiting, interruption)
            self.recorder.show()
            if is_complete and not self._waiting():
                return
            passes += 1
            # On a fixed grid: the time that a pass takes must not stretch the interval.
            elapsed_s = (self.clock.now_ms() - begun_ms) / 1000
            passes = max(passes, int(elapsed_s / self.interval_s) + 1)
            await interruption.sleep(self.clock, passes * self.interval_s - elapsed_s)

    def _waiting(self) -> list[int]:
        return [index for index in self.recorder.job_ids if not self._has_ended(index) and not self._is_gone(index)]

    def _has_ended(self, index: int) -> bool:
        seen = self.recorder.last_seen.get(index)
        return seen is not None and seen.state.is_terminal

    def _is_gone(self, index: int) -> bool:
        since = self._missing_since_ms.get(index)
        return since is not None and self.clock.now_ms() - since > GONE_LIMIT_S * 1000

    async def _look_at(self, indexes: Sequence[int], interruption: Interruption) -> None:
        chunks = [indexes[first : first + DESCRIBE_JOBS_LIMIT] for first in range(0, len(indexes), DESCRIBE_JOBS_LIMIT)]
        places = asyncio.Semaphore(LOOKS_IN_FLIGHT)

        async def one(chunk: Sequence[int]) -> None:
            async with places:
                await self._look(chunk, interruption)

        outcomes = await asyncio.gather(*(one(chunk) for chunk in chunks), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _look(self, indexes: Sequence[int], interruption: Interruption) -> None:
        """One chunk; where AWS will not answer now, the next pass asks again."""
        by_id = {self.recorder.job_ids[index]: index for index in indexes}
        for tries in range(1, self.back_off.max_tries + 1):
            reply = await self.gateway.describe_jobs(list(by_id))
            if reply.value is not None:
                self._take_in(reply, reply.value, by_id, tries)
                return
            is_last = reply.outcome is CallOutcome.REFUSED or tries == self.back_off.max_tries
            wait_s = 0.0 if is_last else self.back_off.wait_s(tries, reply, self.chance)
            self.recorder.call(reply, attempt=tries, back_off_s=wait_s)
            self._give_up_if_hopeless(reply)
            if is_last:
                return
            await interruption.sleep(self.clock, wait_s)
            if interruption.is_requested:
                return

    def _give_up_if_hopeless(self, reply: Reply[tuple[ObservedJob, ...]]) -> None:
        if self._failing_since_ms is None:
            self._failing_since_ms = reply.sent_ms
        blind_ms = self.clock.now_ms() - self._failing_since_ms
        if is_fatal(reply) or blind_ms > BLIND_LIMIT_S * 1000:
            raise error_of(reply, self.endpoint)

    def _take_in(
        self, reply: Reply[tuple[ObservedJob, ...]], jobs: Sequence[ObservedJob], by_id: dict[str, int], tries: int
    ) -> None:
        self._failing_since_ms = None
        covered = []
        changed = []
        for job in jobs:
            index = by_id.pop(job.job_id, None)
            if index is None:
                continue
            covered.append(index)
            self._missing_since_ms.pop(index, None)
            sighting = msgspec.structs.replace(job.sighting, job=index)
            if sighting != self.recorder.last_seen.get(index):
                changed.append(sighting)
        for index in by_id.values():
            self._missing_since_ms.setdefault(index, reply.received_ms)
        self.recorder.record(
            Look(
                operation=reply.operation,
                sent_ms=reply.sent_ms,
                received_ms=reply.received_ms,
                request_id=reply.request_id,
                attempt=tries,
                covered=to_ranges(covered),
                changed=tuple(changed),
                missing=to_ranges(by_id.values()),
            )
        )
        for sighting in changed:
            self.recorder.saw(sighting)
