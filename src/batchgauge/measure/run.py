"""One run: launch at one level, and observation to the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from batchgauge.core.journal import (
    BREACH,
    Ended,
    Header,
    Interrupted,
    JobsEnded,
    Plan,
    PlannedJob,
    RunOutcome,
    Started,
)
from batchgauge.core.naming import RUN_TAG
from batchgauge.core.progress.snapshot import RunStage
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import COUNTDOWN_PARAMETER, Scenario
from batchgauge.core.submitting.plan import plan_submissions
from batchgauge.errors import AwsError, BatchgaugeError, JournalError
from batchgauge.measure.count_others import others_counted
from batchgauge.measure.date_arrays import date_arrays
from batchgauge.measure.explain_waiting import waiting_explained
from batchgauge.measure.interruption import ANSWER_GRACE_S, Interruption
from batchgauge.measure.reconcile import LANDING_S
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.run_parts import RunParts
from batchgauge.measure.surroundings import Surroundings
from batchgauge.measure.watch_thresholds import BreachWatch
from batchgauge.ports import (
    Journal,
)

PLAN_SIZE: Final = 1000
"""Jobs a plan record."""
LONGEST_LEAD_MS: Final = 200.0
"""A disk that is slower than that makes the first submissions late."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What became of a run: always a result, and the error that ended it early if one did."""

    result: RunResult
    error: BatchgaugeError | None = None
    left_running: tuple[str, ...] = ()
    """Ids of jobs that go on, as far as is known: of an interrupted run those that could not be ended, after an error or at the deadline
    all that had not."""
    ended: JobsEnded | None = None
    """What was ended because somebody asked for the end; None where nothing was to be."""
    is_left_on_purpose: bool = False
    """Whether the jobs that go on were to be left."""
    unanswered: tuple[str, ...] = ()
    """Names of submissions without an answer that nobody could look up: jobs of these names may go on too."""
    strangers: tuple[str, ...] = ()
    """Names of the run's that jobs of somebody else bear: those were left alone."""
    end_failure: AwsError | None = None
    """Why AWS would not end jobs, or not show what is left of them."""
    is_event_route_left: bool = False
    """Whether the run's rule or queue may still be there."""


async def run(
    run_id: str, scenario: Scenario, journal: Journal, surroundings: Surroundings, interruption: Interruption
) -> RunReport:
    """Launch, observe, and account for every job, whatever happens in between.

    Raises:
        JournalError: the journal cannot be written, and nothing was submitted. Where that happens later, the report holds the error.
    """
    scenario = _with_countdown_and_tag(scenario, run_id)
    header = Header(
        run_id=run_id,
        started_ms=surroundings.clock.now_ms(),
        utc_offset_s=surroundings.utc_offset_s,
        scenario=scenario,
        environment=surroundings.facts,
        sources=surroundings.sources,
        delivery=surroundings.delivery,
    )
    recorder = Recorder(header, journal, surroundings.clock, surroundings.progress)
    return await RunInProgress(header, recorder, surroundings, interruption).carry_out()


