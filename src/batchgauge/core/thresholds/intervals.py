"""The 95 % interval around what a threshold measured: what another run would most likely give.

Of the jobs of one run it is given where they do not wait for each other: submissions, start-up, run times, and shares of successes. Queue
times depend on each other, and one run has one makespan: of these it takes three runs of a level, each of which is then one value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from batchgauge.core.bound import Bound
from batchgauge.core.levels import LevelSummary
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.stats.intervals import SMALLEST_FOR_MEAN, mean_interval, quantile_interval
from batchgauge.core.stats.share import share_interval
from batchgauge.core.thresholds.statistic import PHASES, Statistic, job_sample

OF_EACH_JOB: Final = frozenset({"submit_s", "start_up_s", "run_s"})
"""Phases whose durations do not come from other jobs of the run by their very nature."""


def interval_of_jobs(statistic: Statistic, level: LevelSummary, jobs: Sequence[JobResult]) -> Bound | None:
    """From one run; None where its jobs cannot say it."""
    if statistic.name == "success_rate" and level.is_monitored and level.level:
        open_jobs = level.unfinished + level.ended_by_us + level.unanswered
        return _share(level.succeeded, level.succeeded + open_jobs, level.level)
    if statistic.name == "submission_success_rate" and level.submission_success_rate is not None:
        return _share(level.accepted, level.accepted + level.unanswered, level.level)
    if statistic.name not in OF_EACH_JOB or statistic.name not in PHASES:
        return None
    sample = job_sample(jobs, statistic.name)
    lows = [-math.inf if bound.earliest is None else bound.earliest for bound in sample]
    highs = [math.inf if bound.latest is None else bound.latest for bound in sample]
    if statistic.function == "mean":
        return _around(mean_interval(lows), mean_interval(highs))
    probability = statistic.probability
    if probability is None or not 0 < probability < 1:
        return None
    return _around(quantile_interval(lows, probability), quantile_interval(highs, probability))


def interval_of_runs(values: Sequence[Bound | None], *, most: float = math.inf) -> Bound | None:
    """From the value of each of a level's runs, and within what the statistic can be; None for fewer than three."""
    known = [value for value in values if value is not None]
    if len(known) < SMALLEST_FOR_MEAN or len(known) < len(values):
        return None
    lows = [-math.inf if value.earliest is None else value.earliest for value in known]
    highs = [math.inf if value.latest is None else value.latest for value in known]
    around = _around(mean_interval(lows), mean_interval(highs))
    if around is None or around.latest is None:
        return around
    return Bound(around.earliest, min(most, around.latest))


def _share(least: int, most: int, of: int) -> Bound:
    return Bound(share_interval(least, of).low, share_interval(most, of).high)


def _around(low: Bound | None, high: Bound | None) -> Bound | None:
    """What holds both; None where an end is not known at all, and no duration is below none."""
    if low is None or high is None or low.earliest is None:
        return None
    return Bound(max(0.0, low.earliest), high.latest)
