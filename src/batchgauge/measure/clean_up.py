"""Ending what runs have left behind, from any machine: found by the names of their jobs, checked against the tags."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from batchgauge.core.job import JobState
from batchgauge.core.journal import CallOutcome
from batchgauge.core.naming import RUN_ID_PREFIX, job_name_prefix, run_of_name
from batchgauge.core.polling_plan import AWS_CALLS_PER_S, DEFAULT_API_BUDGET
from batchgauge.core.submitting.refusals import error_of
from batchgauge.errors import AwsError
from batchgauge.measure.bulk_end import BulkEnder, Pace, unnoted
from batchgauge.measure.reconcile import LANDING_S
from batchgauge.measure.retrying import READ_BACK_OFF, Persistence
from batchgauge.measure.run_jobs import RunJobs
from batchgauge.ports import BatchGateway, Clock, ObservedJob

REASON: Final = "batchgauge cleanup"
PROOF_LIMIT_S: Final = 90.0
"""A container has 30 s between SIGTERM and SIGKILL; a listing may be behind."""
PROOF_INTERVAL_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class LeftJob:
    """A job of a run of ours that has not ended; of an array, the array."""

    job_id: str
    run_id: str
    """As its tags say."""
    queue: str
    state: JobState
    created_ms: float | None
    newest_ms: float | None = None
    """When the newest job of its run was made, ended or not: a run that submits goes on."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What came of it."""

    left: tuple[str, ...] = ()
    """The ids of jobs that a listing still shows."""
    troubles: dict[str, str] = field(default_factory=dict)
    """Jobs that AWS would not end → why not."""
    unproven: AwsError | None = None
    """Why nobody could list what is left."""
    late: int = 0
    """Jobs that were found only after the others had been asked to end, and ended too."""


