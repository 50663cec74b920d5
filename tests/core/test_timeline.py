"""Whatever a job's true life was, and whenever it was looked at, the bounds hold the truth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import UNKNOWN, Bound, exactly
from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, Sighting
from batchgauge.core.observed.clock_offset import ClockOffset
from batchgauge.core.observed.timeline import Evidence, Instants, Phases, first_attempt, first_started_ms, phases_of
from batchgauge.core.observed.trace import FIRST_RUNNABLE, JobTrace
from tests.core.lives import EPOCH_MS, TrueLife, TrueLook, gaps_ms, holds, lives, look_series, stamp

RUNNABLE, STARTING = JobState.RUNNABLE, JobState.STARTING


def traced(life: TrueLife, looks: list[TrueLook], offset_ms: float) -> JobTrace:
    trace = JobTrace()
    for look in looks:
        trace.see(life.seen_at(look.read_ms + offset_ms), look.sent_ms, look.received_ms)
    return trace


def entries(trace: JobTrace, clock: Bound) -> tuple[Bound | None, Bound | None]:
    """RUNNABLE and STARTING of the first attempt."""
    runnable, starting = first_attempt(Evidence(trace, ClockOffset(offset_ms=clock, jobs=0)))
    return runnable.bound if runnable is not None else None, starting.bound if starting is not None else None


def measured(trace: JobTrace, clock: Bound) -> tuple[Instants, Phases]:
    last = trace.last
    assert last is not None
    runnable, starting = entries(trace, clock)
    instants = Instants(
        created_ms=last.created_ms,
        runnable_ms=runnable,
        starting_ms=starting,
        started_ms=first_started_ms(last),
        stopped_ms=last.stopped_ms,
    )
    return instants, phases_of(instants, Evidence(trace, ClockOffset(offset_ms=clock, jobs=0)))


@st.composite
def observed_lives(draw: st.DrawFn) -> tuple[TrueLife, list[TrueLook], float, Bound]:
    """A life, looks at it, the clock's true offset, and a bound that holds it (or nothing known of it)."""
    life = draw(lives())
    offset_ms = draw(st.floats(-5_000.0, 5_000.0))
    looks = draw(look_series(life, offset_ms))
    known = Bound(offset_ms - draw(gaps_ms), offset_ms + draw(gaps_ms))
    return life, looks, offset_ms, draw(st.sampled_from([known, exactly(offset_ms), UNKNOWN]))


@given(observed_lives())
def test_the_bounds_of_runnable_and_starting_hold_the_truth(
    seen: tuple[TrueLife, list[TrueLook], float, Bound],
) -> None:
    life, looks, offset_ms, clock = seen
    instants, _ = measured(traced(life, looks, offset_ms), clock)
    for bound, truth in ((instants.runnable_ms, life.runnable_ms), (instants.starting_ms, life.starting_ms)):
        if bound is not None:
            assert truth is not None, "an entry was claimed of a state that the job never entered"
            assert holds(bound, stamp(truth))
            assert not bound.is_empty


@given(observed_lives())
def test_every_phase_holds_the_truth_or_is_open_above(seen: tuple[TrueLife, list[TrueLook], float, Bound]) -> None:
    life, looks, offset_ms, clock = seen
    _, phases = measured(traced(life, looks, offset_ms), clock)
    created, started = stamp(life.created_ms), life.first_started_ms
    ends = {"to_runnable_ms": life.runnable_ms, "queue_ms": life.starting_ms, "wait_ms": started}
    for name, end in ends.items():
        bound = getattr(phases, name)
        if end is not None:
            assert holds(bound, stamp(end) - created), name
        else:
            assert bound.latest is None, f"{name}: an end of what never ended"
            assert bound.earliest <= stamp(life.stopped_ms) - created + 0.002, name


