"""``batchgauge sweep``: several levels one after the other, then the analysis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from batchgauge import bootstrap
from batchgauge.cli.guards import guards
from batchgauge.cli.judging import JUDGING_OPTIONS, judged_by, say_not_met
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.observers import OBSERVER_OPTIONS, observers
from batchgauge.cli.options import (
    AWS_OPTIONS,
    GUARD_OPTIONS,
    JOB_OPTIONS,
    LOCAL_OPTIONS,
    OUTPUT_OPTIONS,
    TARGET_OPTIONS,
    deadline,
    given_flags,
    local_settings,
    require,
    scenario,
    target,
    when_interrupted,
    with_options,
)
from batchgauge.cli.talk import say
from batchgauge.core.naming import level_file_name
from batchgauge.core.scenario import DEFAULT_LEVELS, DEFAULT_PAUSE_S

SWEEP_OPTIONS = (
    option("--levels", default=",".join(map(str, DEFAULT_LEVELS)), metavar="N,N,…"),
    option("--pause", type=float, default=DEFAULT_PAUSE_S),
    option("--force", is_flag=True),
)


@click.command("sweep", cls=LocalisedCommand)
@with_options(
    TARGET_OPTIONS,
    SWEEP_OPTIONS,
    JOB_OPTIONS,
    JUDGING_OPTIONS,
    AWS_OPTIONS,
    LOCAL_OPTIONS,
    OBSERVER_OPTIONS,
    GUARD_OPTIONS,
    OUTPUT_OPTIONS,
)
@click.pass_context
def sweep(context: click.Context, /, **given: Any) -> None:
    """Measure several levels and compare them."""
    levels = parse_levels(given["levels"])
    require(0 <= given["pause"] < math.inf, "--pause", given["pause"], "not-negative")
    sources = observers(given)
    asked = scenario(
        given,
        num_jobs=max(levels),
        is_monitored=True,
        is_given=given_flags(context),
    )
    asked = sources.of_scenario(asked)
    asked = judged_by(asked, given, levels, given_flags(context))
    local = local_settings(given)
    deadline_s = deadline(given)
    asked_guards = guards(given)
    on_interrupt = when_interrupted(given)
    results: Path = given["results"]
    if not asked_guards.is_dry_run:
        bootstrap.require_writable_folder("--results", results)
        if not given["force"]:
            bootstrap.results_folder(results).make_room_for_sweep(is_forced=False)

    from batchgauge.cli.measuring import Measurement, exit_code, measure, say_what_went_wrong

    measured = measure(
        Measurement(
            scenario=asked,
            levels=levels,
            target=target(given),
            results=results,
            local=local,
            pause_s=given["pause"],
            files=[level_file_name(position, level) for position, level in enumerate(levels, start=1)],
            reads_logs=not given["no_logs"],
            observers=sources,
            is_quiet=given["quiet"],
            deadline_s=deadline_s,
            guards=asked_guards,
            before_start=lambda: make_room(results, is_quiet=given["quiet"]),
            on_interrupt=on_interrupt,
        )
    )
    if measured:
        from batchgauge.cli.analyze import show_analysis

        show_analysis(results, as_json=given["as_json"], is_quiet=given["quiet"])
    say_what_went_wrong(measured)
    say_not_met(measured.not_met)
    context.exit(exit_code(measured, wanted=len(levels)))


def make_room(results: Path, *, is_quiet: bool) -> None:
    """Set the documents of an earlier sweep aside: only now, since whatever stood against this one would have kept it from them."""
    superseded = bootstrap.results_folder(results).make_room_for_sweep(is_forced=True)
    if superseded is not None and not is_quiet:
        say(current_translator()("cli.saved.superseded", path=superseded))


def parse_levels(text: str) -> Sequence[int]:
    """``2,5,10,20`` as whole numbers of at least 1, in the order given.

    Raises:
        InvalidOptionError: it is not such a list.
    """
    words = [word.strip() for word in text.split(",")]
    is_list = all(word.isascii() and word.isdigit() and int(word) >= 1 for word in words)
    require(is_list, "--levels", text, "levels")
    return [int(word) for word in words]
