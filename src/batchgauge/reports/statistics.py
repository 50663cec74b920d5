"""Statistics of a sample as text; a sample that was not measured is a dash."""

from __future__ import annotations

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.bound import Bound, exactly
from batchgauge.core.findings.rules import most_surely_held
from batchgauge.core.levels import LevelSummary
from batchgauge.core.stats.summary import Summary
from batchgauge.messages import Translator
from batchgauge.reports.quantities import NOT_MEASURED, count, duration, percent, rate


def mean(sample: Summary | None) -> str:
    """The mean."""
    return duration(sample.mean) if sample is not None else NOT_MEASURED


def minimum(sample: Summary | None) -> str:
    """The smallest."""
    return duration(sample.minimum) if sample is not None else NOT_MEASURED


def maximum(sample: Summary | None) -> str:
    """The largest."""
    return duration(sample.maximum) if sample is not None else NOT_MEASURED


def percentile(sample: Summary | None, wanted: int, translate: Translator) -> str:
    """A percentile, or how large a sample would carry it."""
    for entry in sample.percentiles if sample is not None else ():
        if entry.percent == wanted:
            return translate("cell.needed", needed=entry.needed) if entry.value is None else duration(entry.value)
    return NOT_MEASURED


def variation(sample: Summary | None) -> str:
    """The standard deviation as a part of the mean; a dash where either is open."""
    if sample is None or sample.standard_deviation is None or not sample.mean.is_exact or not sample.mean.earliest:
        return NOT_MEASURED
    return percent(sample.standard_deviation / sample.mean.earliest)


def held_of_capacity(run: AnalysedRun) -> str:
    """``16/16``: the most places that jobs held, from STARTING on, of how many fit where that is known.

    Jobs shorter than their start-up never run all at once.
    """
    if run.summary.max_running is None:
        return NOT_MEASURED
    held = count(most_surely_held(run))
    return held if run.summary.capacity_jobs is None else f"{held}/{count(run.summary.capacity_jobs)}"


def success_so_far(summary: LevelSummary) -> Bound | None:
    """Which part of the jobs succeeded: from none to all of those that have not ended, that we ended ourselves, or of which
    nobody knows whether AWS took them."""
    if summary.job_success_rate is None:
        return None
    open_jobs = summary.unfinished + summary.ended_by_us + summary.unanswered
    if not open_jobs:
        return exactly(summary.job_success_rate)
    return Bound(summary.succeeded / summary.level, (summary.succeeded + open_jobs) / summary.level)


def submitted_so_far(summary: LevelSummary) -> Bound | None:
    """Which part of the jobs AWS took: from none to all of those whose submission met with no answer."""
    if summary.submission_success_rate is None or not summary.level:
        return None
    least, most = summary.accepted, summary.accepted + summary.unanswered
    return Bound(least / summary.level, most / summary.level)


def submission_rate(summary: LevelSummary, translate: Translator) -> str:
    """Submissions a second; a single array job has no rate, and is named instead."""
    if summary.is_one_array:
        return translate("cell.one-array", jobs=count(summary.accepted))
    return rate(summary.submissions_per_s)


def submission_percentile(summary: LevelSummary, sample: Summary | None, wanted: int, translate: Translator) -> str:
    """As `percentile`; but more jobs would not help an array that was submitted by one call."""
    if summary.is_one_array and sample is not None:
        return translate("cell.one-call")
    return percentile(sample, wanted, translate)
