"""One read of jobs' states: tried again where AWS will not answer, and everything that it showed recorded with its own times."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeVar

from batchgauge.core.journal import CallOutcome, Look, Sighting, to_ranges
from batchgauge.core.observed.sightings import as_of_job, with_summary
from batchgauge.core.submitting.refusals import REJECTED_CREDENTIALS, error_of, is_fatal
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, BackOff
from batchgauge.ports import BatchGateway, Clock, JobPage, ObservedJob, Reply

BLIND_LIMIT_S: Final = 300.0
"""How long every look may fail before the run is given up; its jobs go on, and its journal says which they are."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SeenPage:
    """What a page of ListJobs held."""

    own: tuple[int, ...]
    foreign: int
    next_token: str | None


@dataclass(slots=True)
class Looks:
    """Reads for one run. Raises `AwsError` where no look can succeed any more, or none has for `BLIND_LIMIT_S`."""

    gateway: BatchGateway
    recorder: Recorder
    clock: Clock
    chance: random.Random
    endpoint: str
    back_off: BackOff = READ_BACK_OFF
    missing_since_ms: dict[int, float] = field(default_factory=dict)
    """Jobs that were asked for by id and not in the answer: since when."""
    is_listing_refused: bool = False
    """Whether ListJobs is not to be had (no permission for it, say): DescribeJobs alone shows all that is needed."""
    throttles: int = 0
    """Looks that were throttled so far."""
    _indexes: dict[str, int] = field(default_factory=dict)
    _failing_since_ms: float | None = None
    """When the first look of an unbroken series of failures was sent."""

    async def describe(self, indexes: Sequence[int], interruption: Interruption) -> None:
        """At most 100 jobs by id; where AWS will not answer now, a later look asks again."""
        asked = {self.recorder.job_ids[index]: index for index in indexes}
        answered = await self._ask(lambda: self.gateway.describe_jobs(list(asked)), interruption)
        if answered is None:
            return
        reply, jobs, tries = answered
        last_seen = self.recorder.last_seen
        covered, changed = [], []
        for job in jobs:
            index = asked.pop(job.job_id, None)
            if index is None:
                continue
            self.missing_since_ms.pop(index, None)
            before = last_seen.get(index)
            if _is_over(before) and not job.sighting.state.is_terminal:
                continue
            covered.append(index)
            sighting = as_of_job(job.sighting, index)
            if sighting != before or self.recorder.is_behind(index):
                changed.append(sighting)
        for index in asked.values():
            self.missing_since_ms.setdefault(index, reply.received_ms)
        self._record(reply, tries, covered, changed, missing=asked.values())

    async def list_page(
        self, request: Callable[[], Awaitable[Reply[JobPage]]], interruption: Interruption
    ) -> SeenPage | None:
        """A page of ListJobs; None where AWS will not answer now."""
        answered = await self._ask(request, interruption, is_needed=False)
        if answered is None:
            return None
        reply, page, tries = answered
        indexes, last_seen = self._known(), self.recorder.last_seen
        covered: list[int] = []
        changed: list[Sighting] = []
        for job in page.jobs:
            index = indexes.get(job.job_id)
            if index is None:
                continue
            before = last_seen.get(index)
            if _is_over(before):
                continue
            covered.append(index)
            self.missing_since_ms.pop(index, None)
            sighting = with_summary(before, job.sighting, index)
            if sighting is not before or self.recorder.is_behind(index):
                changed.append(sighting)
        self._record(reply, tries, covered, changed)
        return SeenPage(tuple(covered), len(page.jobs) - len(covered), page.next_token)

    def _known(self) -> dict[str, int]:
        """AWS's ids → indexes, with those that were accepted since the last time."""
        job_ids = self.recorder.job_ids
        for index, job_id in islice(job_ids.items(), len(self._indexes), None):
            self._indexes[job_id] = index
        return self._indexes

    async def _ask(
        self, request: Callable[[], Awaitable[Reply[T]]], interruption: Interruption, *, is_needed: bool = True
    ) -> tuple[Reply[T], T, int] | None:
        for tries in range(1, self.back_off.max_tries + 1):
            reply = await request()
            if reply.value is not None:
                self._failing_since_ms = None
                return reply, reply.value, tries
            self.throttles += reply.outcome is CallOutcome.THROTTLED
            is_last = reply.outcome is CallOutcome.REFUSED or tries == self.back_off.max_tries
            wait_s = 0.0 if is_last else self.back_off.wait_s(tries, reply, self.chance)
            self.recorder.call(reply, attempt=tries, back_off_s=wait_s)
            if not is_needed and _is_refused_as_such(reply):
                self.is_listing_refused = True
                return None
            self._give_up_if_hopeless(reply)
            if is_last:
                return None
            await interruption.sleep(self.clock, wait_s)
            if interruption.is_requested:
                return None
        return None

    def _give_up_if_hopeless(self, reply: Reply[T]) -> None:
        if self._failing_since_ms is None:
            self._failing_since_ms = reply.sent_ms
        blind_ms = self.clock.now_ms() - self._failing_since_ms
        if is_fatal(reply) or blind_ms > BLIND_LIMIT_S * 1000:
            raise error_of(reply, self.endpoint)

    def _record(
        self,
        reply: Reply[tuple[ObservedJob, ...]] | Reply[JobPage],
        tries: int,
        covered: Iterable[int],
        changed: Sequence[Sighting],
        missing: Iterable[int] = (),
    ) -> None:
        self.recorder.record(
            Look(
                operation=reply.operation,
                sent_ms=reply.sent_ms,
                received_ms=reply.received_ms,
                request_id=reply.request_id,
                attempt=tries,
                covered=to_ranges(covered),
                changed=tuple(changed),
                missing=to_ranges(missing),
            )
        )
        for sighting in changed:
            self.recorder.saw(sighting)


def _is_refused_as_such(reply: Reply[T]) -> bool:
    """Whether this call is refused, and another need not be: not for the credentials' sake."""
    return reply.outcome is CallOutcome.REFUSED and reply.error not in REJECTED_CREDENTIALS


def _is_over(before: Sighting | None) -> bool:
    """Whether the job was seen to end by another way while the look was on its way: what it shows is older then."""
    return before is not None and before.state.is_terminal
