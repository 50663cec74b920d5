"""From a scenario and levels to results on disk: what `run`, `sweep` and `quickstart` have in common."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.options import LocalSettings
from batchgauge.cli.talk import say, say_warning
from batchgauge.core.naming import run_id
from batchgauge.core.result import RunResult
from batchgauge.core.scenario import Scenario
from batchgauge.errors import InvalidOptionError
from batchgauge.measure.inspect_target import inspect_target
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport, Surroundings
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.sweep import sweep as measure_sweep

if TYPE_CHECKING:
    from batchgauge.bootstrap import OpenAws
    from batchgauge.cli.progress import View


@dataclass(frozen=True, slots=True)
class Measurement:
    """What is to be measured, where, and where to."""

    scenario: Scenario
    levels: Sequence[int]
    target: bootstrap.Target
    results: Path
    local: LocalSettings | None = None
    pause_s: float = 0.0
    files: Sequence[str] = ()
    """The document of each level besides the one under ``runs/``; none: only that one."""
    reads_logs: bool = True
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class MeasuredLevel:
    """A level that is done and saved."""

    level: int
    report: RunReport
    path: str
    """Its document, as a person would type it."""

    @property
    def result(self) -> RunResult:
        """The result itself."""
        return self.report.result


def measure(measurement: Measurement) -> list[MeasuredLevel]:
    """Measure all levels; each is saved as soon as it is done.

    Raises:
        BatchgaugeError: nothing could be started. What goes wrong later is in the last level's report.
    """
    return asyncio.run(_measure(measurement))


def exit_code(levels: Sequence[MeasuredLevel], wanted: int) -> int:
    """DESIGN's table: 130, 1, 3, in that order; 0 where all is well."""
    if any(level.result.outcome == "interrupted" for level in levels) or not levels:
        return 130
    if any(level.report.error for level in levels):
        return 1
    if len(levels) < wanted:
        return 130
    return 3 if any(level.result.failed_jobs for level in levels) else 0


async def _measure(measurement: Measurement) -> list[MeasuredLevel]:
    from batchgauge.cli.progress import open_view

    interruption = Interruption()
    folder = bootstrap.results_folder(measurement.results)
    async with AsyncExitStack() as stack:
        stack.enter_context(bootstrap.on_end_requested(lambda cause: _end_requested(interruption, cause)))
        local = None
        scenario = measurement.scenario
        if measurement.local is not None:
            say_unless(measurement.is_quiet, "cli.progress.starting-local")
            local = await stack.enter_async_context(bootstrap.start_local_aws(measurement.local.as_options()))
            scenario = _with_defaults(scenario, local.job_queue, local.job_definition)
        aws = await stack.enter_async_context(bootstrap.open_aws(measurement.target, local))
        chance = bootstrap.new_random()
        facts = await inspect_target(aws.batch, scenario.job, aws.facts, aws.clock, chance)
        view = stack.enter_context(open_view(is_quiet=measurement.is_quiet))

        async def run_level(position: int, level: int) -> RunReport:
            run = run_id(datetime.now().astimezone(), bootstrap.new_run_suffix())
            view.begin_level(position, len(measurement.levels), level, run)
            surroundings = Surroundings(
                gateway=aws.batch,
                logs=aws.logs,
                clock=aws.clock,
                chance=chance,
                progress=view,
                facts=facts,
                utc_offset_s=bootstrap.local_utc_offset_s(),
                cpu_s=bootstrap.process_cpu_s,
                reads_logs=measurement.reads_logs,
            )
            level_scenario = msgspec.structs.replace(scenario, num_jobs=level)
            async with folder.open_journal(run) as journal:
                return await measure_run(run, level_scenario, journal, surroundings, interruption)

        return [done async for done in _saved(measurement, aws, interruption, run_level, folder, view)]


async def _saved(
    measurement: Measurement,
    aws: OpenAws,
    interruption: Interruption,
    run_level: object,
    folder: object,
    view: View,
) -> AsyncIterator[MeasuredLevel]:
    raise NotImplementedError
    yield


def say_unless(is_quiet: bool, code: str, **arguments: object) -> None:
    """A translated line of talk, unless ``--quiet`` was given."""
    if not is_quiet:
        say(current_translator()(code, **arguments))


_ = (measure_sweep, say_warning, os, InvalidOptionError)


def _with_defaults(scenario: Scenario, queue: str, definition: str) -> Scenario:
    job = msgspec.structs.replace(
        scenario.job,
        job_queue=scenario.job.job_queue or queue,
        job_definition=scenario.job.job_definition or definition,
    )
    return msgspec.structs.replace(scenario, job=job)


def _end_requested(interruption: Interruption, cause: str) -> None:
    raise NotImplementedError
