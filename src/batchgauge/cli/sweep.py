"""``batchgauge sweep``: several levels one after the other, then the analysis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

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
from batchgauge.core.documents.redaction import Redactor
from batchgauge.core.scenario import DEFAULT_LEVELS, DEFAULT_PAUSE_S
from batchgauge.core.sweeps.auto_levels import AUTO, FIRST_STEPS, LARGEST
from batchgauge.core.sweeps.steps import GIVEN, RANDOM, order_text, steps_of
from batchgauge.core.sweeps.variants import Variant, parse_variants
from batchgauge.errors import ConflictingOptionsError, MissingOptionError

LARGEST_SEED: Final = 2**32 - 1

SWEEP_OPTIONS = (
    option("--levels", default=",".join(map(str, DEFAULT_LEVELS)), metavar="N,N,…|auto"),
    option("--largest-level", type=int),
    option("--repeats", type=int, default=1),
    option("--warm-up", type=int, default=0),
    option("--order", type=click.Choice([GIVEN, RANDOM]), default=GIVEN),
    option("--seed", type=int, help="cli.option.order-seed"),
    option("--variant", "variants", multiple=True, metavar="NAME:K=V,…"),
    option("--pause", type=float, default=DEFAULT_PAUSE_S),
    option("--force", is_flag=True),
)


@dataclass(frozen=True, slots=True)
class SweepAsked:
    """What the flags say of the runs."""

    levels: tuple[int, ...]
    """Of a search, the first ones."""
    is_auto: bool
    largest: int | None
    repeats: int
    warm_ups: int
    seed: int | None
    """None where the order is the given one."""
    variants: tuple[Variant, ...]

    @property
    def highest(self) -> int:
        """The highest level that there may be."""
        if not self.is_auto:
            return max(self.levels)
        return max((*self.levels, LARGEST)) if self.largest is None else self.largest


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
    runs = sweep_asked(given)
    require(0 <= given["pause"] < math.inf, "--pause", given["pause"], "not-negative")
    sources = observers(given)
    asked = scenario(
        _with_variants_targets(given, runs.variants),
        num_jobs=max(runs.levels),
        is_monitored=True,
        is_given=given_flags(context),
    )
    asked = sources.of_scenario(asked)
    asked = judged_by(asked, given, [runs.highest], given_flags(context))
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
    from batchgauge.cli.measurement import Measurement
    from batchgauge.cli.measuring import measure
    from batchgauge.cli.searching import SearchAsked

    names: list[str | None] = [variant.name for variant in runs.variants]
    search = SearchAsked(runs.levels, runs.largest, runs.repeats, runs.warm_ups) if runs.is_auto else None
    steps = steps_of(
        runs.levels, repeats=runs.repeats, warm_ups=runs.warm_ups, variants=names or [None], seed=runs.seed
    )
    measured = measure(
        Measurement(
            scenario=asked,
            steps=() if runs.is_auto else steps,
            search=search,
            variants=runs.variants,
            order=order_text(GIVEN if runs.seed is None else RANDOM, runs.seed),
            target=target(given),
            results=results,
            local=local,
            pause_s=given["pause"],
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
    context.exit(exit_code(measured, wanted=measured.wanted))


def sweep_asked(given: dict[str, Any]) -> SweepAsked:
    """What the flags say of the runs.

    Raises:
        UsageError: one is out of its range, or two exclude each other.
    """
    levels, is_auto = parse_levels(given["levels"])
    largest, seed = given["largest_level"], given["seed"]
    require(given["repeats"] >= 1, "--repeats", given["repeats"], "at-least-one")
    require(given["warm_up"] >= 0, "--warm-up", given["warm_up"], "not-negative")
    require(largest is None or largest >= max(levels), "--largest-level", largest, "largest-level")
    require(seed is None or 0 <= seed <= LARGEST_SEED, "--seed", seed, "seed")
    if largest is not None and not is_auto:
        raise MissingOptionError(flag="--levels auto")
    if given["order"] == RANDOM and is_auto:
        raise ConflictingOptionsError(flag="--order random", other="--levels auto")
    if seed is not None and given["order"] != RANDOM:
        raise MissingOptionError(flag="--order random")
    if given["order"] == RANDOM and seed is None:
        seed = bootstrap.new_random().getrandbits(32)
    return SweepAsked(
        levels=levels,
        is_auto=is_auto,
        largest=largest,
        repeats=given["repeats"],
        warm_ups=given["warm_up"],
        seed=seed,
        variants=parse_variants(given["variants"]),
    )


def _with_variants_targets(given: dict[str, Any], variants: tuple[Variant, ...]) -> dict[str, Any]:
    """A queue or a definition that every variant has of its own need not be given besides."""
    stand_ins = {}
    for flag, own in (("job_queue", "queue"), ("job_definition", "definition")):
        named = [getattr(variant, own) for variant in variants]
        if not given[flag] and named and all(named):
            stand_ins[flag] = named[0]
    return {**given, **stand_ins}


def make_room(results: Path, *, is_quiet: bool) -> None:
    """Set the documents of an earlier sweep aside: only now, since whatever stood against this one would have kept it from them."""
    superseded = bootstrap.results_folder(results).make_room_for_sweep(is_forced=True)
    if superseded is not None and not is_quiet:
        say(current_translator()("cli.saved.superseded", path=superseded))


def parse_levels(text: str) -> tuple[tuple[int, ...], bool]:
    """``2,5,10,20`` as whole numbers of at least 1, in the order given; ``auto``, or ``auto:2,5,10,20`` with the levels to begin with.

    Returns:
        (the levels, whether they are only the first ones of a search).

    Raises:
        InvalidOptionError: it is no such thing.
    """
    word, _, first = text.partition(":")
    is_auto = word.strip() == AUTO
    if is_auto and not first.strip():
        require(text.strip() == AUTO, "--levels", text, "levels")
        return FIRST_STEPS, True
    words = [word.strip() for word in (first if is_auto else text).split(",")]
    is_list = all(word.isascii() and word.isdigit() and int(word) >= 1 for word in words)
    require(is_list, "--levels", text, "levels")
    levels = tuple(int(word) for word in words)
    return (tuple(sorted(set(levels))) if is_auto else levels), is_auto
