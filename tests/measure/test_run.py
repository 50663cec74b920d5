"""One run from its plan to its last record, whatever happens in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec
import pytest

from batchgauge.core.bound import Bound
from batchgauge.core.job import JobState
from batchgauge.core.journal import (
    Call,
    CallOutcome,
    Ended,
    Found,
    Interrupted,
    LogLook,
    Look,
    Plan,
    RunOutcome,
    Started,
)
from batchgauge.core.progress import RunStage
from batchgauge.errors import (
    AccessDeniedError,
    AwsCallError,
    CredentialsRejectedError,
    EndpointUnreachableError,
    JournalError,
    NoCredentialsError,
)
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RUN_TAG, all_succeeded
from batchgauge.measure.run import run as measure_run
from tests.measure.conftest import RUN, Bench, MakeBench
from tests.measure.fake_aws import (
    DENIED,
    EXPIRED,
    LOST_DONE,
    LOST_UNDONE,
    NO_CREDENTIALS,
    REFUSED,
    THROTTLED,
    UNAVAILABLE,
    Timing,
)
from tests.measure.virtual_time import run_virtually


def test_a_run_ends_with_every_job_accounted_for(bench: Bench) -> None:
    report = bench.run(bench.scenario(3))
    result = report.result
    assert report.error is None
    assert report.left_running == ()
    assert result.outcome is RunOutcome.COMPLETE
    assert [job.status for job in result.jobs] == ["SUCCEEDED"] * 3
    assert {job.job_id for job in result.jobs} == set(bench.aws.jobs)
    assert all_succeeded(result)


def test_the_bounds_hold_what_the_fake_truly_did(bench: Bench) -> None:
    result = bench.run(bench.scenario(3)).result
    assert result.clock is not None
    offset = result.clock.offset_ms
    assert offset.earliest is not None
    assert offset.latest is not None
    assert offset.earliest <= bench.aws.offset_ms <= offset.latest
    for job in result.jobs:
        assert job.phases is not None
        assert job.phases.wait_ms == Bound(5_000, 5_000)
        assert job.phases.run_ms == Bound(30_000, 30_000)
        assert job.phases.queue_ms is not None
        assert job.phases.queue_ms.intersect(Bound(2_000, 2_000)) == Bound(2_000, 2_000)


def test_the_plan_is_on_the_disk_before_anything_is_sent(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    synced_at_first_send: list[int] = []
    submit = bench.aws.submit_job

    async def noting(name: str, shape: object) -> object:
        synced_at_first_send.append(bench.journal.synced)
        return await submit(name, shape)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.aws, "submit_job", noting)
    bench.run(bench.scenario(3))
    planned = [type(record) for record in bench.journal.records].index(Plan)
    assert synced_at_first_send[0] > planned


def test_a_journal_begins_with_its_header_and_plan_and_ends_with_its_end(bench: Bench) -> None:
    bench.run(bench.scenario(2))
    kinds = [type(record).__name__ for record in bench.journal.records]
    assert kinds[:3] == ["Header", "Plan", "Started"]
    assert kinds[-1] == "Ended"


def test_jobs_are_named_and_tagged_after_the_run_and_told_their_countdown(bench: Bench) -> None:
    bench.run(bench.scenario(2))
    jobs = list(bench.aws.jobs.values())
    assert sorted(job.name for job in jobs) == [f"{RUN}-job001", f"{RUN}-job002"]
    assert jobs[0].shape.tags == {RUN_TAG: RUN}
    assert jobs[0].shape.parameters == {"countdownSeconds": "30"}


def test_a_parameter_of_the_users_own_is_not_written_over(bench: Bench) -> None:
    scenario = bench.scenario(1)
    shape = msgspec.structs.replace(scenario.job, parameters={"countdownSeconds": "7", "mode": "x"})
    bench.run(msgspec.structs.replace(scenario, job=shape))
    [job] = bench.aws.jobs.values()
    assert job.shape.parameters == {"countdownSeconds": "7", "mode": "x"}


def test_another_program_gets_no_countdown(bench: Bench) -> None:
    bench.run(msgspec.structs.replace(bench.scenario(1), countdown_s=None))
    [job] = bench.aws.jobs.values()
    assert job.shape.parameters == {}


def test_a_run_that_is_not_monitored_looks_at_nothing(bench: Bench) -> None:
    report = bench.run(bench.scenario(3, is_monitored=False))
    assert {operation for operation, _ in bench.aws.calls} == {"SubmitJob"}
    assert [job.status for job in report.result.jobs] == ["SUBMITTED"] * 3
    assert report.result.outcome is RunOutcome.COMPLETE


def test_a_thousand_jobs_are_described_by_at_most_a_hundred(make_bench: MakeBench) -> None:
    bench = make_bench(latency_s=0.01)
    report = bench.run(bench.scenario(1_050, max_workers=100))
    assert report.result.levels[0].succeeded == 1_050
    assert max(len(ids) for ids in bench.aws.called("DescribeJobs")) == 100
    plans = [record for record in bench.journal.records if isinstance(record, Plan)]
    assert [len(plan.jobs) for plan in plans] == [1_000, 50]


def test_jobs_that_have_ended_are_not_asked_about_again(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda number: Timing(ended_s=15.0 if number == 1 else 65.0))
    bench.run(bench.scenario(2))
    asked = [len(ids) for ids in bench.aws.called("DescribeJobs")]
    assert asked == [2, 2, 1, 1, 1, 1, 1]


def test_failed_jobs_are_no_error_of_the_run(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda _: Timing(end=JobState.FAILED))
    report = bench.run(bench.scenario(2))
    assert report.error is None
    assert report.result.outcome is RunOutcome.COMPLETE
    assert (report.result.successful_jobs, report.result.failed_jobs) == (0, 2)
    assert not all_succeeded(report.result)


# --- submissions that meet with trouble -------------------------------------------------------------------------------


def test_a_throttled_submit_is_recorded_not_raised_and_tried_again(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", THROTTLED, THROTTLED)
    report = bench.run(bench.scenario(1))
    [job] = report.result.jobs
    assert (job.status, job.submit_tries) == ("SUCCEEDED", 3)
    submits = [
        record for record in bench.journal.records if isinstance(record, Call) and record.operation == "SubmitJob"
    ]
    assert [call.outcome for call in submits] == [CallOutcome.THROTTLED, CallOutcome.THROTTLED, CallOutcome.OK]
    assert [call.attempt for call in submits] == [1, 2, 3]
    assert all(call.back_off_ms > 0 for call in submits[:2])
    assert len(bench.aws.jobs) == 1
    assert report.result.levels[0].throttles == 2


def test_a_hint_of_the_servers_is_waited_for(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", replace(THROTTLED, retry_after_s=30.0))
    bench.run(bench.scenario(1))
    first, second = [
        record for record in bench.journal.records if isinstance(record, Call) and record.operation == "SubmitJob"
    ]
    assert second.sent_ms - first.received_ms >= 30_000


def test_a_job_whose_answer_was_lost_is_found_by_its_name_and_not_made_twice(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", LOST_DONE)
    report = bench.run(bench.scenario(1))
    [job] = report.result.jobs
    assert len(bench.aws.jobs) == 1
    assert (job.job_id, job.status) == ("id-1", "SUCCEEDED")
    assert [type(record) for record in bench.journal.records].count(Found) == 1
    assert bench.aws.called("ListJobs") == [f"{RUN}-job001"]


def test_a_job_that_becomes_visible_only_later_is_found_all_the_same(make_bench: MakeBench) -> None:
    bench = make_bench(invisible_s=5.0)
    bench.aws.trouble_next("SubmitJob", LOST_DONE)
    bench.run(bench.scenario(1))
    assert len(bench.aws.jobs) == 1
    assert len(bench.aws.called("ListJobs")) == 3


def test_a_job_that_was_not_made_is_looked_for_before_it_is_sent_again(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", LOST_UNDONE)
    report = bench.run(bench.scenario(1))
    operations = [operation for operation, _ in bench.aws.calls]
    assert operations[:5] == ["SubmitJob", "ListJobs", "ListJobs", "ListJobs", "SubmitJob"]
    assert report.result.jobs[0].status == "SUCCEEDED"


def test_a_job_that_cannot_be_looked_for_is_never_sent_again(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", LOST_DONE)
    bench.aws.always["ListJobs"] = UNAVAILABLE
    report = bench.run(bench.scenario(1))
    [job] = report.result.jobs
    assert len(bench.aws.called("SubmitJob")) == 1
    assert len(bench.aws.jobs) == 1
    assert job.status == "FAILED_TO_SUBMIT"
    assert job.error == "ReadTimeoutError: Read timeout"


def test_a_throttled_look_up_is_asked_again(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", LOST_DONE)
    bench.aws.trouble_next("ListJobs", THROTTLED, UNAVAILABLE)
    report = bench.run(bench.scenario(1))
    assert len(bench.aws.jobs) == 1
    assert report.result.jobs[0].job_id == "id-1"


def test_a_job_of_a_similar_name_is_not_taken_for_the_lost_one(bench: Bench) -> None:
    scenario = bench.scenario(1)

    async def work() -> None:
        await bench.aws.submit_job(f"{RUN}-job0011", scenario.job)
        await bench.aws.submit_job(f"{RUN}-JOB001", scenario.job)
        bench.aws.trouble_next("SubmitJob", LOST_UNDONE)
        report = await bench.run_now(scenario)
        assert report.result.jobs[0].job_id == "id-3"

    run_virtually(work())


def test_what_aws_refuses_has_failed_to_submit_and_the_rest_go_on(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", None, REFUSED, None)
    report = bench.run(bench.scenario(3, max_workers=1))
    assert [job.status for job in report.result.jobs] == ["SUCCEEDED", "FAILED_TO_SUBMIT", "SUCCEEDED"]
    refused = report.result.jobs[1]
    assert (refused.job_id, refused.error, refused.submit_tries) == (None, "ClientException: No.", 1)
    assert report.error is None
    assert (report.result.successful_jobs, report.result.failed_jobs) == (2, 1)


def test_endless_throttling_ends_in_a_refusal_of_each_job(bench: Bench) -> None:
    bench.aws.always["SubmitJob"] = THROTTLED
    report = bench.run(bench.scenario(2))
    assert report.error is None
    assert [job.error for job in report.result.jobs] == ["TooManyRequestsException: Too Many Requests"] * 2
    assert report.result.levels[0].throttles == sum(job.submit_tries or 0 for job in report.result.jobs) > 2


@pytest.mark.parametrize("max_workers", [1, 3, 10])
def test_no_more_submissions_are_in_flight_than_there_are_workers(bench: Bench, max_workers: int) -> None:
    bench.run(bench.scenario(30, max_workers=max_workers))
    assert bench.aws.most_in_flight["SubmitJob"] == max_workers


def test_jobs_are_sent_in_their_order(bench: Bench) -> None:
    bench.run(bench.scenario(30, max_workers=4))
    names = bench.aws.called("SubmitJob")
    assert names == sorted(names)


@pytest.mark.parametrize(("trouble", "error"), [(EXPIRED, CredentialsRejectedError), (DENIED, AccessDeniedError)])
def test_what_every_further_submission_would_meet_with_ends_the_run(
    bench: Bench, trouble: object, error: type[Exception]
) -> None:
    bench.aws.trouble_next("SubmitJob", None)
    bench.aws.always["SubmitJob"] = trouble  # type: ignore[assignment]
    report = bench.run(bench.scenario(100, max_workers=2))
    assert isinstance(report.error, error)
    assert report.result.outcome is RunOutcome.FAILED
    assert len(bench.aws.called("SubmitJob")) <= 4
    assert report.result.total_jobs == 100
    assert report.left_running == ("id-1",), "it goes on, and somebody should know"
    assert [job.error for job in report.result.jobs][50] == "NotSent"


def test_an_endpoint_that_is_gone_ends_the_run_instead_of_failing_job_after_job(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", None, None)
    bench.aws.always["*"] = UNAVAILABLE
    report = bench.run(bench.scenario(1_000))
    assert isinstance(report.error, EndpointUnreachableError)
    assert report.error.endpoint == "http://fake"
    assert len(bench.aws.called("SubmitJob")) < 250
    assert set(report.left_running) == {"id-1", "id-2"}


def test_credentials_that_vanish_end_the_run_with_a_result(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", None)
    bench.aws.always["SubmitJob"] = NO_CREDENTIALS
    report = bench.run(bench.scenario(3, max_workers=1))
    assert isinstance(report.error, NoCredentialsError)
    assert report.result.total_jobs == 3
    assert report.result.jobs[0].is_accepted


# --- looks that meet with trouble -------------------------------------------------------------------------------------


def test_a_throttled_look_loses_no_sighting(bench: Bench) -> None:
    bench.aws.trouble_next("DescribeJobs", THROTTLED, None, THROTTLED, THROTTLED)
    report = bench.run(bench.scenario(3))
    assert report.result.levels[0].succeeded == 3
    assert report.result.api is not None
    usage = report.result.api.operations["DescribeJobs"]
    assert (usage.throttled, usage.retried) == (3, 3)
    assert usage.calls == len(bench.aws.called("DescribeJobs"))


def test_expired_credentials_in_the_middle_keep_what_was_seen(bench: Bench) -> None:
    bench.aws.trouble_next("DescribeJobs", None)
    bench.aws.always["DescribeJobs"] = EXPIRED
    report = bench.run(bench.scenario(2))
    assert isinstance(report.error, CredentialsRejectedError)
    assert [job.status for job in report.result.jobs] == ["RUNNING", "RUNNING"]
    assert set(report.left_running) == {"id-1", "id-2"}
    assert not bench.aws.called("TerminateJob"), "nobody asked for the jobs' end"


def test_an_endpoint_that_dies_while_jobs_run_is_given_up_after_a_while(bench: Bench) -> None:
    bench.aws.trouble_next("DescribeJobs", None)
    bench.aws.always["DescribeJobs"] = UNAVAILABLE
    report = bench.run(bench.scenario(2))
    assert isinstance(report.error, EndpointUnreachableError)
    assert report.result.outcome is RunOutcome.FAILED


def test_an_endpoint_that_comes_back_costs_nothing_but_precision(bench: Bench) -> None:
    bench.aws.trouble_next("DescribeJobs", *[UNAVAILABLE] * 10)
    report = bench.run(bench.scenario(2))
    assert report.error is None
    assert report.result.levels[0].succeeded == 2


def test_looks_throttled_for_ever_end_the_run_with_aws_own_word(bench: Bench) -> None:
    bench.aws.always["DescribeJobs"] = THROTTLED
    report = bench.run(bench.scenario(1))
    assert isinstance(report.error, AwsCallError)
    assert report.error.error == "TooManyRequestsException"


def test_one_throttled_look_after_a_long_interval_is_no_reason_to_give_up(bench: Bench) -> None:
    bench.aws.trouble_next("DescribeJobs", THROTTLED)
    scenario = msgspec.structs.replace(bench.scenario(1), monitor_interval_s=900.0)
    report = bench.run(scenario)
    assert report.error is None
    assert report.result.levels[0].succeeded == 1


def test_a_job_that_disappears_is_asked_about_for_a_while_and_then_left_alone(bench: Bench) -> None:
    async def lose_one(_: Interruption) -> None:
        await asyncio.sleep(12)
        del bench.aws.jobs["id-2"]

    report = bench.run(bench.scenario(2), lose_one)
    assert report.error is None
    assert [job.status for job in report.result.jobs] == ["SUCCEEDED", "RUNNING"]
    looks = [record for record in bench.journal.records if isinstance(record, Look)]
    assert looks[-1].missing == "2"
    assert looks[-1].covered == ""
    assert report.result.levels[0].unfinished == 1


def test_jobs_that_are_not_visible_yet_are_waited_for(make_bench: MakeBench) -> None:
    bench = make_bench(invisible_s=15.0)
    report = bench.run(bench.scenario(2))
    assert report.result.levels[0].succeeded == 2


# --- the end, asked for -----------------------------------------------------------------------------------------------


def test_an_interrupted_run_ends_its_jobs_and_the_journal_says_so(bench: Bench) -> None:
    async def interrupt(interruption: Interruption) -> None:
        await asyncio.sleep(12)
        interruption.request("SIGINT")

    report = bench.run(bench.scenario(3), interrupt)
    assert report.result.outcome is RunOutcome.INTERRUPTED
    assert report.left_running == ()
    assert sorted(bench.aws.called("TerminateJob")) == ["id-1", "id-2", "id-3"]
    assert {job.status for job in report.result.jobs} == {"FAILED"}
    assert {job.status_reason for job in report.result.jobs} == {"batchgauge: the run was interrupted"}
    [interrupted] = [record for record in bench.journal.records if isinstance(record, Interrupted)]
    assert interrupted.cause == "SIGINT"
    stages = [snapshot.stage for snapshot in bench.watcher.snapshots]
    assert RunStage.ENDING_JOBS in stages
    assert stages[-1] is RunStage.DONE


def test_an_interruption_while_submitting_sends_nothing_more_and_ends_what_was_sent(bench: Bench) -> None:
    async def interrupt(interruption: Interruption) -> None:
        await asyncio.sleep(1.05)
        interruption.request("SIGINT")

    report = bench.run(bench.scenario(100, max_workers=1, is_monitored=False), interrupt)
    sent = len(bench.aws.called("SubmitJob"))
    assert sent == 11
    assert len(bench.aws.called("TerminateJob")) == sent
    assert sum(job.is_accepted for job in report.result.jobs) == sent
    assert report.result.total_jobs == 100


@pytest.mark.parametrize("operation", ["SubmitJob", "DescribeJobs"])
def test_an_interruption_does_not_wait_for_a_back_off_to_pass(bench: Bench, operation: str) -> None:
    bench.aws.always[operation] = THROTTLED
    ended_s: list[float] = []

    async def interrupt(interruption: Interruption) -> None:
        await asyncio.sleep(25)
        interruption.request("SIGINT")
        bench.aws.always.clear()

    async def work() -> None:
        interruption = Interruption()
        other = asyncio.ensure_future(interrupt(interruption))
        await bench.run_now(bench.scenario(3), interruption)
        ended_s.append(bench.aws.clock.elapsed_s)
        await other

    run_virtually(work())
    assert ended_s[0] < 27


def test_jobs_that_do_not_end_are_named(bench: Bench) -> None:
    bench.aws.always["TerminateJob"] = DENIED

    async def interrupt(interruption: Interruption) -> None:
        await asyncio.sleep(12)
        interruption.request("SIGTERM")

    bench.aws.timing = lambda _: Timing(ended_s=9_000)
    report = bench.run(bench.scenario(2), interrupt)
    assert set(report.left_running) == {"id-1", "id-2"}
    assert report.result.outcome is RunOutcome.INTERRUPTED


def test_credentials_that_vanish_before_the_end_still_leave_a_result(bench: Bench) -> None:
    async def interrupt(interruption: Interruption) -> None:
        await asyncio.sleep(12)
        bench.aws.always["*"] = NO_CREDENTIALS
        interruption.request("SIGINT")

    report = bench.run(bench.scenario(2), interrupt)
    assert set(report.left_running) == {"id-1", "id-2"}
    assert report.result.outcome is RunOutcome.INTERRUPTED


def test_a_second_request_leaves_at_once_and_nothing_runs_on_behind_it(bench: Bench) -> None:
    bench.aws.timing = lambda _: Timing(ended_s=None)
    bench.aws.always["TerminateJob"] = THROTTLED

    async def work() -> None:
        interruption = Interruption()
        running = asyncio.ensure_future(bench.run_now(bench.scenario(3), interruption))
        await asyncio.sleep(12)
        interruption.request("SIGINT")
        await asyncio.sleep(1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert bench.aws.clock.elapsed_s == 13
        assert asyncio.all_tasks() == {asyncio.current_task()}
        calls = len(bench.aws.calls)
        await asyncio.sleep(100)
        assert len(bench.aws.calls) == calls

    run_virtually(work())


def test_leaving_in_the_middle_of_a_launch_leaves_no_observer_behind(bench: Bench) -> None:
    async def work() -> None:
        running = asyncio.ensure_future(bench.run_now(bench.scenario(1_000, max_workers=1)))
        await asyncio.sleep(15)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtually(work())


# --- logs, progress, the disk -----------------------------------------------------------------------------------------


def test_log_streams_are_read_after_the_jobs_have_ended(bench: Bench) -> None:
    report = bench.run(bench.scenario(3))
    looks = [record for record in bench.journal.records if isinstance(record, LogLook)]
    assert [look.job for look in looks] == [1, 2, 3]
    assert report.result.levels[0].logs is not None
    assert report.result.levels[0].logs.delay.mean == Bound(40, 40)
    last_look = max(i for i, record in enumerate(bench.journal.records) if isinstance(record, Look))
    first_log = min(i for i, record in enumerate(bench.journal.records) if isinstance(record, LogLook))
    assert last_look < first_log


def test_logs_are_left_alone_where_nobody_wants_them(bench: Bench) -> None:
    around = replace(bench.surroundings(), reads_logs=False)

    async def work() -> None:
        await measure_run(RUN, bench.scenario(1), bench.journal, around, Interruption())

    run_virtually(work())
    assert not bench.aws.called("GetLogEvents")


def test_credentials_that_vanish_before_the_logs_are_read_lose_no_measurement(bench: Bench) -> None:
    bench.aws.always["GetLogEvents"] = NO_CREDENTIALS
    report = bench.run(bench.scenario(2))
    assert isinstance(report.error, NoCredentialsError)
    assert [job.status for job in report.result.jobs] == ["SUCCEEDED", "SUCCEEDED"]
    assert report.left_running == ()


def test_progress_counts_every_job_once_and_ends_with_done(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", REFUSED)
    bench.run(bench.scenario(5))
    for snapshot in bench.watcher.snapshots:
        assert snapshot.accepted == sum(snapshot.states.values())
        assert snapshot.accepted + snapshot.refused <= snapshot.total
    last = bench.watcher.snapshots[-1]
    assert (last.stage, last.accepted, last.refused, last.remaining_s) == (RunStage.DONE, 4, 1, None)


def test_a_journal_that_cannot_be_written_stops_the_run_before_anything_is_sent(bench: Bench) -> None:
    async def full() -> None:
        raise JournalError(path="journal.jsonl", reason="No space left on device")

    bench.journal.sync = full  # type: ignore[method-assign]
    with pytest.raises(JournalError):
        run_virtually(bench.run_now(bench.scenario(2)))
    assert bench.aws.calls == []


def test_what_was_meant_counts_from_when_sending_began(bench: Bench) -> None:
    report = bench.run(bench.scenario(5, max_workers=1))
    [started] = [record for record in bench.journal.records if isinstance(record, Started)]
    for number, job in enumerate(report.result.jobs, start=1):
        assert job.instants is not None
        assert job.instants.intended_ms == started.at_ms
        assert job.phases is not None
        assert job.phases.submit_ms is not None
        assert job.phases.submit_ms.latest == pytest.approx(100, abs=0.01)
        assert job.phases.submit_latency_ms is not None
        assert job.phases.submit_latency_ms.latest == pytest.approx(100 * number, abs=0.01)


def test_the_last_record_says_how_it_ended(bench: Bench) -> None:
    bench.run(bench.scenario(1))
    last = bench.journal.records[-1]
    assert isinstance(last, Ended)
    assert last.outcome is RunOutcome.COMPLETE
