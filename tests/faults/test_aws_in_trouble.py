"""AWS answers late, with errors, or not at all: a run gets every job in once, says what happened, and ends in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from batchgauge.core.journal import RunOutcome
from tests.faults.conftest import TARGET, WATCHED, StartCommand

Faults = Callable[..., None]


def names_of(server: Any, run: str) -> list[str]:
    pages = server.patient_batch.get_paginator("list_jobs")
    found = pages.paginate(jobQueue="windows-batch-queue", filters=[{"name": "JOB_NAME", "values": [f"{run}*"]}])
    return sorted(job["jobName"] for page in found for job in page["jobSummaryList"])


def test_a_storm_of_throttles_costs_time_and_nothing_else(start_at: StartCommand, faults: Faults) -> None:
    storm = [
        {"fault": "throttle", "operation": name, "share": 0.5} for name in ("SubmitJob", "DescribeJobs", "ListJobs")
    ]
    faults(requests=storm)
    done = start_at("run", *TARGET, *WATCHED, "--num-jobs", 12, "--countdown", 1).end()
    assert done.exit_code == 0, done.stderr
    assert {job.status for job in done.result.jobs} == {"SUCCEEDED"}
    assert done.result.api is not None
    assert done.result.api.throttles > 0
    assert "throttled" in done.stderr


def test_a_500_is_looked_into_before_anything_is_sent_again(
    server: Any, start_at: StartCommand, faults: Faults
) -> None:
    faults(
        requests=[
            {"fault": "error-after", "operation": "SubmitJob", "count": 1},
            {"fault": "error", "operation": "SubmitJob", "count": 1},
            {"fault": "error", "operation": "ListJobs", "count": 1},
        ]
    )
    done = start_at("run", *TARGET, *WATCHED, "--num-jobs", 3, "--countdown", 0).end()
    assert done.exit_code == 0, done.stderr
    run = str(done.result.run_id)
    assert names_of(server, run) == [f"{run}-job{number:03d}" for number in (1, 2, 3)], "each once"


def test_a_cut_connection_doubles_no_job(server: Any, start_at: StartCommand, faults: Faults) -> None:
    faults(
        requests=[
            {"fault": "cut-after", "operation": "SubmitJob", "count": 1},
            {"fault": "cut-before", "operation": "SubmitJob", "count": 1},
            {"fault": "cut-before", "operation": "DescribeJobs", "count": 2},
        ]
    )
    done = start_at("run", *TARGET, *WATCHED, "--num-jobs", 3, "--countdown", 0).end()
    assert done.exit_code == 0, done.stderr
    run = str(done.result.run_id)
    assert names_of(server, run) == [f"{run}-job{number:03d}" for number in (1, 2, 3)], "each once"


def test_a_slow_answer_is_a_long_submission(start_at: StartCommand, faults: Faults) -> None:
    faults(requests=[{"fault": "slow", "operation": "SubmitJob", "delayMs": 1500}])
    done = start_at("run", *TARGET, *WATCHED, "--num-jobs", 2, "--countdown", 0).end()
    assert done.exit_code == 0, done.stderr
    assert all(job.submit_duration is not None and job.submit_duration >= 1.5 for job in done.result.jobs)
    assert [job.submit_tries for job in done.result.jobs] == [1, 1]


def test_a_queue_that_is_disabled_under_way_refuses_the_rest(server: Any, start_at: StartCommand) -> None:
    batch = server.client("batch")
    before = set(names_of(server, "concurrent-test-"))
    running = start_at("run", *TARGET, *WATCHED, "--num-jobs", 6, "--load", "rate:1", "--countdown", 1)
    server.until(lambda: len(set(names_of(server, "concurrent-test-")) - before) >= 2 or None)
    batch.update_job_queue(jobQueue="windows-batch-queue", state="DISABLED")
    try:
        done = running.end()
    finally:
        batch.update_job_queue(jobQueue="windows-batch-queue", state="ENABLED")
    assert done.exit_code == 3, done.stderr
    assert done.result.outcome is RunOutcome.COMPLETE
    statuses = [job.status for job in done.result.jobs]
    assert statuses[:2] == ["SUCCEEDED", "SUCCEEDED"]
    assert statuses[-1] == "FAILED_TO_SUBMIT"
    assert "ClientException" in str(done.result.jobs[-1].error)
    assert "windows-batch-queue" in done.stdout, "the table says why"


def test_a_queue_that_is_deleted_under_way_ends_its_jobs(server: Any, start_at: StartCommand) -> None:
    batch = server.client("batch")
    batch.create_job_queue(
        jobQueueName="short-lived",
        priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "windows-batch-environment"}],
    )
    arguments = ("--job-queue", "short-lived", *TARGET[2:], *WATCHED, "--num-jobs", 2, "--countdown", 600)
    running = start_at("run", *arguments)

    def both_run() -> bool | None:
        page = batch.list_jobs(jobQueue="short-lived", jobStatus="RUNNING")["jobSummaryList"]
        return len(page) == 2 or None

    server.until(both_run)
    batch.update_job_queue(jobQueue="short-lived", state="DISABLED")
    batch.delete_job_queue(jobQueue="short-lived")
    done = running.end()
    assert done.exit_code == 3, done.stderr
    assert [job.status for job in done.result.jobs] == ["FAILED", "FAILED"]
    assert {job.status_reason for job in done.result.jobs} == {"JobQueue deleted"}
    assert "JobQueue deleted" in done.stdout


def test_jobs_whose_image_cannot_be_pulled_fail_with_awss_reason(start_at: StartCommand, faults: Faults) -> None:
    faults(jobs={"imagePullFailures": 1.0})
    done = start_at("run", *TARGET, *WATCHED, "--num-jobs", 2, "--countdown", 1).end()
    assert done.exit_code == 3, done.stderr
    assert all("CannotPullContainerError" in str(job.reason) for job in done.result.jobs)
    assert "Task failed to start" in done.stdout or "CannotPullContainerError" in done.stdout


@pytest.mark.usefixtures("no_jobs_left")
def test_jobs_whose_end_is_never_reported_are_left_at_the_deadline(start_at: StartCommand, faults: Faults) -> None:
    faults(jobs={"vanishing": 1.0})
    done = start_at("run", *TARGET, *WATCHED, "--num-jobs", 2, "--countdown", 0, "--deadline", "4s").end()
    assert done.exit_code == 5, done.stderr
    assert {job.status for job in done.result.jobs} == {"RUNNING"}
    assert "2 jobs" in done.stderr
    assert "batchgauge cleanup --run-id" in done.stderr, "how to end them"


def test_jobs_that_crash_are_counted_and_their_run_time_is_a_lower_bound(
    start_at: StartCommand, faults: Faults
) -> None:
    faults(jobs={"crashes": 1.0, "crashAfter": {"medianMs": 100}})
    done = start_at("run", *TARGET, *WATCHED, "--num-jobs", 2, "--countdown", 600).end()
    assert done.exit_code == 3, done.stderr
    assert {job.reason for job in done.result.jobs} == {"OutOfMemoryError: Container killed due to memory usage"}
    run = done.result.levels[0].run
    assert run is not None
    assert run.censored == 2
