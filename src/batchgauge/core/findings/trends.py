"""What becomes of the phases with the level: the lowest level's means against the highest one's.

Comparisons respect bounds: something *grew* only where it did for every value that the bounds allow, and by more than chance may do.
Where that cannot be said, it is said which of the two left it open.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.analysis.listed_jobs import listed_jobs
from batchgauge.core.bound import Bound, exactly, hull
from batchgauge.core.findings.kinds import Direction, Phase, Trend
from batchgauge.core.levels import LevelSummary
from batchgauge.core.stats.bootstrap import ratio_interval
from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.stats.summary import Summary
from batchgauge.core.verdict import Verdicts

CHANGE_FACTOR: Final = 1.2
"""A mean has changed between two levels where it is surely at least so many times as long on one as on the other."""
CHANGE_FLOOR_MS: Final = 50.0
"""Differences surely below this are no change, whatever their ratio: AWS Batch's own phases last seconds."""
SUBMIT_FLOOR_MS: Final = 5.0
"""The same for submissions, which last tens or hundreds of milliseconds."""
NOISE_FACTOR: Final = 2.0
"""A difference of two means is no change either below so many of its standard errors: chance alone would bring it about now and then."""

TREND_DRAWS: Final = 500
FOR_PLACES: Final = frozenset({"launch-rate", "dispatch", "max-vcpus", "vcpu-quota", "no-capacity", "blocked-queue"})
"""The limits for which jobs wait before STARTING."""
_FOR_START_UP: Final = frozenset({"image-pull", "start-up"})
_EXPLAINED_BY: Final = {
    Phase.SUBMIT: frozenset({"submit-rate"}),
    Phase.QUEUE: FOR_PLACES,
    Phase.START_UP: _FOR_START_UP,
    Phase.WAIT: FOR_PLACES | _FOR_START_UP,
    Phase.RUN: frozenset({"contention"}),
}
"""The limits that lengthen a phase."""
EXACT: Final = {Phase.SUBMIT: "submit_ms", Phase.WAIT: "wait_ms", Phase.RUN: "run_ms"}

PHASES: Final[dict[Phase, Callable[[LevelSummary], Summary | None]]] = {
    Phase.SUBMIT: lambda summary: summary.submit,
    Phase.QUEUE: lambda summary: summary.queue,
    Phase.START_UP: lambda summary: summary.start_up,
    Phase.WAIT: lambda summary: summary.wait,
    Phase.RUN: lambda summary: summary.run,
}


@dataclass(frozen=True, slots=True)
class Samples:
    """One phase at one level: a sample of each run there."""

    level: int
    runs: tuple[Summary, ...]

    @property
    def mean(self) -> Bound:
        """What holds the means of all repeats."""
        return hull([sample.mean for sample in self.runs])

    @property
    def count(self) -> int:
        """The jobs of all repeats."""
        return sum(sample.count for sample in self.runs)

    @property
    def deviation_ms(self) -> float | None:
        """The standard deviation within the runs, pooled over them; None where no run has two jobs."""
        parts = [
            (sample.count - 1, sample.standard_deviation)
            for sample in self.runs
            if sample.standard_deviation is not None and sample.count > 1
        ]
        if not parts:
            return None
        return math.sqrt(math.fsum(n * deviation**2 for n, deviation in parts) / sum(n for n, _ in parts))


def find_trends(runs: Sequence[AnalysedRun], chance: random.Random) -> Iterator[Trend]:
    """A trend for each phase that was measured at two levels or more."""
    by_level = sorted(runs, key=lambda run: run.summary.level)
    for phase, pick in PHASES.items():
        # A run of which AWS took no job, or whose jobs something else submitted, has no submissions to compare.
        measured = [
            (run.summary.level, sample)
            for run in by_level
            if (sample := pick(run.summary)) is not None and sample.count > 0
        ]
        levels = [
            Samples(level, tuple(sample for _, sample in group))
            for level, group in groupby(measured, key=lambda pair: pair[0])
        ]
        if len(levels) > 1:
            trend = _trend(phase, levels[0], levels[-1])
            has_changed = trend.direction in (Direction.GREW, Direction.FELL)
            yield replace(trend, times=_times(by_level, trend, chance)) if has_changed else trend


def gives_way(trend: Trend, verdicts: Verdicts) -> bool:
    """Whether a trend would argue against a verdict: the phase's change is proven by a limit, where means alone leave it open."""
    if trend.direction in (Direction.GREW, Direction.FELL):
        return False
    met = {limit.code for level in verdicts.levels for limit in (level.held, *level.others)}
    return bool(met & _EXPLAINED_BY[trend.phase])


