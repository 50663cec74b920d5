"""From a scenario and levels to results on disk: what `run`, `sweep` and `quickstart` have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from batchgauge import bootstrap
from batchgauge.cli.asking import Decision
from batchgauge.cli.checking import first_look, require_ready
from batchgauge.cli.cleaning import cleanup_command
from batchgauge.cli.ending import Ending
from batchgauge.cli.gate import Gate
from batchgauge.cli.language import current_translator
from batchgauge.cli.measured import MeasuredLevel, MeasuredLevels
from batchgauge.cli.measurement import Measurement
from batchgauge.cli.observers import removal_command
from batchgauge.cli.polling import watching_lines
from batchgauge.cli.progress import level_heading, open_view
from batchgauge.cli.saving import journal_trouble, save, with_journal
from batchgauge.cli.searching import at_most, begin_search
from batchgauge.cli.talk import say
from batchgauge.cli.variant_targets import Targets, look_at_targets, scenarios_of, warn_of_no_room
from batchgauge.core.journal import Delivery, ForeignJobs, Sources
from batchgauge.core.naming import run_id, sweep_id
from batchgauge.core.scenario import JobShape, Scenario, SweepPlace
from batchgauge.core.schedule import with_seed
from batchgauge.core.sweeps.auto_levels import AUTO
from batchgauge.core.sweeps.record import AutoSearch, SweepRecord
from batchgauge.core.sweeps.steps import SweepStep
from batchgauge.measure.interruption import Interruption, enforce_deadline
from batchgauge.measure.run import RunReport
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.search import Steps
from batchgauge.measure.surroundings import Surroundings
from batchgauge.measure.sweep import LevelReport, sweep

if TYPE_CHECKING:
    import random

    from batchgauge.bootstrap import OpenAws
    from batchgauge.cli.progress import View


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
        scenarios = scenarios_of(scenario, measurement.variants)
        checking = stack.enter_context(first_look(measurement, list(scenarios.values()), aws))
        minimum_s = measurement.guards.billing_minimum_s
        targets = await look_at_targets(scenario, measurement.variants, aws, chance, minimum_s)
        await require_ready(checking, measurement)
        warn_of_no_room(targets)
        steps, auto = tuple(measurement.steps), None
        levels = {name: [step.level for step in steps if step.variant == name] for name in targets}
        if measurement.search is not None:
            auto, steps = begin_search(measurement.search, targets, measurement.guards.limits, measurement.assumptions)
            levels = {name: list(own) for name, own in at_most(auto, steps).items()}
        gate = Gate(measurement, targets, aws, chance, levels)
        others = await gate.pass_through()
        measurement.before_start()
        view = stack.enter_context(open_view(is_quiet=measurement.is_quiet))
        decision = Decision(measurement.on_interrupt, local is None and bootstrap.can_ask(), view)
        ending.has_jobs(say if measurement.is_quiet else view.say, decision.announcement)
        deadline_ms = start_deadline(stack, measurement.deadline_s, aws, interruption)
        record = new_sweep(measurement, scenario, targets, steps, auto)
        measuring = Measuring(
            measurement,
            targets,
            aws,
            chance,
            interruption,
            view,
            ending,
            decision,
            gate,
            dict(others),
            Steps(record, aws.clock, deadline_ms=deadline_ms),
        )
        measured = MeasuredLevels(await measuring.all_levels())
        measured.wanted = measuring.wanted
        measured.is_deadline_reached = interruption.is_deadline
        measured.is_aws_gone = local is not None
        measured.is_quiet = measurement.is_quiet
        return measured


def start_deadline(
    stack: AsyncExitStack, deadline_s: float | None, aws: OpenAws, interruption: Interruption
) -> float | None:
    """From now on, and until the stack unwinds, the end is asked for when the time is over; when that is, on our clock."""
    if deadline_s is None:
        return None
    task = asyncio.create_task(enforce_deadline(deadline_s, aws.clock, interruption))
    stack.callback(task.cancel)
    return aws.clock.now_ms() + deadline_s * 1000


def new_sweep(
    measurement: Measurement,
    scenario: Scenario,
    targets: Targets,
    steps: Sequence[SweepStep],
    auto: AutoSearch | None,
) -> SweepRecord:
    """What of a sweep is written down before it begins; `scenario` is that of no variant."""
    observers = measurement.observers
    first = next(iter(targets.values()))
    return SweepRecord(
        sweep_id=sweep_id(datetime.now().astimezone(), bootstrap.new_run_suffix()),
        steps=tuple(steps),
        pause_s=measurement.pause_s,
        order=measurement.order,
        variants=tuple(measurement.variants),
        auto=auto,
        scenario=scenario,
        sources=Sources(
            reads_logs=measurement.reads_logs,
            reads_tasks=observers.reads_tasks,
            reads_metrics=observers.reads_metrics,
            events_queue=observers.events_queue,
        ),
        delivery=Delivery(is_redacted=measurement.redactor is not None),
        region=first.facts.region,
        endpoint_url=first.facts.endpoint_url,
        profile=first.facts.profile,
        has_own_server=first.facts.has_own_server,
    )


@dataclass(slots=True)
class Measuring:
    """Everything at hand: the levels one after the other."""

    measurement: Measurement
    targets: Targets
    aws: OpenAws
    chance: random.Random
    interruption: Interruption
    view: View
    ending: Ending
    decision: Decision
    gate: Gate
    others_at_first: dict[str | None, ForeignJobs]
    """By variant; each is used for one run, the first."""
    steps: Steps
    wanted: int = 0
    """How many runs there should have been; known at the end."""

    async def all_levels(self, done: int = 0) -> list[MeasuredLevel]:
        """Those after the first `done`, one after the other."""
        reports = sweep(
            self.steps.at,
            self._run_step,
            pause_s=self.measurement.pause_s,
            clock=self.aws.clock,
            interruption=self.interruption,
            on_pause=self.view.pause,
            done=done,
        )
        measured: list[MeasuredLevel] = []
        async for report in reports:
            measured.append(self.save(report))
            self.steps.took(report.report.result)
            if measured[-1].report.error is not None:
                break
        await reports.aclose()
        self._keep_record()
        known = len(self.steps.record.steps)
        # A search that was cut off would have gone on.
        self.wanted = known - done if self.steps.record.is_planned else max(known - done, len(measured) + 1)
        return measured

    async def _run_step(self, position: int, step: SweepStep) -> RunReport:
        run = run_id(datetime.now().astimezone(), bootstrap.new_run_suffix())
        self.steps.record = self.steps.record.with_run(position, run)
        # Before the run has a folder: from then on it is found by the sweep, whatever happens.
        self._keep_record()
        scenario = self._scenario_of(position, step)
        others = self.others_at_first.pop(step.variant, None) or await self.gate.count_others(run, step.variant)
        self.others_at_first.clear()  # what was counted before the first run says nothing of the second one's time
        folder = bootstrap.results_folder(self.measurement.results)
        self.steps.begun()
        around = replace(self.surroundings(others, step), on_planned=lambda: self._announce(position, run, scenario))
        return await with_journal(
            folder.open_journal(run, journal_trouble(self.view)),
            lambda journal: measure_run(run, scenario, journal, around, self.interruption),
        )

    def _announce(self, position: int, run: str, scenario: Scenario) -> None:
        """Say that a run begins, and how it is watched: once its plan is on the disk, for until then nothing may begin at all."""
        self.begin(position, run)
        if scenario.is_warm_up:
            self.view.say(f"  {current_translator()('cli.warm-up')}")
        if scenario.is_monitored:
            for line in watching_lines(scenario, current_translator()):
                self.view.say(line)

    def _scenario_of(self, position: int, step: SweepStep) -> Scenario:
        record = self.steps.record
        changes: dict[str, Any] = {"num_jobs": step.level}
        if self.measurement.is_sweep:
            order = AUTO if record.auto is not None else record.order
            changes["place"] = SweepPlace(
                sweep_id=record.sweep_id, position=position, order=order, repeat=step.repeat, variant=step.variant
            )
        if step.is_warm_up:
            changes |= {"is_warm_up": True, "thresholds": (), "abort_grace_s": None}
        return msgspec.structs.replace(self.targets[step.variant].scenario, **changes)

    def _keep_record(self) -> None:
        if self.measurement.is_sweep:
            bootstrap.save_sweep(self.measurement.results, self.steps.record)

    def begin(self, position: int, run: str) -> None:
        """Show that a level begins, and what it may leave behind."""
        step, record = self.steps.record.steps[position - 1], self.steps.record
        levels = None if record.auto is not None else len(record.steps)
        self.view.begin_level(level_heading(step.level, run, position, levels, step.variant))
        self.ending.can_be_cleaned_up(self._cleanup_command(run, step))
        if self._has_event_route:
            removal = self._removal_command(run)
            self.view.say(current_translator()("cli.events.making", command=removal))
            self.ending.leaves(removal)

    def surroundings(self, others: ForeignJobs | None, step: SweepStep) -> Surroundings:
        """What a run needs."""
        return Surroundings(
            gateway=self.aws.batch,
            logs=self.aws.logs,
            clock=self.aws.clock,
            chance=self.chance,
            progress=self.view,
            facts=self.targets[step.variant].facts,
            utc_offset_s=bootstrap.local_utc_offset_s(),
            cpu_s=bootstrap.process_cpu_s,
            reads_logs=self.measurement.reads_logs,
            others_before=others,
            ask=self.decision,
            delivery=self.measurement.delivery(step),
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

    @property
    def _region(self) -> str:
        return next(iter(self.targets.values())).facts.region

    def _removal_command(self, run: str) -> str:
        return removal_command(run, self._region, self.measurement.target)

    def _cleanup_command(self, run: str, step: SweepStep) -> str | None:
        """None where the AWS goes with us."""
        if self.measurement.local is not None:
            return None
        queue = self.targets[step.variant].scenario.job.job_queue
        return cleanup_command(run, queue, self._region, self.measurement.target)

    def save(self, done: LevelReport) -> MeasuredLevel:
        """At once: what is measured must not be lost to what goes wrong on a later level."""
        run = str(done.report.result.run_id)
        step = self.steps.record.steps[done.position - 1]
        files = [step.file] if step.file else []
        report, shared, path = save(done.report, self.measurement.results, files, self.measurement.redactor)
        self.view.end_level(shared, path or current_translator()("cli.saved.nowhere"))
        is_left = report.is_event_route_left and self._has_event_route
        self.ending.leaves(None)
        self.ending.can_be_cleaned_up(None)
        removal = self._removal_command(run) if is_left else None
        return MeasuredLevel(done.level, report, path, removal, self._cleanup_command(run, step), shared)


def _with_defaults(job: JobShape, queue: str, definition: str) -> JobShape:
    return msgspec.structs.replace(
        job, job_queue=job.job_queue or queue, job_definition=job.job_definition or definition
    )