@given(observed_lives())
def test_start_up_holds_the_truth_or_is_censored_at_the_end(
    seen: tuple[TrueLife, list[TrueLook], float, Bound],
) -> None:
    life, looks, offset_ms, clock = seen
    _, phases = measured(traced(life, looks, offset_ms), clock)
    bound = phases.start_up_ms
    if bound is None:
        return
    assert life.starting_ms is not None
    if life.first_started_ms is not None:
        assert holds(bound, stamp(life.first_started_ms) - stamp(life.starting_ms))
    else:
        assert bound.latest is None
        assert bound.earliest is not None
        assert bound.earliest <= stamp(life.stopped_ms) - stamp(life.starting_ms) + 0.002


@given(observed_lives())
def test_the_run_is_that_of_the_last_attempt_and_censored_unless_it_succeeded(
    seen: tuple[TrueLife, list[TrueLook], float, Bound],
) -> None:
    life, looks, offset_ms, clock = seen
    trace = traced(life, looks, offset_ms)
    _, phases = measured(trace, clock)
    if phases.run_ms is None:
        return
    last = trace.last
    assert last is not None
    assert last.state in (JobState.RUNNING, JobState.SUCCEEDED, JobState.FAILED)
    truths = [
        stamp(attempt.stopped_ms) - stamp(attempt.started_ms)
        for attempt in life.attempts
        if attempt.started_ms is not None and stamp(attempt.started_ms) == last.started_ms
    ]
    assert any(holds(phases.run_ms, truth) for truth in truths)
    assert phases.run_ms.is_exact or phases.run_ms.latest is None
    assert (phases.run_ms.latest is not None) == (last.state is JobState.SUCCEEDED)


@given(observed_lives())
def test_queue_and_start_up_add_up_to_the_wait_exactly(seen: tuple[TrueLife, list[TrueLook], float, Bound]) -> None:
    life, looks, offset_ms, clock = seen
    instants, phases = measured(traced(life, looks, offset_ms), clock)
    if instants.starting_ms is None or instants.started_ms is None:
        return
    assert phases.queue_ms is not None
    assert phases.start_up_ms is not None
    assert phases.wait_ms is not None
    assert phases.wait_ms.is_exact
    # What one end of the queue leaves, the other end of the start-up takes.
    for queue_end, start_up_end in (
        (phases.queue_ms.earliest, phases.start_up_ms.latest),
        (phases.queue_ms.latest, phases.start_up_ms.earliest),
    ):
        assert queue_end is not None
        assert start_up_end is not None
        assert queue_end + start_up_end == phases.wait_ms.earliest


@given(observed_lives())
def test_more_looks_never_widen_a_bound_of_the_first_attempt(
    seen: tuple[TrueLife, list[TrueLook], float, Bound],
) -> None:
    life, looks, offset_ms, clock = seen
    before, _ = measured(traced(life, looks[:-1] or looks, offset_ms), clock)
    after, _ = measured(traced(life, looks, offset_ms), clock)
    for old, new in ((before.runnable_ms, after.runnable_ms), (before.starting_ms, after.starting_ms)):
        if old is not None:
            assert new is not None
            assert old.intersect(new) == new


def looked(*sightings: Sighting) -> JobTrace:
    """A job looked at once a second, each look half a second long."""
    trace = JobTrace()
    for second, sighting in enumerate(sightings):
        trace.see(sighting, EPOCH_MS + second * 1000, EPOCH_MS + second * 1000 + 500)
    return trace


def shown(state: JobState, started_ms: float | None = None, stopped_ms: float | None = None) -> Sighting:
    return Sighting(job=1, state=state, created_ms=EPOCH_MS, started_ms=started_ms, stopped_ms=stopped_ms)


def test_one_look_before_and_one_after_bound_an_entry() -> None:
    trace = looked(shown(JobState.SUBMITTED), shown(RUNNABLE), shown(JobState.RUNNING, started_ms=EPOCH_MS + 1_900))
    assert entries(trace, exactly(0))[0] == Bound(EPOCH_MS, EPOCH_MS + 1_500)
    assert entries(trace, exactly(0))[1] == Bound(EPOCH_MS + 925, EPOCH_MS + 1_900), "5 % of the 1.5 s between"


