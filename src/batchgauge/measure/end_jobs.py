"""Ending the jobs of an interrupted run, so that nothing goes on that nobody waits for; and proving by a listing that nothing does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from batchgauge.core.job import END_REASON
from batchgauge.core.journal import Doubled, Found, JobsEnded, PlannedJob
from batchgauge.core.naming import job_name_prefix
from batchgauge.core.polling_plan import AWS_CALLS_PER_S, DEFAULT_API_BUDGET
from batchgauge.core.submitting.plan import submitted_id
from batchgauge.core.submitting.refusals import is_queue_gone
from batchgauge.errors import AwsError
from batchgauge.measure.bulk_end import BulkEnder, Pace
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.observe import Observer
from batchgauge.measure.reconcile import LANDING_S
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, BackOff, Persistence
from batchgauge.measure.run_jobs import RunJobs
from batchgauge.ports import BatchGateway, Clock, ObservedJob, Reply

CONFIRMATION_S: Final = 60.0
"""How long the ends are watched for: a container has 30 s between SIGTERM and SIGKILL."""
CONFIRMATION_INTERVAL_S: Final = 1.0
PROOF_S: Final = 60.0
"""How long, after that, a listing may still show jobs that have not ended: strays were asked to end only then."""
PROOF_INTERVAL_S: Final = 2.0


@dataclass(slots=True)
class JobEnder:
    """Terminates every job of the run that is not known to have ended, watches until they have, and lists what AWS still shows.

    An array is terminated as a whole: that ends its children.
    """

    gateway: BatchGateway
    recorder: Recorder
    clock: Clock
    chance: random.Random
    endpoint: str
    back_off: BackOff = READ_BACK_OFF
    queue: str = ""
    """Where the jobs are; without it they are asked for by their ids, and nothing can be proven."""
    run_id: str = ""
    plan: Sequence[PlannedJob] = ()
    """What was meant: a job that a listing shows under a name of these is that submission's."""
    api_budget: float = DEFAULT_API_BUDGET
    failure: AwsError | None = None
    """Why AWS would not end jobs, or not show what is left; the first of several."""

    async def end_all(self) -> JobsEnded:
        """What was asked to end and what is left, for whatever reason; in the journal too."""
        pace = Pace(self.clock, self.api_budget * AWS_CALLS_PER_S)
        ender = BulkEnder(
            self.gateway, self.clock, self.chance, self._note, END_REASON, pace, self.back_off, endpoint=self.endpoint
        )
        going = self._going()
        await ender.end(sorted(going))
        if going - ender.troubles.keys():
            await self._confirm(ender)
        await self._let_lost_requests_land()
        strays: set[str] = set()
        is_proven = await self._prove(ender, pace, strays) if self.queue and self.run_id else False
        if is_proven and strays and self.recorder.going():
            await self._confirm(ender)  # how those ended that became known only now
        self.failure = None if is_proven else ender.failure or self.failure
        ended = JobsEnded(
            at_ms=self.clock.now_ms(),
            asked=len(going | strays),
            strays=len(strays),
            left=() if is_proven else tuple(dict.fromkeys((*self.recorder.going_ids(), *sorted(strays)))),
            is_proven=is_proven,
            trouble=self._trouble(ender),
        )
        self.recorder.record(ended)
        return ended

    def _going(self) -> set[str]:
        """Of an array, the array."""
        return {submitted_id(self.recorder.job_ids[index]) for index in self.recorder.going()}

    def _trouble(self, ender: BulkEnder) -> str | None:
        return None if self.failure is None else next(iter(ender.troubles.values()), self.failure.code)

    async def _let_lost_requests_land(self) -> None:
        """A request whose answer was given up may still make a job: the proof comes after that."""
        if self.recorder.unresolved:
            landed_ms = self.recorder.last_lost_ms + LANDING_S * 1000
            await self.clock.sleep(max(0.0, landed_ms - self.clock.now_ms()) / 1000)

    def _note(self, reply: Reply[object], job_id: str | None, attempt: int, back_off_s: float) -> None:
        known = self.recorder.job_ids.items()
        job = None if job_id is None else next((index for index, ours in known if submitted_id(ours) == job_id), None)
        self.recorder.call(reply, job=job, attempt=attempt, back_off_s=back_off_s)

    async def _prove(self, ender: BulkEnder, pace: Pace, strays: set[str]) -> bool:
        """Whether a listing shows no job of the run that has not ended; one that we know nothing of is ended if its tags say it is ours."""
        jobs = RunJobs(
            self.gateway,
            Persistence(self.clock, self.chance, self.back_off, self.recorder.note),
            pace,
            self.endpoint,
        )
        deadline_ms = self.clock.now_ms() + PROOF_S * 1000
        try:
            while True:
                live = await jobs.live(self.queue, job_name_prefix(self.run_id))
                if not live:
                    return True
                await self._end_strays(live, jobs, ender, strays)
                # Jobs that would not end in the time that they had do not end in more of it; a listing may be a little behind.
                # One that AWS would not end does not either.
                is_hopeless = all(job.job_id in ender.troubles for job in live)
                is_waiting = (strays or not self.recorder.going()) and self.clock.now_ms() < deadline_ms
                if is_hopeless or not is_waiting:
                    return False
                await self.clock.sleep(PROOF_INTERVAL_S)
        except AwsError as error:
            if is_queue_gone(error):  # a queue takes its jobs along
                return not self.recorder.going()
            self.failure = error
            return False

    async def _end_strays(self, live: Sequence[ObservedJob], jobs: RunJobs, ender: BulkEnder, strays: set[str]) -> None:
        known = {submitted_id(job_id) for job_id in self.recorder.job_ids.values()} | strays
        unknown = {job.job_id: job.job_name for job in live if job.job_id not in known}
        if unknown:
            whose = await jobs.whose(list(unknown))
            ours = [job_id for job_id, run in whose.items() if run == self.run_id]
            self.recorder.strangers.update({job_id: unknown[job_id] for job_id in whose if job_id not in ours})
            strays.update(ours)
            surplus = self._take({job_id: unknown[job_id] for job_id in ours})
            await ender.end(ours)
            for job_id, planned in surplus.items():
                is_ended = job_id not in ender.troubles
                self.recorder.record(
                    Doubled(job=planned.index, job_id=job_id, at_ms=self.clock.now_ms(), is_ended=is_ended)
                )

    def _take(self, strays: dict[str, str]) -> dict[str, PlannedJob]:
        """Of jobs by their ids and names, the first of a submission is the one that was meant; those that were made besides."""
        planned_jobs = {planned.name: planned for planned in self.plan}
        surplus = {}
        for job_id, name in sorted(strays.items()):
            planned = planned_jobs.get(name)
            if planned is None:
                continue
            if planned.index in self.recorder.job_ids:
                surplus[job_id] = planned
                continue
            self.recorder.record(Found(job=planned.index, job_id=job_id, at_ms=self.clock.now_ms()))
            self.recorder.accepted(planned, job_id)
            self.recorder.unresolved.discard(planned.index)
        return surplus

    async def _confirm(self, ender: BulkEnder) -> None:
        """Watch until all have ended, or the time is over, or only those are left that AWS would not end."""
        observer = Observer(
            self.gateway,
            self.recorder,
            self.clock,
            self.chance,
            self.endpoint,
            CONFIRMATION_INTERVAL_S,
            queue=self.queue,
        )
        launched = asyncio.Event()
        launched.set()
        patience = Interruption()
        watching = asyncio.create_task(observer.observe(launched, patience))
        deadline = asyncio.create_task(self.clock.sleep(CONFIRMATION_S))
        waiting = asyncio.create_task(self._until_only_refused(ender))
        await asyncio.wait({watching, deadline, waiting}, return_when=asyncio.FIRST_COMPLETED)
        patience.request("deadline")
        deadline.cancel()
        waiting.cancel()
        await asyncio.gather(watching, deadline, waiting, return_exceptions=True)

    async def _until_only_refused(self, ender: BulkEnder) -> None:
        while not ender.troubles or self._going() - ender.troubles.keys():
            await self.clock.sleep(CONFIRMATION_INTERVAL_S)
