"""The data of the page's chart of the pace: what each run did, and what the law says."""

from __future__ import annotations

from typing import Any, Final

from batchgauge.core.analysis.analysis import Analysis
from batchgauge.core.findings.scaling_law import FoundLaw
from batchgauge.messages import Translator
from batchgauge.reports.scaling_section import law_in_words, law_of, pace_unit

CURVE_POINTS: Final = 120


def pace_of(analysis: Analysis, translate: Translator) -> dict[str, Any] | None:
    """None where no law is named. Paces are in the unit that the axis names."""
    found = law_of(analysis)
    if not isinstance(found, FoundLaw):
        return None
    factor, unit = pace_unit(max(pace for _, pace in found.points))
    highest = max(level for level, _ in found.points)
    numbers = [1 + (highest - 1) * place / (CURVE_POINTS - 1) for place in range(CURVE_POINTS)]
    return {
        "label": translate("page.pace.label", law=law_in_words(found, translate)),
        "levelAxis": translate("page.pace.level"),
        "paceAxis": translate(f"page.pace.axis.{unit}"),
        "measured": translate("page.pace.measured"),
        "law": translate(f"scaling.name.{found.scaling.law}"),
        "points": [[level, _digits(pace * factor)] for level, pace in sorted(found.points)],
        "curve": [[_digits(number), _digits(found.scaling.at(number) * factor)] for number in numbers],
    }


def _digits(value: float) -> float:
    """A picture shows no more."""
    return float(f"{value:.5g}")
