"""What stands out in an analysis: the rules by which findings are found.

Comparisons respect bounds: something *grew* only where it did for every value that the bounds allow.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Final

from batchgauge.core.analysis import AnalysedRun, Analysis
from batchgauge.core.bound import Bound, exactly, hull
from batchgauge.core.concurrency import concurrency_over_time
from batchgauge.core.finding import (
    AllSucceeded,
    CapacityReached,
    ConditionsDiffer,
    Direction,
    Finding,
    HeldBackByWorkers,
    JobsFailed,
    JobsNotListed,
    JobsRefused,
    JobsUnfinished,
    LogsMissing,
    NeverThrottled,
    NotMonitored,
    Phase,
    RanFewer,
    RanTogether,
    Reason,
    RunEndedEarly,
    RunTimeVaried,
    SentLate,
    Throttled,
    Trend,
    Weight,
)
from batchgauge.core.job_result import JobResult
from batchgauge.core.journal import RunOutcome
from batchgauge.core.levels import LevelSummary
from batchgauge.core.scenario import Scenario
from batchgauge.core.stats.summary import Summary

CHANGE_FACTOR: Final = 1.2
"""A mean has changed between two levels where it is surely at least so many times as long on one as on the other."""
CHANGE_FLOOR_MS: Final = 50.0
"""Differences surely below this are no change, whatever their ratio: AWS Batch's own phases last seconds."""
SUBMIT_FLOOR_MS: Final = 5.0
"""The same for submissions, which last tens or hundreds of milliseconds."""
NOISE_FACTOR: Final = 2.0
"""A difference of two means is no change either below so many of its standard errors: chance alone would bring it about now and then."""
VARIATION_LIMIT: Final = 0.1
"""Run times vary notably where their standard deviation is over this part of their mean."""
MAX_REASONS: Final = 3
"""How many different reasons of failure a finding names."""
EARLY_ENDS: Final = (RunOutcome.INTERRUPTED, RunOutcome.FAILED, RunOutcome.DEADLINE, RunOutcome.BREACHED)
_ORDER: Final = tuple(Weight)


def find(analysis: Analysis) -> tuple[Finding, ...]:
    """All findings, the weightiest first."""
    found = [
        *_of_outcomes(analysis),
        *_of_concurrency(analysis),
        *_of_throttles(analysis),
        *_of_trends(analysis),
        *_of_own_doing(analysis),
        *_of_variation(analysis),
        *_of_conditions(analysis),
    ]
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.weight)))


def _of_outcomes(analysis: Analysis) -> Iterator[Finding]:
    for run in analysis.runs:
        summary, jobs = run.summary, run.result.jobs
        if run.result.outcome in EARLY_ENDS:
            yield RunEndedEarly(summary.level, run.file, run.result.outcome)
        if summary.refused:
            refused = _of_jobs((job for job in jobs if not job.is_accepted), lambda job: job.error)
            yield JobsRefused(summary.level, summary.refused, summary.level, refused)
        if summary.failed:
            reasons = _of_jobs((job for job in jobs if job.is_failed), lambda job: job.reason or job.status_reason)
            yield JobsFailed(summary.level, summary.failed, summary.level, reasons)
        if summary.is_monitored and summary.unfinished:
            states = _of_jobs((job for job in jobs if job.is_accepted and not job.is_finished), lambda job: job.status)
            yield JobsUnfinished(summary.level, summary.unfinished, summary.level, states)
    watched = [run.summary for run in analysis.runs if run.summary.is_monitored]
    if watched and all(summary.succeeded == summary.level > 0 for summary in watched):
        yield AllSucceeded(sum(summary.succeeded for summary in watched))
    unwatched = tuple(run.summary.level for run in analysis.runs if not run.summary.is_monitored)
    if unwatched:
        yield NotMonitored(unwatched)


def _of_concurrency(analysis: Analysis) -> Iterator[Finding]:
    watched = [run for run in analysis.runs if run.summary.max_running is not None]
    full = [run for run in watched if _fills_capacity(run)]
    if full and full[0].summary.capacity_jobs is not None:
        yield CapacityReached(full[0].summary.level, full[0].summary.capacity_jobs)
    for run in watched:
        summary = run.summary
        expected = min(summary.accepted, summary.capacity_jobs or summary.accepted)
        if summary.max_running and summary.max_running < expected and run not in full:
            yield RanFewer(summary.level, summary.max_running, expected)
    if watched and all(run.summary.max_running == run.summary.accepted for run in watched):
        yield RanTogether(max(run.summary.level for run in watched))


