"""From a scenario and levels to results on disk: what `run`, `sweep` and `quickstart` have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from batchgauge import bootstrap
from batchgauge.cli.asking import Decision
from batchgauge.cli.checking import first_look, require_ready
from batchgauge.cli.cleaning import cleanup_command
from batchgauge.cli.ending import Ending
from batchgauge.cli.guards import Gate, Guards
from batchgauge.cli.language import current_translator
from batchgauge.cli.measured import MeasuredLevel, MeasuredLevels
from batchgauge.cli.observers import Observers, removal_command
from batchgauge.cli.options import LocalSettings
from batchgauge.cli.polling import watching_lines
from batchgauge.cli.pricing import with_price
from batchgauge.cli.saving import journal_trouble, save, with_journal
from batchgauge.cli.talk import say, say_warning
from batchgauge.core.journal import EnvironmentFacts, ForeignJobs, Sources
from batchgauge.core.levels import capacity_in_jobs
from batchgauge.core.naming import run_id, sweep_id
from batchgauge.core.redaction import Redactor
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.core.schedule import with_seed
from batchgauge.core.sweep_record import SweepRecord
from batchgauge.measure.inspect_target import inspect_target
from batchgauge.measure.interruption import Interruption, enforce_deadline
from batchgauge.measure.run import RunReport
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.measure.sweep import LevelReport, sweep

if TYPE_CHECKING:
    import random

    from batchgauge.bootstrap import OpenAws
    from batchgauge.cli.progress import View

ALL_BY_DEFAULT = Observers()
NO_GUARDS = Guards()


@dataclass(frozen=True, slots=True)
class Measurement:
    """What is to be measured, where, and where to."""

    scenario: Scenario
    levels: Sequence[int]
    target: bootstrap.Target
    results: Path
    local: LocalSettings | None = None
    """Start an embedded AWS of this kind, and measure that."""
    warm_ups: int = 0
    """How many of the levels, the first ones, only warm up: marked, and judged by nothing."""
    pause_s: float = 0.0
    files: Sequence[str] = ()
    """The document of each level besides the one under ``runs/``, relative to `results`; none: only that one."""
    reads_logs: bool = True
    observers: Observers = ALL_BY_DEFAULT
    redactor: Redactor | None = None
    """Takes names out of every document; the journal keeps them."""
    is_quiet: bool = False
    guards: Guards = NO_GUARDS
    before_start: Callable[[], None] = lambda: None
    """Called when nothing stands against it any more, and before anything is written."""
    on_interrupt: str | None = None
    """What becomes of the jobs when the end is asked for; None: whoever sits there is asked, and where nobody does they are ended."""
    deadline_s: float | None = None
    """How long all of it may take; what has not ended then is left running."""
    is_sweep: bool = False
    """Whether its levels belong together, so that another process can go on with the next one."""


def measure(measurement: Measurement) -> MeasuredLevels:
    """Measure all levels; each is saved as soon as it is done.

    Fewer levels than asked for mean that somebody asked for the end, or that the last one's report holds an error.

    Raises:
        BatchgaugeError: nothing could be started. What goes wrong later is in the last level's report.
        KeyboardInterrupt: somebody asked for the end twice; jobs may go on, and the journal says which.
    """
    try:
        return asyncio.run(_measure(measurement))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _measure(measurement: Measurement) -> MeasuredLevels:
    from batchgauge.cli.progress import open_view

    async with AsyncExitStack() as stack:
        interruption = Interruption()
        ending = Ending(interruption)
        stack.enter_context(bootstrap.on_end_requested(ending))
        local = None
        if measurement.local is not None:
            if not measurement.is_quiet:
                say(current_translator()("cli.progress.starting-local"))
            local = await stack.enter_async_context(bootstrap.start_local_aws(measurement.local.as_options()))
        aws = await stack.enter_async_context(bootstrap.open_aws(measurement.target, local))
        scenario = measurement.scenario
        if local is not None:
            job = _with_defaults(scenario.job, local.job_queue, local.job_definition)
            scenario = msgspec.structs.replace(scenario, job=job)
        chance = bootstrap.new_random()
        # One seed for all levels: what differs between them is then the level, and not the draw.
        scenario = msgspec.structs.replace(scenario, load=str(with_seed(scenario.load_shape, chance.getrandbits(32))))
        if scenario.load_shape.is_paced:
            bootstrap.ask_for_prompt_turns()
        checking = stack.enter_context(first_look(measurement, scenario, aws))
        facts = await inspect_target(aws.batch, scenario.job, aws.facts, aws.clock, chance)
        await require_ready(checking, measurement)
        facts = with_price(facts, measurement.guards.billing_minimum_s)
        if capacity_in_jobs(facts) == 0:
            say_warning(current_translator()("cli.no-room", vcpus=f"{facts.job_vcpus:g}", queue=scenario.job.job_queue))
        gate = Gate(measurement, scenario, aws, facts, chance)
        others = await gate.pass_through()
        measurement.before_start()
        view = stack.enter_context(open_view(measurement.levels, is_quiet=measurement.is_quiet))
        decision = Decision(measurement.on_interrupt, local is None and bootstrap.can_ask(), view)
        ending.has_jobs(say if measurement.is_quiet else view.say, decision.announcement)
        start_deadline(stack, measurement.deadline_s, aws, interruption)
        sweep_record = new_sweep(measurement, scenario, facts) if measurement.is_sweep else None
        measuring = Measuring(
            measurement, scenario, aws, facts, chance, interruption, view, ending, decision, gate, others, sweep_record
        )
        measured = MeasuredLevels(await measuring.all_levels())
        measured.is_deadline_reached = interruption.is_deadline
        measured.is_aws_gone = local is not None
        measured.is_quiet = measurement.is_quiet
        return measured


def start_deadline(stack: AsyncExitStack, deadline_s: float | None, aws: OpenAws, interruption: Interruption) -> None:
    """From now on, and until the stack unwinds, the end is asked for when the time is over."""
    if deadline_s is not None:
        task = asyncio.create_task(enforce_deadline(deadline_s, aws.clock, interruption))
        stack.callback(task.cancel)


def new_sweep(measurement: Measurement, scenario: Scenario, facts: EnvironmentFacts) -> SweepRecord:
    """What of a sweep is written down before it begins."""
    observers = measurement.observers
    return SweepRecord(
        sweep_id=sweep_id(datetime.now().astimezone(), bootstrap.new_run_suffix()),
        levels=tuple(measurement.levels),
        pause_s=measurement.pause_s,
        files=tuple(measurement.files),
        scenario=scenario,
        sources=Sources(
            reads_logs=measurement.reads_logs,
            reads_tasks=observers.reads_tasks,
            reads_metrics=observers.reads_metrics,
            events_queue=observers.events_queue,
        ),
        region=facts.region,
        endpoint_url=facts.endpoint_url,
        profile=facts.profile,
        has_own_server=facts.has_own_server,
    )


@dataclass(slots=True)
class Measuring:
    """Everything at hand: the levels one after the other."""

    measurement: Measurement
    scenario: Scenario
    aws: OpenAws
    facts: EnvironmentFacts
    chance: random.Random
    interruption: Interruption
    view: View
    ending: Ending
    decision: Decision
    gate: Gate
    others_at_first: ForeignJobs
    sweep: SweepRecord | None = None

    async def all_levels(self, done: int = 0) -> list[MeasuredLevel]:
        """Those after the first `done`, one after the other."""
        reports = sweep(
            self.measurement.levels,
            self._run_level,
            pause_s=self.measurement.pause_s,
            clock=self.aws.clock,
            interruption=self.interruption,
            on_pause=self.view.pause,
            done=done,
        )
        measured: list[MeasuredLevel] = []
        async for report in reports:
            measured.append(self.save(report))
            if measured[-1].report.error is not None:
                break
        await reports.aclose()
        return measured

    async def _run_level(self, position: int, level: int) -> RunReport:
        run = run_id(datetime.now().astimezone(), bootstrap.new_run_suffix())
        if self.sweep is not None:
            # Before the run has a folder: from then on it is found by the sweep, whatever happens.
            self.sweep = self.sweep.with_run(position, run)
            bootstrap.save_sweep(self.measurement.results, self.sweep)
        self.begin(position, run)
        scenario = msgspec.structs.replace(self.scenario, num_jobs=level)
        if position <= self.measurement.warm_ups:
            scenario = msgspec.structs.replace(scenario, is_warm_up=True, thresholds=(), abort_grace_s=None)
            self.view.say(f"  {current_translator()('cli.warm-up')}")
        if scenario.is_monitored:
            for line in watching_lines(scenario, current_translator()):
                self.view.say(line)
        others = self.others_at_first if position == 1 else await self.gate.count_others(run)
        folder = bootstrap.results_folder(self.measurement.results)
        return await with_journal(
            folder.open_journal(run, journal_trouble(self.view)),
            lambda journal: measure_run(run, scenario, journal, self.surroundings(others), self.interruption),
        )

    def begin(self, position: int, run: str) -> None:
        """Show that a level begins, and what it may leave behind."""
        self.view.begin_level(position, run)
        self.ending.can_be_cleaned_up(self._cleanup_command(run))
        if self._has_event_route:
            removal = self._removal_command(run)
            self.view.say(current_translator()("cli.events.making", command=removal))
            self.ending.leaves(removal)

    def surroundings(self, others: ForeignJobs | None) -> Surroundings:
        """What a run needs."""
        return Surroundings(
            gateway=self.aws.batch,
            logs=self.aws.logs,
            clock=self.aws.clock,
            chance=self.chance,
            progress=self.view,
            facts=self.facts,
            utc_offset_s=bootstrap.local_utc_offset_s(),
            cpu_s=bootstrap.process_cpu_s,
            reads_logs=self.measurement.reads_logs,
            others_before=others,
            ask=self.decision,
            event_routes=self.aws.event_routes,
            events_queue=self.measurement.observers.events_queue,
            tasks=self.aws.tasks if self.measurement.observers.reads_tasks else None,
            on_breach=self._say_breach,
            metrics=self.aws.metrics if self.measurement.observers.reads_metrics else None,
        )

    def _say_breach(self, thresholds: Sequence[str], grace_s: float) -> None:
        said = current_translator()("cli.breach.noticed", thresholds="; ".join(thresholds), grace=f"{grace_s:g}")
        self.view.say(f"{current_translator()('cli.warning')}: {said}")

    @property
    def _has_event_route(self) -> bool:
        """Whether each run makes a rule and a queue that outlive us: an embedded AWS of our own takes them along."""
        return self.measurement.observers.makes_event_route and self.measurement.local is None

    def _removal_command(self, run: str) -> str:
        return removal_command(run, self.facts.region, self.measurement.target)

    def _cleanup_command(self, run: str) -> str | None:
        """None where the AWS goes with us."""
        if self.measurement.local is not None:
            return None
        return cleanup_command(run, self.scenario.job.job_queue, self.facts.region, self.measurement.target)

    def save(self, done: LevelReport) -> MeasuredLevel:
        """At once: what is measured must not be lost to what goes wrong on a later level."""
        run = str(done.report.result.run_id)
        files = self.measurement.files[done.position - 1 : done.position]
        report, shared, path = save(done.report, self.measurement.results, files, self.measurement.redactor)
        self.view.end_level(shared, path or current_translator()("cli.saved.nowhere"))
        is_left = report.is_event_route_left and self._has_event_route
        self.ending.leaves(None)
        self.ending.can_be_cleaned_up(None)
        removal = self._removal_command(run) if is_left else None
        return MeasuredLevel(done.level, report, path, removal, self._cleanup_command(run), shared)


def _with_defaults(job: JobShape, queue: str, definition: str) -> JobShape:
    return msgspec.structs.replace(
        job, job_queue=job.job_queue or queue, job_definition=job.job_definition or definition
    )
