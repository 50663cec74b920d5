"""What is remembered of many looks and events at one job."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import exactly
from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, Sighting
from batchgauge.core.observed.allowances import Allowances, prove_allowances
from batchgauge.core.observed.clock_offset import ClockOffset
from batchgauge.core.observed.timeline import Evidence, attempts_of, first_attempt
from batchgauge.core.observed.trace import FIRST_RUNNABLE, FIRST_STARTING, JobTrace, Milestone
from tests.core.lives import EPOCH_MS, TrueLife, holds, lives, look_series, stamp

CLOCK = ClockOffset(offset_ms=exactly(0), jobs=0)


def shown(state: JobState, **more: object) -> Sighting:
    return Sighting(job=1, state=state, created_ms=EPOCH_MS, **more)  # type: ignore[arg-type]


@st.composite
def told_lives(draw: st.DrawFn) -> tuple[TrueLife, JobTrace]:
    """Looks and events of one life, in any order, some events twice and some not at all."""
    life = draw(lives())
    acts = []
    for look in draw(look_series(life, 0.0)):
        acts.append(("see", life.seen_at(look.read_ms), look.sent_ms, look.received_ms))
    moments = [life.runnable_ms, life.stopped_ms]
    for attempt in life.attempts:
        moments += [attempt.starting_ms, attempt.started_ms]
    for moment in moments:
        if moment is not None:
            for _ in range(draw(st.integers(0, 2))):
                second = math.floor(moment / 1000) * 1000.0
                acts.append(("hear", life.seen_at(moment), second, moment + draw(st.floats(0, 90_000))))
    trace = JobTrace()
    for kind, sighting, first, second in draw(st.permutations(acts)):
        if kind == "see":
            trace.see(sighting, first, second)
        else:
            trace.hear(sighting, first, second)
    return life, trace


@given(told_lives())
def test_looks_and_events_in_any_order_hold_the_truth(told: tuple[TrueLife, JobTrace]) -> None:
    life, trace = told
    allowances = prove_allowances([trace], CLOCK)
    assert allowances == Allowances(), "nothing was out of date"
    runnable, starting = first_attempt(Evidence(trace, CLOCK))
    for entry, truth in ((runnable, life.runnable_ms), (starting, life.starting_ms)):
        if entry is not None:
            assert not entry.is_contradicted
            assert truth is not None
            assert holds(entry.bound, stamp(truth))


@given(told_lives())
def test_every_attempt_of_a_job_that_was_tried_again_holds_the_truth(told: tuple[TrueLife, JobTrace]) -> None:
    life, trace = told
    if trace.last is None:
        return
    instants = attempts_of(Evidence(trace, CLOCK), trace.last.attempts)
    for found, true in zip(instants, life.attempts, strict=False):
        if found.starting_ms is not None:
            assert holds(found.starting_ms, stamp(true.starting_ms))
        assert found.stopped_ms == stamp(true.stopped_ms)


def test_a_slow_look_takes_nothing_back() -> None:
    trace = JobTrace()
    trace.see(shown(JobState.RUNNING, started_ms=EPOCH_MS + 5), EPOCH_MS + 100, EPOCH_MS + 200)
    trace.see(shown(JobState.RUNNABLE), EPOCH_MS, EPOCH_MS + 300)
    assert trace.last is not None
    assert trace.last.state is JobState.RUNNING
    assert trace.staleness_ms() == 0, "it was asked before the other was answered"


def test_an_answer_that_shows_less_than_an_earlier_one_is_out_of_date() -> None:
    trace = JobTrace()
    trace.see(shown(JobState.STARTING), EPOCH_MS + 100, EPOCH_MS + 200)
    trace.see(shown(JobState.RUNNABLE), EPOCH_MS + 700, EPOCH_MS + 800)
    assert trace.staleness_ms() == 500
    assert prove_allowances([trace], CLOCK).read_lag_ms == 500 * 5


def test_an_answer_without_a_start_that_had_been_is_out_of_date_and_widens_every_lower_end() -> None:
    trace = JobTrace()
    trace.see(shown(JobState.RUNNABLE), EPOCH_MS + 4_000, EPOCH_MS + 4_100)
    trace.see(shown(JobState.RUNNING, started_ms=EPOCH_MS + 3_599), EPOCH_MS + 9_000, EPOCH_MS + 9_100)
    allowances = prove_allowances([trace], CLOCK)
    assert 400 * 5 - 1 < allowances.read_lag_ms <= 400 * 5
    _, starting = first_attempt(Evidence(trace, CLOCK, allowances))
    assert starting is not None
    assert starting.bound.earliest == EPOCH_MS + 2_000
    assert not starting.is_contradicted


def test_an_event_bounds_an_entry_by_its_second() -> None:
    trace = JobTrace()
    trace.hear(shown(JobState.STARTING), EPOCH_MS + 2_000, EPOCH_MS + 9_000)
    _, starting = first_attempt(Evidence(trace, CLOCK))
    assert starting is not None
    assert (starting.bound.earliest, starting.bound.latest) == (EPOCH_MS + 2_000, EPOCH_MS + 2_999)


def test_an_event_that_comes_a_second_after_its_own_stamp_is_late() -> None:
    trace = JobTrace()
    trace.hear(shown(JobState.RUNNING, started_ms=EPOCH_MS + 1_499), EPOCH_MS + 3_000, EPOCH_MS + 9_000)
    assert prove_allowances([trace], CLOCK).event_lag_ms == 1_500 * 5


def test_an_event_and_looks_that_cannot_both_be_right_are_said_to_contradict_each_other() -> None:
    trace = JobTrace()
    trace.see(shown(JobState.SUBMITTED), EPOCH_MS + 100, EPOCH_MS + 200)
    trace.see(shown(JobState.RUNNABLE), EPOCH_MS + 300, EPOCH_MS + 400)
    trace.hear(shown(JobState.RUNNABLE), EPOCH_MS + 5_000, EPOCH_MS + 9_000)
    runnable, _ = first_attempt(Evidence(trace, CLOCK))
    assert runnable is not None
    assert runnable.is_contradicted
    assert (runnable.bound.earliest, runnable.bound.latest) == (EPOCH_MS, EPOCH_MS + 5_999)


def test_a_summary_does_not_say_which_attempt_it_shows() -> None:
    failed = Attempt(started_ms=EPOCH_MS + 900, stopped_ms=EPOCH_MS + 1_000)
    trace = JobTrace()
    trace.see(shown(JobState.RUNNABLE), EPOCH_MS + 2_000, EPOCH_MS + 2_100, is_summary=True)
    assert trace.sent_before(FIRST_STARTING) == EPOCH_MS + 2_000
    trace.see(shown(JobState.RUNNABLE, attempts=(failed,)), EPOCH_MS + 3_000, EPOCH_MS + 3_100)
    assert trace.sent_before(FIRST_STARTING) is None
    assert trace.sent_before(Milestone(1, JobState.STARTING.rank)) == EPOCH_MS + 3_000


def test_a_summary_erases_nothing() -> None:
    trace = JobTrace()
    detail = shown(JobState.SUCCEEDED, started_ms=EPOCH_MS + 5, stopped_ms=EPOCH_MS + 9, log_stream="stream")
    trace.see(detail, EPOCH_MS + 10, EPOCH_MS + 20)
    summary = shown(JobState.SUCCEEDED, started_ms=EPOCH_MS + 5, stopped_ms=EPOCH_MS + 9, exit_code=0)
    trace.see(summary, EPOCH_MS + 30, EPOCH_MS + 40, is_summary=True)
    assert trace.last is not None
    assert (trace.last.log_stream, trace.last.exit_code) == ("stream", 0)


def test_jobs_are_remembered_in_little_however_long_they_are_watched() -> None:
    trace = JobTrace()
    for second in range(5_000):
        trace.see(shown(JobState.RUNNABLE), EPOCH_MS + second * 1_000, EPOCH_MS + second * 1_000 + 50)
    assert trace.received(FIRST_RUNNABLE) == EPOCH_MS + 50
    assert trace.sent_before(FIRST_STARTING) == EPOCH_MS + 4_999_000


def test_many_proofs_leave_less_room_for_what_was_not_caught() -> None:
    def stale_by(milliseconds: float) -> JobTrace:
        trace = JobTrace()
        trace.see(shown(JobState.STARTING), EPOCH_MS, EPOCH_MS + 100)
        trace.see(shown(JobState.RUNNABLE), EPOCH_MS + 100 + milliseconds, EPOCH_MS + 9_000)
        return trace

    few = prove_allowances([stale_by(300)], CLOCK)
    some = prove_allowances([stale_by(300), *[stale_by(100)] * 5], CLOCK)
    many = prove_allowances([stale_by(300), *[stale_by(100)] * 500], CLOCK)
    assert few.read_lag_ms > some.read_lag_ms > many.read_lag_ms == 600
