"""``batchgauge explain`` against a running server: jobs that wait and fail for real."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]
SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "explain.schema.json"
QUEUE = "windows-batch-queue"
REGISTRY = "123456789012.dkr.ecr.us-west-2.amazonaws.com"


def submit(
    server: Any,
    name: str,
    *command: str,
    image: str = "busybox",
    queue: str = QUEUE,
    container: Mapping[str, Any] | None = None,
    **more: Any,
) -> str:
    """A job of a definition of its own, which has the job's name."""
    batch = server.client("batch")
    batch.register_job_definition(
        jobDefinitionName=name,
        type="container",
        platformCapabilities=["FARGATE"],
        containerProperties={
            "image": image,
            "command": list(command) or ["true"],
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
            "executionRoleArn": "arn:aws:iam::123456789012:role/BatchExecutionRole",
            **(container or {}),
        },
    )
    return str(batch.submit_job(jobName=name, jobQueue=queue, jobDefinition=name, **more)["jobId"])


def explained(at_server: Command, *arguments: object) -> dict[str, Any]:
    done = at_server("explain", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(report, json.loads(SCHEMA.read_text(encoding="utf-8")))
    return report


def causes(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(cause["code"], cause["certainty"]) for cause in report["job"]["causes"]]


@pytest.mark.parametrize(
    ("name", "command", "image", "expected"),
    [
        ("exits", ["sh", "-c", "echo oops; exit 3"], "busybox", ("program-failed", "known")),
        ("unpullable", ["true"], f"{REGISTRY}/windows-countdown:v404", ("image-not-found", "known")),
        ("repositoryless", ["true"], f"{REGISTRY}/nowhere", ("image-not-found", "known")),
        ("programless", ["no-such-program"], "busybox", ("program-not-found", "known")),
        ("killed", ["sh", "-c", "kill -9 $$"], "busybox", ("killed", "likely")),
        ("aborted", ["sh", "-c", "kill -6 $$"], "busybox", ("system-exit-code", "known")),
    ],
)
def test_a_job_that_fails(
    name: str, command: list[str], image: str, expected: tuple[str, str], at_server: Command, server: Any
) -> None:
    job_id = submit(server, name, *command, image=image)
    assert server.finished_job(job_id)["status"] == "FAILED"
    assert causes(explained(at_server, job_id))[0] == expected


def test_a_cancelled_job_that_still_waits_is_said_to_be_cancelled_and_nothing_else(
    at_server: Command, server: Any
) -> None:
    first = submit(server, "goes-on", "sleep", "60")
    second = submit(server, "after-it", dependsOn=[{"jobId": first}])
    batch = server.patient_batch
    server.until(lambda: True if batch.describe_jobs(jobs=[second])["jobs"][0]["status"] == "PENDING" else None)
    waiting = explained(at_server, second)["job"]
    assert [reason["code"] for reason in waiting["waiting"]] == ["dependency"]
    batch.cancel_job(jobId=second, reason="no longer wanted")
    cancelled = explained(at_server, second)["job"]
    batch.terminate_job(jobId=first, reason="done")
    assert (cancelled["state"], cancelled["isCancelled"], "waiting" in cancelled) == ("PENDING", True, False)


def test_a_container_whose_log_group_is_missing(at_server: Command, server: Any) -> None:
    log = {"logDriver": "awslogs", "options": {"awslogs-group": "/nowhere"}}
    job_id = submit(server, "groupless", container={"logConfiguration": log})
    server.finished_job(job_id)
    assert causes(explained(at_server, job_id)) == [("log-group-missing", "known")]
    done = at_server("explain", job_id, "--endpoint-url", server.endpoint)
    # The remedy's command asks the same Region and endpoint.
    command = f"aws logs create-log-group --log-group-name NAME --region us-west-2 --endpoint-url {server.endpoint}"
    assert command in " ".join(done.stdout.split())
    made = {"logDriver": "awslogs", "options": {"awslogs-group": "/made", "awslogs-create-group": "true"}}
    assert server.finished_job(submit(server, "maker", container={"logConfiguration": made}))["status"] == "SUCCEEDED"


def test_the_end_of_the_log_is_shown_and_moves_no_cursor(at_server: Command, server: Any) -> None:
    job_id = submit(server, "hostile", "printf", "first\\nlast\\033[2J\\n")
    server.finished_job(job_id)
    assert explained(at_server, job_id)["job"]["lastLines"] == ["first", "last\x1b[2J"]
    done = at_server("explain", "hostile")
    assert "  first\n  last" in done.stdout
    assert "\x1b" not in done.stdout


def test_dependents_and_terminated_jobs_in_words(at_server: Command, server: Any) -> None:
    failed = submit(server, "base", "false")
    dependent = submit(server, "dependent", dependsOn=[{"jobId": failed}])
    server.finished_job(dependent)
    done = at_server("explain", "dependent", "--job-queue", QUEUE, "--lang", "ja")
    assert "確実: 依存先のジョブが失敗したため、実行されませんでした。" in done.stdout
    running = submit(server, "running", "sleep", "30")
    server.client("batch").terminate_job(jobId=running, reason="enough of it")
    server.finished_job(running)
    done = at_server("explain", running)
    assert "likely: Somebody cancelled or terminated it" in done.stdout
    assert "enough of it" in done.stdout


def test_what_a_job_waits_for(at_server: Command, server: Any) -> None:
    batch = server.client("batch")
    order = [{"order": 1, "computeEnvironment": "windows-batch-environment"}]
    batch.create_job_queue(jobQueueName="closing", state="ENABLED", priority=1, computeEnvironmentOrder=order)
    # The environment is filled to its last vCPU, so that the next job stays where it is.
    filling = [submit(server, f"fill{number}", "sleep", "60") for number in range(16)]
    waiting = submit(server, "waits", queue="closing")
    batch.update_job_queue(jobQueue="closing", state="DISABLED")
    report = explained(at_server, waiting)
    assert report["job"]["state"] in ("SUBMITTED", "RUNNABLE")
    assert report["job"]["waiting"][0]["code"] == "queue-disabled"
    assert "aws batch update-job-queue --job-queue closing" in at_server("explain", "waits").stdout
    for job_id in [*filling, waiting]:
        batch.terminate_job(jobId=job_id, reason="over")
    for job_id in filling:
        server.finished_job(job_id)


def test_a_name_that_is_several_jobs_and_one_that_is_none(at_server: Command, server: Any) -> None:
    submit(server, "twin-a")
    submit(server, "twin-b")
    several = at_server("explain", "twin-")
    assert (several.returncode, "twin-a" in several.stderr, "twin-b" in several.stderr) == (1, True, True)
    none = at_server("explain", "nobody")
    assert [line.partition(":")[0] for line in none.stderr.splitlines()] == ["error", "hint"]


def test_a_runs_failures_are_grouped_and_its_summary_says_the_same(
    at_server: Command, server: Any, tmp_path: Path
) -> None:
    done = at_server(
        *("run", "--job-queue", QUEUE, "--job-definition", "linux-countdown-job", "--num-jobs", 3, "--monitor"),
        *("--command", '["sh", "-c", "exit 127"]', "--monitor-interval", 0.5),
    )
    assert done.returncode == 3
    assert "the command was not found (known)" in " ".join(done.stdout.split())
    report = explained(at_server, "--all-failed")
    assert report["failed"] == 3
    [group] = report["groups"]
    assert (group["jobs"], group["causes"][0]["arguments"]["meaning"]) == (3, "command-not-found")
    words = at_server("explain", "--run", "latest", "--all-failed", "--lang", "ja")
    assert "コマンドが見つかりません" in words.stdout
    one = explained(at_server, group["names"][0], "--run", "latest")
    assert one["job"]["jobName"] == group["names"][0]
    at_server("analyze", "test-results")
    markdown = (tmp_path / "test-results" / "performance-report.md").read_text(encoding="utf-8")
    assert "the command was not found (known)" in markdown


def test_without_a_job_the_argument_is_named(batchgauge: Command) -> None:
    done = batchgauge("explain")
    assert (done.returncode, "JOB" in done.stderr) == (2, True)
    both = batchgauge("explain", "x", "--all-failed")
    assert (both.returncode, "--all-failed" in both.stderr) == (2, True)
