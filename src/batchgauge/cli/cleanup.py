"""``batchgauge cleanup``: ends the jobs that runs have left, from any machine, and says that nothing is left."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from batchgauge import bootstrap
from batchgauge.cli.asking import confirm
from batchgauge.cli.durations import parse_duration_s
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import AWS_OPTIONS, require, with_options
from batchgauge.cli.talk import say, say_warning
from batchgauge.core.naming import event_route_name, is_run_id
from batchgauge.core.submitting.refusals import is_queue_gone
from batchgauge.errors import (
    AwsError,
    BatchgaugeError,
    ConfirmationNeededError,
    ConflictingOptionsError,
    DeclinedError,
    FolderNotFoundError,
    JobsLeftError,
    JournalDamagedError,
    MissingOptionError,
    ObservedRunError,
    RunNotFoundError,
)
from batchgauge.reports.quantities import duration

if TYPE_CHECKING:
    from batchgauge.bootstrap import OpenAws
    from batchgauge.core.journal import Header
    from batchgauge.measure.clean_up import Cleaned, Cleaner, LeftJob

NAMED_JOBS: Final = 3

OPTIONS = (
    option("--run-id", metavar="ID"),
    option("--older-than", metavar="DURATION"),
    option("--job-queue", help="cli.option.cleanup-queue"),
    option("--dry-run", is_flag=True, help="cli.option.cleanup-dry-run"),
    option("--yes", is_flag=True, help="cli.option.cleanup-yes"),
    option("--results", type=click.Path(path_type=Path), default=Path("test-results"), help="cli.option.runs-results"),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be ended, and where."""

    run_id: str | None
    """None: every run's."""
    older_than_s: float
    queue: str | None
    """None: every queue of the account and Region."""
    target: bootstrap.Target
    is_dry_run: bool
    is_confirmed: bool
    measured: frozenset[str] = frozenset()
    """Runs that another process of this machine measures just now."""
    is_aws_gone: bool = False
    """Whether the run was measured on an embedded AWS that has ended with its command, and every job with it."""


@click.command("cleanup", cls=LocalisedCommand)
@click.argument("run", metavar="[RUN]", required=False)
@with_options(OPTIONS, AWS_OPTIONS)
def cleanup(run: str | None, **given: Any) -> None:
    """End what runs have left."""
    task = _task(run, given)
    if task.is_aws_gone:
        say(current_translator()("cli.cleanup.aws-gone", run=task.run_id))
        return
    asyncio.run(_clean_up(task))


def _task(run: str | None, given: dict[str, Any]) -> Task:
    """What the flags mean.

    Raises:
        UsageError: not exactly one of RUN, --run-id and --older-than was given, or one is none.
        ObservedRunError: the run only watched: no job is its own.
    """
    ways = [("RUN", run), ("--run-id", given["run_id"]), ("--older-than", given["older_than"])]
    named = [flag for flag, value in ways if value]
    if not named:
        raise MissingOptionError(flag="RUN")
    if len(named) > 1:
        raise ConflictingOptionsError(flag=named[1], other=named[0])
    header = None
    run_id: str | None = given["run_id"]
    older_than_s = 0.0
    if run:
        run_id, header = _kept(given["results"], run)
    elif run_id:
        require(is_run_id(run_id), "--run-id", run_id, "run-id")
    else:
        older_than_s = parse_duration_s("--older-than", given["older_than"])
        require(older_than_s > 0, "--older-than", given["older_than"], "duration")
    if header is not None and header.scenario.observed is not None:
        raise ObservedRunError(run=header.run_id)
    environment = header.environment if header is not None else None
    measured = bootstrap.runs_being_measured(given["results"])
    return Task(
        run_id=run_id,
        older_than_s=older_than_s,
        queue=given["job_queue"] or (header.scenario.job.job_queue if header is not None else None),
        target=bootstrap.Target(
            given["region"] or (environment.region if environment is not None else None),
            given["profile"],
            given["endpoint_url"] or (environment.endpoint_url if environment is not None else None),
        ),
        is_dry_run=given["dry_run"],
        is_confirmed=given["yes"],
        measured=measured,
        is_aws_gone=environment is not None and environment.has_own_server and run_id not in measured,
    )


def _kept(results: Path, run: str) -> tuple[str, Header | None]:
    """The run's id and, where it is kept here, how its journal begins; a whole id needs no folder, and no journal that can be read."""
    try:
        header = bootstrap.kept_header(results, run)
    except (FolderNotFoundError, RunNotFoundError):
        if is_run_id(run):
            return run, None
        raise
    except JournalDamagedError:
        run_id = bootstrap.find_run_id(results, run)
        if is_run_id(run_id):
            return run_id, None
        raise
    return header.run_id, header


