"""A result is a pure function of the journal, of any part of it."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given

from batchgauge.core.bound import Bound
from batchgauge.core.job import FAILED_TO_SUBMIT, JobState
from batchgauge.core.journal import (
    Attempt,
    Call,
    CallOutcome,
    Ended,
    Found,
    Interrupted,
    LogLook,
    Look,
    Plan,
    PlannedJob,
    Record,
    RunOutcome,
    Sighting,
    Started,
)
from batchgauge.core.result.builder import ResultBuilder, build_result
from batchgauge.core.result.run_result import RunResult, from_document, to_document
from tests.core.journals import TrueRun, header, plan_of, runs
from tests.core.lives import EPOCH_MS, holds, stamp


@given(runs())
def test_the_same_records_give_the_same_document_to_the_last_byte(run: TrueRun) -> None:
    once = to_document(build_result(run.records))
    assert to_document(build_result(list(run.records))) == once
    rewritten = [msgspec.json.decode(msgspec.json.encode(record), type=Record) for record in run.records]
    assert to_document(build_result(rewritten)) == once


@given(runs())
def test_asking_in_the_middle_changes_nothing(run: TrueRun) -> None:
    builder = ResultBuilder(header(len(run.lives)))
    for record in run.records:
        builder.add(record)
        builder.build()
        builder.states()
    assert builder.build() == build_result(run.records)


@given(runs())
def test_any_beginning_of_a_journal_accounts_for_every_planned_job(run: TrueRun) -> None:
    for length in range(1, len(run.records) + 1):
        result = build_result(run.records[:length])
        planned = [job.index for record in run.records[:length] if hasattr(record, "jobs") for job in record.jobs]
        assert [job.index for job in result.jobs] == planned
        assert result.total_jobs == len(result.jobs) == result.successful_jobs + result.failed_jobs
        [level] = result.levels
        assert level.accepted + level.refused == result.total_jobs
        assert level.succeeded + level.failed + level.unfinished == level.accepted
        assert from_document(to_document(result)) == result


@given(runs())
def test_what_is_known_never_becomes_less_as_the_journal_grows(run: TrueRun) -> None:
    results = [build_result(run.records[:length]) for length in range(2, len(run.records) + 1)]
    for before, after in pairwise(results):
        for old, new in zip(before.jobs, after.jobs, strict=True):
            assert old.job_id in (None, new.job_id)
            assert not (old.is_finished and not new.is_finished)


@given(runs())
def test_the_result_tells_what_truly_happened(run: TrueRun) -> None:
    result = build_result(run.records)
    assert {job.index for job in result.jobs if job.is_accepted} == set(run.lives)
    assert result.api is not None
    assert result.api.throttles == run.throttles
    for job in result.jobs:
        assert job.index is not None
        life = run.lives.get(job.index)
        if life is None:
            assert job.status == FAILED_TO_SUBMIT
            assert job.job_id is None
            assert job.error in ("SomeException: No.", "NotSent")
            continue
        assert job.error is None
        assert job.instants is not None
        assert job.phases is not None
        assert job.phases.submit_ms is not None
        assert (job.phases.submit_ms.latest is None) == (job.index in run.lost)
        if job.instants.starting_ms is not None:
            assert life.starting_ms is not None
            assert holds(job.instants.starting_ms, stamp(life.starting_ms))
        if job.is_finished:
            assert job.instants.stopped_ms == stamp(life.stopped_ms)


@given(runs())
def test_calls_are_counted_once_each(run: TrueRun) -> None:
    result = build_result(run.records)
    calls = [record for record in run.records if isinstance(record, Call | Look)]
    assert result.api is not None
    assert result.api.calls == len(calls)
    operations = result.api.operations
    assert sum(usage.retried for usage in operations.values()) == sum(call.attempt > 1 for call in calls)
    took = sum(call.received_ms - call.sent_ms for call in calls)
    assert sum(usage.call_ms for usage in operations.values()) == pytest.approx(took, abs=0.01)


def submitted(sent: float = 0, received: float = 200, job_id: str | None = "id") -> Call:
    outcome = CallOutcome.OK if job_id else CallOutcome.REFUSED
    return Call(
        operation="SubmitJob",
        sent_ms=EPOCH_MS + sent,
        received_ms=EPOCH_MS + received,
        outcome=outcome,
        job=1,
        job_id=job_id,
    )


def looked_at(sent: float, state: JobState, **more: object) -> Look:
    fields = {"job": 1, "state": state, "created_ms": EPOCH_MS + 100, **more}
    return Look(
        operation="DescribeJobs",
        sent_ms=EPOCH_MS + sent,
        received_ms=EPOCH_MS + sent + 50,
        covered="1",
        changed=(Sighting(**fields),),  # type: ignore[arg-type]
    )


def assert_about(bound: Bound | None, low: float, high: float) -> None:
    """To what is allowed for: some drift within seconds, and answers that are older than they seem by 5 % of the time between two looks."""
    assert bound is not None and bound.earliest is not None and bound.latest is not None
    assert bound.earliest == pytest.approx(low, abs=60)
    assert bound.latest == pytest.approx(high, abs=60)
    assert bound.earliest <= low
    assert bound.latest >= high


def result_of(*records: Record, is_monitored: bool = True) -> RunResult:
    return build_result([header(1, is_monitored=is_monitored), plan_of(1), Started(at_ms=EPOCH_MS - 300), *records])


def test_a_job_from_end_to_end_in_numbers() -> None:
    result = result_of(
        submitted(),
        looked_at(1_000, JobState.RUNNABLE),
        looked_at(2_000, JobState.STARTING),
        looked_at(
            9_000,
            JobState.SUCCEEDED,
            started_ms=EPOCH_MS + 5_100,
            stopped_ms=EPOCH_MS + 8_000,
            exit_code=0,
            status_reason="Essential container in task exited",
            log_stream="definition/default/task",
            log_group="/aws/batch/job",
        ),
        LogLook(
            job=1,
            log_group="/aws/batch/job",
            log_stream="definition/default/task",
            sent_ms=0,
            received_ms=1,
            lines=((10, 15), (20, 22)),
        ),
        Ended(at_ms=EPOCH_MS + 10_000, outcome=RunOutcome.COMPLETE, cpu_s=1.5),
    )
    [job] = result.jobs
    assert (job.job_id, job.status, job.exit_code, job.submit_tries) == ("id", "SUCCEEDED", 0, 1)
    assert job.submit_duration == 0.2
    assert job.phases is not None
    assert job.phases.submit_ms == Bound(200, 200)
    assert job.phases.submit_latency_ms == Bound(500, 500)
    # createdAt 100 lies in a call from 0 to 200: the clocks differ by -100 … 101 ms.
    assert result.clock is not None
    assert result.clock.offset_ms.earliest == pytest.approx(-100, abs=0.1)
    assert result.clock.offset_ms.latest == pytest.approx(101, abs=0.1)
    assert_about(job.phases.to_runnable_ms, 0, 1_051)
    assert_about(job.phases.queue_ms, 800, 2_051)
    assert_about(job.phases.start_up_ms, 2_949, 4_200)
    assert job.phases.wait_ms == Bound(5_000, 5_000)
    assert job.phases.run_ms == Bound(2_900, 2_900)
    assert job.instants is not None
    assert job.instants.seen_done_ms == EPOCH_MS + 9_050
    assert job.log_delivery is not None
    assert job.log_delivery.delays_ms == (5.0, 2.0)
    assert result.outcome is RunOutcome.COMPLETE
    assert result.api is not None
    assert result.api.cpu_s == 1.5
    [level] = result.levels
    assert (level.makespan_ms, level.max_running, level.job_success_rate) == (7_900, 1, 1.0)


def test_a_second_look_that_shows_nothing_new_still_moves_the_lower_bound() -> None:
    unchanged = Look(
        operation="DescribeJobs", sent_ms=EPOCH_MS + 3_000, received_ms=EPOCH_MS + 3_050, covered="1", changed=()
    )
    result = result_of(
        submitted(),
        looked_at(1_000, JobState.RUNNABLE),
        unchanged,
        looked_at(4_000, JobState.STARTING),
    )
    assert result.jobs[0].phases is not None
    assert_about(result.jobs[0].phases.queue_ms, 2_800, 4_051)


def test_a_job_whose_answer_was_lost_keeps_all_its_phases() -> None:
    lost = msgspec.structs.replace(submitted(0, 60_000, None), outcome=CallOutcome.AMBIGUOUS)
    result = result_of(
        lost,
        Found(job=1, job_id="found", at_ms=EPOCH_MS + 61_000),
        looked_at(70_000, JobState.SUCCEEDED, started_ms=EPOCH_MS + 600, stopped_ms=EPOCH_MS + 900),
    )
    [job] = result.jobs
    assert (job.job_id, job.is_accepted, job.error) == ("found", True, None)
    assert job.phases is not None
    assert job.phases.submit_ms == Bound(60_000, None)
    assert job.phases.wait_ms == Bound(500, 500)
    assert job.phases.run_ms == Bound(300, 300)
    assert result.levels[0].submit.censored == 1
    assert result.clock is not None
    assert result.clock.jobs == 0, "a lost answer says nothing about the clocks"


def test_a_refused_job_has_its_error_and_no_id() -> None:
    call = msgspec.structs.replace(submitted(job_id=None), error="ClientException", message="JobQueue q not found.")
    result = result_of(call)
    [job] = result.jobs
    assert (job.job_id, job.status, job.error) == (None, FAILED_TO_SUBMIT, "ClientException: JobQueue q not found.")
    assert (result.successful_jobs, result.failed_jobs) == (0, 1)
    assert result.levels[0].submit.count == 0


def test_a_run_that_was_not_monitored_says_submitted_and_claims_no_success() -> None:
    result = result_of(submitted(), is_monitored=False)
    assert result.jobs[0].status == "SUBMITTED"
    assert (result.successful_jobs, result.failed_jobs) == (1, 0)
    [level] = result.levels
    assert level.job_success_rate is None
    assert level.max_running is None
    assert level.queue is None
    assert level.unfinished == 1


def test_the_attempt_under_way_of_a_retried_job_counts_as_running() -> None:
    first = Attempt(started_ms=EPOCH_MS + 200, stopped_ms=EPOCH_MS + 300)
    result = result_of(submitted(), looked_at(1_000, JobState.RUNNING, started_ms=EPOCH_MS + 700, attempts=(first,)))
    assert result.jobs[0].attempts == (first, Attempt(started_ms=EPOCH_MS + 700))
    assert result.levels[0].max_running == 1


def test_a_first_attempt_under_way_is_no_attempt_in_the_list_and_counts_as_running_all_the_same() -> None:
    result = result_of(submitted(), looked_at(1_000, JobState.RUNNING, started_ms=EPOCH_MS + 700))
    assert result.jobs[0].attempts == ()
    assert result.levels[0].max_running == 1


def test_other_calls_about_a_job_are_no_tries_to_submit_it() -> None:
    others = [
        msgspec.structs.replace(submitted(5_000 + n, 6_000 + n, None), operation=operation, outcome=CallOutcome.OK)
        for n, operation in enumerate(("ListJobs", "GetLogEvents", "TerminateJob"))
    ]
    [job] = result_of(submitted(), *others).jobs
    assert (job.submit_tries, job.submit_duration) == (1, 0.2)
    [refused] = result_of(submitted(job_id=None), *others).jobs
    assert (refused.submit_tries, refused.submit_duration) == (1, 0.2)


def test_a_job_is_meant_to_go_when_its_plan_says_after_the_start() -> None:
    plan = Plan(jobs=(PlannedJob(1, "name", 700.0),))
    result = build_result([header(1), plan, Started(at_ms=EPOCH_MS - 1_000), submitted()])
    [job] = result.jobs
    assert job.instants is not None
    assert job.instants.intended_ms == EPOCH_MS - 300
    assert job.phases is not None
    assert job.phases.submit_latency_ms == Bound(500, 500)


def test_a_job_that_was_never_sent_took_no_time() -> None:
    [job] = result_of().jobs
    assert (job.submit_duration, job.submit_tries, job.error) == (0.0, 0, "NotSent")


def test_a_failed_job_is_accepted_and_not_successful() -> None:
    result = result_of(submitted(), looked_at(1_000, JobState.FAILED, stopped_ms=EPOCH_MS + 900))
    assert (result.successful_jobs, result.failed_jobs) == (0, 1)
    assert result.levels[0].submission_success_rate == 1.0
    assert result.levels[0].job_success_rate == 0.0


def test_an_interrupted_run_says_so_even_without_its_last_record() -> None:
    assert result_of(Interrupted(at_ms=EPOCH_MS, cause="SIGINT")).outcome is RunOutcome.INTERRUPTED
    assert result_of().outcome is None


def test_the_second_try_counts_when_the_first_was_throttled() -> None:
    throttled = msgspec.structs.replace(
        submitted(0, 10, None), outcome=CallOutcome.THROTTLED, error="TooManyRequestsException", back_off_ms=250.0
    )
    result = result_of(throttled, msgspec.structs.replace(submitted(300, 350), attempt=2))
    [job] = result.jobs
    assert job.submit_tries == 2
    assert job.submit_duration == 0.05
    assert job.phases is not None
    assert job.phases.submit_latency_ms == Bound(650, 650), "latency counts from the intended time, with all tries"
    assert result.api is not None
    usage = result.api.operations["SubmitJob"]
    assert (usage.calls, usage.throttled, usage.retried, usage.failed, usage.back_off_ms) == (2, 1, 1, 0, 250.0)


def test_a_journal_without_its_header_is_refused() -> None:
    with pytest.raises(ValueError, match="header"):
        build_result([plan_of(1)])
    with pytest.raises(ValueError, match="header"):
        build_result([])


def test_states_are_those_of_accepted_jobs() -> None:
    builder = ResultBuilder(header(2))
    for record in (plan_of(2), submitted()):
        builder.add(record)
    assert builder.states() == {1: None}
    builder.add(looked_at(1_000, JobState.RUNNABLE))
    assert builder.states() == {1: JobState.RUNNABLE}
