"""Thresholds in words: what was to hold, what was measured, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from batchgauge.core.bound import Bound
from batchgauge.core.thresholds.statistic import Unit
from batchgauge.core.thresholds.thresholds import ThresholdResult, ThresholdVerdict, require_threshold
from batchgauge.messages import Translator
from batchgauge.reports.markdown_syntax import code, table
from batchgauge.reports.quantities import NOT_MEASURED, count, duration, percent, quantity
from batchgauge.reports.run_names import run_name

if TYPE_CHECKING:
    from batchgauge.core.analysis.analysis import AnalysedRun, Analysis

COLUMNS: Final = ("threshold", "level", "measured", "interval", "verdict")
Judged = tuple[str, ThresholdResult]
"""A run by its name, and the verdict on one of its thresholds."""


class Said(NamedTuple):
    """What is said of a threshold and some runs of a level, in words."""

    threshold: str
    names: str
    short_names: str
    """The same for a narrow column: all repeats of a level by their number."""
    measured: str
    interval: str
    verdict: ThresholdVerdict
    words: str


def judged_of(analysis: Analysis) -> list[Judged]:
    """Every verdict of an analysis, threshold by threshold."""
    rows = [(run_name(run), result) for run in analysis.runs for result in run.thresholds]
    order = list(dict.fromkeys(result.threshold for _, result in rows))
    return sorted(rows, key=lambda row: order.index(row[1].threshold))


def measured(result: ThresholdResult) -> str:
    """The measured value with its unit, as a range where it is one."""
    return value_text(result.value, require_threshold(result.threshold).statistic.unit)


def interval(result: ThresholdResult, translate: Translator) -> str:
    """The 95 % interval around it, and what that is of."""
    if result.interval is None or result.interval_of is None:
        return NOT_MEASURED
    shown = value_text(result.interval, require_threshold(result.threshold).statistic.unit)
    return translate(f"threshold.interval.{result.interval_of}", interval=shown)


def value_text(value: Bound | None, unit: Unit) -> str:
    """A statistic's value with its unit, as a range where it is one."""
    if value is None:
        return NOT_MEASURED
    match unit:
        case Unit.SECONDS:
            return duration(_milliseconds(value))
        case Unit.SHARE:
            low, high = percent(value.earliest), percent(value.latest)
            return low if low == high else f"{low} – {high}"
        case Unit.MONEY:
            return f"{quantity(value)} USD"
        case _:
            return quantity(value)


def verdict(result: ThresholdResult, translate: Translator) -> str:
    """The verdict, and its reason where it is none."""
    if result.verdict is ThresholdVerdict.UNDECIDED and result.value is None:
        return translate("threshold.verdict.undecided-sample", needed=count(result.jobs_needed))
    return translate(f"threshold.verdict.{result.verdict}", needed=count(result.jobs_needed))


def threshold_section(analysis: Analysis, translate: Translator) -> Iterator[str]:
    """For the report; nothing where no run was to be judged."""
    judged = list(judged_together(analysis, translate))
    if not judged:
        return
    yield f"## {translate('threshold.title')}"
    yield translate("report.thresholds-text")
    header = [translate(f"threshold.column.{column}") for column in COLUMNS]
    rows = ((code(said.threshold), said.names, said.measured, said.interval, said.words) for said in judged)
    yield table(header, rows, text_columns=1)
    yield translate("report.threshold-intervals")


def judged_together(analysis: Analysis, translate: Translator) -> Iterator[Said]:
    """All repeats of a level of which the same is said, with the range of what was measured."""
    alike: dict[tuple[str, str | None, int, str, str], list[tuple[AnalysedRun, ThresholdResult]]] = {}
    thresholds = dict.fromkeys(result.threshold for run in analysis.runs for result in run.thresholds)
    for threshold in thresholds:
        for run in analysis.runs:
            for result in run.thresholds:
                if result.threshold == threshold:
                    around, said = interval(result, translate), verdict(result, translate)
                    alike.setdefault((threshold, run.variant, run.summary.level, around, said), []).append(
                        (run, result)
                    )
    for (threshold, _, _, around, said), together in alike.items():
        values = [result.value for _, result in together if result.value is not None]
        names = ", ".join(run_name(run) for run, _ in together)
        first = together[0][0]
        of_level = sum(
            run.summary.level == first.summary.level and run.variant == first.variant for run in analysis.runs
        )
        is_all = len(together) == of_level > 1
        short = translate("glance.level", name=run_name(first), repeats=count(of_level)) if is_all else names
        unit = require_threshold(threshold).statistic.unit
        yield Said(threshold, names, short, value_text(_range(values), unit), around, together[0][1].verdict, said)


def _range(values: Sequence[Bound]) -> Bound | None:
    if not values:
        return None
    lows = [value.earliest for value in values if value.earliest is not None]
    highs = [value.latest for value in values if value.latest is not None]
    return Bound(min(lows) if len(lows) == len(values) else None, max(highs) if len(highs) == len(values) else None)


def not_met_lines(analysis: Analysis, translate: Translator) -> Iterator[str]:
    """Each threshold that does not hold, with the runs in which it does not: what a reader must not miss."""
    judged = judged_of(analysis)
    for threshold in analysis.not_met:
        names = [
            name
            for name, result in judged
            if result.threshold == threshold
            and result.verdict not in (ThresholdVerdict.MET, ThresholdVerdict.TOO_FEW_JOBS)
        ] or [name for name, result in judged if result.threshold == threshold]
        said = translate("finding.threshold-not-met", threshold=code(threshold), levels=", ".join(names))
        yield f"**{translate('weight.problem')}** — {said}"


def warm_up_note(analysis: Analysis, translate: Translator) -> Iterator[str]:
    """What was left out because it only warmed up."""
    if analysis.warm_ups:
        files = ", ".join(code(file) for file in analysis.warm_ups)
        yield translate("report.warm-ups", count=count(len(analysis.warm_ups)), files=files)


def _milliseconds(value: Bound) -> Bound:
    low, high = (None if end is None else end * 1000 for end in (value.earliest, value.latest))
    return Bound(low, high)
