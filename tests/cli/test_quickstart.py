"""``batchgauge quickstart``: the main job on the embedded AWS, and the checks before a run on AWS."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]
RESULTS = Path("test-results") / "quickstart"
QUEUE = ("--job-queue", "windows-batch-queue")


def assert_is_complete(done: subprocess.CompletedProcess[str], folder: Path, level: int) -> None:
    assert done.returncode == 0, done.stderr
    [path] = (folder / RESULTS).glob("test-case-1-*.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (document["totalJobs"], document["successfulJobs"]) == (level, level)
    assert (folder / RESULTS / "performance-report.md").exists()
    assert (folder / RESULTS / "performance-charts.png").exists()
    assert f"{level}/{level}" in done.stdout
    for name in ("performance-report.md", "performance-charts.png"):
        assert str(RESULTS / name) in done.stderr


@pytest.mark.slow
def test_as_a_newcomer_types_it_all_four_levels_are_measured_and_a_second_time_too(
    batchgauge: Command, tmp_path: Path
) -> None:
    """The second time the files of the first are set aside, and where they are is said."""
    done = batchgauge("quickstart")
    assert done.returncode == 0, done.stderr
    totals = [json.loads(path.read_text())["totalJobs"] for path in sorted((tmp_path / RESULTS).glob("test-case-*"))]
    assert totals == [2, 5, 10, 20]
    again = batchgauge("quickstart", "--num-jobs", 3, "--countdown", 0)
    assert_is_complete(again, tmp_path, 3)
    assert "superseded" in again.stderr


def test_with_a_queue_the_checks_come_first(at_server: Command, tmp_path: Path) -> None:
    done = at_server("quickstart", *QUEUE, "--countdown", 0)
    checks = [line for line in done.stderr.splitlines() if line.startswith("ok  ")]
    said = "\n".join(checks)
    for word in ("123456789012", "windows-batch-queue", "FARGATE", "ACTIVE", "BatchExecutionRole", "internet-gateway"):
        assert word in said
    assert_is_complete(done, tmp_path, 3)


def test_failed_checks_are_each_said_with_their_remedy_and_nothing_is_started(
    at_server: Command, server: Any, tmp_path: Path
) -> None:
    done = at_server("quickstart", "--job-queue", "no-such-queue", "--job-definition", "no-such-definition")
    assert done.returncode == 1
    failed = [line for line in done.stderr.splitlines() if line.startswith("failed")]
    assert ["no-such-queue" in failed[0], "no-such-definition" in failed[1]] == [True, True]
    assert "aws batch describe-job-queues --region us-west-2" in done.stderr
    assert list((tmp_path / RESULTS).glob("**/*.json")) == []


def test_a_disabled_queue_is_a_failed_check(at_server: Command, server: Any) -> None:
    batch = server.client("batch")
    [queue] = batch.describe_job_queues(jobQueues=["windows-batch-queue"])["jobQueues"]
    order = queue["computeEnvironmentOrder"]
    batch.create_job_queue(jobQueueName="resting", state="DISABLED", priority=1, computeEnvironmentOrder=order)
    done = at_server("quickstart", "--job-queue", "resting")
    assert done.returncode == 1
    assert "DISABLED" in done.stderr


def test_without_credentials_the_first_check_fails(batchgauge: Command) -> None:
    done = batchgauge("quickstart", *QUEUE)
    assert done.returncode == 1
    assert done.stderr.startswith("error: no AWS credentials were found")
    assert "hint: " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "flag"),
    [
        (("--num-jobs", 0), "--num-jobs"),
        (("--countdown", -1), "--countdown"),
        (("--job-definition", "mine"), "--job-queue"),
        (("--endpoint-url", "http://127.0.0.1:9"), "--job-queue"),
    ],
)
def test_bad_input_names_the_flag(arguments: tuple[str, Any], flag: str, batchgauge: Command) -> None:
    done = batchgauge("quickstart", *arguments)
    assert done.returncode == 2
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]
    assert flag in done.stderr
