"""``batchgauge observe``: jobs that something else submitted, measured without submitting any."""

from __future__ import annotations

import asyncio
import math
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from batchgauge import bootstrap
from batchgauge.cli.durations import parse_duration_s
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import (
    AWS_OPTIONS,
    CONNECTIONS_FOR_LOOKS,
    OUTPUT_OPTIONS,
    deadline,
    given_flags,
    require,
    with_options,
)
from batchgauge.cli.talk import print_table, say
from batchgauge.core.documents.redaction import Redactor
from batchgauge.core.naming import watch_id
from batchgauge.core.polling_plan import DEFAULT_API_BUDGET
from batchgauge.core.result.run_result import to_document
from batchgauge.core.scenario import DEFAULT_MONITOR_INTERVAL_S, JobShape, ObservedJobs, Scenario
from batchgauge.errors import ConflictingOptionsError, MissingOptionError, NoJobsFoundError

if TYPE_CHECKING:
    from batchgauge.cli.measured import MeasuredLevels
    from batchgauge.measure.find_jobs import FoundJob, JobFinder

DEFAULT_IDLE: Final = "30s"

OPTIONS = (
    option("--job-queue", help="cli.option.observe-queue"),
    option("--name-prefix"),
    option("--array-job-id"),
    option("--since", metavar="DURATION"),
    option("--monitor-interval", type=float, default=DEFAULT_MONITOR_INTERVAL_S, show_default=False),
    option("--api-budget", type=float, default=DEFAULT_API_BUDGET, metavar="SHARE"),
    option("--until-idle", metavar="DURATION", default=DEFAULT_IDLE),
    option("--deadline", metavar="DURATION", help="cli.option.observe-deadline"),
    option("--output", type=click.Path(path_type=Path), metavar="FILE"),
)


@dataclass(frozen=True, slots=True)
class Watch:
    """What is to be watched, and where to."""

    queue: str
    """Empty for an array: it knows its queue."""
    wanted: ObservedJobs
    interval_s: float
    is_interval_planned: bool
    """Whether the interval is only the coarsest that is wanted, since nobody gave one."""
    api_budget: float
    idle_s: float
    deadline_s: float | None
    target: bootstrap.Target
    results: Path
    output: Path | None
    reads_logs: bool
    redactor: Redactor | None
    is_quiet: bool


@click.command("observe", cls=LocalisedCommand)
@with_options(OPTIONS, AWS_OPTIONS, OUTPUT_OPTIONS)
@click.pass_context
def observe(context: click.Context, /, **given: Any) -> None:
    """Measure jobs that something else submits."""
    watch = _watch(given, given_flags(context))
    if watch.output is not None:
        bootstrap.require_writable_file("--output", watch.output)
    bootstrap.require_writable_folder("--results", watch.results)

    from batchgauge.cli.measured import exit_code, say_what_went_wrong

    try:
        levels = asyncio.run(_observe(watch))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    result = levels[0].document
    if given["as_json"]:
        sys.stdout.buffer.write(to_document(result))
    elif not watch.is_quiet:
        from batchgauge.reports.terminal import run_table

        print_table(run_table(result, result.levels[0], current_translator()))
    if not watch.is_quiet:
        folder = bootstrap.results_folder(watch.results).run_folder(str(result.run_id))
        if levels[0].path is not None:
            say(current_translator()("cli.saved.document", path=levels[0].path))
        say(current_translator()("cli.saved.journal", path=folder / "journal.jsonl"))
    say_what_went_wrong(levels)
    context.exit(exit_code(levels, wanted=1))


def _watch(given: dict[str, Any], is_given: Callable[[str], bool]) -> Watch:
    """What the flags mean.

    Raises:
        UsageError: a flag is missing, out of its range, or one too many.
    """
    prefix, array_job_id = given["name_prefix"], given["array_job_id"]
    if prefix and array_job_id:
        raise ConflictingOptionsError(flag="--name-prefix", other="--array-job-id")
    if not prefix and not array_job_id:
        raise MissingOptionError(flag="--name-prefix")
    if prefix and not given["job_queue"]:
        raise MissingOptionError(flag="--job-queue")
    interval_s: float = given["monitor_interval"]
    require(0 < interval_s < math.inf, "--monitor-interval", interval_s, "positive")
    require(0 < given["api_budget"] <= 1, "--api-budget", given["api_budget"], "share")
    since_s = parse_duration_s("--since", given["since"]) if given["since"] else None
    return Watch(
        queue=given["job_queue"] or "",
        wanted=ObservedJobs(
            name_prefix=prefix or None,
            array_job_id=array_job_id or None,
            since_ms=None if since_s is None else (time.time() - since_s) * 1000,
        ),
        interval_s=interval_s,
        is_interval_planned=not is_given("monitor_interval"),
        api_budget=given["api_budget"],
        idle_s=parse_duration_s("--until-idle", given["until_idle"]),
        deadline_s=deadline(given),
        target=bootstrap.Target(
            given["region"], given["profile"], given["endpoint_url"], max_connections=CONNECTIONS_FOR_LOOKS
        ),
        results=given["results"],
        output=given["output"],
        reads_logs=not given["no_logs"],
        redactor=Redactor() if given["redact"] else None,
        is_quiet=given["quiet"],
    )


