"""The end of a run where AWS would not answer, would not list, or would not end jobs: what may go on is named, with how to end it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.findings.rules import find
from batchgauge.core.journal import RunOutcome
from batchgauge.core.result.validity import Doubt, Verdict
from tests.faults.conftest import TARGET, WATCHED, StartCommand

Faults = Callable[..., None]
CLEANUP = "hint: to end them: batchgauge cleanup --run-id concurrent-test-"

pytestmark = pytest.mark.usefixtures("no_jobs_left")


def running_ids(server: Any) -> list[str]:
    page = server.patient_batch.list_jobs(jobQueue="windows-batch-queue", jobStatus="RUNNING")
    return [job["jobId"] for job in page["jobSummaryList"]]


def test_submissions_that_nobody_could_look_up_are_named_with_how_to_end_them(
    start_at: StartCommand, faults: Faults
) -> None:
    faults(
        requests=[
            {"fault": "cut-after", "operation": "SubmitJob", "count": 2},
            {"fault": "denied", "operation": "ListJobs"},
        ]
    )
    done = start_at("run", *TARGET, *WATCHED, "--num-jobs", 2, "--countdown", 600).end()
    assert done.exit_code == 1
    assert "ListJobs" in done.complaint[0]
    [warning] = [
        line for line in done.stderr.splitlines() if line.startswith("warning: 2 submissions met with no answer")
    ]
    assert f"{done.result.run_id}-job001, {done.result.run_id}-job002" in warning
    assert CLEANUP in done.stderr
    assert "0 not submitted, 2 without an answer (their jobs may exist)" in done.stderr
    assert done.result.validity is not None
    doubts = [finding.doubt for finding in done.result.validity.findings]
    assert Doubt.UNANSWERED in doubts
    assert Doubt.NO_JOB_ACCEPTED not in doubts
    assert done.result.validity.verdict is Verdict.INVALID
    [level] = done.result.levels
    run = AnalysedRun("f", done.result, level)
    found = [finding.code for finding in find(Analysis((run,)))]
    assert "jobs-unanswered" in found
    assert "jobs-refused" not in found


def test_those_that_were_taken_and_those_that_may_have_been_are_told_apart(
    start_at: StartCommand, faults: Faults
) -> None:
    faults(
        requests=[
            {"fault": "cut-after", "operation": "SubmitJob", "count": 2},
            {"fault": "denied", "operation": "ListJobs"},
        ]
    )
    done = start_at("run", *TARGET, *WATCHED, "--num-jobs", 5, "--countdown", 600).end()
    assert done.exit_code == 1
    assert "warning: 3 jobs of concurrent-test-" in done.stderr
    assert "warning: 2 submissions met with no answer" in done.stderr
    assert done.stderr.count(CLEANUP) == 1


def test_why_aws_would_not_end_jobs_is_said(
    start_at: StartCommand, faults: Faults, until_running: Callable[[int], list[str]]
) -> None:
    running = start_at("run", *TARGET, *WATCHED, "--num-jobs", 3, "--countdown", 600)
    until_running(3)
    faults(requests=[{"fault": "denied", "operation": operation} for operation in ("TerminateJob", "TerminateJobs")])
    running.process.send_signal(signal.SIGTERM)
    done = running.end()
    assert done.exit_code == 130
    assert "these credentials may not call TerminateJob" in done.stderr
    assert "hint: allow TerminateJob in the IAM policy" in done.stderr
    assert "warning: 3 jobs of concurrent-test-" in done.stderr
    assert CLEANUP in done.stderr
    again = start_at("resume", "latest", "--deadline", "1s").end()
    assert "warning: 3 of the jobs of concurrent-test-" in again.stderr
    assert "were ended when it was interrupted" not in again.stderr


def test_an_answer_that_never_comes_does_not_keep_the_jobs_from_being_ended(
    server: Any, start_at: StartCommand, faults: Faults, until_running: Callable[[int], list[str]]
) -> None:
    faults(requests=[{"fault": "lost-answer", "operation": "SubmitJob", "count": 1}])
    running = start_at("run", *TARGET, *WATCHED, "--num-jobs", 3, "--countdown", 600)
    until_running(3)
    running.process.send_signal(signal.SIGTERM)
    done = running.end()
    assert done.exit_code == 130, done.stderr
    assert done.result.outcome is RunOutcome.INTERRUPTED
    assert "3 jobs of concurrent-test-" in done.stderr
    assert "nothing of the run is left on AWS" in done.stderr
    assert running_ids(server) == []
