"""The doors outside the AWS surface, over HTTP: signed, for the server's own key, and with effect at once."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

TOO_MANY = "TooManyRequestsException"


def admin(
    server: Any, method: str, path: str, body: bytes | None = None, credentials: Credentials | None = None
) -> tuple[int, Any]:
    keys = credentials or Credentials(server.announced["accessKeyId"], server.announced["secretAccessKey"])
    request = AWSRequest(method, server.endpoint + path, data=body)
    SigV4Auth(keys, "batchgauge", "us-west-2").add_auth(request)
    url = urlsplit(server.endpoint)
    link = http.client.HTTPConnection(url.hostname or "", url.port, timeout=60)
    link.request(method, path, body, dict(request.headers))
    answer = link.getresponse()
    return answer.status, json.loads(answer.read())


def set_faults(server: Any, **plan: Any) -> Any:
    status, said = admin(server, "POST", "/_batchgauge/faults", json.dumps(plan).encode())
    assert status == 200, said
    return said


def faults_in_truth(server: Any, kind: str) -> list[dict[str, Any]]:
    position = 0
    found: list[dict[str, Any]] = []
    while True:
        _, page = admin(server, "GET", f"/_batchgauge/ground-truth?position={position}")
        if not page["records"]:
            return found
        found += [record for record in page["records"] if record["type"] == "fault" and record["fault"] == kind]
        position = page["nextPosition"]


@pytest.fixture(autouse=True)
def good_day(request: pytest.FixtureRequest) -> Any:
    yield
    if "server" in request.fixturenames:
        set_faults(request.getfixturevalue("server"))


def test_the_next_submissions_are_throttled_and_the_truth_says_so(server: Any) -> None:
    set_faults(server, requests=[{"fault": "throttle", "operation": "SubmitJob", "count": 2}])
    for _ in range(2):
        with pytest.raises(ClientError, match=TOO_MANY):
            server.submit()
    assert server.submit(parameters={"countdownSeconds": "0"})
    _, said = admin(server, "GET", "/_batchgauge/faults")
    assert said["requests"][0]["happened"] == 2
    records = faults_in_truth(server, "throttle")
    assert [(record["operation"], record["tookEffect"]) for record in records] == [("SubmitJob", False)] * 2
    assert len({record["requestId"] for record in records}) == 2


@pytest.mark.parametrize("fault", ["cut-after", "lost-answer", "cut-before"])
def test_a_submission_without_an_answer_has_or_has_not_made_its_job(server: Any, fault: str) -> None:
    set_faults(server, requests=[{"fault": fault, "operation": "SubmitJob", "count": 1}])
    impatient = server.client("batch", config=Config(read_timeout=1, retries={"total_max_attempts": 1}))
    with pytest.raises((ConnectionClosedError, ReadTimeoutError)):
        impatient.submit_job(
            jobName=f"unanswered-{fault}", jobQueue="windows-batch-queue", jobDefinition="linux-countdown-job"
        )
    known = server.client("batch").list_jobs(
        jobQueue="windows-batch-queue", filters=[{"name": "JOB_NAME", "values": [f"unanswered-{fault}"]}]
    )["jobSummaryList"]
    [record] = faults_in_truth(server, fault)
    assert [job["jobId"] for job in known] == ([] if fault == "cut-before" else [record["jobId"]])


def test_neighbours_have_faults_too(server: Any) -> None:
    set_faults(server, requests=[{"fault": "error", "service": "logs", "operation": "DescribeLogGroups", "count": 1}])
    logs = server.client("logs")
    with pytest.raises(ClientError) as caught:
        logs.describe_log_groups()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert logs.describe_log_groups()["logGroups"]


def test_log_lines_come_as_late_as_is_asked(server: Any) -> None:
    set_faults(server, logs={"delayMs": 700})
    job = server.finished_job(server.submit(parameters={"countdownSeconds": "0"}))
    logs = server.client("logs")

    def events() -> Any:
        stream = {"logGroupName": "/aws/batch/job", "logStreamName": job["container"]["logStreamName"]}
        try:
            return logs.get_log_events(**stream, startFromHead=True)["events"] or None
        except (logs.exceptions.ResourceNotFoundException, logs.exceptions.ThrottlingException):
            return None

    [event] = server.until(events)
    assert event["ingestionTime"] - event["timestamp"] >= 700


def test_a_plan_of_a_wrong_shape_changes_nothing(server: Any) -> None:
    status, said = admin(server, "POST", "/_batchgauge/faults", b'{"requests": [{"fault": "explode"}]}')
    assert (status, said["code"]) == (400, "ClientException")
    assert "$.requests[0].fault" in said["message"]
    assert admin(server, "GET", "/_batchgauge/faults")[1]["requests"] == []


def test_pages_of_the_truth_fit_together(server: Any) -> None:
    server.finished_job(server.submit(parameters={"countdownSeconds": "0"}))
    _, whole = admin(server, "GET", "/_batchgauge/ground-truth")
    position = 0
    pages: list[dict[str, Any]] = []
    while len(pages) < len(whole["records"]):
        _, page = admin(server, "GET", f"/_batchgauge/ground-truth?position={position}&limit=3")
        pages += page["records"]
        position = page["nextPosition"]
    assert pages[: len(whole["records"])] == whole["records"]
    for wrong in ("position=-1", "limit=0", "limit=100000", "position=x"):
        assert admin(server, "GET", f"/_batchgauge/ground-truth?{wrong}")[0] == 400


def test_only_the_servers_own_key_opens_these_doors(server: Any) -> None:
    role = f"arn:aws:iam::{server.announced['accountId']}:role/BatchJobRole"
    given = server.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    theirs = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert admin(server, "GET", "/_batchgauge/faults", credentials=theirs)[0] == 403
    assert admin(server, "GET", "/_batchgauge/faults", credentials=Credentials("AKIANOBODY", "x"))[0] == 403
    assert admin(server, "DELETE", "/_batchgauge/faults")[0] == 404


def test_a_server_can_begin_with_faults(start_server: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text('[[requests]]\nfault = "throttle"\noperation = "DescribeJobQueues"\ncount = 1\n')
    batch = start_server("--faults", str(path)).client("batch")
    with pytest.raises(ClientError, match=TOO_MANY):
        batch.describe_job_queues()
    assert batch.describe_job_queues()["jobQueues"]
