"""Jobs on a running server: real HTTP, real clients, real processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

needs_aws_cli = pytest.mark.skipif(shutil.which("aws") is None, reason="needs the AWS CLI on PATH")
WINDOWS_LOG_GROUP = "/aws/batch/windows-jobs"


def aws(server: Any, *arguments: str) -> Any:
    completed = subprocess.run(["aws", *arguments], env=server.environment, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stderr
    return json.loads(completed.stdout)


def test_a_windows_job_lives_to_its_end_and_its_lines_can_be_read(server: Any) -> None:
    job_id = server.submit("windows-countdown-job", parameters={"countdownSeconds": "1"})
    job = server.finished_job(job_id)
    assert job["status"] == "SUCCEEDED"
    assert job["container"]["exitCode"] == 0
    assert job["container"]["logStreamName"].startswith("windows-countdown-job/default/")
    assert job["createdAt"] <= job["startedAt"] < job["stoppedAt"]
    first, last = server.lines_of(job, WINDOWS_LOG_GROUP)
    assert first.startswith("countdown seq=0 remaining_s=1 ")
    assert last.startswith("countdown done seconds=1 ")


@needs_aws_cli
def test_the_same_by_the_aws_cli(server: Any) -> None:
    submitted = aws(
        server,
        *("batch", "submit-job", "--job-name", "by-cli", "--job-queue", "windows-batch-queue"),
        *("--job-definition", "windows-countdown-job", "--parameters", "countdownSeconds=0"),
    )
    stream = server.finished_job(submitted["jobId"])["container"]["logStreamName"]
    said = aws(server, "logs", "get-log-events", "--log-group-name", WINDOWS_LOG_GROUP, "--log-stream-name", stream)
    [event] = said["events"]
    assert event["message"].startswith("countdown done seconds=0 ")
    assert event["ingestionTime"] >= event["timestamp"]
    streams = aws(server, "logs", "describe-log-streams", "--log-group-name", WINDOWS_LOG_GROUP)["logStreams"]
    assert stream in [known["logStreamName"] for known in streams]


def test_a_linux_command_really_computes(server: Any) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys; print(sum(i * i for i in range(1000))); print('done', file=sys.stderr)",
    ]
    job = server.finished_job(server.submit(containerOverrides={"command": command}))
    assert job["status"] == "SUCCEEDED"
    assert sorted(server.lines_of(job)) == sorted([str(sum(i * i for i in range(1000))), "done"])


def test_a_job_knows_its_id_and_reaches_this_server(server: Any) -> None:
    program = (
        "import boto3, os; print(os.environ['AWS_BATCH_JOB_ID'], os.environ['AWS_BATCH_JOB_ATTEMPT']);"
        "print(boto3.client('sts').get_caller_identity()['Account'])"
    )
    job = server.finished_job(server.submit(containerOverrides={"command": [sys.executable, "-c", program]}))
    assert server.lines_of(job) == [f"{job['jobId']} 1", "123456789012"]


def test_an_exit_code_other_than_zero_fails_the_job(server: Any) -> None:
    job = server.finished_job(server.submit(containerOverrides={"command": ["sh", "-c", "exit 7"]}))
    assert (job["status"], job["container"]["exitCode"]) == ("FAILED", 7)
    assert job["statusReason"] == "Essential container in task exited"


def test_a_program_that_is_not_there_fails_the_job_with_its_cause(server: Any) -> None:
    job = server.finished_job(server.submit(containerOverrides={"command": ["no-such-program"]}))
    assert job["status"] == "FAILED"
    assert job["container"]["reason"].startswith("CannotStartContainerError: ")
    assert "exitCode" not in job["container"]


def test_another_windows_program_fails_the_job_and_says_why(server: Any) -> None:
    job = server.finished_job(server.submit("windows-countdown-job", containerOverrides={"command": ["C:\\other.exe"]}))
    assert job["status"] == "FAILED"
    assert "runs countdown.exe only" in job["container"]["reason"]


def test_terminate_ends_the_process(server: Any, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    command = ["sh", "-c", f"echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; exec sleep 1000"]
    job_id = server.submit(containerOverrides={"command": command})
    pid = server.until(lambda: int(pid_file.read_text()) if pid_file.exists() else None)
    server.client("batch").terminate_job(jobId=job_id, reason="enough")
    job = server.finished_job(job_id)
    assert (job["status"], job["statusReason"]) == ("FAILED", "enough")
    assert not is_alive(pid)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_no_more_jobs_run_than_there_is_room_for(start_server: Callable[..., Any], tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"
    server = start_server("--max-vcpus", "4", "--ground-truth", str(truth))
    # An array: its children wait together, however slowly this machine submits.
    array = server.submit(parameters={"countdownSeconds": "0.05"}, arrayProperties={"size": 20})
    assert server.finished_job(array)["arrayProperties"]["statusSummary"]["SUCCEEDED"] == 20
    server.process.terminate()
    server.process.wait(60)
    at_once = held = 0
    for line in truth.read_text().splitlines():
        transition = json.loads(line)
        if transition["jobId"] == array:
            continue
        held += (transition["toState"] == "STARTING") - (transition["toState"] in ("SUCCEEDED", "FAILED"))
        at_once = max(at_once, held)
    assert at_once == 4
    assert held == 0


def test_submissions_beyond_the_bucket_are_throttled_as_aws_does(start_server: Callable[..., Any]) -> None:
    server = start_server("--submit-burst", "3", "--submit-rate", "0.001")
    for _ in range(3):
        server.submit()
    with pytest.raises(ClientError) as caught:
        server.submit()
    assert caught.value.response["Error"] == {"Code": "TooManyRequestsException", "Message": "Too Many Requests"}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_an_unknown_queue_is_refused_in_awss_words(server: Any) -> None:
    with pytest.raises(ClientError) as caught:
        server.client("batch").submit_job(jobName="x", jobQueue="nowhere", jobDefinition="windows-countdown-job")
    assert caught.value.response["Error"]["Code"] == "ClientException"
    assert "nowhere not found" in caught.value.response["Error"]["Message"]


def test_the_task_of_a_job_shows_its_start(server: Any) -> None:
    job = server.finished_job(server.submit(parameters={"countdownSeconds": "0"}))
    arn = job["container"]["taskArn"]
    [task] = server.client("ecs").describe_tasks(cluster=arn.split("/")[1], tasks=[arn])["tasks"]
    instants = [task[name] for name in ("createdAt", "pullStartedAt", "pullStoppedAt", "startedAt", "stoppedAt")]
    assert instants == sorted(instants)


def test_state_changes_reach_the_queue_of_a_rule(server: Any) -> None:
    sqs, events = server.client("sqs"), server.client("events")
    queue_url = sqs.create_queue(QueueName="batch-events")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.batch"], "detail-type": ["Batch Job State Change"]}
    events.put_rule(Name="batch", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="batch", Targets=[{"Id": "queue", "Arn": queue_arn}])
    job = server.finished_job(server.submit(parameters={"countdownSeconds": "0"}))
    states: set[str] = set()
    while "SUCCEEDED" not in states:
        received = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=5).get(
            "Messages", []
        )
        for message in received:
            event = json.loads(message["Body"])
            assert event["resources"] == [job["jobArn"]]
            states.add(event["detail"]["status"])
    assert states <= {"SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"}
    events.remove_targets(Rule="batch", Ids=["queue"])
    events.delete_rule(Name="batch")


def test_a_blocked_queue_is_told_to_the_queue_of_a_rule(start_server: Callable[..., Any]) -> None:
    server = start_server("--max-vcpus", "1")
    sqs, events = server.client("sqs"), server.client("events")
    queue_url = sqs.create_queue(QueueName="blocked")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.batch"], "detail-type": ["Batch Job Queue Blocked"]}
    events.put_rule(Name="blocked", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="blocked", Targets=[{"Id": "queue", "Arn": queue_arn}])
    needs = [{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "4096"}]
    job_id = server.submit(containerOverrides={"resourceRequirements": needs})

    def told() -> Any:
        received = sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=5).get("Messages")
        return json.loads(received[0]["Body"]) if received else None

    event = server.until(told)
    [queue] = server.client("batch").describe_job_queues()["jobQueues"]
    assert event["resources"] == [event["detail"]["jobArn"], queue["jobQueueArn"]]
    assert event["detail"]["jobId"] == job_id
    assert event["detail"]["statusReason"].startswith("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE")
