"""``batchgauge observe`` on the embedded AWS, over HTTP."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batchgauge.core.journal import RunOutcome
from batchgauge.core.result.run_result import RunResult, from_document

Command = Callable[..., subprocess.CompletedProcess[str]]
TARGET = ("--job-queue", "windows-batch-queue")
SUBMIT = ("run", *TARGET, "--job-definition", "windows-countdown-job", "--quiet", "--results", "theirs")
QUICK = ("--monitor-interval", 0.2, "--until-idle", "0.5s", "--no-logs")


def result_in(folder: Path) -> RunResult:
    [document] = sorted(folder.glob("test-results/runs/*/result.json"))
    return from_document(document.read_bytes())


def test_jobs_of_another_command_are_measured(at_server: Command, tmp_path: Path) -> None:
    assert at_server(*SUBMIT, "--num-jobs", 3, "--countdown", 1).returncode == 0
    done = at_server("observe", *TARGET, "--name-prefix", "concurrent-test-", *QUICK)
    assert done.returncode == 0, done.stderr
    result = result_in(tmp_path)
    assert [job.status for job in result.jobs] == ["SUCCEEDED"] * 3
    assert str(result.run_id).startswith("observed-")
    assert result.job_definition.startswith("windows-countdown-job:")
    assert result.environment is not None
    assert result.environment.job_vcpus is not None
    assert "3 jobs: 3 succeeded" in done.stderr
    report = at_server("analyze", "test-results")
    assert report.returncode == 0, report.stderr
    assert at_server("status", "latest").stdout.startswith(f"{result.run_id}: complete")


def test_at_the_deadline_it_ends_with_code_5(at_server: Command, tmp_path: Path) -> None:
    assert at_server(*SUBMIT, "--num-jobs", 1, "--countdown", 60).returncode == 0
    done = at_server("observe", *TARGET, "--name-prefix", "concurrent-test-", *QUICK, "--deadline", "2s")
    assert done.returncode == 5, done.stderr
    assert result_in(tmp_path).outcome is RunOutcome.DEADLINE


def test_a_job_that_never_comes_is_an_error_at_the_deadline(at_server: Command) -> None:
    done = at_server("observe", *TARGET, "--name-prefix", "nothing-", *QUICK, "--deadline", "1s")
    assert done.returncode == 1
    assert "nothing-*" in done.stderr


def test_an_arrays_children_are_measured(at_server: Command, server: Any, tmp_path: Path) -> None:
    array = server.submit(parameters={"countdownSeconds": "1"}, arrayProperties={"size": 3})
    done = at_server("observe", "--array-job-id", array, *QUICK)
    assert done.returncode == 0, done.stderr
    result = result_in(tmp_path)
    assert [job.job_id for job in result.jobs] == [f"{array}:{index}" for index in range(3)]
    assert [job.status for job in result.jobs] == ["SUCCEEDED"] * 3
    assert result.job_queue == "windows-batch-queue"


def test_an_array_that_is_none_is_an_error(at_server: Command) -> None:
    done = at_server("observe", "--array-job-id", "nothing", *QUICK)
    assert done.returncode == 1
    assert "nothing" in done.stderr


def test_a_run_past_its_deadline_leaves_its_jobs_and_says_how_to_end_them(at_server: Command, tmp_path: Path) -> None:
    done = at_server(
        *("run", *TARGET, "--job-definition", "windows-countdown-job", "--num-jobs", 2, "--countdown", 60),
        *("--monitor", "--monitor-interval", 0.2, "--deadline", "3s"),
    )
    assert done.returncode == 5, done.stderr
    result = result_in(tmp_path)
    assert result.outcome is RunOutcome.DEADLINE
    assert f"batchgauge cleanup --run-id {result.run_id}" in done.stderr
    assert str(result.jobs[0].job_id) in done.stderr


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--name-prefix", "x"),
        (*TARGET, "--name-prefix", "x", "--array-job-id", "y"),
        (*TARGET, "--name-prefix", "x", "--deadline", "soon"),
        (*TARGET, "--name-prefix", "x", "--until-idle", "later"),
        (*TARGET, "--name-prefix", "x", "--monitor-interval", "0"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_asked(batchgauge: Command, flags: tuple[str, ...]) -> None:
    assert batchgauge("observe", *flags).returncode == 2
