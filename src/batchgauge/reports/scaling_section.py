"""How the pace grows with the level, and whether repeats drift: sections of the Markdown report."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

from batchgauge.core.analysis.analysis import Analysis
from batchgauge.core.bound import Bound
from batchgauge.core.findings.repeat_drift import PhaseDrift, repeat_drifts
from batchgauge.core.findings.scaling_law import SEED, FoundLaw, NoLaw, ScalingLaw, scaling_law
from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.stats.scaling import Scaling
from batchgauge.messages import Translator
from batchgauge.reports.markdown_syntax import table
from batchgauge.reports.quantities import NOT_MEASURED, count, percent
from batchgauge.reports.verdict_words import estimate_in_words

PER: Final = ((1.0, 1.0, "s"), (1 / 60, 60.0, "min"), (0.0, 3600.0, "h"))
"""A pace below one a second is told by the minute, below one a minute by the hour."""
LEAST_P: Final = 0.001
LEAST_WEIGHT: Final = 0.001


def scaling_section(found: ScalingLaw | None, translate: Translator) -> Iterator[str]:
    """The law in a sentence, and how the others do; nothing where there is none."""
    if isinstance(found, FoundLaw):
        yield f"## {translate('scaling.title')}"
        said = law_in_words(found, translate)
        # What another law explains nearly as well is no answer beside the verdict.
        yield f"**{said}**" if found.scaling.is_sure else said
        yield from _others(found.scaling, translate)
        yield translate("scaling.text", runs=count(len(found.points)), time=_time(found.scaling, translate))


def no_law_note(found: ScalingLaw | None, translate: Translator) -> Iterator[str]:
    """Why no law is named, in one sentence."""
    if isinstance(found, NoLaw):
        numbers = {name: count(getattr(found, name)) for name in ("levels", "runs", "needed_levels", "needed_runs")}
        yield translate(f"scaling.none.{found.refusal}", **numbers)


def law_of(analysis: Analysis) -> ScalingLaw | None:
    """The same every time."""
    return scaling_law(analysis, random.Random(SEED))  # noqa: S311  (resampling, not a secret)


def law_in_words(found: FoundLaw, translate: Translator) -> str:
    """What the law says, with its parameters and their intervals."""
    scaling = found.scaling
    code = f"scaling.law.{scaling.law}"
    if scaling.contention is not None and scaling.peak is None:
        code += ".no-peak"
    return translate(
        code,
        highest=count(int(max(level for level, _ in found.points))),
        pace=_pace(scaling.pace, translate),
        number=_number(scaling.number),
        most=_pace(scaling.most, translate),
        contention=NOT_MEASURED if scaling.contention is None else estimate_in_words(scaling.contention, percent),
        peak=_number(scaling.peak),
    )


def _others(scaling: Scaling, translate: Translator) -> Iterator[str]:
    if not scaling.is_sure:
        yield translate("scaling.unsure", other=translate(f"scaling.name.{scaling.candidates[1].law}"))
    header = [translate(f"scaling.column.{name}") for name in ("law", "weight", "scatter")]
    rows = (
        (translate(f"scaling.name.{entry.law}"), _weight(entry.weight), percent(entry.scatter))
        for entry in scaling.candidates
    )
    yield table(header, rows)


def _number(estimate: Estimate | None) -> str:
    return NOT_MEASURED if estimate is None else estimate_in_words(estimate, lambda value: f"{value:.3g}")


def _weight(weight: float) -> str:
    """Nothing is quite sure, and nothing quite out of the question."""
    if weight < LEAST_WEIGHT:
        return "< 0.1 %"
    return "> 99.9 %" if weight > 1 - LEAST_WEIGHT else percent(weight)


def pace_unit(per_second: float) -> tuple[float, str]:
    """How many seconds a unit of time has, and its symbol: the first in which the pace is at least one."""
    return next((factor, unit) for least, factor, unit in PER if per_second >= least)


def _pace(estimate: Estimate | None, translate: Translator) -> str:
    if estimate is None:
        return NOT_MEASURED
    factor, unit = pace_unit(estimate.value)
    shown = estimate_in_words(estimate, lambda value: f"{value * factor:.3g}")
    return translate(f"scaling.pace.{unit}", pace=shown)


def _time(scaling: Scaling, translate: Translator) -> str:
    """The time that the law's paces are told by: ``a minute``."""
    paces = [estimate.value for estimate in (scaling.pace, scaling.most) if estimate is not None]
    units = dict.fromkeys(pace_unit(pace)[1] for pace in paces)
    return " / ".join(translate(f"scaling.time.{unit}") for unit in units)


def drift_section(analysis: Analysis, translate: Translator) -> Iterator[str]:
    """A row a phase; where repeats are too few, nothing."""
    drifts = repeat_drifts(analysis)
    if not drifts:
        return
    yield f"### {translate('drift.title')}"
    drifting = [translate(f"phase.{drift.phase}") for drift in drifts if drift.is_drift]
    yield translate("drift.some", phases=", ".join(drifting)) if drifting else translate("drift.none")
    header = [translate(f"drift.column.{name}") for name in ("phase", "per-repeat", "interval", "p", "repeats")]
    yield table(header, (_drift_row(drift, translate) for drift in drifts))
    yield translate("drift.text")


def _drift_row(drift: PhaseDrift, translate: Translator) -> tuple[str, ...]:
    shown = f"< {LEAST_P:g}" if drift.p_value < LEAST_P else f"{drift.p_value:.2g}"
    return (
        translate(f"phase.{drift.phase}"),
        _change(drift.per_repeat),
        _change(drift.interval),
        shown,
        count(drift.repeats),
    )


def _change(bound: Bound) -> str:
    """``+1.2 %``, ``−0.5 – +3.0 %``; a dash where it may be anything."""
    low, high = (
        None if end is None else f"{100 * end:+.1f}".replace("-", "−") for end in (bound.earliest, bound.latest)
    )
    if low is None and high is None:
        return NOT_MEASURED
    if low is None or high is None:
        return f"≥ {low} %" if high is None else f"≤ {high} %"
    return f"{low} %" if low == high else f"{low} – {high} %"


def _signed(percents: float) -> str:
    return "0.0" if percents == 0 else f"{percents:+.1f}".replace("-", "−")