@dataclass(slots=True)
class Cleaner:
    """Finds and ends jobs of runs."""

    gateway: BatchGateway
    clock: Clock
    chance: random.Random
    endpoint: str
    api_budget: float = DEFAULT_API_BUDGET
    submitting: set[str] = field(default_factory=set)
    """Of the last `find` by age: runs that have older jobs, and newer ones."""
    _pace: Pace = field(init=False)
    _persistence: Persistence = field(init=False)
    _jobs: RunJobs = field(init=False)

    def __post_init__(self) -> None:
        self._pace = Pace(self.clock, self.api_budget * AWS_CALLS_PER_S)
        self._persistence = Persistence(self.clock, self.chance, READ_BACK_OFF, lambda *_: None)
        self._jobs = RunJobs(self.gateway, self._persistence, self._pace, self.endpoint)

    async def queues(self) -> tuple[str, ...]:
        """The names of all queues of the account and Region.

        Raises:
            AwsError: they cannot be listed.
        """
        names: list[str] = []
        token: str | None = None
        while True:
            await self._pace.turn()
            reply = await self._persistence.ask(
                lambda token=token: self.gateway.list_job_queues(token)  # type: ignore[misc]
            )
            if reply.outcome is not CallOutcome.OK or reply.value is None:
                raise error_of(reply, self.endpoint)
            names += [queue.name for queue in reply.value.queues]
            token = reply.value.next_token
            if token is None:
                return tuple(names)

    async def find(
        self, queues: Sequence[str], run_id: str | None = None, older_than_s: float = 0.0
    ) -> tuple[LeftJob, ...]:
        """The jobs of one run, or of all whose newest job was made at least so long ago, that have not ended.

        A run that has submitted something since is left alone, whatever else of it is older: `submitting` names it.

        Raises:
            AwsError: they cannot be listed or described.
        """
        prefix = f"{RUN_ID_PREFIX}-" if run_id is None else job_name_prefix(run_id)
        found: list[LeftJob] = []
        for queue in queues:
            jobs = await self._jobs.named(queue, prefix)
            newest = _newest_of_runs(jobs)
            live = [job for job in jobs if not job.sighting.state.is_terminal]
            runs = await self._jobs.tagged([job.job_id for job in live])
            found += [
                LeftJob(
                    job.job_id,
                    runs[job.job_id],
                    queue,
                    job.sighting.state,
                    job.sighting.created_ms,
                    newest.get(runs[job.job_id]),
                )
                for job in live
                if job.job_id in runs and run_id in (None, runs[job.job_id])
            ]
        if not older_than_s:
            return tuple(found)
        limit_ms = self.clock.now_ms() - older_than_s * 1000
        young = {job.run_id for job in found if (job.newest_ms or 0.0) > limit_ms}
        self.submitting = {
            job.run_id for job in found if job.run_id in young and (job.created_ms or limit_ms) <= limit_ms
        }
        return tuple(job for job in found if job.run_id not in young)

    async def end(self, jobs: Sequence[LeftJob], *, of_whole_runs: bool = False) -> Cleaned:
        """Ask for the end of these jobs and list until none of them is left, or for `PROOF_LIMIT_S`.

        `of_whole_runs`: whatever else of their runs turns up meanwhile (requests that were on their way when the run was killed) is ended
        too, and looked for until such a request must have landed.
        """
        ender = BulkEnder(self.gateway, self.clock, self.chance, unnoted, REASON, self._pace, endpoint=self.endpoint)
        wanted = {job.job_id for job in jobs}
        await ender.end(wanted)
        deadline_ms = self.clock.now_ms() + PROOF_LIMIT_S * 1000
        landed_ms = self._landed_ms(jobs) if of_whole_runs else 0.0
        strangers: set[str] = set()
        try:
            while True:
                # Asked before the listing: what was there by then is in it.
                has_landed = self.clock.now_ms() >= landed_ms
                live = await self._live(jobs)
                if of_whole_runs:
                    late = await self._late(live, jobs, wanted | strangers)
                    strangers.update(job_id for job_id in live if job_id not in wanted and job_id not in late)
                    wanted.update(late)
                    await ender.end(late)
                left = tuple(job_id for job_id in live if job_id in wanted)
                if not left and has_landed:
                    return Cleaned(late=len(wanted) - len(jobs))
                if left and (self.clock.now_ms() > deadline_ms or set(left) <= set(ender.troubles)):
                    return Cleaned(left, dict(ender.troubles), late=len(wanted) - len(jobs))
                await self.clock.sleep(PROOF_INTERVAL_S)
        except AwsError as error:
            return Cleaned((), dict(ender.troubles), error, late=len(wanted) - len(jobs))

    def _landed_ms(self, jobs: Sequence[LeftJob]) -> float:
        """When a request that was sent beside the newest of the jobs has landed; the two clocks may disagree, the wait is bounded."""
        now_ms = self.clock.now_ms()
        newest_ms = max((job.created_ms or now_ms for job in jobs), default=0.0)
        return min(newest_ms, now_ms) + LANDING_S * 1000

    async def _live(self, jobs: Sequence[LeftJob]) -> list[str]:
        live: list[str] = []
        for queue, run in dict.fromkeys((job.queue, job.run_id) for job in jobs):
            live += [job.job_id for job in await self._jobs.live(queue, job_name_prefix(run))]
        return live

    async def _late(self, live: Sequence[str], jobs: Sequence[LeftJob], known: set[str]) -> list[str]:
        """Those of the jobs' runs that are not known yet."""
        runs = {job.run_id for job in jobs}
        tagged = await self._jobs.tagged([job_id for job_id in live if job_id not in known])
        return [job_id for job_id, run in tagged.items() if run in runs]


def _newest_of_runs(jobs: Sequence[ObservedJob]) -> dict[str, float]:
    """By run, as the names say: when its newest job was made."""
    newest: dict[str, float] = {}
    for job in jobs:
        run = run_of_name(job.job_name)
        if run is not None and job.sighting.created_ms is not None:
            newest[run] = max(newest.get(run, 0.0), job.sighting.created_ms)
    return newest