def _fills_capacity(run: AnalysedRun) -> bool:
    capacity = run.summary.capacity_jobs
    return capacity is not None and run.summary.accepted > capacity and surely_held(run.result.jobs) == capacity


def surely_held(jobs: Iterable[JobResult]) -> int:
    """The most places that jobs surely held at one moment: a place is held from STARTING, not only from RUNNING, to the end."""
    return concurrency_over_time(interval for job in jobs for interval in _surely_held(job)).maximum


def _surely_held(job: JobResult) -> Iterator[tuple[float, float | None]]:
    later = [(attempt.started_ms, attempt.stopped_ms) for attempt in job.attempts[1:] if attempt.started_ms is not None]
    yield from later
    if job.instants is None:
        return
    starting = job.instants.starting_ms
    begin = starting.latest if starting is not None and starting.latest is not None else job.instants.started_ms
    if begin is not None:
        yield begin, job.attempts[0].stopped_ms if job.attempts else job.instants.stopped_ms


def _of_throttles(analysis: Analysis) -> Iterator[Finding]:
    known = [run for run in analysis.runs if run.result.api is not None]
    for run in known:
        assert run.result.api is not None  # noqa: S101  (just selected)
        for operation, usage in run.result.api.operations.items():
            if usage.throttled:
                yield Throttled(run.summary.level, operation, usage.throttled, usage.calls)
    if known and len(known) == len(analysis.runs) and not any(run.summary.throttles for run in known):
        yield NeverThrottled(sum(run.result.api.calls for run in known if run.result.api is not None))


def _of_trends(analysis: Analysis) -> Iterator[Finding]:
    picks: dict[Phase, Callable[[LevelSummary], Summary | None]] = {
        Phase.SUBMIT: lambda summary: summary.submit,
        Phase.QUEUE: lambda summary: summary.queue,
        Phase.START_UP: lambda summary: summary.start_up,
        Phase.WAIT: lambda summary: summary.wait,
        Phase.RUN: lambda summary: summary.run,
    }
    for phase, pick in picks.items():
        runs = sorted(analysis.runs, key=lambda run: run.summary.level)
        # A run of which AWS took no job, or whose jobs something else submitted, has no submissions to compare.
        samples = [
            (run.summary.level, sample)
            for run in runs
            if (sample := pick(run.summary)) is not None and sample.count > 0
        ]
        by_level = [
            (level, [sample for _, sample in group]) for level, group in groupby(samples, key=lambda pair: pair[0])
        ]
        if len(by_level) > 1:
            yield _trend(phase, *by_level[0], *by_level[-1])


def _trend(phase: Phase, low_level: int, low: list[Summary], high_level: int, high: list[Summary]) -> Trend:
    low_mean, high_mean = hull([sample.mean for sample in low]), hull([sample.mean for sample in high])
    noise_ms = NOISE_FACTOR * math.hypot(max(map(_standard_error_ms, low)), max(map(_standard_error_ms, high)))
    floor_ms = SUBMIT_FLOOR_MS if phase is Phase.SUBMIT else CHANGE_FLOOR_MS
    direction = direction_between(low_mean, high_mean, floor_ms=floor_ms, noise_ms=noise_ms)
    return Trend(phase, direction, low_level, low_mean, high_level, high_mean, floor=exactly(floor_ms))


def _standard_error_ms(sample: Summary) -> float:
    return (sample.standard_deviation or 0.0) / math.sqrt(sample.count)


def direction_between(
    low: Bound, high: Bound, *, floor_ms: float = CHANGE_FLOOR_MS, noise_ms: float = 0.0
) -> Direction:
    """What became of a duration, for every value that the two bounds allow and beyond what chance may have done."""
    if _surely_longer(high, low, max(floor_ms, noise_ms)):
        return Direction.GREW
    if _surely_longer(low, high, max(floor_ms, noise_ms)):
        return Direction.FELL
    return Direction.STEADY if _surely_alike(low, high, floor_ms) else Direction.UNCLEAR


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


