"""The limits that only a comparison of levels shows: start-up, image pulls, run times and log lines that take longer in company."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from batchgauge.core.analysis import AnalysedRun
from batchgauge.core.bound import Bound
from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.stats.slowing import Company, company, fit_slowing, full_pace_number, merged
from batchgauge.core.verdict import ContentionLimit, ImagePullLimit, Limit, LogLagLimit, StartUpLimit

SLOWER_BY: Final = 1.1
"""Less than this part longer is no change worth a name."""
FLOOR_MS: Final = 50.0
"""Nor is what is shorter."""
SURELY: Final = 3.3
"""Standard errors of the difference of the mean logarithms: chance alone brings that about once in a thousand comparisons. A report makes
dozens of them."""
Z_95: Final = 1.96
FEWEST: Final = 2
"""Durations from which a spread can be told."""

Level = tuple[int, Sequence[AnalysedRun]]
Durations = Callable[[AnalysedRun], Sequence[float]]


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
    samples = [(level, [ms for run in runs for ms in durations(run) if ms > 0]) for level, runs in levels]
    samples = [(level, sample) for level, sample in samples if sample]
    spread = _spread([sample for _, sample in samples])
    if len(samples) < 2 or spread is None:
        return
    before, pooled = [samples[0][0]], list(samples[0][1])
    for level, sample in samples[1:]:
        error = spread * math.sqrt(1 / len(pooled) + 1 / len(sample))
        alone_ms, now_ms = _mean(pooled), _mean(sample)
        difference = _mean_log(sample) - _mean_log(pooled)
        is_slower = difference > max(SURELY * error, math.log(SLOWER_BY)) and now_ms - alone_ms > FLOOR_MS
        if is_slower and now_ms > SLOWER_BY * alone_ms:
            yield Slower(level, tuple(before), alone_ms, now_ms, error)
        else:
            before.append(level)
            pooled += sample


def _pulls(levels: Sequence[Level]) -> Iterator[ImagePullLimit | StartUpLimit]:
    pulls = {slower.level: slower for slower in slower_levels(levels, _of_tasks("image_pull_ms"))}
    for level, slower in pulls.items():
        crowds = [(part, len(_pulled(run))) for run in _at(levels, level) if (part := company(_pulled(run)))]
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
    has_tasks = any(True for _, runs in levels for run in runs if run.summary.tasks is not None)
    start_ups = _of_tasks("provisioning_ms") if has_tasks else _start_ups
    for slower in slower_levels(levels, start_ups):
        if slower.level not in pulls and (has_tasks or _surely_slower(levels, slower)):
            delay_ms = slower.now_ms - slower.alone_ms
            yield StartUpLimit(slower.level, slower.ratio, slower.alone_ms, slower.now_ms, delay_ms)


def _runs(levels: Sequence[Level]) -> Iterator[ContentionLimit]:
    for slower in slower_levels(levels, _run_times):
        many = _company_of(_at(levels, slower.level))
        few = _company_of([run for level in slower.before for run in _at(levels, level)])
        if many is None or few is None:
            continue
        between = [part for level, runs in levels if level < slower.level and (part := _company_of(runs)) is not None]
        highest = max(many.times_ms)
        free = sorted({1, *(number for number in _FREE if number <= max(few.times_ms))})
        law = fit_slowing(few, many, between, free=free)
        slowdown = law.at(highest)
        error = Z_95 * slower.error
        low, high = slowdown * math.exp(-error), slowdown * math.exp(error)
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
    for slower in slower_levels(levels, _log_delays):
        yield LogLagLimit(slower.level, slower.alone_ms, slower.now_ms, 0.0)


_FREE: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 100, 128, 200, 256, 400, 512, 800, 1000)
"""Numbers up to which jobs may not disturb each other, as candidates."""


def _company_of(runs: Sequence[AnalysedRun]) -> Company | None:
    parts = []
    for run in runs:
        intervals, counted = [], []
        for job in run.result.jobs:
            if job.instants is not None and job.instants.started_ms is not None and job.instants.stopped_ms is not None:
                intervals.append((job.instants.started_ms, job.instants.stopped_ms))
                counted.append(job.is_succeeded)
        part = company(intervals, counted)
        if part is not None:
            parts.append((part, sum(counted)))
    return merged(parts) if parts else None


def _run_times(run: AnalysedRun) -> list[float]:
    return [
        job.phases.run_ms.earliest
        for job in run.result.jobs
        if job.is_succeeded
        and job.phases is not None
        and job.phases.run_ms is not None
        and job.phases.run_ms.earliest is not None
    ]


def _of_tasks(step: str) -> Durations:
    def durations(run: AnalysedRun) -> list[float]:
        steps = (getattr(task, step) for job in run.result.jobs for task in job.tasks)
        return [bound.earliest for bound in steps if bound is not None and bound.is_exact]

    return durations


def _surely_slower(levels: Sequence[Level], slower: Slower) -> bool:
    """Whether start-up took longer for all values that the bounds of STARTING allow: how often was looked differs from level to level."""
    now = [bound.earliest for run in _at(levels, slower.level) for bound in _start_up_bounds(run)]
    before = [bound.latest for level in slower.before for run in _at(levels, level) for bound in _start_up_bounds(run)]
    low, high = [end for end in now if end is not None], [end for end in before if end is not None]
    return bool(low and high) and _mean(low) > SLOWER_BY * _mean(high)


def _start_ups(run: AnalysedRun) -> list[float]:
    """The middles."""
    bounds = _start_up_bounds(run)
    return [(b.earliest + b.latest) / 2 for b in bounds if b.earliest is not None and b.latest is not None]


def _start_up_bounds(run: AnalysedRun) -> list[Bound]:
    phases = (job.phases for job in run.result.jobs if job.phases is not None)
    return [each.start_up_ms for each in phases if each.start_up_ms is not None]


def _log_delays(run: AnalysedRun) -> list[float]:
    """A job's lines came by the same way: their mean is one observation."""
    return [
        math.fsum(delays) / len(delays)
        for job in run.result.jobs
        if job.log_delivery is not None and (delays := job.log_delivery.delays_ms)
    ]


def _pulled(run: AnalysedRun) -> list[tuple[float, float]]:
    return [
        (task.pull_started_ms, task.pull_stopped_ms)
        for job in run.result.jobs
        for task in job.tasks
        if task.pull_started_ms is not None and task.pull_stopped_ms is not None
    ]


def _at(levels: Sequence[Level], wanted: int) -> Sequence[AnalysedRun]:
    return next((runs for level, runs in levels if level == wanted), ())


def _spread(samples: Sequence[Sequence[float]]) -> float | None:
    """The standard deviation of the logarithms within the levels, pooled."""
    squares, freedom = 0.0, 0
    for sample in samples:
        if len(sample) >= FEWEST:
            mean = _mean_log(sample)
            squares += math.fsum((math.log(value) - mean) ** 2 for value in sample)
            freedom += len(sample) - 1
    return math.sqrt(squares / freedom) if freedom else None


def _mean(sample: Sequence[float]) -> float:
    return math.fsum(sample) / len(sample)


def _mean_log(sample: Sequence[float]) -> float:
    return math.fsum(map(math.log, sample)) / len(sample)
