"""Which thresholds a run cannot meet any more, whatever becomes of the jobs that have not ended.

Asked once every submission has been answered: from then on jobs are only lost to a sample by nothing, and what has not been seen of one is
taken to be anything from 0 on. A verdict is given only where all of these values lead to it.
"""

from __future__ import annotations

from typing import Final

from batchgauge.core.bound import Bound
from batchgauge.core.levels import AT_LEAST_NOTHING
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.stats.summary import summarise
from batchgauge.core.thresholds.thresholds import Threshold, ThresholdVerdict

_FINAL: Final = frozenset({"success_rate", "submission_success_rate", "failures"})
"""Figures whose bound already allows for whatever becomes of the jobs."""
_GROWING: Final = frozenset({"throttles", "max_concurrency", "cost_usd"})
"""Figures that can only grow: an upper limit that is passed stays passed."""


def breached(thresholds: tuple[Threshold, ...], result: RunResult) -> tuple[Threshold, ...]:
    """The thresholds that cannot be met any more by a run whose submissions are over, from its result so far."""
    return tuple(threshold for threshold in thresholds if _is_breached(threshold, result))


def _is_breached(threshold: Threshold, result: RunResult) -> bool:
    level, name = result.levels[0], threshold.statistic.name
    if level.level < threshold.jobs_needed:
        return False
    if name in _FINAL or (name in _GROWING and threshold.is_upper):
        return threshold.judge(level).verdict is ThresholdVerdict.NOT_MET
    if threshold.statistic.function is None:
        return False
    value = threshold.statistic.of_sample(summarise(_durations_s(result, name)))
    return value is not None and threshold.verdict_of(value) is ThresholdVerdict.NOT_MET


def _durations_s(result: RunResult, phase: str) -> list[Bound]:
    attribute = phase.removesuffix("_s") + "_ms"
    found = [getattr(job.phases, attribute) if job.phases else None for job in result.jobs if job.is_accepted]
    return [AT_LEAST_NOTHING if bound is None else _in_seconds(bound) for bound in found]


def _in_seconds(bound: Bound) -> Bound:
    low, high = (None if end is None else end / 1000 for end in (bound.earliest, bound.latest))
    return Bound(low, high)
