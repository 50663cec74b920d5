"""Repeats of a level taken together: the mean of each phase, and the interval in which that of further repeats would lie.

The repeat is the unit, not the job: jobs of one run wait for each other, so their times are not independent. Three repeats are the least.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import msgspec

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.bound import Bound
from batchgauge.core.findings.kinds import Phase
from batchgauge.core.levels import LevelSummary
from batchgauge.core.stats.bootstrap import bootstrap_interval
from batchgauge.core.stats.intervals import SMALLEST_FOR_MEAN, mean_interval
from batchgauge.core.stats.share import share_interval
from batchgauge.core.stats.summary import Summary


@dataclass(frozen=True, slots=True)
class Repeated:
    """A level with enough repeats; milliseconds."""

    level: int
    repeats: int
    means: dict[Phase, Bound]
    """The 95 % interval of the mean, by phase; of a phase that is only bounded, for all values that its bounds allow."""
    jobs_per_s: Bound | None
    """The same of how many jobs a second succeeded."""
    success: Bound | None
    """The same of which part of them succeeded: resampled where repeats are enough for that, by Student's t where they are not. Where all
    repeats have the same part, these know of no other: Wilson's over all their jobs then."""


def repeated_levels(analysis: Analysis, chance: random.Random) -> tuple[Repeated, ...]:
    """The levels that have enough repeats, ascending; warm-up runs are left out."""
    runs = [run for run in analysis.runs if not run.result.is_warm_up]
    levels = [(level, list(group)) for level, group in groupby(runs, key=lambda run: run.summary.level)]
    return tuple(_repeated(level, group, chance) for level, group in levels if len(group) >= SMALLEST_FOR_MEAN)


def taken_together(runs: Sequence[AnalysedRun]) -> tuple[tuple[AnalysedRun, ...], ...]:
    """Runs that repeat each other, in the order of the first of each: of one level and variant, and with nothing known that differs."""
    groups: dict[tuple[object, ...], list[AnalysedRun]] = {}
    for run in runs:
        groups.setdefault(_alike(run), []).append(run)
    return tuple(map(tuple, groups.values()))


def _alike(run: AnalysedRun) -> tuple[object, ...]:
    result, summary, scenario = run.result, run.summary, run.result.scenario
    measured = (run.variant, summary.level, summary.is_monitored, summary.is_one_array, summary.capacity_jobs)
    asked: tuple[object, ...] = ()
    if scenario is not None:
        load, _, _ = scenario.load.partition("@")  # without the seed of what is drawn by chance
        job = msgspec.json.encode(msgspec.structs.replace(scenario.job, tags={}), order="deterministic")
        asked = (job, scenario.countdown_s, load, scenario.max_workers, scenario.is_array)
    return (*measured, result.job_queue, result.job_definition, *asked)


def _repeated(level: int, runs: Sequence[AnalysedRun], chance: random.Random) -> Repeated:
    means = {phase: bound for phase, pick in PICKS.items() if (bound := _mean(runs, pick)) is not None}
    paces = [run.summary.jobs_per_s for run in runs]
    known = [pace for pace in paces if pace is not None]
    jobs_per_s = mean_interval(known) if len(known) == len(runs) else None
    return Repeated(level, len(runs), means, _not_below_0(jobs_per_s), _success(runs, chance))


def _success(runs: Sequence[AnalysedRun], chance: random.Random) -> Bound | None:
    shares = [run.summary.job_success_rate for run in runs if not run.summary.unfinished]
    known = [share for share in shares if share is not None]
    if len(known) < len(runs):
        return None
    if len(set(known)) == 1:
        share = share_interval(sum(run.summary.succeeded for run in runs), sum(run.summary.level for run in runs))
        return Bound(share.low, share.high)
    drawn = bootstrap_interval(known, lambda values: math.fsum(values) / len(values), chance)
    if drawn is not None:
        return Bound(drawn.low, drawn.high)
    found = _not_below_0(mean_interval(known))
    return None if found is None or found.latest is None else Bound(found.earliest, min(1.0, found.latest))


def _not_below_0(interval: Bound | None) -> Bound | None:
    """Student's t does not know that what is never negative has an end."""
    return None if interval is None else interval.intersect(Bound(0.0, None))


def _mean(runs: Sequence[AnalysedRun], pick: Callable[[LevelSummary], Summary | None]) -> Bound | None:
    means = [summary.mean for run in runs if (summary := pick(run.summary)) is not None and summary.count]
    lows = [mean.earliest for mean in means if mean.earliest is not None]
    highs = [mean.latest for mean in means if mean.latest is not None]
    low = mean_interval(lows) if len(lows) == len(means) else None
    high = mean_interval(highs) if len(highs) == len(means) else None
    if low is None and high is None:
        return None
    found = Bound(low.earliest if low is not None else None, high.latest if high is not None else None)
    return _not_below_0(found) if lows and min(lows) >= 0 else found


SEED: Final = 20_261_125
"""Of the resampling: the same folder gives the same report, always."""
PICKS: Final[dict[Phase, Callable[[LevelSummary], Summary | None]]] = {
    Phase.SUBMIT: lambda summary: summary.submit,
    Phase.QUEUE: lambda summary: summary.queue,
    Phase.START_UP: lambda summary: summary.start_up,
    Phase.RUN: lambda summary: summary.run,
}
"""The phases whose means are shown."""