async def _observe(watch: Watch) -> MeasuredLevels:
    from batchgauge.cli.ending import Ending
    from batchgauge.cli.measured import MeasuredLevel, MeasuredLevels
    from batchgauge.cli.measuring import start_deadline
    from batchgauge.cli.polling import watching_lines
    from batchgauge.cli.pricing import with_price
    from batchgauge.cli.progress import open_view, watching_heading
    from batchgauge.cli.saving import journal_trouble, save, with_journal
    from batchgauge.measure.find_jobs import JobFinder
    from batchgauge.measure.inspect_target import inspect_watched
    from batchgauge.measure.interruption import Interruption
    from batchgauge.measure.surroundings import Surroundings
    from batchgauge.measure.watch_others import Watching

    async with AsyncExitStack() as stack:
        interruption = Interruption()
        ending = Ending(interruption)
        stack.enter_context(bootstrap.on_end_requested(ending))
        aws = await stack.enter_async_context(bootstrap.open_aws(watch.target))
        chance = bootstrap.new_random()
        start_deadline(stack, watch.deadline_s, aws, interruption)
        endpoint = aws.facts.endpoint_url or f"AWS Batch, {aws.facts.region}"
        finder = JobFinder(aws.batch, aws.clock, chance, endpoint, watch.queue, watch.wanted)
        first = await _first(watch, finder, aws, interruption)
        # An array's children come to be some time after it.
        detail = await finder.describe(watch.wanted.array_job_id or first[0].job_id)
        queue = watch.queue if detail is None or watch.wanted.name_prefix else detail.queue.rpartition("/")[2]
        facts = await inspect_watched(aws.batch, queue, detail, aws.facts, clock=aws.clock, chance=chance)
        facts = with_price(facts)
        run = watch_id(datetime.now().astimezone(), bootstrap.new_run_suffix())
        view = stack.enter_context(open_view(is_quiet=watch.is_quiet))
        view.begin_level(watching_heading(run))
        ending.has_nothing_to_end(view.say)
        folder = bootstrap.results_folder(watch.results)
        around = Surroundings(
            gateway=aws.batch,
            logs=aws.logs,
            clock=aws.clock,
            chance=chance,
            progress=view,
            facts=facts,
            utc_offset_s=bootstrap.local_utc_offset_s(),
            cpu_s=bootstrap.process_cpu_s,
            reads_logs=watch.reads_logs,
        )
        scenario = Scenario(
            job=JobShape(job_queue=queue, job_definition=detail.definition.rpartition("/")[2] if detail else ""),
            num_jobs=len(first),
            countdown_s=None,
            is_monitored=True,
            monitor_interval_s=watch.interval_s,
            is_interval_planned=watch.is_interval_planned,
            api_budget=watch.api_budget,
            observed=watch.wanted,
        )
        for line in watching_lines(scenario, current_translator()):
            view.say(line)
        report = await with_journal(
            folder.open_journal(run, journal_trouble(view)),
            lambda journal: Watching(
                run, scenario, first, finder, journal, around, interruption, watch.idle_s
            ).carry_out(),
        )
        files = [str(watch.output.absolute())] if watch.output is not None else []
        report, shared, path = save(report, watch.results, files, watch.redactor)
        view.end_level(shared, path or current_translator()("cli.saved.nowhere"))
        return MeasuredLevels([MeasuredLevel(report.result.total_jobs, report, path, shared=shared)])


async def _first(watch: Watch, finder: JobFinder, aws: bootstrap.OpenAws, interruption: Any) -> tuple[FoundJob, ...]:
    """The jobs there are, or the first that come.

    Raises:
        NoJobsFoundError: the deadline came first.
    """
    from batchgauge.measure.watch_others import wait_for_first

    name = watch.wanted.name_prefix or str(watch.wanted.array_job_id)
    found = await finder.find_new()
    if not found:
        if not watch.is_quiet:
            say(current_translator()("cli.observe.waiting", prefix=name, queue=watch.queue))
        found = await wait_for_first(finder, watch.interval_s, aws.clock, interruption)
    if not found:
        raise NoJobsFoundError(prefix=name, queue=watch.queue, waited=f"{watch.deadline_s:g} s")
    return found
