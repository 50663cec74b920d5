"""Estimates beyond the jobs that ran: percentiles behind bounds, and how jobs end. Sections of the Markdown report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from batchgauge.core.analysis.analysis import Analysis
from batchgauge.core.bound import Bound
from batchgauge.core.findings.estimates import Endings, PhaseEstimate, endings, phase_estimates
from batchgauge.core.stats.summary import sample_needed
from batchgauge.messages import Translator
from batchgauge.reports.markdown_syntax import bullets, table
from batchgauge.reports.quantities import count, duration, percent
from batchgauge.reports.verdict_words import estimate_in_words

SHOWN: Final = (50, 95)
"""Percentiles in the table; summary.json has more."""


def estimate_section(analysis: Analysis, translate: Translator) -> Iterator[str]:
    """A row a phase and level of which anything is known in bounds only, and that has jobs enough for an interval."""
    known = sorted(filter(_has_interval, phase_estimates(analysis)), key=lambda entry: entry.phase)
    if not known:
        return
    yield f"### {translate('estimate.title')}"
    yield translate("estimate.text")
    methods = sorted({entry.method for entry in known})
    yield bullets(translate(f"estimate.text.{method}") for method in methods)
    names = ["level", "phase", "runs", "sample"]
    # A column of nothing but zeros would only be in the way.
    names += ["never"] if any(entry.never for entry in known) else []
    names += ["method"] if len(methods) > 1 else []
    header = [translate(f"estimate.column.{name}") for name in (*names, *SHOWN)]
    yield table(header, (_phase_row(entry, names, translate) for entry in known), text_columns=2)


def _has_interval(phase: PhaseEstimate) -> bool:
    return any(entry.interval is not None for entry in phase.percentiles)


def _phase_row(entry: PhaseEstimate, names: Sequence[str], translate: Translator) -> tuple[str, ...]:
    shown = {
        "phase": translate(f"phase.{entry.phase}"),
        "level": count(entry.level),
        "runs": count(entry.runs),
        "sample": count(entry.count),
        "never": count(entry.never),
        "method": translate(f"estimate.method.{entry.method}"),
    }
    return *(shown[name] for name in names), *(_percentile(entry, percent_, translate) for percent_ in SHOWN)


def _percentile(phase: PhaseEstimate, wanted: int, translate: Translator) -> str:
    found = next((entry for entry in phase.percentiles if entry.percent == wanted), None)
    if found is None:
        return translate("cell.needed", needed=sample_needed(wanted))
    estimate = _or_never(found.estimate, translate)
    if found.interval is None:
        return translate("estimate.no-interval", value=estimate)
    return f"{estimate} [{_or_never(found.interval, translate)}]"


def _or_never(bound: Bound, translate: Translator) -> str:
    is_never = bound.earliest is None and bound.latest is None
    return translate("estimate.never") if is_never else duration(bound)


def endings_section(analysis: Analysis, translate: Translator) -> Iterator[str]:
    """A row a level at which not every job succeeded."""
    known = endings(analysis)
    if not known:
        return
    yield f"### {translate('ending.title')}"
    yield translate("ending.text")
    names = ("level", "runs", "sample", "unfinished", "succeeded", "failed", "half", "nearly-all")
    header = [translate(f"ending.column.{name}") for name in names]
    yield table(header, (_ending_row(entry, translate) for entry in known), text_columns=0)


def _ending_row(entry: Endings, translate: Translator) -> tuple[str, ...]:
    times = (entry.half_succeeded_ms, entry.nearly_all_succeeded_ms)
    return (
        count(entry.level),
        count(entry.runs),
        count(entry.jobs),
        count(entry.unfinished),
        estimate_in_words(entry.succeeded, percent),
        estimate_in_words(entry.failed, percent),
        *(translate("estimate.never") if time_ms is None else duration(time_ms) for time_ms in times),
    )
