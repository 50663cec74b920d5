"""What is known of one job's instants and phases, from everything that was seen of it.

AWS stamps createdAt, startedAt and stoppedAt to the millisecond. It gives no time for RUNNABLE and STARTING: a look that shows the job
before such a state proves it had not entered it when the look was sent, one that shows it in or after the state proves that it had when
the answer came. Looks are on our clock; the clock offset carries them over to AWS's. What is bounded is the stamp that AWS would have
given: whole milliseconds, cut off, as its others are, so that phases between them add up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import msgspec

from batchgauge.core.bound import Bound, exactly
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
    """Sent → accepted: one SubmitJob call. Censored where the answer was lost and the job found again by its name."""
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
    """Whether the job surely has entered a state: by what it is in now, or because an attempt went through it.

    FAILED alone proves nothing: a job may fail without ever having been RUNNABLE. A task is only made for a job that is STARTING.
    """
    if sighting.attempts or sighting.task_arn is not None:
        return True
    return sighting.state.rank >= state.rank and (
        sighting.state is not JobState.FAILED or sighting.started_ms is not None
    )


def first_started_ms(sighting: Sighting | None) -> float | None:
    """When the job first started: on a retry the job's own startedAt is the last attempt's."""
    if sighting is None:
        return None
    stamps = [attempt.started_ms for attempt in sighting.attempts] + [sighting.started_ms]
    return min((stamp for stamp in stamps if stamp is not None), default=None)


def state_entry(trace: JobTrace, state: JobState, clock: Bound) -> Bound | None:
    """When the job entered RUNNABLE or STARTING, on AWS's clock; None where it never was seen to, with an open end if it might yet.

    The bound also respects the order of a life: created ≤ RUNNABLE ≤ STARTING ≤ started ≤ stopped. AWS's own stamps say so; where the
    looks contradict them (our clock drifted after the offset was taken), the stamps alone are believed.
    """
    entered = trace.entered.get(state)
    if entered is None or trace.last is None:
        return None
    life = Bound(trace.last.created_ms, _latest_entry(trace.last))
    bound = _stamps(entered.shift(clock)).intersect(life)
    return life if bound.is_empty else bound


def phases_of(instants: Instants, trace: JobTrace, clock: Bound, answer_lost_ms: float | None = None) -> Phases:
    """The phases of one job, from its instants and its last sighting.

    `answer_lost_ms` is when SubmitJob's answer was given up, for a job that was found again by its name.
    """
    created, started = instants.created_ms, instants.started_ms
    return Phases(
        submit_ms=_submitted(instants.sent_ms, instants.accepted_ms, answer_lost_ms),
        submit_latency_ms=_submitted(instants.intended_ms, instants.accepted_ms, answer_lost_ms),
        to_runnable_ms=_until(created, instants.runnable_ms, trace, JobState.RUNNABLE, clock),
        queue_ms=_until(created, instants.starting_ms, trace, JobState.STARTING, clock),
        start_up_ms=_start_up(instants, trace, clock),
        wait_ms=_wait(created, started, trace, clock),
        run_ms=_run(trace, clock),
    )


def _latest_entry(last: Sighting) -> float | None:
    """The latest that the first attempt can have entered a state before RUNNING, by AWS's own stamps."""
    started = first_started_ms(last)
    return started if started is not None or not last.state.is_terminal else last.stopped_ms


def _stamps(moment: Bound) -> Bound:
    """The stamp that AWS gives to a moment on its clock."""
    return Bound(
        None if moment.earliest is None else float(math.floor(moment.earliest)),
        None if moment.latest is None else float(math.floor(moment.latest)),
    )


def _submitted(begin: float | None, accepted: float | None, answer_lost: float | None) -> Bound | None:
    if begin is None:
        return None
    if accepted is not None:
        return exactly(accepted - begin)
    return Bound(answer_lost - begin, None) if answer_lost is not None else None


def _until(created: float | None, entry: Bound | None, trace: JobTrace, state: JobState, clock: Bound) -> Bound | None:
    """Created → the entry of a state; open above for a job that was never seen to enter it.

    Also where it has ended: what failed between two looks may have entered the state right before, or soon after it was last seen.
    """
    if created is None:
        return None
    if entry is not None:
        return entry.minus(exactly(created))
    not_yet = _stamp_after(trace.not_yet(state), clock)
    return Bound(0.0 if not_yet is None else max(0.0, not_yet - created), None)


def _start_up(instants: Instants, trace: JobTrace, clock: Bound) -> Bound | None:
    if instants.starting_ms is None:
        return None
    if instants.started_ms is not None:
        return exactly(instants.started_ms).minus(instants.starting_ms)
    until = _not_started_until(trace, clock)
    latest_entry = instants.starting_ms.latest
    return Bound(0.0 if until is None or latest_entry is None else max(0.0, until - latest_entry), None)


def _wait(created: float | None, started: float | None, trace: JobTrace, clock: Bound) -> Bound | None:
    if created is None:
        return None
    if started is not None:
        return exactly(started - created)
    until = _not_started_until(trace, clock)
    return Bound(0.0 if until is None else max(0.0, until - created), None)


def _run(trace: JobTrace, clock: Bound) -> Bound | None:
    """The run of the last attempt; censored for a job that still ran, or failed, since it would have gone on.

    None between two attempts: the stamps are then those of one that did not count.
    """
    last = trace.last
    if last is None or last.started_ms is None:
        return None
    if last.state is JobState.SUCCEEDED and last.stopped_ms is not None:
        return exactly(last.stopped_ms - last.started_ms)
    if last.state is JobState.FAILED and last.stopped_ms is not None:
        return Bound(last.stopped_ms - last.started_ms, None)
    if last.state is not JobState.RUNNING:
        return None
    until = _stamp_after(trace.last_seen_sent_ms, clock)
    return Bound(0.0 if until is None else max(0.0, until - last.started_ms), None)


def _not_started_until(trace: JobTrace, clock: Bound) -> float | None:
    """Up to when a job without a start surely had none: its end, or the last look that showed it."""
    if trace.last is not None and trace.last.state.is_terminal:
        return trace.last.stopped_ms
    return _stamp_after(trace.last_seen_sent_ms, clock)


def _stamp_after(at_ms: float | None, clock: Bound) -> float | None:
    """The earliest stamp of AWS's that something can carry which came after a moment of our clock."""
    return None if at_ms is None else _stamps(exactly(at_ms).shift(clock)).earliest
