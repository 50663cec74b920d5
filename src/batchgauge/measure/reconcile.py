"""What AWS really holds of a run, by its jobs' names: jobs whose answers were lost are found again, and doubled ones ended."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from batchgauge.core.journal import CallOutcome, Doubled, Found, PlannedJob
from batchgauge.core.naming import RUN_TAG, job_name_prefix
from batchgauge.core.plan import submitted_id
from batchgauge.core.polling_plan import DESCRIBED_PER_CALL
from batchgauge.core.refusals import error_of, is_queue_gone
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, Persistence
from batchgauge.ports import BatchGateway, Clock, JobPage, ObservedJob

LANDING_S: Final = 5.0
"""From the last request whose answer was lost to a look for what it made: it may still be on its way, and what it has made not be
visible yet."""
EARLY_MS: Final = 100.0
"""A timer may wake us a moment before its time."""
NAMED_PER_CALL: Final = 100
"""Jobs that a page of ListJobs by name holds."""
REASON: Final = "batchgauge: submitted twice, this one is surplus"


@dataclass(slots=True)
class Reconciler:
    """Lists a run's jobs by their names and compares them with what the run knows."""

    gateway: BatchGateway
    recorder: Recorder
    clock: Clock
    chance: random.Random
    endpoint: str
    queue: str
    run_id: str
    plan: Sequence[PlannedJob]
    _ended: set[str] = field(default_factory=set)
    """Surplus jobs that were ended, by their ids."""

    async def look(self, suspects: Collection[int] | None = None) -> int:
        """Take in what AWS holds; how many submissions were found that the run did not know to be taken.

        `suspects` are the indexes of those that it may hold something unknown of; None: all.

        Raises:
            AwsError: AWS would not say.
        """
        plan = [planned for planned in self.plan if suspects is None or planned.index in suspects]
        prefixes = [planned.name for planned in plan]
        if len(prefixes) * NAMED_PER_CALL > len(self.plan):  # whole pages of all of them are fewer calls
            prefixes = [job_name_prefix(self.run_id)]
        listed: dict[str, dict[str, ObservedJob]] = defaultdict(dict)
        for prefix in prefixes:
            await self._list(prefix, listed)
        known = {index: submitted_id(job_id) for index, job_id in self.recorder.job_ids.items()}
        found = 0
        surplus: dict[str, tuple[PlannedJob, ObservedJob]] = {}
        for planned in plan:
            jobs = list(listed[planned.name].values())
            if not jobs:
                continue
            kept = known.get(planned.index)
            if kept is None:
                kept = _oldest(jobs).job_id
                self._take(planned, kept)
                found += 1
            surplus.update({job.job_id: (planned, job) for job in jobs if job.job_id != kept})
        await self._end(surplus)
        if self.clock.now_ms() >= self.recorder.last_lost_ms + LANDING_S * 1000 - EARLY_MS:
            self.recorder.unresolved.difference_update(planned.index for planned in plan)
        return found

    def _take(self, planned: PlannedJob, job_id: str) -> None:
        self.recorder.record(Found(job=planned.index, job_id=job_id, at_ms=self.clock.now_ms()))
        self.recorder.accepted(planned, job_id)

    async def _list(self, prefix: str, listed: dict[str, dict[str, ObservedJob]]) -> None:
        """Add all jobs whose names begin so, by name and id."""
        token: str | None = None
        while True:
            page = await self._page(prefix, token)
            for job in page.jobs:
                listed[job.job_name][job.job_id] = job
            token = page.next_token
            if token is None:
                return

    async def _page(self, prefix: str, token: str | None) -> JobPage:
        reply = await self._ask().ask(lambda: self.gateway.list_jobs_by_name(self.queue, prefix, token))
        if reply.value is None:
            error = error_of(reply, self.endpoint)
            if is_queue_gone(error):  # it lists nothing any more; what is known is still asked for by its ids
                return JobPage(())
            raise error
        return reply.value

    async def _end(self, surplus: dict[str, tuple[PlannedJob, ObservedJob]]) -> None:
        """End what is surplus, as far as its tag says that it is this run's: a name can be given by anybody."""
        new = [job_id for job_id in surplus if job_id not in self._ended]
        ours = await self._ours(new)
        for job_id in new:
            planned, job = surplus[job_id]
            if job_id not in ours:
                continue
            is_ended = job.sighting.state.is_terminal or await self._terminate(job_id)
            if is_ended:
                self._ended.add(job_id)
            self.recorder.record(
                Doubled(job=planned.index, job_id=job_id, at_ms=self.clock.now_ms(), is_ended=is_ended)
            )

    async def _ours(self, job_ids: Sequence[str]) -> set[str]:
        ours: set[str] = set()
        for first in range(0, len(job_ids), DESCRIBED_PER_CALL):
            asked = job_ids[first : first + DESCRIBED_PER_CALL]
            reply = await self._ask().ask(lambda asked=asked: self.gateway.describe_jobs(asked))  # type: ignore[misc]
            ours.update(job.job_id for job in reply.value or () if (job.tags or {}).get(RUN_TAG) == self.run_id)
        return ours

    async def _terminate(self, job_id: str) -> bool:
        reply = await self._ask().ask(lambda: self.gateway.terminate_job(job_id, REASON))
        return reply.outcome is CallOutcome.OK

    def _ask(self) -> Persistence:
        return Persistence(self.clock, self.chance, READ_BACK_OFF, self.recorder.note)


def _oldest(jobs: Iterable[ObservedJob]) -> ObservedJob:
    """The one to keep of several; one that was ended as surplus before the process that did so was itself ended is not."""
    return min(jobs, key=lambda job: (job.sighting.status_reason == REASON, job.sighting.created_ms or 0.0, job.job_id))
