"""What the jobs of a run held at once: places to run in, and vCPUs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.concurrency.over_time import ConcurrencyBracket, Span, bracket_over_time
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.observed.clock_offset import AWS_RESOLUTION_MS, NOT_KNOWN, ClockOffset
from batchgauge.core.observed.job_result import JobResult


class Occupancy(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """At the busiest moment and on average, as brackets: what was surely, and what was possibly held at once."""

    running: Bound
    """The most jobs that ran at once (between their startedAt and stoppedAt)."""
    running_mean: Bound | None = None
    """The average between the first createdAt and the last instant that was stamped."""
    reserved_vcpus: Bound | None = None
    """The most vCPUs that the jobs held at once, from STARTING (when a job gets its place) to stoppedAt; None where their size is not
    known. The upper end may exceed `max_vcpus` and is not cut off there, although AWS keeps to that limit (on EC2 but for one instance).
    The limit is known as of the run's start only, others may raise it meanwhile, and to find that it does not hold is what we measure for:
    what is clamped to it could never show that."""
    reserved_vcpus_mean: Bound | None = None
    max_vcpus: int | None = None
    """What the queue's compute environments allow together."""


def occupancy_of(
    jobs: Iterable[JobResult], environment: EnvironmentFacts | None, clock: ClockOffset | None
) -> Occupancy:
    """The occupancy by the jobs of one run; jobs of others in the same queue are not in it."""
    jobs = list(jobs)
    clock = clock or NOT_KNOWN
    window = _window(jobs)
    running = running_bracket(jobs, clock)
    vcpus = environment.job_vcpus if environment is not None else None
    reserved = reserved_bracket(jobs, clock, vcpus) if vcpus is not None else None
    return Occupancy(
        running=running.maximum,
        running_mean=running.mean(window),
        reserved_vcpus=reserved.maximum if reserved is not None else None,
        reserved_vcpus_mean=reserved.mean(window) if reserved is not None else None,
        max_vcpus=max_vcpus_of(environment),
    )


def running_bracket(jobs: Iterable[JobResult], clock: ClockOffset) -> ConcurrencyBracket:
    """How many jobs ran at once over time, on AWS's clock."""
    return bracket_over_time(span for job in jobs for span in _running(job, clock))


def reserved_bracket(jobs: Iterable[JobResult], clock: ClockOffset, vcpus: float) -> ConcurrencyBracket:
    """How many vCPUs the jobs held at once over time, on AWS's clock."""
    return bracket_over_time(span._replace(weight=vcpus) for job in jobs for span in _reserved(job, clock))


def _running(job: JobResult, clock: ClockOffset) -> Iterator[Span]:
    """Its attempts' runs. A stamp names a millisecond; within it nobody knows."""
    for started_ms, stopped_ms in _runs(job):
        yield Span(_within(started_ms), _within(stopped_ms) if stopped_ms is not None else _not_over(job, clock))


def _reserved(job: JobResult, clock: ClockOffset) -> Iterator[Span]:
    """Its attempts from STARTING to their end."""
    instants = job.instants
    if instants is None:
        return
    for attempt in job.attempt_instants:
        if attempt.starting_ms is not None:
            ended = _within(attempt.stopped_ms) if attempt.stopped_ms is not None else _not_over(job, clock)
            yield Span(_stretched(attempt.starting_ms), ended)
    if not job.attempt_instants and instants.starting_ms is not None:
        ended = _within(instants.stopped_ms) if instants.stopped_ms is not None else _not_over(job, clock)
        yield Span(_stretched(instants.starting_ms), ended)


def _runs(job: JobResult) -> list[tuple[float, float | None]]:
    finished = [(attempt.started_ms, attempt.stopped_ms) for attempt in job.attempts if attempt.started_ms is not None]
    if job.attempts or job.instants is None or job.instants.started_ms is None:
        return finished
    return [(job.instants.started_ms, job.instants.stopped_ms)]


def _not_over(job: JobResult, clock: ClockOffset) -> Bound:
    """The end of what nobody saw end: not before it was last seen."""
    seen_ms = job.instants.last_seen_ms if job.instants is not None else None
    return Bound(clock.to_aws(seen_ms).earliest if seen_ms is not None else None, None)


def _within(stamp_ms: float) -> Bound:
    return Bound(stamp_ms, stamp_ms + AWS_RESOLUTION_MS)


def _stretched(bound: Bound) -> Bound:
    return bound.shift(Bound(0.0, AWS_RESOLUTION_MS)) if bound.latest is not None else bound


def _window(jobs: Iterable[JobResult]) -> Bound:
    stamps = [
        stamp
        for job in jobs
        if job.instants is not None
        for stamp in (job.instants.created_ms, job.instants.started_ms, job.instants.stopped_ms)
        if stamp is not None
    ]
    return Bound(min(stamps), max(stamps)) if stamps else exactly(0.0)


def max_vcpus_of(environment: EnvironmentFacts | None) -> int | None:
    """What the queue's compute environments allow together; None where one of them says nothing."""
    if environment is None or not environment.compute_environments:
        return None
    limits = [entry.max_vcpus for entry in environment.compute_environments]
    return None if None in limits else sum(limit for limit in limits if limit is not None)