def test_a_job_that_failed_unseen_may_have_entered_any_state_soon_after_it_was_last_seen() -> None:
    trace = looked(shown(JobState.SUBMITTED), shown(JobState.FAILED, stopped_ms=EPOCH_MS + 900))
    _, phases = measured(trace, exactly(0))
    assert phases.to_runnable_ms == Bound(0.0, None)
    assert phases.queue_ms == Bound(0.0, None)
    assert phases.wait_ms == Bound(900.0, None)


def test_a_start_up_that_failed_is_censored_where_it_failed_not_where_it_was_noticed() -> None:
    sightings = [shown(RUNNABLE), shown(STARTING)] + [shown(JobState.FAILED, stopped_ms=EPOCH_MS + 1_700)] * 9
    _, phases = measured(looked(*sightings), exactly(0))
    assert phases.start_up_ms == Bound(200.0, None)


def test_a_task_proves_that_a_failed_job_was_starting() -> None:
    failed = Sighting(job=1, state=JobState.FAILED, created_ms=EPOCH_MS, stopped_ms=EPOCH_MS + 900, task_arn="arn")
    trace = looked(shown(RUNNABLE), failed)
    assert entries(trace, exactly(0))[1] == Bound(EPOCH_MS, EPOCH_MS + 900)


def test_the_first_attempt_counts_for_the_wait_and_the_last_for_the_run() -> None:
    first = Attempt(started_ms=EPOCH_MS + 100, stopped_ms=EPOCH_MS + 300)
    second = Attempt(started_ms=EPOCH_MS + 700, stopped_ms=EPOCH_MS + 1_200)
    done = Sighting(
        job=1,
        state=JobState.SUCCEEDED,
        created_ms=EPOCH_MS,
        started_ms=EPOCH_MS + 700,
        stopped_ms=EPOCH_MS + 1_200,
        attempts=(first, second),
    )
    _, phases = measured(looked(done), exactly(0))
    assert phases.wait_ms == exactly(100)
    assert phases.run_ms == exactly(500)


def test_between_two_attempts_no_run_is_claimed() -> None:
    waiting = Sighting(
        job=1,
        state=RUNNABLE,
        created_ms=EPOCH_MS,
        started_ms=EPOCH_MS + 100,
        attempts=(Attempt(started_ms=EPOCH_MS + 100, stopped_ms=EPOCH_MS + 300),),
    )
    _, phases = measured(looked(waiting, waiting), exactly(0))
    assert phases.run_ms is None


def test_looks_that_contradict_the_stamps_give_way_to_them() -> None:
    # Our clock has drifted by an hour since the offset was taken.
    trace = looked(shown(RUNNABLE), shown(JobState.RUNNING, started_ms=EPOCH_MS + 500))
    drifted = exactly(3_600_000)
    assert entries(trace, drifted)[1] == Bound(EPOCH_MS, EPOCH_MS + 500)


def test_a_job_that_still_waits_is_censored_at_the_last_look_that_showed_it_waiting() -> None:
    _, phases = measured(looked(*[shown(JobState.SUBMITTED)] * 4), Bound(-10, 10))
    assert phases.to_runnable_ms == Bound(2_840, None)
    assert phases.queue_ms == Bound(2_840, None)
    assert phases.start_up_ms is None
    assert phases.wait_ms == Bound(2_840, None)
    assert phases.run_ms is None


def test_a_job_that_still_starts_is_censored_from_its_latest_possible_entry() -> None:
    _, phases = measured(looked(shown(RUNNABLE), shown(STARTING), shown(STARTING), shown(STARTING)), exactly(0))
    assert phases.queue_ms == Bound(0, 1_500)
    assert phases.start_up_ms == Bound(1_425, None)
    assert phases.wait_ms == Bound(2_850, None)


def test_a_job_that_still_runs_is_censored_at_the_last_look() -> None:
    running = shown(JobState.RUNNING, started_ms=EPOCH_MS + 200)
    _, phases = measured(looked(running, running, running), exactly(0))
    assert phases.run_ms == Bound(1_710, None)


