from __future__ import annotations

import msgspec

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.bound import Bound, exactly
from batchgauge.core.journal import Attempt
from batchgauge.core.observed.attempts import ExitCount, is_retried, summarise_attempts
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.timeline import AttemptInstants, Instants
from tests.reports.runs import Setting, measured, tried_again


def job(*attempts: Attempt, status: str = "SUCCEEDED", instants: tuple[AttemptInstants, ...] = ()) -> JobResult:
    return JobResult(
        job_id="a",
        job_name="n",
        submission_time="",
        submit_duration=None,
        status=status,
        instants=Instants(created_ms=0.0, starting_ms=Bound(10.0, 20.0)),
        attempts=attempts,
        attempt_instants=instants,
    )


def ended(started: float | None, stopped: float, exit_code: int | None) -> Attempt:
    return Attempt(started_ms=started, stopped_ms=stopped, exit_code=exit_code)


def test_jobs_and_attempts_are_counted() -> None:
    [run] = analyse([("a.json", tried_again(measured(15), 9))]).runs
    assert (run.summary.retried, run.summary.attempts) == (9, 24)


def test_a_level_without_a_second_attempt_has_no_table_of_them() -> None:
    [run] = analyse([("a.json", tried_again(measured(5), 0))]).runs
    assert (run.summary.retried, run.summary.attempts, run.summary.by_attempt) == (0, 5, ())


def test_nothing_is_counted_where_nothing_was_watched() -> None:
    [run] = analyse([("a.json", measured(5, Setting(is_monitored=False)))]).runs
    assert (run.summary.retried, run.summary.attempts) == (None, None)


def test_each_attempt_number_has_its_own_times_and_exit_codes() -> None:
    result = tried_again(measured(3), 2)
    first, second = summarise_attempts(result.jobs)
    assert (first.number, first.count, second.number, second.count) == (1, 3, 2, 2)
    assert first.run.minimum == exactly(2_000.0)
    assert first.exit_codes == (ExitCount(exit_code=1, count=2), ExitCount(exit_code=0, count=1))
    assert second.exit_codes == (ExitCount(exit_code=0, count=2),)
    assert second.queue.mean == Bound(0.0, 1_000.0), "a state is not left before it was entered"
    assert second.start_up.mean == Bound(19_000.0, 19_600.0)


def test_an_attempt_that_ended_before_it_ran_stays_in_the_sample_and_is_in_no_run_time() -> None:
    two = (
        AttemptInstants(starting_ms=Bound(10.0, 20.0), stopped_ms=50.0),
        AttemptInstants(starting_ms=Bound(60.0, 70.0), started_ms=90.0, stopped_ms=100.0),
    )
    first, second = summarise_attempts([job(ended(None, 50, None), ended(90, 100, 0), instants=two)])
    assert first.start_up.mean == Bound(30.0, None)
    assert (first.start_up.censored, first.run.count) == (1, 0)
    assert first.exit_codes == (ExitCount(exit_code=None, count=1),)
    assert second.start_up.mean == Bound(20.0, 30.0)


def test_an_attempt_under_way_has_no_exit_code_yet() -> None:
    running = job(ended(20, 30, 1), Attempt(started_ms=50), status="RUNNING")
    running = msgspec.structs.replace(running, attempt_instants=(AttemptInstants(), AttemptInstants(started_ms=50)))
    assert is_retried(running)
    first, second = summarise_attempts([running])
    assert (first.exit_codes, second.exit_codes) == ((ExitCount(exit_code=1, count=1),), ())
    assert second.run.censored == 1


def test_a_job_that_waits_for_its_second_attempt_is_tried_again() -> None:
    assert is_retried(job(ended(20, 30, 1), status="RUNNABLE"))
    assert not is_retried(job(ended(20, 30, 1), status="FAILED"))
    assert not is_retried(job(Attempt(started_ms=20), status="RUNNING"))
