"""A comparison in words: Markdown, and the cells that the terminal shows too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from batchgauge.core.analysis.comparison import NOTHING, Change, Comparison, Direction, LevelComparison
from batchgauge.core.bound import Bound
from batchgauge.core.stats.two_samples import Shift
from batchgauge.core.thresholds.statistic import Unit
from batchgauge.messages import Translator
from batchgauge.reports.markdown_syntax import bullets, code, document, table
from batchgauge.reports.quantities import NOT_MEASURED, count, duration, quantity
from batchgauge.reports.threshold_words import value_text

EFFECT_AT: Final = -1
"""Where the Markdown has a column more than the terminal is wide for."""
COLUMNS: Final = ("statistic", "base", "new", "change", "relative", "interval", "verdict")


def comparison_report(comparison: Comparison, names: tuple[str, str], translate: Translator) -> str:
    """The whole comparison as Markdown; `names` are what BASE and NEW were called."""
    names_shown = [*COLUMNS[:EFFECT_AT], "effect", *COLUMNS[EFFECT_AT:]]
    header = [translate(f"compare.column.{column}") for column in names_shown]
    blocks = [
        f"# {translate('compare.title')}",
        translate("compare.subject", base=code(names[0]), new=code(names[1])),
        f"## {translate('compare.conditions')}",
        bullets(condition_lines(comparison, translate)),
        f"## {translate('compare.summary')}",
        bullets(summary_lines(comparison, translate)),
    ]
    if comparison.rules:
        blocks += [f"## {translate('compare.rules')}", bullets(rule_lines(comparison, translate))]
    for level in comparison.levels:
        blocks.append(f"## {level_title(level, translate)}")
        rows = (_row(change, translate) for change in level.changes)
        blocks.append(table(header, rows, text_columns=1))
    blocks += [*left_out(comparison, translate), translate("compare.note"), translate("compare.effect-note")]
    return document(blocks)


def summary_lines(comparison: Comparison, translate: Translator) -> list[str]:
    """What is clearly worse and what is clearly better, by name; or that nothing is."""
    found: dict[Direction, list[str]] = {Direction.WORSE: [], Direction.BETTER: []}
    for level in comparison.levels:
        for change in level.changes:
            if change.direction in found:
                found[change.direction].append(f"{change.statistic} ({_name_of(level)})")
    same = [_name_of(level) for level in comparison.levels if level.is_one_measurement]
    if len(same) == len(comparison.levels) > 0:
        return [translate("compare.summary.one-measurement")]
    lines = [
        translate(f"compare.summary.{direction}", changes=", ".join(changes))
        for direction, changes in found.items()
        if changes
    ]
    lines = lines or [translate("compare.summary.none")]
    return [*lines, translate("compare.summary.same-levels", levels=", ".join(same))] if same else lines


def _name_of(level: LevelComparison) -> str:
    return count(level.level) if level.variant is None else f"{level.variant} {count(level.level)}"


def condition_lines(comparison: Comparison, translate: Translator) -> list[str]:
    """What differs, and that nothing does where nothing does: said first."""
    lines = [
        translate(
            "compare.difference",
            condition=translate(f"compare.condition.{difference.condition}"),
            base=", ".join(difference.base),
            new=", ".join(difference.new),
        )
        for difference in comparison.conditions
    ]
    return lines or [translate("compare.no-difference")]


def rule_lines(comparison: Comparison, translate: Translator) -> list[str]:
    """Each ``--fail-if`` at each level."""
    return [
        said if result.variant is None else translate("compare.rule-variant", variant=result.variant, rule=said)
        for result in comparison.rules
        for said in [translate(f"compare.rule.{result.verdict}", rule=result.rule, level=count(result.level))]
    ]


def left_out(comparison: Comparison, translate: Translator) -> Iterator[str]:
    """The levels that only one side has."""
    for side, levels in (("base", comparison.only_base), ("new", comparison.only_new)):
        if levels:
            yield translate(f"compare.left-out.{side}", levels=", ".join(map(count, levels)))


def level_title(level: LevelComparison, translate: Translator) -> str:
    """Which level, and how many runs of it there are."""
    words = {"level": count(level.level), "base": count(level.base_runs), "new": count(level.new_runs)}
    if level.variant is None:
        return translate("compare.level", **words)
    return translate("compare.level-variant", variant=level.variant, **words)


def _row(change: Change, translate: Translator) -> Sequence[str]:
    shown = cells(change, translate, code(change.statistic))
    return (*shown[:EFFECT_AT], effect(change), *shown[EFFECT_AT:])


def effect(change: Change) -> str:
    """Cliff's delta with its interval: ``+0.42 [+0.1 – +0.66]``, without the interval where there is none."""
    dominance = change.dominance
    if dominance is None:
        return NOT_MEASURED
    delta, interval = signed(dominance.delta, Unit.COUNT), dominance.interval
    return delta if interval is None else f"{delta} [{signed(interval, Unit.COUNT)}]"


def cells(change: Change, translate: Translator, name: str) -> Sequence[str]:
    """A row, in the order of `COLUMNS`."""
    shift = change.shift
    interval = shift.interval if shift is not None else None
    shown = (
        f"{signed(interval, change.unit)} ({translate(f'compare.basis.{change.basis}')})" if interval else NOT_MEASURED
    )
    return (
        name,
        value_text(change.base, change.unit),
        value_text(change.new, change.unit),
        _change(shift, change.unit, translate) if shift is not None else NOT_MEASURED,
        signed(shift.relative, None) if shift is not None else NOT_MEASURED,
        shown,
        translate(f"compare.direction.{change.direction}"),
    )


def _change(shift: Shift, unit: Unit, translate: Translator) -> str:
    return translate("compare.no-change") if shift.measured == NOTHING else signed(shift.measured, unit)


def signed(bound: Bound | None, unit: Unit | None) -> str:
    """``+1.2 s``, ``−3 – +5``, ``≥ +2 s``; None for the unit: a part of the old value, as a percentage."""
    if bound is None or (bound.earliest is None and bound.latest is None):
        return NOT_MEASURED
    low, high = (None if end is None else _signed(end, unit) for end in (bound.earliest, bound.latest))
    if low is None or high is None:
        return f"≥ {low}" if high is None else f"≤ {high}"
    return low if low == high else f"{low} – {high}"


def _signed(value: float, unit: Unit | None) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    size = abs(value)
    match unit:
        case None:
            return f"{sign}{size * 100:.3g} %" if size < 10 else f"{sign}{size * 100:,.0f} %"
        case Unit.SECONDS:
            return sign + duration(size * 1000)
        case Unit.SHARE:
            return f"{sign}{size * 100:.3g} %"
        case _:
            return sign + quantity(Bound(size, size))
