"""What AWS really holds of a run, by its jobs' names: jobs whose answers were lost are found again, and doubled ones ended."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from batchgauge.core.journal import CallOutcome, Doubled, Found, PlannedJob
from batchgauge.core.naming import job_name_prefix
from batchgauge.core.submitting.plan import submitted_id
from batchgauge.core.submitting.refusals import is_queue_gone
from batchgauge.errors import AwsError
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, Persistence
from batchgauge.measure.run_jobs import RunJobs
from batchgauge.ports import BatchGateway, Clock, ObservedJob

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
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self, suspects: Collection[int] | None = None) -> int:
        """Take in what AWS holds; how many submissions were found that the run did not know to be taken.

        `suspects` are the indexes of those that it may hold something unknown of; None: all.

        Raises:
            AwsError: AWS would not say.
        """
        async with self._looking:
            return await self._look(suspects)

    async def _look(self, suspects: Collection[int] | None) -> int:
        plan = [planned for planned in self.plan if suspects is None or planned.index in suspects]
        listed = await self._listed(plan)
        known = {index: submitted_id(job_id) for index, job_id in self.recorder.job_ids.items()}
        found = 0
        surplus: dict[str, tuple[PlannedJob, ObservedJob]] = {}
        whose = await self._whose(plan, listed, known)
        for planned in plan:
            jobs = self._without_strangers(listed[planned.name], whose)
            if not jobs:
                continue
            kept = known.get(planned.index)
            if kept is None:
                kept = _oldest(jobs).job_id
                self._take(planned, kept)
                found += 1
            surplus.update({job.job_id: (planned, job) for job in jobs if job.job_id != kept})
        await self._end({job_id: entry for job_id, entry in surplus.items() if whose.get(job_id) == self.run_id})
        if self.clock.now_ms() >= self.recorder.last_lost_ms + LANDING_S * 1000 - EARLY_MS:
            self.recorder.unresolved.difference_update(planned.index for planned in plan)
        return found

    def _take(self, planned: PlannedJob, job_id: str) -> None:
        self.recorder.record(Found(job=planned.index, job_id=job_id, at_ms=self.clock.now_ms()))
        self.recorder.accepted(planned, job_id)

    async def _listed(self, plan: Sequence[PlannedJob]) -> dict[str, list[ObservedJob]]:
        """What AWS shows of these names; nothing where the queue is gone: what is known is still asked for by its ids."""
        prefixes = [planned.name for planned in plan]
        if len(prefixes) * NAMED_PER_CALL > len(self.plan):  # whole pages of all of them are fewer calls
            prefixes = [job_name_prefix(self.run_id)]
        listed: dict[str, dict[str, ObservedJob]] = defaultdict(dict)
        for prefix in prefixes:
            try:
                jobs = await self._jobs().named(self.queue, prefix)
            except AwsError as error:
                if not is_queue_gone(error):
                    raise
                jobs = ()
            for job in jobs:
                listed[job.job_name][job.job_id] = job
        return defaultdict(list, {name: list(jobs.values()) for name, jobs in listed.items()})

    async def _whose(
        self, plan: Sequence[PlannedJob], listed: dict[str, list[ObservedJob]], known: dict[int, str]
    ) -> dict[str, str | None]:
        """The runs that the tags of those jobs name that the run did not know; of a job that AWS does not describe, nothing."""
        unknown = [
            job.job_id
            for planned in plan
            for job in listed[planned.name]
            if job.job_id not in (known.get(planned.index), *self._ended)
        ]
        with suppress(AwsError):  # then a name has to do, but for ending a job
            return await self._jobs().whose(unknown)
        return {}

    def _without_strangers(self, jobs: Iterable[ObservedJob], whose: dict[str, str | None]) -> list[ObservedJob]:
        """Those that may be ours: a name can be given by anybody, and what is not tagged as this run's is neither taken nor ended."""
        ours = []
        for job in jobs:
            if whose.get(job.job_id, self.run_id) == self.run_id:
                ours.append(job)
            else:
                self.recorder.strangers[job.job_id] = job.job_name
        return ours

    async def _end(self, surplus: dict[str, tuple[PlannedJob, ObservedJob]]) -> None:
        """End what is surplus."""
        for job_id, (planned, job) in surplus.items():
            is_ended = job.sighting.state.is_terminal or await self._terminate(job_id)
            if is_ended:
                self._ended.add(job_id)
            self.recorder.record(
                Doubled(job=planned.index, job_id=job_id, at_ms=self.clock.now_ms(), is_ended=is_ended)
            )

    async def _terminate(self, job_id: str) -> bool:
        reply = await self._ask().ask(lambda: self.gateway.terminate_job(job_id, REASON))
        return reply.outcome is CallOutcome.OK

    def _jobs(self) -> RunJobs:
        return RunJobs(self.gateway, self._ask(), None, self.endpoint)

    def _ask(self) -> Persistence:
        return Persistence(self.clock, self.chance, READ_BACK_OFF, self.recorder.note)


def _oldest(jobs: Iterable[ObservedJob]) -> ObservedJob:
    """The one to keep of several; one that was ended as surplus before the process that did so was itself ended is not."""
    return min(jobs, key=lambda job: (job.sighting.status_reason == REASON, job.sighting.created_ms or 0.0, job.job_id))
