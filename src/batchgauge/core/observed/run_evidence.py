"""What all jobs of a run say together: of the two clocks, and of how far AWS's answers lag behind."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from batchgauge.core.observed.allowances import NONE_PROVEN, Allowances, prove_allowances, unproven_lag_ms
from batchgauge.core.observed.clock_offset import (
    AWS_RESOLUTION_MS,
    ROUNDING_MS,
    ClockOffset,
    Reading,
    estimate_clock_offset,
    joined,
)
from batchgauge.core.observed.trace import FIRST_RUNNING, JobTrace, Milestone

ANYTHING: Final = Milestone(0, 0)
"""Whatever was seen of a job is this or more."""


@dataclass(frozen=True, slots=True)
class WatchedJob:
    """One job as a witness."""

    trace: JobTrace
    call_ms: tuple[float, float] | None
    """(sent, received) of the SubmitJob call that was accepted, where AWS made the job during it."""
    submitted_ms: float | None = None
    """When the call was sent, of an array's child: AWS made it at some time after that."""
    array_call: tuple[float, float, float] | None = None
    """(sent, received, createdAt) of the array itself, with one of its children."""


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """What holds for every job of a run."""

    clock: ClockOffset
    allowances: Allowances = NONE_PROVEN


def weigh(jobs: Sequence[WatchedJob], resumed_ms: Sequence[float] = ()) -> RunEvidence:
    """The clocks and the allowances, each as far as the other lets it be known.

    Calls bound the offset whatever AWS shows, and so does what it shows. With that, answers can be proven out of date. Where none was,
    what AWS did not show yet bounds the offset from the other side, for as long as the run lasts: this is how it is known hours after the
    last submission. One answer that was out of date would bend it, so where there are such, nothing is built on what they did not show.

    `resumed_ms` are the moments at which the run was taken up again, each by a process with a clock of its own.
    """
    calls = [
        (*job.call_ms, job.trace.last.created_ms)
        for job in jobs
        if job.call_ms is not None and job.trace.last is not None and job.trace.last.created_ms is not None
    ]
    calls += [job.array_call for job in jobs if job.array_call is not None]
    traces = [job.trace for job in jobs]
    shown = [reading for trace in traces for reading in _shown_by(trace)]
    shown += [reading for job in jobs for reading in _spawned(job)]
    by_calls = _by_parts(calls, shown, resumed_ms)
    if by_calls.is_contradicted:
        return RunEvidence(by_calls, prove_allowances(traces, by_calls))
    allowances = prove_allowances(traces, by_calls)
    if allowances.read_lag_ms > 0:
        return RunEvidence(by_calls, allowances)
    not_shown = [reading for trace in traces for reading in _not_shown_by(trace)]
    by_all = _by_parts(calls, [*shown, *not_shown], resumed_ms)
    return RunEvidence(by_calls if by_all.is_contradicted else by_all, allowances)


def _by_parts(
    calls: Sequence[tuple[float, float, float]], further: Sequence[Reading], resumed_ms: Sequence[float]
) -> ClockOffset:
    """The offset, of each part of the run by what was learned in it."""
    if not resumed_ms:
        return estimate_clock_offset(calls, further)
    calls_of: list[list[tuple[float, float, float]]] = [[] for _ in range(len(resumed_ms) + 1)]
    readings_of: list[list[Reading]] = [[] for _ in calls_of]
    for call in calls:
        calls_of[bisect_right(resumed_ms, call[0])].append(call)
    for reading in further:
        readings_of[bisect_right(resumed_ms, reading.at_ms)].append(reading)
    parts = [estimate_clock_offset(*part) for part in zip(calls_of, readings_of, strict=True)]
    return joined(parts, resumed_ms)


def _spawned(job: WatchedJob) -> Iterator[Reading]:
    """An array's child was made after its array was submitted, and before it was first seen."""
    last = job.trace.last
    if job.submitted_ms is None or last is None or last.created_ms is None:
        return
    yield Reading(job.submitted_ms, None, last.created_ms + AWS_RESOLUTION_MS + ROUNDING_MS - job.submitted_ms)
    seen_ms = job.trace.received(ANYTHING)
    if seen_ms is not None:
        yield Reading(seen_ms, last.created_ms - ROUNDING_MS - seen_ms, None)


def _shown_by(trace: JobTrace) -> Iterator[Reading]:
    """A stamp that was shown had been set when the answer came."""
    last = trace.last
    if last is None:
        return
    # Of several attempts, the first may have ended before it ran.
    shown = [] if trace.is_retried else [(trace.received(FIRST_RUNNING), last.started_ms)]
    if last.state.is_terminal:
        shown.append((trace.seen_done_ms, last.stopped_ms))
    for received_ms, stamp_ms in shown:
        if received_ms is not None and stamp_ms is not None:
            yield Reading(received_ms, stamp_ms - ROUNDING_MS - received_ms, None)


def _not_shown_by(trace: JobTrace) -> Iterator[Reading]:
    """A stamp that was not shown had not been set when the question was sent, or shortly before."""
    last = trace.last
    if last is None:
        return
    hidden = []
    if not trace.is_retried:
        hidden.append((trace.sent_before(FIRST_RUNNING), trace.received(FIRST_RUNNING), last.started_ms))
    if last.state.is_terminal:
        hidden.append((trace.not_ended_sent_ms, trace.seen_done_ms, last.stopped_ms))
    for sent_ms, received_ms, stamp_ms in hidden:
        if sent_ms is not None and received_ms is not None and stamp_ms is not None:
            slack_ms = AWS_RESOLUTION_MS + ROUNDING_MS + unproven_lag_ms(trace.window_ms(sent_ms, received_ms))
            yield Reading(sent_ms, None, stamp_ms + slack_ms - sent_ms)
