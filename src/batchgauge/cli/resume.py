"""``batchgauge resume``: go on with a run, or a sweep, that another process began."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from batchgauge import bootstrap
from batchgauge.cli.gone_queue import require_gone
from batchgauge.cli.handover import Handover
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import AWS_OPTIONS, CONNECTIONS_FOR_LOOKS, deadline, with_options
from batchgauge.cli.talk import print_table, say, say_warning
from batchgauge.core.journal import EnvironmentFacts, RunOutcome, Sources
from batchgauge.core.result.run_result import to_document
from batchgauge.core.scenario import Scenario
from batchgauge.core.sweeps.record import SweepRecord, taken_up
from batchgauge.core.sweeps.steps import SweepStep
from batchgauge.errors import (
    CancelledRunError,
    DeclinedError,
    EndpointUnreachableError,
    JobQueueNotFoundError,
    LocalRunGoneError,
    NothingToResumeError,
    ObservedRunError,
    ResumedElsewhereError,
)

if TYPE_CHECKING:
    from batchgauge.bootstrap import OpenAws, TakenUpJournal
    from batchgauge.cli.measured import MeasuredLevel, MeasuredLevels
    from batchgauge.cli.measurement import Measurement
    from batchgauge.cli.measuring import Measuring
    from batchgauge.cli.variant_targets import Targets
    from batchgauge.core.result.run_result import RunResult
    from batchgauge.measure.past import Past

OPTIONS = (
    option("--results", type=click.Path(path_type=Path), default=Path("test-results"), help="cli.option.runs-results"),
    option("--deadline", metavar="DURATION"),
    option("--on-interrupt", type=click.Choice(["cancel", "leave"])),
    option("--output", type=click.Path(path_type=Path), metavar="FILE"),
    option("--redact", is_flag=True),
    option("--yes", is_flag=True, help="cli.option.resume-yes"),
    option("--json", "as_json", is_flag=True, help="cli.option.resume-json"),
    option("--quiet", is_flag=True),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.command("resume", cls=LocalisedCommand)
@click.argument("run", metavar="RUN")
@with_options(AWS_OPTIONS, OPTIONS)
@click.pass_context
def resume(context: click.Context, /, run: str, **given: Any) -> None:
    """Go on with a run, or a sweep, that was cut off."""
    from batchgauge.cli.measured import exit_code, say_what_went_wrong

    results: Path = given["results"]
    sweep = bootstrap.find_sweep(results, run)
    run_id = sweep.runs[-1] if sweep is not None and sweep.runs else bootstrap.find_run_id(results, run)
    task = _Resumption(run_id, sweep, given)
    try:
        measured = asyncio.run(task.carry_out())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    if not measured:
        if not given["quiet"]:
            say(current_translator()("cli.resume.complete", run=run_id))
        if not task.handover.is_asked_anew:
            context.exit(0)
    _show(measured, sweep, task.handover, given)
    say_what_went_wrong(measured)
    context.exit(exit_code(measured, wanted=task.wanted))


def _show(measured: MeasuredLevels, sweep: SweepRecord | None, handover: Handover, given: dict[str, Any]) -> None:
    if sweep is not None:
        from batchgauge.cli.analyze import show_analysis

        show_analysis(
            given["results"], as_json=given["as_json"], is_quiet=given["quiet"], is_redacted=handover.is_redacted
        )
        return
    if not measured:
        return
    result = measured[0].document
    if given["as_json"]:
        sys.stdout.buffer.write(to_document(result))
        sys.stdout.buffer.flush()
    elif not given["quiet"]:
        from batchgauge.reports.terminal import run_table

        print_table(run_table(result, result.levels[0], current_translator()))
    if not given["quiet"]:
        say(current_translator()("cli.saved.document", path=measured[0].path))


def _is_under_way(past: Past | None) -> bool:
    return past is not None and past.outcome is not RunOutcome.COMPLETE


class _Resumption:
    """From the journal to the end of the run, and of the sweep that it is a level of where that is to go on."""

    def __init__(self, run_id: str, sweep: SweepRecord | None, given: dict[str, Any]) -> None:
        self._run_id = run_id
        self._sweep = sweep
        self._given = given
        self._results: Path = given["results"]
        self._deadline_s = deadline(given)
        self._is_queue_gone = False
        self.handover: Handover
        """Known once the journal is read."""
        self.wanted = 1
        """How many levels there should be in the end."""

    async def carry_out(self) -> MeasuredLevels:
        """The levels that were measured now; none where all was complete."""
        from batchgauge.cli.measured import MeasuredLevels
        from batchgauge.measure.past import Past

        async with AsyncExitStack() as stack:
            journal = bootstrap.results_folder(self._results).take_up_journal(self._run_id)
            if journal is not None:
                await stack.enter_async_context(journal)
            past = Past.of(journal.records) if journal is not None else None
            self._require_resumable(past)
            is_over = past is not None and past.outcome is RunOutcome.COMPLETE
            self.handover = Handover.of(past, self._sweep, self._run_id, self._given)
            self._sweep = self.handover.recorded(self._sweep)
            self.handover.prepare(is_whole_sweep=self._sweep is not None)
            if past is not None and is_over:
                self.handover.complete(past)
            done = self._levels_done(is_over=is_over)
            self.wanted = self._levels_known() - done
            if not self.wanted and self._is_planned:
                return MeasuredLevels()
            if past is not None and not is_over and past.was_cancelled:
                await self._require_meant(past, done)
            measuring = await self._open(stack, past, done)
            measured = MeasuredLevels()
            if past is not None and journal is not None and not is_over:
                measured.append(await self._resume_level(measuring, past, journal, done + 1))
                measuring.steps.took(measured[-1].report.result)
                done += 1
            before = len(measured)
            if self._may_go_on(measured):
                measured.extend(await measuring.all_levels(done))
                self.wanted = before + measuring.wanted
            measured.is_deadline_reached = measuring.interruption.is_deadline
            return measured

    @property
    def _is_planned(self) -> bool:
        """Whether no further level may follow from those that are done; an end that only a deadline brought about is none."""
        return self._sweep is None or taken_up(self._sweep).is_planned

    def _require_resumable(self, past: Past | None) -> None:
        if past is None and self._sweep is None:
            raise NothingToResumeError(run=self._run_id)
        if past is not None and past.header.scenario.observed is not None:
            raise ObservedRunError(run=self._run_id)
        is_whole = past is not None and past.outcome is RunOutcome.COMPLETE
        if self._facts(past).has_own_server and not (
            is_whole and self._is_planned and self._levels_done(is_over=True) == self._levels_known()
        ):
            raise LocalRunGoneError(run=self._run_id)

    async def _require_meant(self, past: Past, done: int) -> None:
        """Somebody had the jobs ended: nothing more is submitted until somebody says that it is meant.

        Raises:
            CancelledRunError, DeclinedError: nobody does.
        """
        from batchgauge.cli.asking import confirm

        following = self._sweep.steps[done + 1 :] if self._sweep is not None else ()
        jobs = past.unsent_jobs + sum(step.level for step in following)
        translate, left = current_translator(), past.jobs_left
        suffix = "-left" if left else ""
        if not jobs or self._given["yes"]:
            say_warning(translate(f"cli.resume.cancelled{suffix}", run=self._run_id, left=left))
            return
        if not bootstrap.can_ask():
            raise CancelledRunError(run=self._run_id, jobs=jobs, flag="--yes")
        if not await confirm(translate(f"cli.resume.question{suffix}", run=self._run_id, jobs=jobs, left=left)):
            raise DeclinedError()

    def _facts(self, past: Past | None) -> EnvironmentFacts:
        if past is not None:
            return past.header.environment
        sweep = self._sweep
        assert sweep is not None  # noqa: S101 - a run without a journal is resumed as a level only
        return EnvironmentFacts(
            region=sweep.region,
            tool_version="",
            endpoint_url=sweep.endpoint_url,
            profile=sweep.profile,
            has_own_server=sweep.has_own_server,
        )

    def _levels_known(self) -> int:
        return len(self._sweep.steps) if self._sweep is not None else 1

    def _levels_done(self, *, is_over: bool) -> int:
        """How many levels need nothing more."""
        begun = len(self._sweep.runs) if self._sweep is not None else 1
        return begun if is_over else begun - 1

    def _may_go_on(self, measured: MeasuredLevels) -> bool:
        if self._is_queue_gone:
            self.wanted = len(measured)
            return False
        return self._sweep is not None and not any(
            level.report.error is not None or level.result.outcome is not RunOutcome.COMPLETE for level in measured
        )

    async def _open(self, stack: AsyncExitStack, past: Past | None, done: int) -> Measuring:
        from batchgauge.cli.asking import Decision
        from batchgauge.cli.ending import Ending
        from batchgauge.cli.gate import Gate
        from batchgauge.cli.measuring import Measuring, new_sweep, start_deadline
        from batchgauge.cli.progress import open_view
        from batchgauge.measure.interruption import Interruption
        from batchgauge.measure.search import Steps

        interruption = Interruption()
        ending = Ending(interruption)
        stack.enter_context(bootstrap.on_end_requested(ending))
        facts, sweep = self._facts(past), self._sweep
        scenario, sources = self._asked(past)
        target = self._target(facts, scenario)
        not_before_ms = past.last_ms + 1 if past is not None else 0.0
        aws = await stack.enter_async_context(bootstrap.open_aws(target, not_before_ms=not_before_ms))
        chance = bootstrap.new_random()
        if scenario.load_shape.is_paced:
            bootstrap.ask_for_prompt_turns()
        targets = await self._inspect(aws, scenario, chance, past)
        view = stack.enter_context(open_view(is_quiet=self._given["quiet"]))
        view.say(current_translator()("cli.resume.resuming", run=self._run_id))
        decision = Decision(self._given["on_interrupt"], bootstrap.can_ask(), view)
        ending.has_jobs(say if self._given["quiet"] else view.say, decision.announcement)
        deadline_ms = start_deadline(stack, self._deadline_s, aws, interruption)
        measurement = self._measurement(scenario, sources, target)
        record = sweep or new_sweep(measurement, scenario, targets, measurement.steps, None)
        steps = Steps(record, aws.clock, done=self._done_results(done), deadline_ms=deadline_ms)
        gate = Gate(measurement, targets, aws, chance, {})
        return Measuring(measurement, targets, aws, chance, interruption, view, ending, decision, gate, {}, steps)

    def _done_results(self, done: int) -> list[RunResult]:
        """What a search has to go by: the documents of the levels that are done."""
        if self._sweep is None or self._sweep.auto is None:
            return []
        folder = bootstrap.results_folder(self._results)
        # Where names are taken out of the documents, the variants' are too: the journals are whole.
        read = folder.rebuild if self.handover.is_redacted else folder.read_run
        return [read(run) for run in self._sweep.runs[:done]]

    def _asked(self, past: Past | None) -> tuple[Scenario, Sources]:
        """What every level is; of a run alone, its own."""
        if self._sweep is not None:
            return self._sweep.scenario, self._sweep.sources
        assert past is not None  # noqa: S101 - a run alone has a journal
        return past.header.scenario, past.header.sources

    def _measurement(self, scenario: Scenario, sources: Sources, target: bootstrap.Target) -> Measurement:
        from batchgauge.cli.measurement import Measurement
        from batchgauge.cli.observers import Observers

        # Of one level alone, its document is written under the sweep's name too.
        file = self.handover.file
        return Measurement(
            scenario=scenario,
            steps=self._sweep.steps if self._sweep is not None else [SweepStep(level=scenario.num_jobs, file=file)],
            target=target,
            results=self._results,
            pause_s=self._sweep.pause_s if self._sweep is not None else 0.0,
            variants=self._sweep.variants if self._sweep is not None else (),
            reads_logs=sources.reads_logs,
            observers=Observers(
                watches_events=scenario.watches_events,
                events_queue=sources.events_queue,
                reads_tasks=sources.reads_tasks,
                reads_metrics=sources.reads_metrics,
            ),
            redactor=self.handover.redactor,
            is_quiet=self._given["quiet"],
            is_sweep=self._sweep is not None,
        )

    def _target(self, facts: EnvironmentFacts, scenario: Scenario) -> bootstrap.Target:
        """The run's own AWS, where no flag says another. Credentials are found anew, as always."""
        given = self._given
        return bootstrap.Target(
            region=given["region"] or facts.region,
            profile=given["profile"] or facts.profile,
            endpoint_url=given["endpoint_url"] or facts.endpoint_url,
            max_connections=scenario.max_workers + CONNECTIONS_FOR_LOOKS,
        )

    async def _inspect(self, aws: OpenAws, scenario: Scenario, chance: Any, past: Past | None) -> Targets:
        """What the runs stand on now; of one that is under way, what it stood on where its queue is gone."""
        from batchgauge.cli.variant_targets import VariantTarget, look_at_targets

        before = self._facts(past)
        variants = self._sweep.variants if self._sweep is not None else ()
        try:
            targets = await look_at_targets(scenario, variants, aws, chance)
        except EndpointUnreachableError as error:
            if before.is_local:
                raise LocalRunGoneError(run=self._run_id) from error
            raise
        except JobQueueNotFoundError as error:
            if past is None or not _is_under_way(past) or error.queue != past.header.scenario.job.job_queue:
                raise
            await require_gone(self._run_id, before, self._target(before, scenario), error)
            say_warning(current_translator()("cli.resume.queue-gone", queue=error.queue))
            self._is_queue_gone = True
            place = past.header.scenario.place
            return {place.variant if place is not None else None: VariantTarget(past.header.scenario, before)}
        queues = [target.facts.job_queue_arn for target in targets.values()]
        if before.job_queue_arn is not None and before.job_queue_arn not in queues and None not in queues:
            raise ResumedElsewhereError(run=self._run_id, expected=before.job_queue_arn, found=str(queues[0]))
        return targets

    async def _resume_level(
        self, measuring: Measuring, past: Past, journal: TakenUpJournal, position: int
    ) -> MeasuredLevel:
        from batchgauge.measure.resume import resume as resume_run
        from batchgauge.measure.sweep import LevelReport

        measuring.begin(position, self._run_id)
        step = measuring.steps.record.steps[position - 1]
        # Of the environment the journal says what it was when the run began; only the tool may be another one now.
        report = await resume_run(past, journal, measuring.surroundings(None, step), measuring.interruption)
        await journal.sync()
        return measuring.save(LevelReport(position, past.header.scenario.num_jobs, report))
