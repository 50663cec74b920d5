"""What a run's jobs reserved: vCPUs and memory, from STARTING (when a job gets its place) to their end.

What a job reserves is what it asks for, whether it uses it or not. Start-up is reserved and computes nothing yet, so it and the run are
told apart. STARTING has no stamp, so each sum is a bound: surely at least, possibly at most, and without an upper end where a job was not
seen to end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.concurrency.occupancy import reserved_bracket
from batchgauge.core.concurrency.over_time import ConcurrencyBracket
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.observed.clock_offset import NOT_KNOWN, ClockOffset
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.timeline import AttemptInstants

MIB_PER_GB: Final = 1024
"""AWS's GB, which it bills by, are GiB."""
NOTHING: Final = exactly(0.0)
AT_LEAST_NOTHING: Final = Bound(0.0, None)


class PhaseSums(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A resource times the seconds it was reserved for, summed over all attempts of all jobs."""

    start_up: Bound
    """STARTING → started; of an attempt that never started, STARTING → its end."""
    run: Bound
    """Started → stopped."""

    @property
    def total(self) -> Bound:
        """Both together."""
        return self.start_up.shift(self.run)


class Resources(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the jobs of one run reserved; None where the size of a job is not known."""

    vcpu_s: PhaseSums | None = None
    """vCPU-seconds."""
    gb_s: PhaseSums | None = None
    """GB-seconds, a GB being 1024 MiB."""
    jobs_holding: ConcurrencyBracket = ConcurrencyBracket()
    """How many jobs held their place over time, on AWS's clock: times the size of a job, the vCPUs and the memory reserved."""


def resources_of(
    jobs: Iterable[JobResult], environment: EnvironmentFacts | None, clock: ClockOffset | None
) -> Resources:
    """What the accepted jobs of a run reserved."""
    accepted = [job for job in jobs if job.is_accepted]
    clock = clock or NOT_KNOWN
    seconds = _seconds(accepted, clock)
    vcpus = environment.job_vcpus if environment is not None else None
    memory_mib = environment.job_memory_mib if environment is not None else None
    return Resources(
        vcpu_s=_times(seconds, vcpus),
        gb_s=_times(seconds, None if memory_mib is None else memory_mib / MIB_PER_GB),
        jobs_holding=reserved_bracket(accepted, clock, 1.0),
    )


def _seconds(jobs: Iterable[JobResult], clock: ClockOffset) -> PhaseSums:
    start_up, run = NOTHING, NOTHING
    for job in jobs:
        seen_until = _seen_until(job, clock)
        for after_ms, attempt in _attempts(job):
            start_up = start_up.shift(_start_up_s(attempt, after_ms, seen_until))
            run = run.shift(_run_s(attempt, seen_until))
        if not job.is_finished:
            # Whatever it has held so far, more may come, and another attempt too.
            start_up, run = start_up.shift(AT_LEAST_NOTHING), run.shift(AT_LEAST_NOTHING)
    return PhaseSums(start_up=_rounded(start_up), run=_rounded(run))


def _attempts(job: JobResult) -> Iterator[tuple[float | None, AttemptInstants]]:
    """The attempts, each with a moment that it surely began after: the job's creation, or the end of the attempt before."""
    instants = job.instants
    if instants is None:
        return
    after_ms = instants.created_ms
    attempts = job.attempt_instants or (
        AttemptInstants(
            starting_ms=instants.starting_ms, started_ms=instants.started_ms, stopped_ms=instants.stopped_ms
        ),
    )
    for attempt in attempts:
        yield after_ms, attempt
        after_ms = attempt.stopped_ms or after_ms


def _seen_until(job: JobResult, clock: ClockOffset) -> float | None:
    """The last moment, on AWS's clock, at which the job was surely seen."""
    seen_ms = job.instants.last_seen_ms if job.instants is not None else None
    return clock.to_aws(seen_ms).earliest if seen_ms is not None else None


def _start_up_s(attempt: AttemptInstants, after_ms: float | None, seen_until: float | None) -> Bound:
    """Of one that was not seen STARTING: since it may have been, at any time; one that failed unseen may never have been at all."""
    until_ms = attempt.started_ms if attempt.started_ms is not None else attempt.stopped_ms
    if attempt.starting_ms is None:
        return NOTHING if until_ms is None else _lasting(exactly(until_ms).minus(Bound(after_ms, until_ms)))
    end = exactly(until_ms) if until_ms is not None else Bound(seen_until, None)
    return _lasting(end.minus(attempt.starting_ms))


def _run_s(attempt: AttemptInstants, seen_until: float | None) -> Bound:
    if attempt.started_ms is None:
        return NOTHING
    end = exactly(attempt.stopped_ms) if attempt.stopped_ms is not None else Bound(seen_until, None)
    return _lasting(end.minus(exactly(attempt.started_ms)))


def _lasting(milliseconds: Bound) -> Bound:
    """In seconds. Nothing is held for less than no time: what was last seen before it began surely held nothing yet."""
    low = 0.0 if milliseconds.earliest is None else max(0.0, milliseconds.earliest)
    high = None if milliseconds.latest is None else max(low, milliseconds.latest)
    return Bound(low / 1000, None if high is None else high / 1000)


def _times(seconds: PhaseSums, size: float | None) -> PhaseSums | None:
    if size is None:
        return None
    return PhaseSums(start_up=_scaled(seconds.start_up, size), run=_scaled(seconds.run, size))


def _scaled(bound: Bound, factor: float) -> Bound:
    return _rounded(
        Bound(
            None if bound.earliest is None else bound.earliest * factor,
            None if bound.latest is None else bound.latest * factor,
        )
    )


def _rounded(bound: Bound) -> Bound:
    """To AWS's milliseconds: sums of floats else end in digits that mean nothing."""
    return Bound(
        None if bound.earliest is None else round(bound.earliest, 3),
        None if bound.latest is None else round(bound.latest, 3),
    )
