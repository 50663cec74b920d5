"""What is known of one job's instants and phases, from everything that was seen of it.

AWS stamps createdAt, startedAt and stoppedAt to the millisecond. It gives no time for RUNNABLE and STARTING: a look that shows the job
before such a state proves it had not entered it when the look was sent, one that shows it in or after the state proves that it had when
the answer came. Looks are on our clock; the clock offset carries them over to AWS's. What is bounded is the stamp that AWS would have
given: whole milliseconds, cut off, as its others are, so that phases between them add up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from batchgauge.core.bound import Bound, exactly, hull
from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, Sighting
from batchgauge.core.observed.allowances import NONE_PROVEN, SECOND_MS, Allowances, unproven_lag_ms
from batchgauge.core.observed.clock_offset import ClockOffset
from batchgauge.core.observed.trace import FIRST_RUNNABLE, FIRST_STARTING, JobTrace, Milestone


class Instants(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The instants of a job. Ours (UTC milliseconds of our clock): intended, sent, accepted, seen_done and
    last_seen. All others are on AWS's clock."""

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
    last_seen_ms: float | None = None
    """When the last question was sent whose answer showed the job where it is now."""


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


class AttemptInstants(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The instants of one attempt of a job that had several, on AWS's clock."""

    runnable_ms: Bound | None = None
    starting_ms: Bound | None = None
    started_ms: float | None = None
    stopped_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one job's bounds rest on."""

    trace: JobTrace
    clock: ClockOffset
    allowances: Allowances = NONE_PROVEN


@dataclass(frozen=True, slots=True)
class Entry:
    """When a job entered a state, and whether what was seen of it agrees with itself."""

    bound: Bound
    is_contradicted: bool = False


def first_started_ms(sighting: Sighting | None) -> float | None:
    """When the job first started: on a retry the job's own startedAt is the last attempt's."""
    if sighting is None:
        return None
    stamps = [attempt.started_ms for attempt in sighting.attempts] + [sighting.started_ms]
    return min((stamp for stamp in stamps if stamp is not None), default=None)


def first_attempt(evidence: Evidence) -> tuple[Entry | None, Entry | None]:
    """When the job first entered RUNNABLE and STARTING, on AWS's clock; None where it never was seen to, an open end if it might yet.

    The bounds also respect the order of a life: created ≤ RUNNABLE ≤ STARTING ≤ started ≤ stopped. AWS's own stamps say so; where the
    looks contradict them (our clock was set after the offset was taken), the stamps alone are believed, and the contradiction is said.
    """
    last = evidence.trace.last
    if last is None:
        return None, None
    return _in_order(evidence, 0, Bound(last.created_ms, _latest_entry(last)))


def attempts_of(evidence: Evidence, finished: Sequence[Attempt]) -> tuple[AttemptInstants, ...]:
    """The attempts of a job that had several, the first among them; nothing for others."""
    if len(finished) < 2:
        return ()
    instants: list[AttemptInstants] = []
    before_ms = evidence.trace.last.created_ms if evidence.trace.last is not None else None
    for number, attempt in enumerate(finished):
        until_ms = attempt.started_ms if attempt.started_ms is not None else attempt.stopped_ms
        runnable, starting = _in_order(evidence, number, Bound(before_ms, until_ms))
        instants.append(
            AttemptInstants(
                runnable_ms=runnable.bound if runnable is not None else None,
                starting_ms=starting.bound if starting is not None else None,
                started_ms=attempt.started_ms,
                stopped_ms=attempt.stopped_ms,
            )
        )
        before_ms = attempt.stopped_ms
    return tuple(instants)


def _in_order(evidence: Evidence, attempt: int, life: Bound) -> tuple[Entry | None, Entry | None]:
    runnable = _entry(evidence, Milestone(attempt, JobState.RUNNABLE.rank), life)
    starting = _entry(evidence, Milestone(attempt, JobState.STARTING.rank), life)
    if runnable is None or starting is None:
        return runnable, starting
    before = runnable.bound.intersect(Bound(None, starting.bound.latest))
    after = starting.bound.intersect(Bound(runnable.bound.earliest, None))
    if before.is_empty or after.is_empty:
        return Entry(runnable.bound, is_contradicted=True), Entry(starting.bound, is_contradicted=True)
    return Entry(before, runnable.is_contradicted), Entry(after, starting.is_contradicted)


def _entry(evidence: Evidence, milestone: Milestone, life: Bound) -> Entry | None:
    looked, told = _looked(evidence, milestone), _told(evidence, milestone)
    if looked is None and told is None:
        return None
    bound = looked.intersect(told) if looked is not None and told is not None else looked or told
    assert bound is not None  # noqa: S101  (one of both is there)
    is_contradicted = bound.is_empty
    if is_contradicted:  # neither is believed more than the other
        bound = hull([entry for entry in (looked, told) if entry is not None])
    within = bound.intersect(life)
    return Entry(life, is_contradicted=True) if within.is_empty else Entry(within, is_contradicted)


def _looked(evidence: Evidence, milestone: Milestone) -> Bound | None:
    """Between the last question whose answer did not show the state yet and the first answer that did."""
    received_ms = evidence.trace.received(milestone)
    if received_ms is None:
        return None
    sent_ms = evidence.trace.sent_before(milestone)
    earliest = (
        _not_before(evidence, sent_ms, evidence.trace.window_ms(sent_ms, received_ms)) if sent_ms is not None else None
    )
    latest = evidence.clock.to_aws(received_ms).latest
    return Bound(earliest, None if latest is None else float(math.floor(latest)))


def _told(evidence: Evidence, milestone: Milestone) -> Bound | None:
    """The second that an event named."""
    told = evidence.trace.told_ms.get(milestone)
    if told is None:
        return None
    first_ms, last_ms = told
    allowed = evidence.allowances
    return Bound(
        float(math.floor(first_ms - allowed.event_lag_ms)),
        float(math.ceil(last_ms + SECOND_MS - 1 + allowed.event_lead_ms)),
    )


def _not_before(evidence: Evidence, sent_ms: float, window_ms: float) -> float | None:
    """The earliest stamp of AWS's that something can carry which came after what was read when a question was sent."""
    earliest = evidence.clock.to_aws(sent_ms).earliest
    lag_ms = max(evidence.allowances.read_lag_ms, unproven_lag_ms(window_ms))
    return None if earliest is None else float(math.floor(earliest - lag_ms))


def _since(evidence: Evidence, sent_ms: float | None, from_ms: float) -> float:
    """How long something had surely gone on when a question was sent; 0 where nothing is known."""
    if sent_ms is None:
        return 0.0
    seen_ms = _not_before(evidence, sent_ms, 0.0)
    if seen_ms is None:
        return 0.0
    return max(0.0, seen_ms - from_ms - math.ceil(unproven_lag_ms(seen_ms - from_ms)))


def phases_of(instants: Instants, evidence: Evidence, answer_lost_ms: float | None = None) -> Phases:
    """The phases of one job, from its instants and its last sighting.

    `answer_lost_ms` is when SubmitJob's answer was given up, for a job that was found again by its name.
    """
    created, started = instants.created_ms, instants.started_ms
    return Phases(
        submit_ms=_submitted(instants.sent_ms, instants.accepted_ms, answer_lost_ms),
        submit_latency_ms=_submitted(instants.intended_ms, instants.accepted_ms, answer_lost_ms),
        to_runnable_ms=_until(created, instants.runnable_ms, evidence, FIRST_RUNNABLE),
        queue_ms=_until(created, instants.starting_ms, evidence, FIRST_STARTING),
        start_up_ms=_start_up(instants, evidence),
        wait_ms=_wait(created, started, evidence),
        run_ms=_run(evidence),
    )


def _latest_entry(last: Sighting) -> float | None:
    """The latest that the first attempt can have entered a state before RUNNING, by AWS's own stamps."""
    started = first_started_ms(last)
    return started if started is not None or not last.state.is_terminal else last.stopped_ms


def _submitted(begin: float | None, accepted: float | None, answer_lost: float | None) -> Bound | None:
    if begin is None:
        return None
    if accepted is not None:
        return exactly(accepted - begin)
    return Bound(answer_lost - begin, None) if answer_lost is not None else None


def _until(created: float | None, entry: Bound | None, evidence: Evidence, milestone: Milestone) -> Bound | None:
    """Created → the entry of a state; open above for a job that was never seen to enter it.

    Also where it has ended: what failed between two looks may have entered the state right before, or soon after it was last seen.
    """
    if created is None:
        return None
    if entry is not None:
        return entry.minus(exactly(created))
    return Bound(_since(evidence, evidence.trace.sent_before(milestone), created), None)


def _start_up(instants: Instants, evidence: Evidence) -> Bound | None:
    if instants.starting_ms is None:
        return None
    if instants.started_ms is not None:
        return exactly(instants.started_ms).minus(instants.starting_ms)
    latest_entry = instants.starting_ms.latest
    return Bound(0.0 if latest_entry is None else _not_started_since(evidence, latest_entry), None)


def _wait(created: float | None, started: float | None, evidence: Evidence) -> Bound | None:
    if created is None:
        return None
    if started is not None:
        return exactly(started - created)
    return Bound(_not_started_since(evidence, created), None)


def _run(evidence: Evidence) -> Bound | None:
    """The run of the last attempt; censored for a job that still ran, or failed, since it would have gone on.

    None between two attempts: the stamps are then those of one that did not count.
    """
    last = evidence.trace.last
    if last is None or last.started_ms is None:
        return None
    if last.state is JobState.SUCCEEDED and last.stopped_ms is not None:
        return exactly(last.stopped_ms - last.started_ms)
    if last.state is JobState.FAILED and last.stopped_ms is not None:
        return Bound(last.stopped_ms - last.started_ms, None)
    if last.state is not JobState.RUNNING:
        return None
    return Bound(_since(evidence, evidence.trace.last_seen_sent_ms, last.started_ms), None)


def _not_started_since(evidence: Evidence, from_ms: float) -> float:
    """How long a job without a start surely had none: until its end, or the last look that showed it."""
    last = evidence.trace.last
    if last is not None and last.state.is_terminal:
        return max(0.0, last.stopped_ms - from_ms) if last.stopped_ms is not None else 0.0
    return _since(evidence, evidence.trace.last_seen_sent_ms, from_ms)
