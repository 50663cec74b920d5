"""What is known of one job's instants and phases, from everything that was seen of it.

AWS stamps createdAt, startedAt and stoppedAt to the millisecond. It gives no time for RUNNABLE and STARTING: a look that shows the job
before such a state proves it had not entered it when the look was sent, one that shows it in or after the state proves that it had when
the answer came. Looks are on our clock; the clock offset carries them over to AWS's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from batchgauge.core.bound import UNKNOWN, Bound, exactly
from batchgauge.core.job import JobState
from batchgauge.core.journal import Sighting


class Instants(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The instants of a job. Ours (UTC milliseconds of our clock): intended, sent, accepted, seen_done. All others are on AWS's clock."""

    intended_ms: float | None = None
    sent_ms: float | None = None
    """Of the try that was accepted, or of the last one."""
    accepted_ms: float | None = None
    created_ms: float | None = None
    runnable_ms: Bound | None = None
    starting_ms: Bound | None = None
    started_ms: float | None = None
    """Of the first attempt."""
    stopped_ms: float | None = None
    seen_done_ms: float | None = None


class Phases(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The phases of a job in milliseconds; an upper end of null says: at least that long, censored.

    queue + start_up = startedAt - createdAt, exactly, whatever their own bounds.
    """

    submit_ms: Bound | None = None
    """Sent → accepted: one SubmitJob call."""
    submit_latency_ms: Bound | None = None
    """Intended → accepted: with the wait for a free worker and all tries."""
    to_runnable_ms: Bound | None = None
    """Created → RUNNABLE: the specification's queueing time."""
    queue_ms: Bound | None = None
    """Created → STARTING."""
    start_up_ms: Bound | None = None
    """STARTING → started."""
    wait_ms: Bound | None = None
    """Created → started."""
    run_ms: Bound | None = None
    """Started → stopped, of the attempt that counted."""


@dataclass(slots=True)
class JobTrace:
    """What the looks showed of one job so far; filled in the order of the journal."""

    last: Sighting | None = None
    last_seen_sent_ms: float | None = None
    """When the last look that showed the job was sent: it was in its last state then or came to it soon after."""
    seen_done_ms: float | None = None
    entered: dict[JobState, Bound] = field(default_factory=dict)
    """RUNNABLE and STARTING, on our clock, of the job's first attempt."""
    _not_yet_ms: dict[JobState, float] = field(default_factory=dict)

    def see(self, sighting: Sighting, sent_ms: float, received_ms: float) -> None:
        """Take in what one look showed (the same state as before included)."""
        self.last = sighting
        self.last_seen_sent_ms = sent_ms
        if sighting.state.is_terminal and self.seen_done_ms is None:
            self.seen_done_ms = received_ms
        for state in (JobState.RUNNABLE, JobState.STARTING):
            if state in self.entered:
                continue
            if _has_passed(sighting, state):
                self.entered[state] = Bound(self._not_yet_ms.get(state), received_ms)
            elif sighting.state.rank < state.rank:
                self._not_yet_ms[state] = max(sent_ms, self._not_yet_ms.get(state, sent_ms))

    def not_yet(self, state: JobState) -> float | None:
        """The last moment (our clock) at which the job had surely not entered the state; None if never seen before it."""
        return self._not_yet_ms.get(state)


def _has_passed(sighting: Sighting, state: JobState) -> bool:
    """Whether the job surely has entered a state: by what it is in now, or because an earlier attempt went through it.

    FAILED alone proves nothing: a job may fail without ever having been RUNNABLE.
    """
    if sighting.attempts:
        return True
    return sighting.state.rank >= state.rank and (
        sighting.state is not JobState.FAILED or sighting.started_ms is not None
    )


def first_started_ms(sighting: Sighting | None) -> float | None:
    """When the job first started: on a retry the job's own startedAt is the last attempt's."""
    if sighting is None:
        return None
    stamps = [attempt.started_ms for attempt in sighting.attempts] + [sighting.started_ms]
    return min((stamp for stamp in stamps if stamp), default=None)


def state_entry(trace: JobTrace, state: JobState, clock: Bound) -> Bound | None:
    """When the job entered RUNNABLE or STARTING, on AWS's clock; None where it never was seen to, with an open end if it might yet.

    The bound also respects the order of a life: created ≤ RUNNABLE ≤ STARTING ≤ started.
    """
    entered = trace.entered.get(state)
    if entered is None or trace.last is None:
        return None
    bound = entered.shift(clock) if clock != UNKNOWN else UNKNOWN
    return bound.intersect(Bound(trace.last.created_ms, first_started_ms(trace.last)))


def phases_of(instants: Instants, trace: JobTrace, clock: Bound) -> Phases:
    """The phases of one job, from its instants and its last sighting."""
    if instants.accepted_ms is None or instants.sent_ms is None:
        return Phases()
    created, started = instants.created_ms, instants.started_ms
    is_over = trace.last is not None and trace.last.state.is_terminal
    return Phases(
        submit_ms=exactly(instants.accepted_ms - instants.sent_ms),
        submit_latency_ms=_from(instants.intended_ms, instants.accepted_ms),
        to_runnable_ms=_until(created, instants.runnable_ms, trace, JobState.RUNNABLE, clock, is_over=is_over),
        queue_ms=_until(created, instants.starting_ms, trace, JobState.STARTING, clock, is_over=is_over),
        start_up_ms=_start_up(instants, trace, clock),
        wait_ms=_wait(created, started, trace, clock, is_over=is_over),
        run_ms=_run(trace, clock),
    )


def _from(begin: float | None, end: float | None) -> Bound | None:
    return None if begin is None or end is None else exactly(end - begin)


def _until(
    created: float | None, entry: Bound | None, trace: JobTrace, state: JobState, clock: Bound, *, is_over: bool
) -> Bound | None:
    """Created → the entry of a state; open above for a job that waits still, or failed while it waited."""
    if created is None:
        return None
    if entry is not None:
        return entry.minus(exactly(created))
    not_yet = trace.not_yet(state)
    if is_over and trace.last is not None and trace.last.stopped_ms is not None:
        return Bound(max(0.0, trace.last.stopped_ms - created), None)
    return Bound(_elapsed(created, not_yet, clock), None)


def _start_up(instants: Instants, trace: JobTrace, clock: Bound) -> Bound | None:
    if instants.starting_ms is None:
        return None
    if instants.started_ms is not None:
        return exactly(instants.started_ms).minus(instants.starting_ms)
    until = _censored_at(trace, clock)
    latest_entry = instants.starting_ms.latest
    return Bound(0.0 if until is None or latest_entry is None else max(0.0, until - latest_entry), None)


def _wait(
    created: float | None, started: float | None, trace: JobTrace, clock: Bound, *, is_over: bool
) -> Bound | None:
    if created is None:
        return None
    if started is not None:
        return exactly(started - created)
    until = trace.last.stopped_ms if is_over and trace.last is not None else _censored_at(trace, clock)
    return Bound(0.0 if until is None else max(0.0, until - created), None)


def _run(trace: JobTrace, clock: Bound) -> Bound | None:
    """The run of the last attempt; censored for a job that still ran, or failed, since it would have gone on."""
    last = trace.last
    if last is None or last.started_ms is None:
        return None
    if last.state is JobState.SUCCEEDED and last.stopped_ms is not None:
        return exactly(last.stopped_ms - last.started_ms)
    if last.state is JobState.FAILED and last.stopped_ms is not None:
        return Bound(last.stopped_ms - last.started_ms, None)
    until = _censored_at(trace, clock)
    return Bound(0.0 if until is None else max(0.0, until - last.started_ms), None)


def _censored_at(trace: JobTrace, clock: Bound) -> float | None:
    """The last moment, on AWS's clock, up to which the job is surely known to have been as last seen."""
    if trace.last_seen_sent_ms is None or clock.earliest is None:
        return None
    return trace.last_seen_sent_ms + clock.earliest


def _elapsed(created: float, at_ms: float | None, clock: Bound) -> float:
    if at_ms is None or clock.earliest is None:
        return 0.0
    return max(0.0, at_ms + clock.earliest - created)
