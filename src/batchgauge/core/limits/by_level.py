"""The limits that only a comparison of levels shows: start-up, image pulls, run times and log lines that take longer in company."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.limits.job_evidence import Ends, JobEvidence, evidence_of
from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.stats.moments import NOTHING, Moments
from batchgauge.core.stats.slowing import Company, fit_slowing, full_pace_number, merged
from batchgauge.core.verdict import ContentionLimit, ImagePullLimit, Limit, LogLagLimit, StartUpLimit

SLOWER_BY: Final = 1.1
"""Less than this part longer is no change worth a name."""
FLOOR_MS: Final = 50.0
"""Nor is what is shorter."""
SURELY: Final = 3.3
"""Standard errors of the difference of the mean logarithms: chance alone brings that about once in a thousand comparisons. A report makes
dozens of them."""
LIKELY: Final = 1.96
"""Enough below a level that is surely slower, going down from it and up to the first that is not: hypotheses in a fixed sequence are each
tested at 5 %, here half of it against all below and half against the lowest (W. Maurer, L. A. Hothorn and W. Lehmacher, "Multiple
comparisons in drug clinical trials and preclinical assays: a-priori ordered hypotheses", in: Biometrie in der chemisch-pharmazeutischen
Industrie 6, 1995). That nothing changed at a level is no longer to be said of it then."""
Z_95: Final = 1.96
FEWEST: Final = 2
"""Durations from which a spread can be told."""
FEWEST_FOR_OWN_SPREAD: Final = 8
"""Degrees of freedom from which levels are measured by their own spread."""

Level = tuple[int, Sequence[AnalysedRun]]
Durations = Callable[[JobEvidence], Moments]


@dataclass(frozen=True, slots=True)
class Slower:
    """A level at which something took longer than at all levels before the first such."""

    level: int
    before: tuple[int, ...]
    """The levels at which nothing had changed."""
    alone_ms: float
    now_ms: float
    error: float
    """Of their ratio: its relative standard error."""

    @property
    def ratio(self) -> Estimate:
        """How many times as long."""
        value = self.now_ms / self.alone_ms
        return Estimate(value=value, low=value * math.exp(-Z_95 * self.error), high=value * math.exp(Z_95 * self.error))


def limits_by_level(levels: Sequence[Level]) -> Iterator[Limit]:
    """For every level, ascending, at which something had become slower."""
    yield from _pulls(levels)
    yield from _runs(levels)
    yield from _log_lag(levels)


def slower_levels(levels: Sequence[Level], durations: Durations) -> Iterator[Slower]:
    """Each level is compared with all below that had not changed, taken together; the spread is that of all levels."""
    samples = [(level, _pooled(durations(evidence_of(run)) for run in runs)) for level, runs in levels]
    samples = [(level, sample) for level, sample in samples if sample.count]
    spread = _spread([sample for _, sample in samples])
    if len(samples) < 2 or spread is None:
        return
    slower = {*_surely_slower_levels(samples, spread)}
    slower |= {*_likely_slower_levels(samples, slower, spread)}
    before: list[int] = []
    pooled = NOTHING
    for level, sample in samples:
        if level in slower:
            error = _error(pooled, sample, spread)
            yield Slower(level, tuple(before), pooled.mean, sample.mean, error)
        else:
            before.append(level)
            pooled = pooled.with_those_of(sample)


def _surely_slower_levels(samples: Sequence[tuple[int, Moments]], spread: float) -> Iterator[int]:
    lowest = pooled = samples[0][1]
    for level, sample in samples[1:]:
        # Slowing that creeps would hide in what grows along with it: the lowest level stays as it was.
        if _is_slower(pooled, sample, spread, SURELY) or _is_slower(lowest, sample, spread, SURELY):
            yield level
        else:
            pooled = pooled.with_those_of(sample)


def _likely_slower_levels(samples: Sequence[tuple[int, Moments]], surely: set[int], spread: float) -> Iterator[int]:
    """Downwards from the lowest that surely is."""
    below = [(level, sample) for level, sample in samples if level < min(surely, default=0)]
    while len(below) > 1:
        # What is slowed down scatters more as well: levels that may not be are no longer measured by it.
        within = _spread([sample for _, sample in below], fewest=FEWEST_FOR_OWN_SPREAD) or spread
        level, sample = below.pop()
        pooled = _pooled(sample for _, sample in below)
        if not any(_is_slower(before, sample, within, LIKELY) for before in (pooled, below[0][1])):
            return
        yield level


def _is_slower(pooled: Moments, sample: Moments, spread: float, errors: float) -> bool:
    """By so many standard errors, and by enough to be worth a name."""
    difference = sample.mean_log - pooled.mean_log
    if difference <= max(errors * _error(pooled, sample, spread), math.log(SLOWER_BY)):
        return False
    return sample.mean - pooled.mean > FLOOR_MS and sample.mean > SLOWER_BY * pooled.mean


def _error(pooled: Moments, sample: Moments, spread: float) -> float:
    return spread * math.sqrt(1 / pooled.count + 1 / sample.count)


def _pulls(levels: Sequence[Level]) -> Iterator[ImagePullLimit | StartUpLimit]:
    pulls = {slower.level: slower for slower in slower_levels(levels, lambda jobs: jobs.image_pulls())}
    for level, slower in pulls.items():
        crowds = [part for run in _at(levels, level) if (part := evidence_of(run).pulled())]
        if not crowds:
            continue
        crowd = merged(crowds)
        number = full_pace_number(slower.alone_ms, crowd)
        per_s = number / slower.alone_ms * 1000
        error = Z_95 * slower.error
        yield ImagePullLimit(
            level=level,
            images_per_s=Estimate(value=per_s, low=per_s * math.exp(-error), high=per_s * math.exp(error)),
            pulling=max(crowd.times_ms),
            alone_ms=slower.alone_ms,
            now_ms=slower.now_ms,
            delay_ms=slower.now_ms - slower.alone_ms,
        )
    has_tasks = any(evidence_of(run).has_tasks for _, runs in levels for run in runs)

    def start_ups(jobs: JobEvidence) -> Moments:
        return jobs.provisioning() if has_tasks else jobs.start_ups()

    for slower in slower_levels(levels, start_ups):
        if slower.level not in pulls and (has_tasks or _surely_slower(levels, slower)):
            delay_ms = slower.now_ms - slower.alone_ms
            yield StartUpLimit(slower.level, slower.ratio, slower.alone_ms, slower.now_ms, delay_ms)


def _runs(levels: Sequence[Level]) -> Iterator[ContentionLimit]:
    for slower in slower_levels(levels, lambda jobs: jobs.run_times()):
        many = _company_of(_at(levels, slower.level))
        few = _company_of([run for level in slower.before for run in _at(levels, level)])
        if many is None or few is None:
            continue
        between = [part for level, runs in levels if level < slower.level and (part := _company_of(runs)) is not None]
        highest = max(many.times_ms)
        free = sorted({1, *(number for number in _FREE if number <= max(few.times_ms))})
        slowdown, *others = [law.at(highest) for law in fit_slowing(few, many, between, free=free, error=slower.error)]
        error = Z_95 * slower.error
        low, high = min([slowdown, *others]) * math.exp(-error), max([slowdown, *others]) * math.exp(error)
        added = max(1, highest - 1)
        yield ContentionLimit(
            level=slower.level,
            running=highest,
            slowdown=Estimate(value=slowdown, low=max(1.0, low), high=high),
            per_added_job=Estimate(
                value=(slowdown - 1) / added, low=max(0.0, low - 1) / added, high=(high - 1) / added
            ),
            alone_ms=slower.alone_ms,
            now_ms=slower.now_ms,
            delay_ms=slower.now_ms - slower.alone_ms,
        )


def _log_lag(levels: Sequence[Level]) -> Iterator[LogLagLimit]:
    for slower in slower_levels(levels, lambda jobs: jobs.log_delays()):
        yield LogLagLimit(slower.level, slower.alone_ms, slower.now_ms, 0.0)


_FREE: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 100, 128, 200, 256, 400, 512, 800, 1000)
"""Numbers up to which jobs may not disturb each other, as candidates."""


def _company_of(runs: Sequence[AnalysedRun]) -> Company | None:
    parts = [part for run in runs if (part := evidence_of(run).ran()) is not None]
    return merged(parts) if parts else None


def _surely_slower(levels: Sequence[Level], slower: Slower) -> bool:
    """Whether start-up took longer for all values that the bounds of STARTING allow: how often was looked differs from level to level."""
    now = [evidence_of(run).start_up_least() for run in _at(levels, slower.level)]
    before = [evidence_of(run).start_up_most() for level in slower.before for run in _at(levels, level)]
    low, high = _mean_end(now), _mean_end(before)
    return low is not None and high is not None and low > SLOWER_BY * high


def _mean_end(parts: Sequence[Ends]) -> float | None:
    number = sum(part.number for part in parts)
    return math.fsum(part.total_ms for part in parts) / number if number else None


def _at(levels: Sequence[Level], wanted: int) -> Sequence[AnalysedRun]:
    return next((runs for level, runs in levels if level == wanted), ())


def _pooled(samples: Iterable[Moments]) -> Moments:
    return reduce(Moments.with_those_of, samples, NOTHING)


def _spread(samples: Sequence[Moments], *, fewest: int = 1) -> float | None:
    """The standard deviation of the logarithms within the levels, pooled; None below so many degrees of freedom."""
    several = [sample for sample in samples if sample.count >= FEWEST]
    freedom = sum(sample.count - 1 for sample in several)
    return math.sqrt(math.fsum(sample.squares_log for sample in several) / freedom) if freedom >= fewest else None
