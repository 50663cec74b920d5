"""The parts of a run, each put together from the scenario and the surroundings."""

from __future__ import annotations

from collections.abc import Sequence

from batchgauge.core.journal import (
    Header,
    PlannedJob,
)
from batchgauge.core.naming import RUN_TAG
from batchgauge.core.polling_plan import AWS_CALLS_PER_S
from batchgauge.measure.bulk_end import Pace
from batchgauge.measure.count_others import OthersCounter
from batchgauge.measure.end_jobs import JobEnder
from batchgauge.measure.end_surplus import SurplusEnder
from batchgauge.measure.explain_waiting import WaitingExplainer
from batchgauge.measure.harvest_tasks import TaskHarvester
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.launch import Launcher
from batchgauge.measure.observe import Observer
from batchgauge.measure.read_logs import LogReader
from batchgauge.measure.read_metrics import READS, MetricReader
from batchgauge.measure.reconcile import Reconciler
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, Persistence
from batchgauge.measure.run_events import RunEvents
from batchgauge.measure.submit import Submitter
from batchgauge.measure.surroundings import Surroundings
from batchgauge.ports import (
    MetricSource,
)


class RunParts:
    """Makes them; holds nothing that changes."""

    def __init__(
        self, header: Header, recorder: Recorder, surroundings: Surroundings, interruption: Interruption
    ) -> None:
        self._run_id = header.run_id
        self._scenario = header.scenario
        self._recorder = recorder
        self._around = surroundings
        self._interruption = interruption

    def reconciler(self, plan: Sequence[PlannedJob]) -> Reconciler:
        """Looks up what became of submissions."""
        around = self._around
        return Reconciler(
            around.gateway,
            self._recorder,
            around.clock,
            around.chance,
            around.endpoint,
            queue=self._scenario.job.job_queue,
            run_id=self._run_id,
            plan=plan,
        )

    def surplus_ender(self, reconciler: Reconciler) -> SurplusEnder:
        """Ends what was made twice, while the run goes on."""
        return SurplusEnder(reconciler, self._recorder, self._around.clock)

    def others_counter(self) -> OthersCounter | None:
        """Counts what others have in the queue; None where nobody does."""
        around = self._around
        if around.others_before is None:
            return None
        return OthersCounter(
            around.gateway,
            Persistence(around.clock, around.chance, READ_BACK_OFF, self._recorder.note, self._interruption),
            Pace(around.clock, self._scenario.api_budget * AWS_CALLS_PER_S),
            around.clock,
            self._scenario.job.job_queue,
            self._run_id,
        )

    def observer(self, interval_s: float, *, is_exact: bool) -> Observer:
        """Looks at the jobs, again and again."""
        around = self._around
        return Observer(
            around.gateway,
            self._recorder,
            around.clock,
            around.chance,
            around.endpoint,
            interval_s,
            queue=self._scenario.job.job_queue,
            is_interval_exact=is_exact,
            api_budget=self._scenario.api_budget,
        )

    def events(self) -> RunEvents:
        """The run's events; none where the scenario watches none."""
        around, scenario = self._around, self._scenario
        return RunEvents(
            routes=around.event_routes if scenario.watches_events and scenario.is_monitored else None,
            queue_url=around.events_queue,
            recorder=self._recorder,
            clock=around.clock,
            chance=around.chance,
            interruption=self._interruption,
            endpoint=around.endpoint,
            run_id=self._run_id,
            job_queue_arn=around.facts.job_queue_arn or scenario.job.job_queue,
            tags={RUN_TAG: self._run_id},
        )

    def waiting_explainer(self) -> WaitingExplainer:
        """Says what the jobs wait for."""
        around = self._around
        return WaitingExplainer(
            around.gateway,
            self._recorder,
            around.clock,
            self._scenario.job.job_queue,
            around.facts.job_vcpus,
            around.facts.time_scale,
            self._interruption,
        )

    def launcher(self, plan: Sequence[PlannedJob]) -> Launcher:
        """Sends the submissions when they are meant to go."""
        around = self._around
        submitter = Submitter(
            self._scenario,
            around.gateway,
            self._recorder,
            around.clock,
            around.chance,
            self._interruption,
            around.endpoint,
        )
        return Launcher(plan, self._scenario, around.gateway, submitter, around.clock, self._interruption)

    def task_harvester(self) -> TaskHarvester | None:
        """Describes the jobs' tasks while they can be; None where nobody does."""
        around = self._around
        if around.tasks is None or not self._scenario.is_monitored:
            return None
        return TaskHarvester(around.tasks, self._recorder, around.clock, around.chance, self._interruption)

    def metric_reader(self, source: MetricSource) -> MetricReader:
        """Reads Container Insights at the end."""
        around = self._around
        # The embedded AWS has no metrics of its own, and they would not be late.
        reads = 1 if around.facts.is_local else READS
        return MetricReader(source, self._recorder, around.clock, around.chance, self._interruption, reads)

    def log_reader(self) -> LogReader:
        """Reads the programs' log lines at the end."""
        around = self._around
        return LogReader(around.logs, self._recorder, around.clock, around.chance, self._interruption)

    def job_ender(self, plan: Sequence[PlannedJob]) -> JobEnder:
        """Ends what is left, and proves it."""
        around = self._around
        return JobEnder(
            around.gateway,
            self._recorder,
            around.clock,
            around.chance,
            around.endpoint,
            queue=self._scenario.job.job_queue,
            run_id=self._run_id,
            plan=plan,
            api_budget=self._scenario.api_budget,
        )