def test_a_job_that_failed_would_have_run_on() -> None:
    _, phases = measured(
        looked(shown(JobState.FAILED, started_ms=EPOCH_MS + 200, stopped_ms=EPOCH_MS + 900)), exactly(0)
    )
    assert phases.run_ms == Bound(700, None)


def test_a_job_is_seen_done_by_the_first_look_that_shows_its_end() -> None:
    running, done = shown(JobState.RUNNING), shown(JobState.SUCCEEDED)
    assert looked(running, running).seen_done_ms is None
    assert looked(running, done, done).seen_done_ms == EPOCH_MS + 1_500


def test_without_a_clock_offset_only_the_stamps_bound_an_entry() -> None:
    trace = looked(shown(JobState.SUBMITTED), shown(RUNNABLE))
    assert entries(trace, UNKNOWN)[0] == Bound(EPOCH_MS, None)


def test_without_a_clock_offset_what_is_censored_is_only_known_not_to_be_negative() -> None:
    waiting, starting = looked(*[shown(JobState.SUBMITTED)] * 3), looked(shown(RUNNABLE), shown(STARTING))
    running = looked(*[shown(JobState.RUNNING, started_ms=EPOCH_MS + 5)] * 3)
    assert measured(waiting, UNKNOWN)[1].queue_ms == Bound(0, None)
    assert measured(waiting, UNKNOWN)[1].wait_ms == Bound(0, None)
    assert measured(starting, UNKNOWN)[1].start_up_ms == Bound(0, None)
    assert measured(running, UNKNOWN)[1].run_ms == Bound(0, None)


def test_a_censored_phase_is_never_negative_however_far_the_clocks_may_be_apart() -> None:
    waiting, starting = looked(shown(JobState.SUBMITTED)), looked(shown(RUNNABLE), shown(STARTING))
    running = looked(shown(JobState.RUNNING, started_ms=EPOCH_MS + 5))
    vague = Bound(-10_000, 10_000)
    assert measured(waiting, vague)[1].queue_ms == Bound(0, None)
    assert measured(starting, vague)[1].start_up_ms == Bound(0, None)
    assert measured(running, vague)[1].run_ms == Bound(0, None)


def test_a_state_that_was_never_reached_has_no_entry() -> None:
    trace = looked(shown(JobState.SUBMITTED), shown(JobState.SUBMITTED))
    assert entries(trace, exactly(0))[0] is None
    assert trace.sent_before(FIRST_RUNNABLE) == EPOCH_MS + 1_000


def test_a_negative_wait_is_shown_not_clamped() -> None:
    trace = looked(shown(JobState.SUCCEEDED, started_ms=EPOCH_MS - 5, stopped_ms=EPOCH_MS - 7))
    _, phases = measured(trace, exactly(0))
    assert phases.wait_ms == exactly(-5)
    assert phases.run_ms == exactly(-2)


@pytest.mark.parametrize("answer_lost_ms", [None, EPOCH_MS + 60_000])
def test_a_lost_answer_censors_the_submission_and_nothing_else(answer_lost_ms: float | None) -> None:
    trace = looked(shown(JobState.SUCCEEDED, started_ms=EPOCH_MS + 5, stopped_ms=EPOCH_MS + 7))
    instants = Instants(
        intended_ms=EPOCH_MS - 10,
        sent_ms=EPOCH_MS,
        created_ms=EPOCH_MS,
        started_ms=EPOCH_MS + 5,
        stopped_ms=EPOCH_MS + 7,
    )
    phases = phases_of(instants, Evidence(trace, ClockOffset(offset_ms=exactly(0), jobs=0)), answer_lost_ms)
    assert phases.wait_ms == exactly(5)
    assert phases.run_ms == exactly(2)
    if answer_lost_ms is None:
        assert phases.submit_ms is None
    else:
        assert phases.submit_ms == Bound(60_000, None)
        assert phases.submit_latency_ms == Bound(60_010, None)
