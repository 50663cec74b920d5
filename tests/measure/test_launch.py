"""Submissions that meet with trouble: recorded, tried again where that is safe, and never made twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from batchgauge.core.journal import (
    Call,
    CallOutcome,
    Found,
    RunOutcome,
)
from batchgauge.errors import (
    AccessDeniedError,
    CredentialsRejectedError,
    EndpointUnreachableError,
    NoCredentialsError,
)
from batchgauge.measure.run import RunReport
from batchgauge.ports import Reply, SubmittedJob
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
)
from tests.measure.virtual_time import run_virtually


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


@pytest.mark.parametrize("is_made", [True, False])
def test_an_answer_that_does_not_come_is_waited_for_no_more_once_aws_shows_the_job(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, is_made: bool
) -> None:
    submit, silent = bench.aws.submit_job, iter([True])

    async def sometimes(*arguments: Any) -> Reply[SubmittedJob]:
        if not next(silent, False):
            return await submit(*arguments)
        reply = await submit(*arguments) if is_made else None
        await asyncio.sleep(60)
        return reply or await submit(*arguments)

    monkeypatch.setattr(bench.aws, "submit_job", sometimes)
    result = bench.run(bench.scenario(2, max_workers=1)).result
    second = result.jobs[1].instants
    assert second is not None
    assert second.sent_ms is not None
    assert second.intended_ms is not None
    assert (second.sent_ms - second.intended_ms < 20_000) is is_made, "the place among those in flight is free again"
    assert result.ledger is not None
    assert (result.ledger.found_again, result.ledger.accepted, result.ledger.doubled) == (is_made, 2 - is_made, 0)
    assert len(bench.aws.jobs) == 2


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


def test_the_lost_one_is_found_behind_many_of_similar_names(make_bench: MakeBench) -> None:
    bench = make_bench(page_size=1)

    async def work() -> None:
        bench.aws.trouble_next("SubmitJob", LOST_DONE)
        running = asyncio.ensure_future(bench.run_now(bench.scenario(1)))
        await asyncio.sleep(0.5)  # later than the lost one: AWS lists the newest first
        bench.aws.make_job(f"{RUN}-JOB001", "capitals")
        bench.aws.make_job(f"{RUN}-job0011", "longer")
        assert (await running).result.jobs[0].job_id == "id-1"

    run_virtually(work())
    assert len(bench.aws.submitted) == 1


def test_a_strangers_job_of_the_very_name_is_not_taken_for_the_lost_one(bench: Bench) -> None:
    scenario = bench.scenario(1)

    async def work() -> RunReport:
        await bench.aws.submit_job(f"{RUN}-job001", scenario.job)
        bench.aws.trouble_next("SubmitJob", LOST_UNDONE)
        return await bench.run_now(scenario)

    report = run_virtually(work())
    assert report.result.jobs[0].job_id == "id-2"
    assert report.strangers == (f"{RUN}-job001",)
    assert bench.aws.called("TerminateJob") == []


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


def test_a_throttled_job_is_tried_again_for_as_long_as_the_run_gets_any_job_in(bench: Bench) -> None:
    """A hundred workers against a limit throttle each other: our own doing, and no reason to give a job up."""
    bench.aws.trouble_next("SubmitJob", *([*[THROTTLED] * 60, None] * 20))
    report = bench.run(bench.scenario(20, max_workers=20))
    assert {job.status for job in report.result.jobs} == {"SUCCEEDED"}
    assert max(job.submit_tries or 0 for job in report.result.jobs) > 20


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
