"""Jobs that AWS started more than once, attempt by attempt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.timeline import AttemptInstants
from batchgauge.core.stats.summary import Summary, summarise

NOT_NEGATIVE: Final = Bound(0.0, None)
"""A state is never left before it was entered."""


class ExitCount(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How many attempts ended with an exit code."""

    exit_code: int | None
    """None where AWS gave none: the program did not run to its end."""
    count: int


class AttemptSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All first attempts of a level, or all second ones, and so on; durations in milliseconds."""

    number: int
    """From 1."""
    count: int
    queue: Summary
    """RUNNABLE → STARTING. (From the end of one attempt to RUNNABLE is AWS's own wait before it tries again.)"""
    start_up: Summary
    """STARTING → started; censored for an attempt that ended before it ran."""
    run: Summary
    """Started → stopped, whatever the exit code: how long the attempt lasted, not how long the work takes."""
    exit_codes: tuple[ExitCount, ...]
    """Of the attempts that ended, the most frequent first."""


def is_retried(job: JobResult) -> bool:
    """Whether AWS started the job more than once, or is about to."""
    return len(job.attempts) > 1 or (len(job.attempts) == 1 and not job.is_finished and _has_ended(job, 0))


def summarise_attempts(jobs: Sequence[JobResult]) -> tuple[AttemptSummary, ...]:
    """A summary for each attempt number of a level; none where no job was tried again: the phases then say it all."""
    if not any(map(is_retried, jobs)):
        return ()
    most = max(len(job.attempts) for job in jobs)
    return tuple(_summary(number, jobs) for number in range(most))


def _summary(position: int, jobs: Sequence[JobResult]) -> AttemptSummary:
    made = [job for job in jobs if len(job.attempts) > position]
    instants = [_instants(job, position) for job in made]
    ended = Counter(job.attempts[position].exit_code for job in made if _has_ended(job, position))
    return AttemptSummary(
        number=position + 1,
        count=len(made),
        queue=summarise([duration for entry in instants for duration in _queue(entry)]),
        start_up=summarise([duration for entry in instants for duration in _start_up(entry)]),
        run=summarise([duration for entry in instants for duration in _run(entry)]),
        exit_codes=tuple(ExitCount(exit_code=code, count=count) for code, count in ended.most_common()),
    )


def _has_ended(job: JobResult, position: int) -> bool:
    return job.attempts[position].stopped_ms is not None


def _instants(job: JobResult, position: int) -> AttemptInstants:
    """Of a job with one attempt, its own are the attempt's."""
    if job.attempt_instants:
        return job.attempt_instants[position]
    attempt, own = job.attempts[position], job.instants
    return AttemptInstants(
        runnable_ms=own.runnable_ms if own is not None else None,
        starting_ms=own.starting_ms if own is not None else None,
        started_ms=attempt.started_ms,
        stopped_ms=attempt.stopped_ms,
    )


def _queue(entry: AttemptInstants) -> Iterator[Bound]:
    if entry.runnable_ms is not None and entry.starting_ms is not None:
        yield entry.starting_ms.minus(entry.runnable_ms).intersect(NOT_NEGATIVE)


def _start_up(entry: AttemptInstants) -> Iterator[Bound]:
    if entry.starting_ms is None:
        return
    if entry.started_ms is not None:
        yield exactly(entry.started_ms).minus(entry.starting_ms).intersect(NOT_NEGATIVE)
    elif entry.stopped_ms is not None:
        least = exactly(entry.stopped_ms).minus(entry.starting_ms).earliest
        yield Bound(max(0.0, least or 0.0), None)


def _run(entry: AttemptInstants) -> Iterator[Bound]:
    if entry.started_ms is None:
        return
    yield exactly(entry.stopped_ms - entry.started_ms) if entry.stopped_ms is not None else NOT_NEGATIVE