async def _clean_up(task: Task) -> None:
    from batchgauge.measure.clean_up import Cleaner

    async with bootstrap.open_aws(task.target) as aws:
        endpoint = aws.facts.endpoint_url or f"AWS Batch, {aws.facts.region}"
        cleaner = Cleaner(aws.batch, aws.clock, bootstrap.new_random(), endpoint)
        all_found = await _find(task, cleaner, aws.facts.region)
        found = _without_measured(task, all_found)
        if cleaner.submitting:
            say(current_translator()("cli.cleanup.submitting", runs=", ".join(sorted(cleaner.submitting))))
        _show(found, aws.clock.now_ms(), is_by_age=task.run_id is None)
        if task.is_dry_run:
            say(current_translator()("cli.cleanup.dry-run", count=len(found)))
            return
        cleaned = None
        if found:
            await _require_yes(task, found)
            cleaned = await cleaner.end(found, of_whole_runs=task.run_id is not None)
        await _remove_routes(task, found, aws)
        is_any_left_out = len(found) < len(all_found) or bool(cleaner.submitting)
        _conclude(task, found, cleaned, is_any_left_out=is_any_left_out)


async def _find(task: Task, cleaner: Cleaner, region: str) -> Sequence[LeftJob]:
    """The jobs; of one run also where its queue is gone: they might be in another."""
    try:
        queues = (task.queue,) if task.queue else await cleaner.queues()
        return await cleaner.find(queues, task.run_id, task.older_than_s)
    except AwsError as error:
        if task.run_id is None or not is_queue_gone(error):
            raise
        say_warning(current_translator()("cli.cleanup.queue-gone", queue=task.queue, region=region))
        return await cleaner.find(await cleaner.queues(), task.run_id)


def _without_measured(task: Task, found: Sequence[LeftJob]) -> Sequence[LeftJob]:
    """By age, nothing is taken from a run that still goes on; of one run that is named it is said."""
    translate = current_translator()
    measured = sorted(task.measured & {job.run_id for job in found})
    if task.run_id is not None:
        if measured:
            say_warning(translate("cli.cleanup.measured", run=task.run_id))
        return found
    if measured:
        say(translate("cli.cleanup.left-out", runs=", ".join(measured)))
    return [job for job in found if job.run_id not in task.measured]


def _show(found: Sequence[LeftJob], now_ms: float, *, is_by_age: bool) -> None:
    """A line a run and queue on stdout; by age, when each last submitted, and what cannot be known."""
    translate = current_translator()
    groups: dict[tuple[str, str], list[LeftJob]] = {}
    for job in found:
        groups.setdefault((job.run_id, job.queue), []).append(job)
    for (run, queue), jobs in groups.items():
        states = ", ".join(f"{state} {count}" for state, count in Counter(job.state.value for job in jobs).items())
        line = translate("cli.cleanup.found", run=run, queue=queue, count=len(jobs), states=states)
        if is_by_age and jobs[0].newest_ms is not None:
            line += translate("cli.cleanup.age", age=duration(max(0.0, now_ms - jobs[0].newest_ms)))
        click.echo(line)
    if is_by_age and groups:
        say_warning(translate("cli.cleanup.maybe-measured"))


async def _require_yes(task: Task, found: Sequence[LeftJob]) -> None:
    if task.is_confirmed:
        return
    if not bootstrap.can_ask():
        raise ConfirmationNeededError(because="cleanup", flag="--yes")
    runs = len({job.run_id for job in found})
    if not await confirm(current_translator()("cli.cleanup.question", count=len(found), runs=runs)):
        raise DeclinedError()


async def _remove_routes(task: Task, found: Sequence[LeftJob], aws: OpenAws) -> None:
    """Rule and queue of the run, or of those whose jobs were just ended; others may still be in use."""
    from batchgauge.measure.event_route import has_route, remove_route

    translate = current_translator()
    runs = (task.run_id,) if task.run_id is not None else tuple(dict.fromkeys(job.run_id for job in found))
    for run in runs:
        chance = bootstrap.new_random()
        name = event_route_name(run)
        try:
            if not await has_route(aws.event_routes, run, aws.clock, chance):
                continue
            trouble = await remove_route(aws.event_routes, run, aws.clock, chance)
        except BatchgaugeError as error:
            trouble = str(error)
        if trouble is None:
            say(translate("cli.events.removed", name=name))
        else:
            say_warning(translate("cli.cleanup.route-left", name=name, detail=trouble))


def _nothing(task: Task, *, is_any_left_out: bool) -> str:
    """That there is nothing to end, claiming no more than was looked for."""
    translate = current_translator()
    if task.run_id is not None:
        return translate("cli.cleanup.nothing", run=task.run_id)
    return translate("cli.cleanup.no-others" if is_any_left_out else "cli.cleanup.none-so-old")


def _conclude(task: Task, found: Sequence[LeftJob], cleaned: Cleaned | None, *, is_any_left_out: bool) -> None:
    """Say that nothing is left.

    Raises:
        JobsLeftError: something is, or nobody could say.
    """
    translate = current_translator()
    if cleaned is None:
        say(_nothing(task, is_any_left_out=is_any_left_out))
        return
    if cleaned.left or cleaned.unproven is not None:
        named = ", ".join(cleaned.left[:NAMED_JOBS]) + (", …" if len(cleaned.left) > NAMED_JOBS else "")
        detail = "; ".join(dict.fromkeys(cleaned.troubles.values())) or str(cleaned.unproven or "")
        raise JobsLeftError(jobs=len(cleaned.left), ids=named, detail=detail)
    say(translate("cli.cleanup.done", count=len(found) + cleaned.late))