class RunInProgress:
    """A run from its plan to its end. What is taken up again differs in how it begins, and in what is left to be sent."""

    def __init__(
        self, header: Header, recorder: Recorder, surroundings: Surroundings, interruption: Interruption
    ) -> None:
        self._run_id = header.run_id
        self._scenario = header.scenario
        self._around = surroundings
        self._interruption = interruption
        self._cpu_s_before = surroundings.cpu_s()
        self._recorder = recorder
        self._sync_ms = 0.0
        """How long the disk took to take the plan."""
        self._parts = RunParts(header, recorder, surroundings, interruption)
        self._plan = plan_submissions(header.run_id, header.scenario)
        self._reconciler = self._parts.reconciler(self._plan)
        self._events = self._parts.events()
        self._harvester = self._parts.task_harvester()
        self._ended: JobsEnded | None = None
        self._is_left_on_purpose = False
        self._end_failure: AwsError | None = None

    async def carry_out(self) -> RunReport:
        """To the end, whatever happens in between."""
        try:
            return await self._carry_out()
        except Exception:
            # Not where we were told to leave at once: then nothing is waited for any more.
            with suppress(BatchgaugeError):
                await self._events.close()
            raise

    async def _carry_out(self) -> RunReport:
        error: BatchgaugeError | None = None
        try:
            to_send = await self._begin()
            self._around.on_planned()
            await self._events.open()
        except AwsError as failure:
            error = failure
        else:
            self._recorder.show(RunStage.SUBMITTING)
            error = await self._measure(to_send)
        left: tuple[str, ...] = ()
        if error is None:
            left, error = await self._finish()
        if error is not None:
            left = self._recorder.going_ids()
        is_route_gone = await self._events.close()
        outcome = RunOutcome.FAILED if error else self._outcome()
        self._recorder.record(
            Ended(
                at_ms=self._around.clock.now_ms(),
                outcome=outcome,
                cpu_s=round(self._around.cpu_s() - self._cpu_s_before, 3),
            )
        )
        unwritten = await self._write_the_rest()
        error = error or unwritten
        self._recorder.show(RunStage.DONE)
        return RunReport(
            self._recorder.result(),
            error,
            left,
            ended=self._ended,
            is_left_on_purpose=self._is_left_on_purpose,
            unanswered=self._unanswered(),
            strangers=tuple(dict.fromkeys(self._recorder.strangers.values())),
            end_failure=self._end_failure,
            is_event_route_left=not is_route_gone,
        )

    def _unanswered(self) -> tuple[str, ...]:
        if self._ended is not None and self._ended.is_proven:
            return ()
        unknown = self._recorder.unresolved - self._recorder.job_ids.keys()
        return tuple(planned.name for planned in self._plan if planned.index in unknown)

    async def _write_the_rest(self) -> BatchgaugeError | None:
        """What was measured is still in memory where the disk takes no more: it is reported all the same."""
        try:
            await self._recorder.sync()
        except JournalError as error:
            return error
        return None

    async def _begin(self) -> Sequence[PlannedJob]:
        """Write the plan; what of it is to be sent.

        Raises:
            AwsError: AWS would not say what it holds already.
        """
        await self._write_plan(self._plan)
        return self._plan

    async def _write_plan(self, plan: Sequence[PlannedJob]) -> None:
        for first in range(0, len(plan), PLAN_SIZE):
            self._recorder.record(Plan(jobs=tuple(plan[first : first + PLAN_SIZE])))
        if self._around.others_before is not None:
            self._recorder.record(self._around.others_before)
        # On the disk before anything is sent: whatever happens then, the names to look for are known.
        begun_ms = self._around.clock.now_ms()
        await self._recorder.sync()
        self._sync_ms = self._around.clock.now_ms() - begun_ms

    async def _measure(self, to_send: Sequence[PlannedJob]) -> BatchgaugeError | None:
        launched = asyncio.Event()
        tasks: list[asyncio.Task[None]] = []
        try:
            launch = await self._get_ready(to_send)
            observing = asyncio.create_task(self._observe(launched))
            surplus = self._parts.surplus_ender(self._reconciler)
            tasks += [observing, asyncio.create_task(self._harvest()), asyncio.create_task(surplus.watch())]
            await launch()
            await self._unless_ended(self._watch_to_the_end(launched, observing))
        except BatchgaugeError as error:
            return error
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return None

    async def _watch_to_the_end(self, launched: asyncio.Event, observing: Awaitable[None]) -> None:
        await self._settle()
        launched.set()
        if self._scenario.is_monitored:
            self._recorder.show(RunStage.OBSERVING)
            await date_arrays(self._around.gateway, self._recorder)
        await observing
        while await self._finds_more():
            await self._look_until_all_have_ended()

    async def _unless_ended(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work; once somebody asks for the end, no longer than an answer is waited for then."""
        working = asyncio.create_task(work)
        patience = asyncio.create_task(self._interruption.grace(self._around.clock, ANSWER_GRACE_S))
        try:
            await asyncio.wait({working, patience}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            working.cancel()
            patience.cancel()
            await asyncio.gather(working, patience, return_exceptions=True)

    async def _get_ready(self, to_send: Sequence[PlannedJob]) -> Callable[[], Awaitable[None]]:
        """Everything but the sending; the start is in the journal, and on the disk, when this returns."""
        if not to_send:
            return _nothing
        # Of what is taken up, the first one goes out now and the others after it as they were meant to, not all at once: a burst that
        # nobody asked for would be another load than the one that is measured, and most of it throttled.
        shift_ms = self._shift_ms(to_send)
        shifted = [msgspec.structs.replace(planned, offset_ms=planned.offset_ms - shift_ms) for planned in to_send]
        launcher = self._parts.launcher(shifted)
        await launcher.get_ready()
        # The clock starts once everything is ready: what getting ready takes is nobody's latency.
        # But it is on the disk before anything is sent, so that no job is ever there without it: by then it should be still to come.
        lead_ms = max(launcher.lead_ms, min(2 * self._sync_ms, LONGEST_LEAD_MS))
        started_ms = self._around.clock.now_ms() + lead_ms
        self._recorder.record(Started(at_ms=started_ms - shift_ms))
        await self._recorder.sync()
        return lambda: launcher.launch(started_ms)

    def _shift_ms(self, to_send: Sequence[PlannedJob]) -> float:
        """By how much earlier, after the start, than planned."""
        del to_send
        return 0.0

    async def _settle(self) -> None:
        """Look once for what requests whose answers were lost have made: a surplus job is ended before it is in others' way for long."""
        lost = self._recorder.lost_answers
        if not lost or self._interruption.is_requested:
            return
        clock = self._around.clock
        landed_ms = self._recorder.last_lost_ms + LANDING_S * 1000
        await self._interruption.sleep(clock, max(0.0, landed_ms - clock.now_ms()) / 1000)
        await self._reconciler.look(lost)

    async def _finds_more(self) -> bool:
        """Look once more for what came late; whether there are jobs that nobody has watched. Without any doubt, nothing is asked."""
        suspects = self._suspects()
        if self._interruption.is_requested or not self._scenario.is_monitored:
            return False
        if suspects is not None and not suspects:
            return False
        return await self._reconciler.look(suspects) > 0

    def _suspects(self) -> Collection[int] | None:
        """The submissions that may have made a job that nobody knows of; None: all."""
        return self._recorder.lost_answers

    async def _finish(self) -> tuple[tuple[str, ...], BatchgaugeError | None]:
        """What comes after the measurement itself: the jobs that could not be ended, and what went wrong. The result is safe by now."""
        try:
            if self._interruption.is_deadline:
                self._record_interruption()
                return await self._left_running(), None
            if self._interruption.is_requested:
                return await self._interrupt(), None
            if self._scenario.is_monitored:
                await self._read_what_is_left()
        except AwsError as error:
            return (), error
        return (), None

    async def _read_what_is_left(self) -> None:
        around = self._around
        if self._harvester is not None:
            await self._harvester.finish()
        if around.reads_logs:
            self._recorder.show(RunStage.READING_LOGS)
            await self._parts.log_reader().read()
        if around.metrics is not None:
            self._recorder.show(RunStage.READING_METRICS)
            await self._parts.metric_reader(around.metrics).read()

    async def _harvest(self) -> None:
        if self._harvester is not None:
            await self._harvester.harvest()

    async def _observe(self, launched: asyncio.Event) -> None:
        if not self._scenario.is_monitored:
            return
        async with (
            waiting_explained(self._parts.waiting_explainer()),
            others_counted(self._parts.others_counter(), self._recorder),
        ):
            await self._breach_watched(self._watch(launched), launched)

    async def _breach_watched(self, watching: Awaitable[None], launched: asyncio.Event) -> None:
        around = self._around
        breach = BreachWatch(self._scenario, self._recorder, around.clock, self._interruption, around.cpu_s)
        await breach.beside(watching, launched, around.on_breach)

    async def _watch(self, launched: asyncio.Event) -> None:
        if self._events.is_open:
            looks = self._parts.observer(self._scenario.look_interval_s, is_exact=True)
            if await self._events.follow(looks.observe(launched, self._interruption), launched):
                return
        await self._look_until_all_have_ended(launched)

    async def _look_until_all_have_ended(self, launched: asyncio.Event | None = None) -> None:
        if launched is None:
            launched = asyncio.Event()
            launched.set()
        looks = self._parts.observer(self._scenario.monitor_interval_s, is_exact=not self._scenario.is_interval_planned)
        await looks.observe(launched, self._interruption)

    async def _interrupt(self) -> tuple[str, ...]:
        self._record_interruption()
        # Nobody asked for the end where a threshold did: then nobody is asked either.
        ask = self._around.ask if self._interruption.cause != BREACH else None
        going = self._recorder.going_ids()
        if going and ask is not None and await ask.leaves_jobs(len(going)):
            self._is_left_on_purpose = True
            return await self._left_running()
        self._recorder.show(RunStage.ENDING_JOBS)
        ender = self._parts.job_ender(self._plan)
        self._ended = await ender.end_all()
        self._end_failure = ender.failure
        return self._ended.left

    async def _left_running(self) -> tuple[str, ...]:
        """The ids of the jobs that go on, those too that requests made whose answers were given up, if AWS shows them soon."""
        if self._recorder.unresolved:
            looking = asyncio.create_task(self._reconciler.look(set(self._recorder.unresolved)))
            patience = asyncio.create_task(self._around.clock.sleep(ANSWER_GRACE_S))
            await asyncio.wait({looking, patience}, return_when=asyncio.FIRST_COMPLETED)
            looking.cancel()
            patience.cancel()
            await asyncio.gather(looking, patience, return_exceptions=True)
        return self._recorder.going_ids()

    def _record_interruption(self) -> None:
        self._recorder.record(Interrupted(at_ms=self._around.clock.now_ms(), cause=self._interruption.cause))

    def _outcome(self) -> RunOutcome:
        if self._interruption.is_deadline:
            is_done = len(self._recorder.job_ids) == self._scenario.num_jobs and not self._recorder.going()
            return RunOutcome.COMPLETE if is_done else RunOutcome.DEADLINE
        if self._interruption.cause == BREACH:
            return RunOutcome.BREACHED
        return RunOutcome.INTERRUPTED if self._interruption.is_requested else RunOutcome.COMPLETE


async def _nothing() -> None:
    """There is nothing to send."""


def _with_countdown_and_tag(scenario: Scenario, run_id: str) -> Scenario:
    parameters = dict(scenario.job.parameters)
    if scenario.countdown_s is not None:
        parameters.setdefault(COUNTDOWN_PARAMETER, str(scenario.countdown_s))
    tags = {**scenario.job.tags, RUN_TAG: run_id}
    job = msgspec.structs.replace(scenario.job, parameters=parameters, tags=tags)
    return msgspec.structs.replace(scenario, job=job)
