"""One submission with all its tries, each recorded, and never made twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from batchgauge.core.journal import CallOutcome, Found, PlannedJob
from batchgauge.core.naming import RUN_TAG
from batchgauge.core.polling_plan import AWS_CALLS_PER_S
from batchgauge.core.scenario import Scenario
from batchgauge.core.submitting.refusals import error_of, is_fatal
from batchgauge.core.submitting.submission import NO_ANSWER
from batchgauge.errors import AwsError
from batchgauge.measure.bulk_end import Pace
from batchgauge.measure.interruption import FATAL, Interruption
from batchgauge.measure.listing import Listing, list_named
from batchgauge.measure.recorder import SUBMIT_JOB, Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, SUBMIT_BACK_OFF, BackOff
from batchgauge.measure.run_jobs import run_of
from batchgauge.ports import BatchGateway, Clock, JobPage, ObservedJob, Reply, SubmittedJob

T = TypeVar("T")
STALLED_LIMIT_S: Final = 600.0
"""A throttled job is tried again for as long as the run gets any job in: many workers against 50 calls a second throttle each other, and
that is no reason to give a job up. It is given up where no job at all was taken for so long."""
SILENCE_S: Final = 10.0
"""A request without an answer for so long is looked up by its job's name all the same, and again after as long: AWS answers within
seconds, but a lost answer is given up only after a minute, and holds a place among the submissions in flight all the while."""
SILENCE_CHECK_S: Final = 1.0
LOOK_UP_WAITS_S: Final = (1.0, 2.0, 4.0)
"""Before each look-up of a job whose answer was lost: a job may not be visible right after it was made."""


@dataclass(slots=True)
class Submitter:
    """Tries a submission until it is taken or refused for good."""

    scenario: Scenario
    gateway: BatchGateway
    recorder: Recorder
    clock: Clock
    chance: random.Random
    interruption: Interruption
    endpoint: str
    back_off: BackOff = SUBMIT_BACK_OFF
    _progress_ms: float = 0.0
    """When the run began or the last job was taken."""
    _unanswered: set[asyncio.Future[Any]] = field(default_factory=set)
    _submissions: dict[asyncio.Future[Any], tuple[PlannedJob, float]] = field(default_factory=dict)
    """Of those, the submissions: the job, and when it is looked up if there still is no answer."""
    _has_given_up: bool = False

    def give_up_answers(self) -> None:
        """Wait for no answer any more: what was sent without one is a lost answer."""
        self._has_given_up = True
        for answering in self._unanswered:
            answering.cancel()

    async def look_up_the_silent(self) -> None:
        """Without end: wait no more for the answers to submissions whose jobs AWS shows already."""
        # Where AWS is slow for all of them, asking after each at once would make it slower still.
        pace = Pace(self.clock, self.scenario.api_budget * AWS_CALLS_PER_S)
        while True:
            await self.clock.sleep(SILENCE_CHECK_S)
            for answering, (planned, due_ms) in tuple(self._submissions.items()):
                if due_ms > self.clock.now_ms() or answering.done():
                    continue
                await pace.turn()
                is_shown = await self._is_shown(planned)
                if answering in self._submissions:
                    self._submissions[answering] = (planned, self.clock.now_ms() + SILENCE_S * 1000)
                    if is_shown:
                        answering.cancel()

    async def _is_shown(self, planned: PlannedJob) -> bool:
        with suppress(AwsError):  # whoever submits meets with it too
            return bool(await self._shown(planned, await self._look_up(planned)))
        return False

    def begin(self) -> None:
        """Note that sending begins."""
        self._progress_ms = self.clock.now_ms()

    async def submit(self, planned: PlannedJob, first: Awaitable[Reply[SubmittedJob]] | None = None) -> None:
        """Return when it was taken or given up, or somebody asked for the end; `first` is the first try where it was sent already.

        Raises:
            AwsError: every further submission would fail as this one did (credentials, permissions, an endpoint that is gone).
        """
        tries = 0
        while True:
            tries += 1
            is_first = first is not None and tries == 1
            submission = first if is_first else self._send(planned)
            assert submission is not None  # noqa: S101
            reply = await self._answer(SUBMIT_JOB, submission, planned)
            if reply.value is not None:
                self.recorder.call(reply, job=planned.index, attempt=tries, job_id=reply.value.job_id)
                self.recorder.accepted(planned, reply.value.job_id)
                self._progress_ms = self.clock.now_ms()
                return
            may_repeat = self._may_repeat(reply.outcome, tries)
            wait_s = self.back_off.wait_s(tries, reply, self.chance) if may_repeat else 0.0
            self.recorder.call(reply, job=planned.index, attempt=tries, back_off_s=wait_s)
            if reply.outcome is CallOutcome.AMBIGUOUS:
                is_made = await self._find(planned)
                if is_made:
                    if tries == 1:  # one request can make only one job
                        self.recorder.lost_answers.discard(planned.index)
                        self.recorder.unresolved.discard(planned.index)
                    return
                may_repeat = may_repeat and is_made is not None
            if not may_repeat:
                self._give_up(planned, reply)
                return
            await self.interruption.sleep(self.clock, wait_s)
            if self.interruption.is_requested:
                self.recorder.refused(planned)
                return

    def _send(self, planned: PlannedJob) -> Awaitable[Reply[SubmittedJob]]:
        return self.gateway.submit_job(planned.name, self.scenario.job, planned.size)

    async def _answer(
        self, operation: str, request: Awaitable[Reply[T]], submitted: PlannedJob | None = None
    ) -> Reply[T]:
        """The reply; one that says nothing where it was given up."""
        begun_ms = self.clock.now_ms()
        answering = asyncio.ensure_future(request)
        self._unanswered.add(answering)
        if submitted is not None:
            self._submissions[answering] = (submitted, begun_ms + SILENCE_S * 1000)
        if self._has_given_up:
            answering.cancel()
        try:
            return await answering
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not answering.cancelled() or (task is not None and task.cancelling()):
                raise
            return Reply(operation, begun_ms, self.clock.now_ms(), CallOutcome.AMBIGUOUS, error=NO_ANSWER)
        finally:
            self._unanswered.discard(answering)
            self._submissions.pop(answering, None)

    def _may_repeat(self, outcome: CallOutcome, tries: int) -> bool:
        if outcome is CallOutcome.THROTTLED:
            return self.clock.now_ms() - self._progress_ms < STALLED_LIMIT_S * 1000
        return outcome is not CallOutcome.REFUSED and tries < self.back_off.max_tries

    def _give_up(self, planned: PlannedJob, reply: Reply[SubmittedJob]) -> None:
        self.recorder.refused(planned)
        if is_fatal(reply) or reply.outcome is CallOutcome.UNAVAILABLE:
            self.interruption.request(FATAL)
            raise error_of(reply, self.endpoint)

    async def _find(self, planned: PlannedJob) -> bool | None:
        """Whether the job was made although its answer was lost: it must not be submitted again then.

        None where AWS cannot be asked: then it must not be submitted again either.
        """
        for wait_s in LOOK_UP_WAITS_S:
            await self.interruption.sleep(self.clock, wait_s)
            if self.interruption.is_requested:  # whoever ends the jobs looks for those of every name
                return None
            listing = await self._look_up(planned)
            listed_ms = self.clock.now_ms()
            if not listing.is_whole:
                return None
            for job_id in await self._shown(planned, listing):
                self.recorder.record(Found(job=planned.index, job_id=job_id, at_ms=listed_ms))
                self.recorder.accepted(planned, job_id)
                return True
        return False

    async def _shown(self, planned: PlannedJob, listing: Listing) -> list[str]:
        """The ids of the jobs of that very name that are ours."""
        return await self._ours(planned, [job for job in listing.jobs if job.job_name == planned.name])

    async def _ours(self, planned: PlannedJob, jobs: Sequence[ObservedJob]) -> list[str]:
        """Those that are not tagged as somebody else's: a name can be given by anybody. Where AWS does not say, the name has to do."""
        ids = [job.job_id for job in jobs]
        if not ids:
            return []
        described = await self._ask(planned, "DescribeJobs", lambda: self.gateway.describe_jobs(ids))
        run = self.scenario.job.tags.get(RUN_TAG)
        strangers = {job.job_id for job in described.value or () if run is not None and run_of(job) != run}
        self.recorder.strangers.update(dict.fromkeys(strangers, planned.name))
        return [job_id for job_id in ids if job_id not in strangers]

    async def _look_up(self, planned: PlannedJob) -> Listing:
        async def page(request: Callable[[], Awaitable[Reply[JobPage]]]) -> JobPage | None:
            return (await self._ask(planned, "ListJobs", request)).value

        return await list_named(self.gateway, self.scenario.job.job_queue, planned.name, page)

    async def _ask(self, planned: PlannedJob, operation: str, request: Callable[[], Awaitable[Reply[T]]]) -> Reply[T]:
        """The last reply to what may be asked again."""
        tries = 0
        while True:
            tries += 1
            reply = await self._answer(operation, request())
            is_last = reply.outcome in (CallOutcome.OK, CallOutcome.REFUSED) or tries >= READ_BACK_OFF.max_tries
            is_last = is_last or self.interruption.is_requested
            wait_s = 0.0 if is_last else READ_BACK_OFF.wait_s(tries, reply, self.chance)
            self.recorder.call(reply, job=planned.index, attempt=tries, back_off_s=wait_s)
            if is_last:
                return reply
            await self.clock.sleep(wait_s)
