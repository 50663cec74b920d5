"""``batchgauge quickstart``: from nothing to a report, on the embedded AWS or, after some checks, on AWS."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import AWS_OPTIONS, TARGET_OPTIONS, LocalSettings, require, with_options
from batchgauge.cli.sweep import make_room
from batchgauge.cli.talk import say
from batchgauge.core.scenario import DEFAULT_COUNTDOWN_S, DEFAULT_LEVELS, JobShape, Scenario
from batchgauge.core.sweeps.steps import steps_of
from batchgauge.errors import MissingOptionError

if TYPE_CHECKING:
    from batchgauge.cli.measurement import Measurement

DEFAULT_DEFINITION: Final = "windows-countdown-job"
NUM_JOBS: Final = 3
EMBEDDED_COUNTDOWN_S: Final = 5
EMBEDDED_TIME_SCALE: Final = 0.02
EMBEDDED_PAUSE_S: Final = 1.0
EMBEDDED_INTERVAL_S: Final = 0.5
"""Short, so that the whole takes about a minute and start-up is still seen."""

OPTIONS = (
    option("--num-jobs", type=int, help="cli.option.quickstart-num-jobs"),
    option("--countdown", type=int, help="cli.option.quickstart-countdown"),
    option("--results", type=click.Path(path_type=Path), default=Path("test-results/quickstart")),
    option("--yes", is_flag=True),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.command("quickstart", cls=LocalisedCommand)
@with_options(TARGET_OPTIONS, OPTIONS, AWS_OPTIONS)
@click.pass_context
def quickstart(context: click.Context, /, **given: Any) -> None:
    """See it work."""
    require(given["num_jobs"] is None or given["num_jobs"] >= 1, "--num-jobs", given["num_jobs"], "at-least-one")
    require(given["countdown"] is None or given["countdown"] >= 0, "--countdown", given["countdown"], "not-negative")
    results: Path = given["results"]
    bootstrap.require_writable_folder("--results", results)
    measurement = _measurement_on_aws(given) if given["job_queue"] else _embedded_measurement(given)

    from batchgauge.cli.measured import exit_code, say_what_went_wrong
    from batchgauge.cli.measuring import measure

    levels = measure(measurement)
    if levels:
        from batchgauge.cli.analyze import show_analysis

        show_analysis(results, as_json=False, is_quiet=False)
    say_what_went_wrong(levels)
    context.exit(exit_code(levels, wanted=len(measurement.steps)))


def _embedded_measurement(given: dict[str, Any]) -> Measurement:
    """A short sweep; what only makes sense with a queue is refused, not ignored."""
    from batchgauge.cli.measurement import Measurement

    if any(given[flag] for flag in ("job_definition", "profile", "endpoint_url")):
        raise MissingOptionError(flag="--job-queue")
    levels = DEFAULT_LEVELS if given["num_jobs"] is None else (given["num_jobs"],)
    countdown_s = EMBEDDED_COUNTDOWN_S if given["countdown"] is None else given["countdown"]
    say(current_translator()("cli.quickstart.embedded", percent=f"{EMBEDDED_TIME_SCALE:.0%}"))
    return Measurement(
        scenario=Scenario(
            job=JobShape(job_queue="", job_definition=""),
            countdown_s=countdown_s,
            is_monitored=True,
            monitor_interval_s=EMBEDDED_INTERVAL_S,
        ),
        steps=steps_of(levels),
        target=bootstrap.Target(),
        results=given["results"],
        local=LocalSettings(time_scale=EMBEDDED_TIME_SCALE, region=given["region"]),
        pause_s=EMBEDDED_PAUSE_S,
        before_start=lambda: make_room(given["results"], is_quiet=False),
    )


def _measurement_on_aws(given: dict[str, Any]) -> Measurement:
    """A small run at one level, once the checks have found nothing."""
    from batchgauge.cli.guards import Guards
    from batchgauge.cli.measurement import Measurement

    target = bootstrap.Target(given["region"], given["profile"], given["endpoint_url"])
    definition = given["job_definition"] or DEFAULT_DEFINITION
    num_jobs = given["num_jobs"] or NUM_JOBS
    countdown_s = DEFAULT_COUNTDOWN_S if given["countdown"] is None else given["countdown"]
    _require_well(target, given["job_queue"], definition, num_jobs, countdown_s)
    return Measurement(
        scenario=Scenario(
            job=JobShape(job_queue=given["job_queue"], job_definition=definition),
            countdown_s=countdown_s,
            is_monitored=True,
            is_interval_planned=True,
        ),
        steps=steps_of([num_jobs]),
        target=target,
        results=given["results"],
        guards=Guards(is_confirmed=given["yes"], checks_first=False),
        before_start=lambda: make_room(given["results"], is_quiet=False),
    )


def _require_well(target: bootstrap.Target, queue: str, definition: str, num_jobs: int, countdown_s: int) -> None:
    """Look at everything and show it; nothing is started where a check has failed."""
    from batchgauge.cli.check import find, show
    from batchgauge.core.checks.outcome import CheckStatus, outcome_of
    from batchgauge.core.checks.setup import Asked

    asked = Asked(
        queue=queue,
        definition=definition,
        num_jobs=num_jobs,
        countdown_s=countdown_s,
        profile=target.profile,
        endpoint_url=target.endpoint_url,
    )
    _, checks = asyncio.run(find(target, asked))
    show(checks, on_stderr=True)
    if outcome_of(checks) is CheckStatus.FAILED:
        raise click.exceptions.Exit(1)
