"""What a level says of jobs like its own, its repeats together: percentiles of phases known in bounds only, and how jobs end.

The tables of a report describe the jobs that ran: the envelope of a percentile is where theirs surely lies. An estimate says where that
of the distribution behind them probably lies. Its interval is that of the order statistics of the bounds' own ends, which holds however
often and whenever was looked (docs/decisions/0023). It is over jobs.

The estimate itself is Turnbull's only where the ends of bounds are looks that come at every place of jobs' lives. That is so for queueing
where the jobs were made over a time that is several looks long and were looked at between STARTING and their start. It is not so for jobs
that were made at once (all are seen at the same few places, and what their bounds have in common is not where the truth is); nor where
`startedAt` or `createdAt` is an end of the bound, which lies close to the truth on one side of it: so never for start-up. There the
envelope stays the honest answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from statistics import median
from typing import Final

import msgspec

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.analysis.listed_jobs import listed_jobs
from batchgauge.core.bound import Bound, hull
from batchgauge.core.findings.kinds import Phase
from batchgauge.core.observed.allowances import unproven_lag_ms
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.stats.incidence import Incidence, incidence_of
from batchgauge.core.stats.intervals import quantile_interval
from batchgauge.core.stats.summary import quantile, sample_needed
from batchgauge.core.stats.turnbull import NEVER, distribution_of

PERCENTS: Final = (50, 90, 95)
LOOKS_APART: Final = 5
"""Looks are taken to come anywhere in jobs' lives where those of each run were made over so many times the width of a usual bound."""
CUT: Final = 0.02
"""The part of the jobs of which no look between STARTING and their start is needed."""
HALF: Final = 0.5
NEARLY_ALL: Final = 0.95
_ATTRIBUTES: Final = {Phase.QUEUE: "queue_ms", Phase.START_UP: "start_up_ms"}
_OPEN: Final = Bound(0.0, None)


class Method(StrEnum):
    """How a percentile was estimated."""

    TURNBULL = "turnbull"
    ENVELOPE = "envelope"
    """Where that of the jobs which ran surely lies."""


class PercentileEstimate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A percentile of the distribution behind a phase, in milliseconds."""

    percent: int
    estimate: Bound
    """A range, in which it lies anywhere. Without a lower end it never comes: so many jobs failed before."""
    interval: Bound | None
    """At 95 %, with the estimate in it; None where the sample is too small for one."""


class PhaseEstimate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A phase of one level that is known in bounds."""

    level: int
    runs: int
    phase: Phase
    method: Method
    count: int
    bounded: int
    """How many of them are known within two ends that differ."""
    censored: int
    """How many might have come yet when they were last seen."""
    never: int
    """How many failed before."""
    percentiles: tuple[PercentileEstimate, ...]
    """Those that the sample carries."""


