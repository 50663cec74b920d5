"""``batchgauge check``: everything that jobs need, looked at before any is started."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import click

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import AWS_OPTIONS, TARGET_OPTIONS, require, with_options
from batchgauge.cli.talk import print_lines, say
from batchgauge.core.checks.setup import Asked
from batchgauge.core.scenario import DEFAULT_COUNTDOWN_S
from batchgauge.errors import MissingOptionError

if TYPE_CHECKING:
    from batchgauge.core.checks.outcome import Check

OPTIONS = (
    option("--num-jobs", type=int, help="cli.option.check-num-jobs"),
    option("--countdown", type=int, default=DEFAULT_COUNTDOWN_S, help="cli.option.check-countdown"),
    option("--json", "as_json", is_flag=True),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.command("check", cls=LocalisedCommand)
@with_options(TARGET_OPTIONS, OPTIONS, AWS_OPTIONS)
@click.pass_context
def check(context: click.Context, /, **given: Any) -> None:
    """Look at what the jobs need."""
    for flag in ("job_queue", "job_definition"):
        if not given[flag]:
            raise MissingOptionError(flag="--" + flag.replace("_", "-"))
    require(given["num_jobs"] is None or given["num_jobs"] >= 1, "--num-jobs", given["num_jobs"], "at-least-one")
    require(given["countdown"] >= 0, "--countdown", given["countdown"], "not-negative")
    asked = Asked(
        queue=given["job_queue"],
        definition=given["job_definition"],
        num_jobs=given["num_jobs"],
        countdown_s=given["countdown"],
        profile=given["profile"],
        endpoint_url=given["endpoint_url"],
    )
    target = bootstrap.Target(given["region"], given["profile"], given["endpoint_url"])
    region, checks = asyncio.run(find(target, asked))

    from batchgauge.core.checks.outcome import CheckStatus, outcome_of, report_document, report_of

    if given["as_json"]:
        sys.stdout.buffer.write(report_document(report_of(region, asked, checks)))
        sys.stdout.buffer.flush()
    else:
        show(checks)
    context.exit(1 if outcome_of(checks) is CheckStatus.FAILED else 0)


async def find(target: bootstrap.Target, asked: Asked) -> tuple[str, tuple[Check, ...]]:
    """The Region, and what was found in it."""
    from batchgauge.core.checks.all_checks import check_setup
    from batchgauge.provision.read_setup import read_setup

    async with bootstrap.open_setup(target) as source:
        setup = await read_setup(source, asked)
    return setup.region, check_setup(setup, asked)


def show(checks: tuple[Check, ...], *, on_stderr: bool = False) -> None:
    """All of them, on stdout where they are what was asked for; how many stand how on stderr."""
    from batchgauge.reports.check_words import check_lines, summary_in_words

    translate = current_translator()
    print_lines(lambda width: check_lines(checks, width, translate), on_stderr=on_stderr)
    say(summary_in_words(checks, translate))