def _times(runs: Sequence[AnalysedRun], trend: Trend, chance: random.Random) -> Estimate | None:
    """Of phases that are stamped; of those known in bounds, the bounds say by how much."""
    low, high = (_exact_ms(runs, level, trend.phase) for level in (trend.low_level, trend.high_level))
    return ratio_interval(low, high, chance, draws=TREND_DRAWS) if low and high else None


def _exact_ms(runs: Sequence[AnalysedRun], level: int, phase: Phase) -> list[float]:
    """The durations of all jobs of a level; nothing where one is not exact."""
    found: list[float] = []
    if phase not in EXACT:
        return found
    for job in (job for run in runs if run.summary.level == level for job in listed_jobs(run)):
        bound = getattr(job.phases, EXACT[phase], None) if job.is_accepted else None
        if bound is None or not bound.is_exact:
            return []
        found.append(bound.earliest)
    return found


def _trend(phase: Phase, low: Samples, high: Samples) -> Trend:
    floor_ms = SUBMIT_FLOOR_MS if phase is Phase.SUBMIT else CHANGE_FLOOR_MS
    variance_ms2 = _variances_ms2(low, high)
    noise_ms = NOISE_FACTOR * math.sqrt(math.fsum(v / s.count for v, s in zip(variance_ms2, (low, high), strict=True)))
    direction = direction_between(low.mean, high.mean, floor_ms=floor_ms, noise_ms=noise_ms)
    needed = 0
    if direction is Direction.CHANCE:
        needed = math.ceil(NOISE_FACTOR**2 * sum(variance_ms2) / gap_ms(low.mean, high.mean) ** 2)
    elif direction is Direction.UNCLEAR:
        direction = _why_unclear(low, high)
    scarce = [samples for samples in (low, high) if samples.count < needed]
    return Trend(
        phase,
        direction,
        low.level,
        low.mean,
        high.level,
        high.mean,
        floor=exactly(floor_ms),
        scarce_levels=tuple(samples.level for samples in scarce),
        jobs=tuple(samples.count for samples in scarce),
        needed=needed,
    )


def _variances_ms2(low: Samples, high: Samples) -> tuple[float, float]:
    """A single job says nothing of how jobs scatter: it is then taken to be as at the other level."""
    one, other = low.deviation_ms, high.deviation_ms
    known = one if one is not None else other if other is not None else 0.0
    return known**2, (other if other is not None else known) ** 2


def _why_unclear(low: Samples, high: Samples) -> Direction:
    if None in (low.mean.earliest, low.mean.latest, high.mean.earliest, high.mean.latest):
        return Direction.OPEN
    pairs = [gap_ms(one.mean, other.mean) for one in low.runs for other in high.runs]
    return Direction.REPEATS if all(gap > 0 for gap in pairs) else Direction.UNCLEAR


def direction_between(
    low: Bound, high: Bound, *, floor_ms: float = CHANGE_FLOOR_MS, noise_ms: float = 0.0
) -> Direction:
    """What became of a duration, for every value that the two bounds allow and beyond what chance may have done."""
    if _surely_longer(high, low, max(floor_ms, noise_ms)):
        return Direction.GREW
    if _surely_longer(low, high, max(floor_ms, noise_ms)):
        return Direction.FELL
    if _surely_alike(low, high, floor_ms):
        return Direction.STEADY
    gap = gap_ms(low, high)
    if gap <= 0:
        return Direction.UNCLEAR
    return Direction.CHANCE if gap < noise_ms else Direction.SLIGHT


def gap_ms(one: Bound, other: Bound) -> float:
    """How far two bounds surely lie apart; 0 where they share a value."""
    ends = [
        longer.earliest - shorter.latest
        for longer, shorter in ((one, other), (other, one))
        if longer.earliest is not None and shorter.latest is not None
    ]
    return max(0.0, *ends, 0.0)


def _surely_longer(longer: Bound, shorter: Bound, floor_ms: float) -> bool:
    if longer.earliest is None or shorter.latest is None:
        return False
    return longer.earliest >= CHANGE_FACTOR * shorter.latest and longer.earliest - shorter.latest >= floor_ms


def _surely_alike(one: Bound, other: Bound, floor_ms: float) -> bool:
    ends = (one.earliest, one.latest, other.earliest, other.latest)
    values = [end for end in ends if end is not None]
    if len(values) < len(ends):
        return False
    return max(values) - min(values) < floor_ms or max(values) < CHANGE_FACTOR * min(values)