class Endings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How the jobs of a level ended, failing ruling out succeeding; times count from createdAt, in milliseconds."""

    level: int
    runs: int
    jobs: int
    unfinished: int
    succeeded: Estimate
    """Which part succeeds, within the time that was watched."""
    failed: Estimate
    half_succeeded_ms: float | None
    """When half of all jobs had succeeded; None where they never did."""
    nearly_all_succeeded_ms: float | None
    """The same of 95 %."""


def phase_estimates(analysis: Analysis) -> tuple[PhaseEstimate, ...]:
    """By level, of the phases of which any job is known in bounds; of columns only where they are few (`listed_jobs`)."""
    return tuple(estimate for level, runs in _levels(analysis) for estimate in _phase_estimates(level, runs))


def endings(analysis: Analysis) -> tuple[Endings, ...]:
    """Of the levels at which not every job succeeded, where somebody watched; of columns only where they are few (`listed_jobs`)."""
    found = (_endings_of(level, runs) for level, runs in _levels(analysis))
    return tuple(entry for entry in found if entry is not None)


def _levels(analysis: Analysis) -> Iterator[tuple[int, list[AnalysedRun]]]:
    watched = (run for run in analysis.runs if run.summary.is_monitored)
    for level, runs in groupby(watched, key=lambda run: run.summary.level):
        yield level, list(runs)


def _phase_estimates(level: int, runs: Sequence[AnalysedRun]) -> Iterator[PhaseEstimate]:
    for phase in _ATTRIBUTES:
        jobs = (job for run in runs for job in listed_jobs(run))
        sample = [bound for job in jobs if (bound := _duration(job, phase)) is not None]
        bounded = [bound for bound in sample if not bound.is_exact and bound.latest is not None]
        percents = [percent for percent in PERCENTS if len(sample) >= sample_needed(percent)]
        if not bounded or not percents:
            continue
        usual_ms = median(bound.width or 0.0 for bound in bounded)
        is_fit = phase is Phase.QUEUE and all(_has_looks_anywhere(run, usual_ms) for run in runs)
        method = Method.TURNBULL if is_fit else Method.ENVELOPE
        widest_ms = max(bound.width or 0.0 for bound in bounded)
        lag_ms = max(unproven_lag_ms(widest_ms), *(_proven_lag_ms(run) for run in runs))
        yield PhaseEstimate(
            level=level,
            runs=len(runs),
            phase=phase,
            method=method,
            count=len(sample),
            bounded=len(bounded),
            censored=sum(bound.latest is None for bound in sample),
            never=sum(bound == NEVER for bound in sample),
            percentiles=_percentiles(sample, percents, method, lag_ms),
        )


def _percentiles(
    sample: Sequence[Bound], percents: Sequence[int], method: Method, lag_ms: float
) -> tuple[PercentileEstimate, ...]:
    lows = sorted(-math.inf if bound.earliest is None else bound.earliest for bound in sample)
    highs = sorted(math.inf if bound.latest is None else bound.latest for bound in sample)
    distribution = distribution_of(sample) if method is Method.TURNBULL else None
    found = []
    for percent in percents:
        probability = percent / 100
        if distribution is None:
            estimate = _bound(quantile(lows, probability), quantile(highs, probability))
        else:
            # Bounds reach so far beyond the looks that they come from, which Turnbull's estimate does not know.
            estimate = distribution.quantile(probability).shift(Bound(-lag_ms, lag_ms))
            estimate = estimate.intersect(Bound(max(0.0, lows[0]), None)) if estimate.earliest is not None else estimate
        # Ends of order statistics hold those of what lies between them.
        low, high = quantile_interval(lows, probability), quantile_interval(highs, probability)
        interval = None if low is None or high is None else hull([Bound(low.earliest, high.latest), estimate])
        found.append(PercentileEstimate(percent=percent, estimate=estimate, interval=interval))
    return tuple(found)


def _bound(low: float, high: float) -> Bound:
    return Bound(None if math.isinf(low) else low, None if math.isinf(high) else high)


def _proven_lag_ms(run: AnalysedRun) -> float:
    allowed = run.result.allowances
    return 0.0 if allowed is None else max(allowed.read_lag_ms, allowed.event_lag_ms, allowed.event_lead_ms)


def _has_looks_anywhere(run: AnalysedRun, usual_ms: float) -> bool:
    cut = known = 0
    for job in listed_jobs(run):
        queue, wait = (job.phases.queue_ms, job.phases.wait_ms) if job.phases is not None else (None, None)
        if queue is not None and queue.latest is not None:
            known += 1
            cut += wait is not None and wait.latest is not None and queue.latest >= wait.latest
    return cut <= CUT * known and _made_over_ms(run) >= LOOKS_APART * usual_ms


def _made_over_ms(run: AnalysedRun) -> float:
    made = [job.instants.created_ms for job in listed_jobs(run) if job.instants is not None]
    known = [moment for moment in made if moment is not None]
    return max(known) - min(known) if known else 0.0


def _duration(job: JobResult, phase: Phase) -> Bound | None:
    """An end that is open for good is never: a job that failed before does not start later."""
    if not job.is_accepted or job.instants is None:
        return None
    found: Bound | None = getattr(job.phases, _ATTRIBUTES[phase], None)
    if found is None:
        is_unseen = job.instants.created_ms is None and job.instants.last_seen_ms is None
        return _OPEN if is_unseen and phase is Phase.QUEUE else None
    return NEVER if job.is_failed and found.latest is None else found


def _endings_of(level: int, runs: Sequence[AnalysedRun]) -> Endings | None:
    if not any(run.summary.failed or run.summary.unfinished for run in runs):
        return None
    ends = [end for run in runs for job in listed_jobs(run) if (end := _end(job)) is not None]
    if not ends:
        return None
    good: Incidence[bool] = incidence_of(True, ends)
    return Endings(
        level=level,
        runs=len(runs),
        jobs=len(ends),
        unfinished=sum(cause is None for _, cause in ends),
        succeeded=good.final,
        failed=incidence_of(False, ends).final,
        half_succeeded_ms=good.time_of(HALF),
        nearly_all_succeeded_ms=good.time_of(NEARLY_ALL),
    )


def _end(job: JobResult) -> tuple[float, bool | None] | None:
    """When it ended and whether well; of one that has not ended how long it surely has been there."""
    if not job.is_accepted or job.instants is None:
        return None
    created, stopped = job.instants.created_ms, job.instants.stopped_ms
    if created is None:
        return 0.0, None
    if job.is_finished and stopped is not None:
        return stopped - created, job.is_succeeded
    phases = job.phases
    known = [bound for bound in (phases.wait_ms, phases.run_ms) if bound is not None] if phases is not None else []
    return sum(bound.earliest or 0.0 for bound in known), None
