"""``batchgauge run`` on the embedded AWS, over HTTP."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batchgauge.core.result.builder import build_result
from batchgauge.core.result.run_result import from_document
from batchgauge.store.journal import read_journal

Command = Callable[..., subprocess.CompletedProcess[str]]

TARGET = ("--job-queue", "windows-batch-queue", "--job-definition", "windows-countdown-job")
QUICK = ("--countdown", 1, "--monitor", "--monitor-interval", 0.2)
SPECIFIED = {"timestamp", "jobQueue", "jobDefinition", "totalJobs", "successfulJobs", "failedJobs", "jobs"}
SPECIFIED_OF_A_JOB = {"jobId", "jobName", "submissionTime", "submitDuration", "countdownSeconds", "status"}


def documents(folder: Path) -> list[Path]:
    return sorted(folder.glob("test-results/runs/*/result.json"))


def test_a_monitored_run_writes_the_specifications_document(at_server: Command, tmp_path: Path) -> None:
    done = at_server("run", *TARGET, *QUICK, "--num-jobs", 3, "--output", "results.json")
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert document.keys() >= SPECIFIED
    assert all(job.keys() >= SPECIFIED_OF_A_JOB for job in document["jobs"])
    assert (document["totalJobs"], document["successfulJobs"], document["failedJobs"]) == (3, 3, 0)
    assert [job["status"] for job in document["jobs"]] == ["SUCCEEDED"] * 3
    assert [job["countdownSeconds"] for job in document["jobs"]] == [1] * 3
    assert "results.json" in done.stderr
    assert "SUCCEEDED" in done.stderr


def test_the_document_can_be_made_again_from_the_journal(at_server: Command, tmp_path: Path) -> None:
    assert at_server("run", *TARGET, *QUICK, "--num-jobs", 2).returncode == 0
    [document] = documents(tmp_path)
    records = read_journal(document.with_name("journal.jsonl"))
    assert build_result(records) == from_document(document.read_bytes())


def test_without_monitor_jobs_are_submitted_and_nothing_is_waited_for(at_server: Command, tmp_path: Path) -> None:
    done = at_server("run", *TARGET, "--num-jobs", 2, "--countdown", 0)
    assert done.returncode == 0, done.stderr
    [document] = documents(tmp_path)
    assert [job.status for job in from_document(document.read_bytes()).jobs] == ["SUBMITTED"] * 2


def test_json_puts_the_document_on_stdout_and_quiet_says_nothing(at_server: Command, tmp_path: Path) -> None:
    done = at_server("run", *TARGET, *QUICK, "--num-jobs", 1, "--json", "--quiet")
    assert done.stderr == ""
    [document] = documents(tmp_path)
    assert done.stdout == document.read_text(encoding="utf-8")


def test_what_a_load_came_to_is_in_the_result(at_server: Command, tmp_path: Path) -> None:
    command = "countdown 1 --cpu 20% --memory 2M --io 1M/s"
    aimed = ("--job-queue", "windows-batch-queue", "--job-definition", "linux-countdown-job")
    done = at_server("run", *aimed, "--command", command, "--num-jobs", 2, "--monitor")
    assert done.returncode == 0, done.stderr
    [document] = documents(tmp_path)
    for job in from_document(document.read_bytes()).jobs:
        assert job.program is not None
        assert job.program.load is not None
        assert job.program.load.cpu_wanted_s == 0.2
        assert job.program.load.memory_touched_bytes == 2 * 2**20
        assert job.program.load.io_written_bytes == 2**20


def test_any_program_can_be_measured(at_server: Command, server: Any, tmp_path: Path) -> None:
    done = at_server(
        *("run", "--job-queue", "windows-batch-queue", "--job-definition", "linux-countdown-job"),
        *("--command", 'sh -c "echo $GREETING of $AWS_BATCH_JOB_ID"', "--environment", "GREETING=hello"),
        *("--vcpus", 0.5, "--memory", 1024, "--num-jobs", 1, "--monitor", "--monitor-interval", 0.2),
    )
    assert done.returncode == 0, done.stderr
    [document] = documents(tmp_path)
    [job] = from_document(document.read_bytes()).jobs
    assert job.countdown_seconds is None
    assert server.lines_of(server.finished_job(str(job.job_id))) == [f"hello of {job.job_id}"]


def test_a_job_that_fails_gives_exit_code_3(at_server: Command, tmp_path: Path) -> None:
    done = at_server(
        *("run", "--job-queue", "windows-batch-queue", "--job-definition", "linux-countdown-job"),
        *("--command", 'sh -c "exit 7"', "--num-jobs", 2, "--monitor", "--monitor-interval", 0.2),
    )
    assert done.returncode == 3
    [document] = documents(tmp_path)
    result = from_document(document.read_bytes())
    assert [job.exit_code for job in result.jobs] == [7, 7]
    assert result.failed_jobs == 2


def test_of_250_jobs_every_one_is_accounted_for(
    start_server: Callable[..., Any], batchgauge: Command, tmp_path: Path
) -> None:
    server = start_server("--max-vcpus", "300")
    pointing = {name: value for name, value in server.environment.items() if name.startswith("AWS_")}
    done = batchgauge(
        *("run", *TARGET, "--num-jobs", 250, "--countdown", 1, "--monitor", "--monitor-interval", 1),
        # Without a process each: test_truth_on_embedded_aws has as many real ones.
        *("--environment", "BATCHGAUGE_VIRTUAL=1"),
        environ=pointing,
    )
    assert done.returncode == 0, done.stderr
    [document] = documents(tmp_path)
    result = from_document(document.read_bytes())
    assert len({job.job_id for job in result.jobs}) == 250
    assert {job.status for job in result.jobs} == {"SUCCEEDED"}
    assert result.levels[0].wait is not None
    assert result.levels[0].wait.count == 250
    # 50 a second and a bucket of 50: the rest was throttled, and every throttle was counted.
    assert result.api is not None
    assert result.api.throttles > 0


def test_local_brings_its_own_aws_and_says_that_it_is_a_model(batchgauge: Command, tmp_path: Path) -> None:
    done = batchgauge(
        *("run", "--local", "--time-scale", 0.001, "--num-jobs", 2, "--countdown", 1, "--monitor-interval", 0.2)
    )
    assert done.returncode == 0, done.stderr
    [document] = documents(tmp_path)
    result = from_document(document.read_bytes())
    assert result.environment is not None
    assert result.environment.is_local
    assert result.environment.time_scale == 0.001
    assert [job.status for job in result.jobs] == ["SUCCEEDED"] * 2


def test_an_endpoint_that_is_an_embedded_aws_is_recognised(at_server: Command, tmp_path: Path) -> None:
    assert at_server("run", *TARGET, "--num-jobs", 1, "--countdown", 0).returncode == 0
    [document] = documents(tmp_path)
    environment = from_document(document.read_bytes()).environment
    assert environment is not None
    assert environment.is_local


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_help_names_every_flag_of_the_specification(batchgauge: Command, language: str) -> None:
    shown = batchgauge("run", "--help", environ={"BATCHGAUGE_LANG": language}).stdout
    for flag in (
        *("--job-queue", "--job-definition", "--num-jobs", "--countdown", "--max-workers", "--region", "--output"),
        *("--monitor", "--monitor-interval"),
    ):
        assert f"{flag} " in shown
