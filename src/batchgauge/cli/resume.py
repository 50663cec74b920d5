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
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import AWS_OPTIONS, CONNECTIONS_FOR_LOOKS, deadline, with_options
from batchgauge.cli.talk import print_table, say, say_warning
from batchgauge.core.journal import EnvironmentFacts, RunOutcome, Sources
from batchgauge.core.result import to_document
from batchgauge.core.result_builder import build_result
from batchgauge.core.scenario import Scenario
from batchgauge.core.sweep_record import SweepRecord
from batchgauge.errors import (
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
    from batchgauge.cli.measuring import Measuring
    from batchgauge.measure.past import Past

OPTIONS = (
    option("--results", type=click.Path(path_type=Path), default=Path("test-results"), help="cli.option.runs-results"),
    option("--deadline", metavar="DURATION"),
    option("--on-interrupt", type=click.Choice(["cancel", "leave"])),
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
        context.exit(0)
    _show(measured, sweep, given)
    say_what_went_wrong(measured)
    context.exit(exit_code(measured, wanted=task.wanted))


def _show(measured: MeasuredLevels, sweep: SweepRecord | None, given: dict[str, Any]) -> None:
    if sweep is not None:
        from batchgauge.cli.analyze import show_analysis

        show_analysis(given["results"], as_json=given["as_json"], is_quiet=given["quiet"])
        return
    result = measured[0].result
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
            if past is not None and is_over:
                self._write_missing_documents(past)
            done = self._levels_done(is_over=is_over)
            self.wanted = self._levels_in_all() - done
            if not self.wanted:
                return MeasuredLevels()
            measuring = await self._open(stack, past, done)
            measured = MeasuredLevels()
            if past is not None and journal is not None and not is_over:
                measured.append(await self._resume_level(measuring, past, journal, done + 1))
                done += 1
            if self._may_go_on(measured) and done < self._levels_in_all():
                measured.extend(await measuring.all_levels(done))
            measured.is_deadline_reached = measuring.interruption.is_deadline
            return measured

    def _require_resumable(self, past: Past | None) -> None:
        if past is None and self._sweep is None:
            raise NothingToResumeError(run=self._run_id)
        if past is not None and past.header.scenario.observed is not None:
            raise ObservedRunError(run=self._run_id)
        is_whole = past is not None and past.outcome is RunOutcome.COMPLETE
        if self._facts(past).has_own_server and not (
            is_whole and self._levels_done(is_over=True) == self._levels_in_all()
        ):
            raise LocalRunGoneError(run=self._run_id)

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

    def _levels_in_all(self) -> int:
        return len(self._sweep.levels) if self._sweep is not None else 1

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

    def _write_missing_documents(self, past: Past) -> None:
        """A process that was killed after the run's last record, and before its document."""
        folder = bootstrap.results_folder(self._results)
        sweep = self._sweep or bootstrap.sweep_of_run(self._results, self._run_id)
        file = sweep.file_of(self._run_id) if sweep is not None else None
        is_missing = not folder.has_document(self._run_id) or (file is not None and not (self._results / file).exists())
        if is_missing:
            result = build_result(past.records)
            folder.save_run(result)
            if file is not None:
                folder.save_document(file, result)

    async def _open(self, stack: AsyncExitStack, past: Past | None, done: int) -> Measuring:
        from batchgauge.cli.asking import Decision
        from batchgauge.cli.ending import Ending
        from batchgauge.cli.guards import Gate
        from batchgauge.cli.measuring import Measuring, start_deadline
        from batchgauge.cli.progress import open_view
        from batchgauge.measure.interruption import Interruption

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
        facts = await self._inspect(aws, facts, scenario, chance, target if _is_under_way(past) else None)
        levels = list(sweep.levels) if sweep is not None else [scenario.num_jobs]
        view = stack.enter_context(open_view(levels, is_quiet=self._given["quiet"]))
        view.say(current_translator()("cli.resume.resuming", run=self._run_id))
        decision = Decision(self._given["on_interrupt"], bootstrap.can_ask(), view)
        ending.has_jobs(say if self._given["quiet"] else view.say, decision.announcement)
        start_deadline(stack, self._deadline_s, aws, interruption)
        measurement = self._measurement(scenario, sources, levels, target)
        gate = Gate(measurement, scenario, aws, facts, chance)
        others = await gate.count_others(self._run_id)
        return Measuring(
            measurement, scenario, aws, facts, chance, interruption, view, ending, decision, gate, others, sweep
        )

    def _asked(self, past: Past | None) -> tuple[Scenario, Sources]:
        """What every level is; of a run alone, its own."""
        if self._sweep is not None:
            return self._sweep.scenario, self._sweep.sources
        assert past is not None  # noqa: S101 - a run alone has a journal
        return past.header.scenario, past.header.sources

    def _measurement(self, scenario: Scenario, sources: Sources, levels: list[int], target: bootstrap.Target) -> Any:
        from batchgauge.cli.measuring import Measurement
        from batchgauge.cli.observers import Observers

        sweep = self._sweep or bootstrap.sweep_of_run(self._results, self._run_id)
        files: tuple[str, ...] = ()
        if self._sweep is not None:
            files = self._sweep.files
        elif sweep is not None:  # one level alone: its document is written under the sweep's name too
            files = (sweep.file_of(self._run_id) or "",)
        return Measurement(
            scenario=scenario,
            levels=levels,
            target=target,
            results=self._results,
            pause_s=self._sweep.pause_s if self._sweep is not None else 0.0,
            files=files,
            reads_logs=sources.reads_logs,
            observers=Observers(
                watches_events=scenario.watches_events,
                events_queue=sources.events_queue,
                reads_tasks=sources.reads_tasks,
                reads_metrics=sources.reads_metrics,
            ),
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

    async def _inspect(
        self, aws: OpenAws, before: EnvironmentFacts, scenario: Scenario, chance: Any, target: bootstrap.Target | None
    ) -> EnvironmentFacts:
        """What the run stands on now; of a run that is under way at `target`, what it stood on where its queue is gone."""
        from batchgauge.measure.inspect_target import inspect_target

        try:
            facts = await inspect_target(aws.batch, scenario.job, aws.facts, aws.clock, chance)
        except EndpointUnreachableError as error:
            if before.is_local:
                raise LocalRunGoneError(run=self._run_id) from error
            raise
        except JobQueueNotFoundError as error:
            if target is None:
                raise
            await require_gone(self._run_id, before, target, error)
            say_warning(current_translator()("cli.resume.queue-gone", queue=error.queue))
            self._is_queue_gone = True
            return before
        if before.job_queue_arn is not None and facts.job_queue_arn not in (None, before.job_queue_arn):
            raise ResumedElsewhereError(run=self._run_id, expected=before.job_queue_arn, found=str(facts.job_queue_arn))
        return facts

    async def _resume_level(
        self, measuring: Measuring, past: Past, journal: TakenUpJournal, position: int
    ) -> MeasuredLevel:
        from batchgauge.measure.resume import resume as resume_run
        from batchgauge.measure.sweep import LevelReport

        measuring.begin(position, self._run_id)
        # Of the environment the journal says what it was when the run began; only the tool may be another one now.
        report = await resume_run(past, journal, measuring.surroundings(None), measuring.interruption)
        await journal.sync()
        return measuring.save(LevelReport(position, past.header.scenario.num_jobs, report))