def _of_own_doing(analysis: Analysis) -> Iterator[Finding]:
    for run in analysis.runs:
        late = run.result.lateness
        if late is not None and (late.late or late.waited_for_connection):
            yield SentLate(
                run.summary.level,
                late.late,
                late.submissions,
                exactly(late.tolerance_ms),
                late.lateness_ms.maximum,
                late.waited_for_connection,
            )
    yield from _of_workers(analysis)


def _of_workers(analysis: Analysis) -> Iterator[Finding]:
    for run in reversed(analysis.runs):
        scenario, latency = run.result.scenario, run.summary.submit_latency
        if scenario is None or latency is None or run.summary.level <= scenario.max_workers or _is_open(scenario):
            continue
        slowest_call, last = run.summary.submit.maximum.latest, latency.maximum.earliest
        # What throttling and the waits after it may have cost is not ours: more in flight would only bring more of it.
        explained_ms = _submit_back_off_ms(run)
        if slowest_call is None or last is None or last - slowest_call - explained_ms < CHANGE_FLOOR_MS:
            continue
        yield HeldBackByWorkers(run.summary.level, scenario.max_workers, latency.maximum, run.summary.submit.maximum)
        return


def _is_open(scenario: Scenario) -> bool:
    return scenario.load_shape.is_open


def _submit_back_off_ms(run: AnalysedRun) -> float:
    usage = run.result.api.operations.get("SubmitJob") if run.result.api is not None else None
    return usage.back_off_ms if usage is not None else 0.0


def _of_variation(analysis: Analysis) -> Iterator[Finding]:
    for run in analysis.runs:
        sample = run.summary.run
        if sample is None or sample.standard_deviation is None or not sample.mean.earliest:
            continue
        relative = sample.standard_deviation / sample.mean.earliest
        if relative > VARIATION_LIMIT:
            yield RunTimeVaried(
                run.summary.level, exactly(sample.standard_deviation), relative, sample.minimum, sample.maximum
            )
    for run in analysis.runs:
        logs = run.summary.logs
        if logs is not None and logs.jobs_without_lines:
            yield LogsMissing(run.summary.level, logs.jobs_without_lines, logs.jobs)


def _of_conditions(analysis: Analysis) -> Iterator[Finding]:
    for run in analysis.runs:
        if len(run.result.jobs) < run.summary.level:
            yield JobsNotListed(run.summary.level, run.file, len(run.result.jobs))
    for condition, pick in _CONDITIONS.items():
        values = sorted({value for run in analysis.runs if (value := pick(run)) is not None})
        if len(values) > 1:
            yield ConditionsDiffer(condition, tuple(values))


def _which_aws(run: AnalysedRun) -> str | None:
    environment = run.result.environment
    if environment is None:
        return None
    return "embedded" if environment.is_local else "real"


def _time_scale(run: AnalysedRun) -> str | None:
    environment = run.result.environment
    return None if environment is None or environment.time_scale is None else f"{environment.time_scale:g}"


def _countdown(run: AnalysedRun) -> str | None:
    seconds = {job.countdown_seconds for job in run.result.jobs}
    return ", ".join(sorted(f"{value} s" for value in seconds if value is not None)) or None


def _of_jobs(jobs: Iterable[JobResult], text: Callable[[JobResult], str | None]) -> tuple[Reason, ...]:
    counted = Counter((text(job) or "", job.exit_code) for job in jobs)
    return tuple(Reason(words, exit_code, count) for (words, exit_code), count in counted.most_common(MAX_REASONS))


def _max_workers(scenario: Scenario) -> str | None:
    return None if _is_open(scenario) else str(scenario.max_workers)


_CONDITIONS: Final[dict[str, Callable[[AnalysedRun], str | None]]] = {
    "job-queue": lambda run: run.result.job_queue,
    "job-definition": lambda run: run.result.job_definition,
    "time-scale": _time_scale,
    "region": lambda run: run.result.environment.region if run.result.environment else None,
    "aws": _which_aws,
    "countdown": _countdown,
    "load": lambda run: run.result.scenario.load if run.result.scenario else None,
    "max-workers": lambda run: _max_workers(run.result.scenario) if run.result.scenario else None,
}
