"""Runs followed by events on the embedded AWS, over HTTP and as a user starts them; events come late, doubled and out of order."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batchgauge.core.journal import EventBatch, EventRouteStage
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.run_result import RunResult, from_document, to_document
from batchgauge.store.journal import read_journal
from tests.conftest import ServerHandle

StartServer = Callable[..., ServerHandle]
TARGET = ("--job-queue", "windows-batch-queue", "--job-definition", "linux-countdown-job")
FAULTS = {"events": {"duplicated": 0.3, "reordered": 0.3, "delayed": 0.2, "delayMs": 1500}}


def environment(server: ServerHandle, home: Path) -> dict[str, str]:
    return {**server.environment, "BATCHGAUGE_LANG": "en", "HOME": str(home)}


def batchgauge(server: ServerHandle, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "batchgauge", *arguments],
        cwd=folder,
        env=environment(server, folder),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def result_in(folder: Path) -> tuple[RunResult, Path]:
    [document] = folder.glob("test-results/runs/*/result.json")
    return from_document(document.read_bytes()), document.with_name("journal.jsonl")


def left(server: ServerHandle) -> tuple[list[Any], list[Any]]:
    rules = server.client("events").list_rules(NamePrefix="batchgauge-")["Rules"]
    queues = server.client("sqs").list_queues(QueueNamePrefix="batchgauge-").get("QueueUrls", [])
    return rules, queues


@pytest.fixture
def troubled(start_server: StartServer, tmp_path: Path) -> ServerHandle:
    """A server whose events go through much."""
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps(FAULTS))
    return start_server(
        "--faults", str(faults), "--ground-truth", str(tmp_path / "truth.jsonl"), "--time-scale", "0.02"
    )


@pytest.mark.slow
def test_no_event_is_lost_every_bound_holds_and_nothing_is_left(troubled: ServerHandle, tmp_path: Path) -> None:
    done = batchgauge(troubled, tmp_path, "run", *TARGET, "--num-jobs", "24", "--countdown", "1", "--events")
    assert done.returncode == 0, done.stderr
    result, journal = result_in(tmp_path)
    assert to_document(build_result(read_journal(journal))) == to_document(result)
    assert left(troubled) == ([], [])

    events = result.events
    assert events is not None
    assert events.route is EventRouteStage.TAKEN_AWAY
    truth: dict[str, dict[str, float]] = {}
    sent = 0
    for line in (tmp_path / "truth.jsonl").read_text().splitlines():
        record = json.loads(line)
        if "toState" in record:
            truth.setdefault(record["jobId"], {})[record["toState"]] = record["timeMs"]
            sent += record["toState"] != "SUBMITTED"
    assert events.events == sent
    assert events.duplicates > 0
    for job in result.jobs:
        entered = truth[str(job.job_id)]
        assert job.instants is not None
        for state, bound in (("RUNNABLE", job.instants.runnable_ms), ("STARTING", job.instants.starting_ms)):
            assert bound is not None
            assert bound.earliest is not None
            assert bound.latest is not None
            assert bound.earliest <= entered[state] <= bound.latest + 1
    assert result.api is not None
    assert result.api.operations["DescribeJobs"].calls <= 6
    [level] = result.levels
    assert level.tasks is not None
    assert level.tasks.attempts == 24
    for job in result.jobs:
        [task] = job.tasks
        steps = (task.dispatch_ms, task.provisioning_ms, task.image_pull_ms, task.container_start_ms)
        assert job.phases is not None
        assert job.phases.wait_ms is not None
        total = sum(step.earliest or 0.0 for step in steps if step is not None)
        assert abs(total - (job.phases.wait_ms.earliest or 0.0)) < 1.0, "AWS's own stamps are whole milliseconds"
    assert level.programs is not None
    assert (level.programs.missing, level.programs.incomplete) == (0, 0)


def test_ctrl_c_takes_the_way_away(server: ServerHandle, tmp_path: Path) -> None:
    process = started(server, tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=90)
    assert process.returncode == 130, said
    assert left(server) == ([], [])
    result, _ = result_in(tmp_path)
    assert result.events is not None
    assert result.events.route is EventRouteStage.TAKEN_AWAY


def test_a_killed_run_leaves_what_the_command_it_printed_takes_away(server: ServerHandle, tmp_path: Path) -> None:
    process = started(server, tmp_path)
    os.killpg(process.pid, signal.SIGKILL)
    _, rest = process.communicate(timeout=60)
    rules, queues = left(server)
    assert (len(rules), len(queues)) == (1, 1)
    said = (tmp_path / "said").read_text() + rest
    found = re.search(r"batchgauge (remove-events .*)", said)
    assert found is not None, said
    done = batchgauge(server, tmp_path, *shlex.split(found[1]))
    assert done.returncode == 0, done.stderr
    assert left(server) == ([], [])
    for page in ("RUNNABLE", "STARTING", "RUNNING"):
        for job in server.patient_batch.list_jobs(jobQueue="windows-batch-queue", jobStatus=page)["jobSummaryList"]:
            server.client("batch").terminate_job(jobId=job["jobId"], reason="test")


@pytest.mark.slow
def test_a_run_whose_rule_is_taken_away_in_the_middle_ends_all_the_same(server: ServerHandle, tmp_path: Path) -> None:
    process = started(server, tmp_path, countdown_s=4)
    [rule] = server.client("events").list_rules(NamePrefix="batchgauge-")["Rules"]
    targets = server.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
    server.client("events").remove_targets(Rule=rule["Name"], Ids=[target["Id"] for target in targets])
    server.client("events").delete_rule(Name=rule["Name"])
    [queue] = server.client("sqs").list_queues(QueueNamePrefix="batchgauge-")["QueueUrls"]
    server.client("sqs").delete_queue(QueueUrl=queue)
    _, said = process.communicate(timeout=100)
    assert process.returncode == 0, said
    result, _ = result_in(tmp_path)
    assert result.levels[0].succeeded == 4
    assert left(server) == ([], [])


def started(server: ServerHandle, folder: Path, countdown_s: int = 600) -> subprocess.Popen[str]:
    """A run with events that is under way; what it said so far is in ``said``."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "batchgauge", "run", *TARGET, "--num-jobs", "4", "--events"),
            *("--countdown", str(countdown_s), "--monitor-interval", "0.5"),
        ],
        cwd=folder,
        env=environment(server, folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    said = ""
    while "watching" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    (folder / "said").write_text(said)
    return process


def test_a_queue_of_ones_own_is_used_and_left(server: ServerHandle, tmp_path: Path) -> None:
    sqs, events = server.client("sqs"), server.client("events")
    url = sqs.create_queue(QueueName="my-events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="my-rule", EventPattern=json.dumps({"source": ["aws.batch"]}))
    events.put_targets(Rule="my-rule", Targets=[{"Id": "1", "Arn": arn}])
    theirs = server.submit(containerOverrides={"command": ["countdown", "0"]})
    server.finished_job(theirs)
    done = batchgauge(server, tmp_path, "run", *TARGET, "--num-jobs", "3", "--countdown", "1", "--events-queue", url)
    assert done.returncode == 0, done.stderr
    result, journal = result_in(tmp_path)
    assert result.levels[0].succeeded == 3
    told = [event for r in read_journal(journal) if isinstance(r, EventBatch) for event in r.events]
    assert {event.job for event in told} == {1, 2, 3}
    assert "batchgauge" not in str(events.list_rules()["Rules"])

    def remaining() -> list[str] | None:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        jobs = [json.loads(message["Body"])["detail"]["jobId"] for message in found]
        return jobs or None

    assert set(ServerHandle.until(remaining)) == {theirs}
    events.remove_targets(Rule="my-rule", Ids=["1"])
    events.delete_rule(Name="my-rule")
    sqs.delete_queue(QueueUrl=url)


def test_a_queue_of_ones_own_and_one_for_the_run_contradict_each_other(server: ServerHandle, tmp_path: Path) -> None:
    done = batchgauge(server, tmp_path, "run", *TARGET, "--events", "--events-queue", "https://queue")
    assert done.returncode == 2
    assert "--events-queue" in done.stderr


def test_only_a_runs_id_names_what_is_taken_away(server: ServerHandle, tmp_path: Path) -> None:
    done = batchgauge(server, tmp_path, "remove-events", "production-queue")
    assert done.returncode == 2
