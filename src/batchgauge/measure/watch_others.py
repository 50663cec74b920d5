"""Measuring jobs that something else submitted, without submitting any."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from batchgauge.core.journal import Ended, Header, Interrupted, RunOutcome, Started
from batchgauge.core.progress.snapshot import RunStage
from batchgauge.core.scenario import Scenario
from batchgauge.errors import AwsError, BatchgaugeError
from batchgauge.measure.explain_waiting import WaitingExplainer, waiting_explained
from batchgauge.measure.find_jobs import FoundJob, JobFinder
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.observe import Observer
from batchgauge.measure.read_logs import LogReader
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.run import RunReport
from batchgauge.measure.surroundings import Surroundings
from batchgauge.ports import Clock, Journal

DEFAULT_IDLE_S: Final = 30.0
"""How long no job may be going and none may come before the watching ends."""


async def wait_for_first(
    finder: JobFinder, interval_s: float, clock: Clock, interruption: Interruption
) -> tuple[FoundJob, ...]:
    """Search every `interval_s` until there is a job; none where somebody asked for the end before.

    Raises:
        AwsError, ArrayJobNotFoundError: as `JobFinder.find_new`.
    """
    while not interruption.is_requested:
        found = await finder.find_new()
        if found:
            return found
        await interruption.sleep(clock, interval_s)
    return ()


@dataclass(slots=True)
class Watching:
    """One run of watching, from the first jobs found to the last one's end."""

    run_id: str
    scenario: Scenario
    first: Sequence[FoundJob]
    finder: JobFinder
    journal: Journal
    around: Surroundings
    interruption: Interruption
    idle_s: float = DEFAULT_IDLE_S

    async def carry_out(self) -> RunReport:
        """Watch until every job has ended and none has come for `idle_s`, or somebody asks for the end. Nothing is ended.

        Raises:
            JournalError: the journal cannot be written.
        """
        clock, cpu_s_before = self.around.clock, self.around.cpu_s()
        recorder = self._recorder()
        self._take(recorder, self.first)
        recorder.record(Started(at_ms=clock.now_ms()))
        await recorder.sync()
        recorder.show(RunStage.OBSERVING)
        error = await self._measure(recorder)
        if self.interruption.is_requested:
            recorder.record(Interrupted(at_ms=clock.now_ms(), cause=self.interruption.cause))
        elif error is None and self.around.reads_logs:
            error = await self._read_logs(recorder)
        outcome = RunOutcome.FAILED if error is not None else self._outcome(recorder)
        cpu_s = round(self.around.cpu_s() - cpu_s_before, 3)
        recorder.record(Ended(at_ms=clock.now_ms(), outcome=outcome, cpu_s=cpu_s))
        await recorder.sync()
        recorder.show(RunStage.DONE)
        return RunReport(recorder.result(), error)

    def _recorder(self) -> Recorder:
        header = Header(
            run_id=self.run_id,
            started_ms=self.around.clock.now_ms(),
            utc_offset_s=self.around.utc_offset_s,
            scenario=self.scenario,
            environment=self.around.facts,
        )
        recorder = Recorder(header, self.journal, self.around.clock, self.around.progress)
        self.finder.note = recorder.call
        return recorder

    def _take(self, recorder: Recorder, found: Sequence[FoundJob]) -> None:
        for job in found:
            recorder.discovered(len(recorder.job_ids) + 1, job.job_id, job.name)

    async def _measure(self, recorder: Recorder) -> BatchgaugeError | None:
        all_found = asyncio.Event()
        around = self.around
        observer = Observer(
            around.gateway,
            recorder,
            around.clock,
            around.chance,
            around.endpoint,
            self.scenario.monitor_interval_s,
            queue=self.scenario.job.job_queue,
            is_interval_exact=not self.scenario.is_interval_planned,
            api_budget=self.scenario.api_budget,
        )
        tasks = [
            asyncio.create_task(self._keep_finding(recorder, all_found)),
            asyncio.create_task(observer.observe(all_found, self.interruption)),
        ]
        explainer = WaitingExplainer(
            around.gateway,
            recorder,
            around.clock,
            self.scenario.job.job_queue,
            around.facts.job_vcpus,
            around.facts.time_scale,
            self.interruption,
        )
        try:
            async with waiting_explained(explainer):
                await asyncio.gather(*tasks)
        except BatchgaugeError as error:
            return error
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return None

    async def _keep_finding(self, recorder: Recorder, all_found: asyncio.Event) -> None:
        clock = self.around.clock
        idle_since_ms: float | None = None
        while not self.interruption.is_requested and not self.finder.is_complete:
            await self.interruption.sleep(clock, self.scenario.monitor_interval_s)
            found = await self.finder.find_new()
            self._take(recorder, found)
            if found or recorder.going():
                idle_since_ms = None
                continue
            idle_since_ms = clock.now_ms() if idle_since_ms is None else idle_since_ms
            if clock.now_ms() - idle_since_ms >= self.idle_s * 1000:
                break
        all_found.set()

    async def _read_logs(self, recorder: Recorder) -> BatchgaugeError | None:
        around = self.around
        recorder.show(RunStage.READING_LOGS)
        try:
            await LogReader(around.logs, recorder, around.clock, around.chance, self.interruption).read()
        except AwsError as error:
            return error
        return None

    def _outcome(self, recorder: Recorder) -> RunOutcome:
        if self.interruption.is_deadline:
            return RunOutcome.DEADLINE if recorder.going() else RunOutcome.COMPLETE
        return RunOutcome.INTERRUPTED if self.interruption.is_requested else RunOutcome.COMPLETE
