"""``batchgauge sweep``: several levels one after the other, then the analysis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from batchgauge import bootstrap
from batchgauge.cli.from_file import SCENARIO_OPTIONS
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
from batchgauge.core.naming import level_file_name, warm_up_file_name
from batchgauge.core.redaction import Redactor
from batchgauge.core.scenario import DEFAULT_LEVELS, DEFAULT_PAUSE_S

SWEEP_OPTIONS = (
    option("--levels", default=",".join(map(str, DEFAULT_LEVELS)), metavar="N,N,…"),
    option("--repeats", type=int, default=1),
    option("--warm-up", type=int, default=0),
    option("--pause", type=float, default=DEFAULT_PAUSE_S),
    option("--force", is_flag=True),
)


@click.command("sweep", cls=LocalisedCommand)
@with_options(
    SCENARIO_OPTIONS,
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
    require(given["repeats"] >= 1, "--repeats", given["repeats"], "at-least-one")
    require(given["warm_up"] >= 0, "--warm-up", given["warm_up"], "not-negative")
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

    from batchgauge.cli.measured import exit_code, say_what_went_wrong
    from batchgauge.cli.measuring import Measurement, measure

    runs = [*levels[:1] * given["warm_up"], *levels * given["repeats"]]
    measured = measure(
        Measurement(
            scenario=asked,
            levels=runs,
            warm_ups=given["warm_up"],
            target=target(given),
            results=results,
            local=local,
            pause_s=given["pause"],
            files=_files(levels, given["repeats"], given["warm_up"]),
            reads_logs=not given["no_logs"],
            observers=sources,
            redactor=Redactor() if given["redact"] else None,
            is_quiet=given["quiet"],
            deadline_s=deadline_s,
            is_sweep=True,
            guards=asked_guards,
            before_start=lambda: make_room(results, is_quiet=given["quiet"]),
            on_interrupt=on_interrupt,
        )
    )
    if measured:
        from batchgauge.cli.analyze import show_analysis

        show_analysis(results, as_json=given["as_json"], is_quiet=given["quiet"], is_redacted=given["redact"])
    say_what_went_wrong(measured)
    say_not_met(measured.not_met)
    context.exit(exit_code(measured, wanted=len(runs)))


def make_room(results: Path, *, is_quiet: bool) -> None:
    """Set the documents of an earlier sweep aside: only now, since whatever stood against this one would have kept it from them."""
    superseded = bootstrap.results_folder(results).make_room_for_sweep(is_forced=True)
    if superseded is not None and not is_quiet:
        say(current_translator()("cli.saved.superseded", path=superseded))


def _files(levels: Sequence[int], repeats: int, warm_ups: int) -> list[str]:
    """The documents in the order of the runs: first what warms up, then all levels, and all levels again."""
    return [
        *(warm_up_file_name(number) for number in range(1, warm_ups + 1)),
        *(
            level_file_name(position, level, repeat)
            for repeat in range(1, repeats + 1)
            for position, level in enumerate(levels, start=1)
        ),
    ]


def parse_levels(text: str) -> list[int]:
    """``2,5,10,20`` as whole numbers of at least 1, in the order given.

    Raises:
        InvalidOptionError: it is not such a list.
    """
    words = [word.strip() for word in text.split(",")]
    is_list = all(word.isascii() and word.isdigit() and int(word) >= 1 for word in words)
    require(is_list, "--levels", text, "levels")
    return [int(word) for word in words]
