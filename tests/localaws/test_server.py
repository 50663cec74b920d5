"""The server itself: who may speak to it, what it holds from the start, and how it ends."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from botocore.exceptions import ClientError

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def connection(server: Any) -> http.client.HTTPConnection:
    url = urlsplit(server.endpoint)
    return http.client.HTTPConnection(url.hostname or "", url.port, timeout=60)


@pytest.mark.parametrize(
    ("service", "operation", "unknown_key", "wrong_secret"),
    [
        ("batch", "describe_job_queues", (403, "UnrecognizedClientException"), (403, "InvalidSignatureException")),
        ("logs", "describe_log_groups", (400, "UnrecognizedClientException"), (400, "InvalidSignatureException")),
        ("sts", "get_caller_identity", (403, "InvalidClientTokenId"), (403, "SignatureDoesNotMatch")),
        ("ec2", "describe_vpcs", (401, "AuthFailure"), (403, "SignatureDoesNotMatch")),
        ("s3", "list_buckets", (403, "InvalidAccessKeyId"), (403, "SignatureDoesNotMatch")),
    ],
)
def test_a_wrong_signature_is_refused_in_the_services_own_shape(
    server: Any, service: str, operation: str, unknown_key: tuple[int, str], wrong_secret: tuple[int, str]
) -> None:
    for changed, expected in (
        ({"aws_access_key_id": "AKIASOMEONEELSE00000"}, unknown_key),
        ({"aws_secret_access_key": "another"}, wrong_secret),
    ):
        with pytest.raises(ClientError) as caught:
            getattr(server.client(service, **changed), operation)()
        answer = caught.value.response
        assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == expected


def test_an_unsigned_request_is_refused(server: Any) -> None:
    link = connection(server)
    link.request("POST", "/v1/submitjob", b"{}", {"Origin": "http://evil.example"})
    answer = link.getresponse()
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "MissingAuthenticationTokenException")
    assert "access-control-allow-origin" not in answer.headers


def test_a_presigned_url_is_accepted(server: Any) -> None:
    [queue] = server.client("batch").describe_job_queues()["jobQueues"]
    for service, operation, parameters in (
        ("sts", "get_caller_identity", {}),
        ("batch", "list_tags_for_resource", {"resourceArn": queue["jobQueueArn"]}),
    ):
        url = server.client(service).generate_presigned_url(operation, Params=parameters, HttpMethod="GET")
        with urllib.request.urlopen(url, timeout=60) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(url[:-1] + ("0" if url[-1] != "0" else "1"), timeout=60)


def test_any_region_is_served(server: Any) -> None:
    assert server.client("batch", region_name="ap-northeast-1").describe_job_queues()["jobQueues"]


def test_keys_that_sts_gives_out_are_good(server: Any) -> None:
    role = f"arn:aws:iam::{server.announced['accountId']}:role/BatchJobRole"
    given = server.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    batch = server.client(
        "batch",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    assert batch.describe_job_queues()["jobQueues"]


def test_a_body_of_more_than_10_mib_is_refused(server: Any) -> None:
    link = connection(server)
    link.putrequest("POST", "/v1/submitjob")
    link.putheader("Content-Length", str(11 * 1024 * 1024))
    link.endheaders()
    assert link.getresponse().status == 413


def test_a_body_that_grows_beyond_the_limit_is_refused(server: Any) -> None:
    link = connection(server)
    link.putrequest("POST", "/v1/submitjob")
    link.putheader("Transfer-Encoding", "chunked")
    link.endheaders()
    chunk = b"%x\r\n" % (1024 * 1024) + b"x" * 1024 * 1024 + b"\r\n"
    try:
        for _ in range(12):
            link.send(chunk)
    except (BrokenPipeError, ConnectionResetError):
        return  # refused while it was still being sent
    assert link.getresponse().status == 413


def test_a_head_without_end_is_hung_up_on(server: Any) -> None:
    url = urlsplit(server.endpoint)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=60) as link:
        try:
            link.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 1024 * 1024)
            assert link.recv(1) == b""
        except (BrokenPipeError, ConnectionResetError):
            pass


def test_health_tells_what_matters_and_no_secret(server: Any) -> None:
    with urllib.request.urlopen(server.endpoint + "/_batchgauge/health", timeout=60) as answer:
        said = orjson.loads(answer.read())
    assert said["status"] == "ok"
    assert (said["maxvCpus"], said["timeScale"]) == (16, 0.0005)
    assert server.announced["secretAccessKey"] not in repr(said)
    assert server.announced["accessKeyId"] not in repr(said)


def test_motos_own_doors_are_closed(server: Any) -> None:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest("POST", server.endpoint + "/moto-api/reset")
    request.context = {}
    credentials = Credentials(server.announced["accessKeyId"], server.announced["secretAccessKey"])
    SigV4Auth(credentials, "iam", "us-east-1").add_auth(request)
    link = connection(server)
    link.request("POST", "/moto-api/reset", None, dict(request.headers))
    assert link.getresponse().status == 404
    assert server.client("iam").get_role(RoleName="BatchJobRole")


def test_the_batch_part_of_the_seed(server: Any) -> None:
    batch = server.client("batch")
    [queue] = batch.describe_job_queues(jobQueues=["windows-batch-queue"])["jobQueues"]
    assert (queue["state"], queue["status"]) == ("ENABLED", "VALID")
    [environment] = batch.describe_compute_environments()["computeEnvironments"]
    assert environment["status"] == "VALID"
    assert environment["computeResources"]["maxvCpus"] == 16
    assert queue["computeEnvironmentOrder"][0]["computeEnvironment"] == environment["computeEnvironmentArn"]
    [definition] = batch.describe_job_definitions(jobDefinitionName="windows-countdown-job", status="ACTIVE")[
        "jobDefinitions"
    ]
    container = definition["containerProperties"]
    assert container["command"][-1] == "Ref::countdownSeconds"
    assert container["runtimePlatform"]["operatingSystemFamily"] == "WINDOWS_SERVER_2022_CORE"
    network = server.client("ec2")
    subnets = {subnet["SubnetId"] for subnet in network.describe_subnets()["Subnets"]}
    groups = {group["GroupId"] for group in network.describe_security_groups()["SecurityGroups"]}
    assert set(environment["computeResources"]["subnets"]) <= subnets
    assert set(environment["computeResources"]["securityGroupIds"]) <= groups


def test_the_neighbours_part_of_the_seed(server: Any) -> None:
    iam = server.client("iam")
    for name, service in (("BatchServiceRole", "batch"), ("BatchInstanceRole", "ec2"), ("BatchJobRole", "ecs-tasks")):
        [statement] = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"]["Service"] == f"{service}.amazonaws.com"
    [image] = server.client("ecr").describe_images(repositoryName="windows-countdown")["imageDetails"]
    assert image["imageTags"] == ["latest"]
    groups = {group["logGroupName"] for group in server.client("logs").describe_log_groups()["logGroups"]}
    assert {"/aws/batch/windows-jobs", "/aws/batch/job"} <= groups
    assert server.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/batchgauge"


def test_a_failure_of_moto_is_an_error_of_its_service(server: Any) -> None:
    with pytest.raises(ClientError) as caught:
        server.client("iam").get_role(RoleName="nobody")
    assert caught.value.response["Error"]["Code"] == "NoSuchEntity"


def test_what_moto_lacks_is_said_once_and_clearly(server: Any) -> None:
    with pytest.raises(ClientError) as caught:
        server.client("service-quotas").list_services()
    answer = caught.value.response
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == (501, "NotImplemented")


def test_objects_go_to_s3_and_come_back(server: Any) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket="bucket", Key="a b/\u00fc+c", Body=b"x" * 1000)
    assert s3.head_object(Bucket="bucket", Key="a b/\u00fc+c")["ContentLength"] == 1000
    assert s3.get_object(Bucket="bucket", Key="a b/\u00fc+c")["Body"].read() == b"x" * 1000


def test_a_long_poll_holds_nobody_up(server: Any) -> None:
    sqs, other, iam = server.client("sqs"), server.client("sqs"), server.client("iam")
    url = sqs.create_queue(QueueName="empty")["QueueUrl"]
    with ThreadPoolExecutor(1) as pool:
        poll = pool.submit(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=20)
        for _ in range(5):
            iam.list_roles()
        assert not poll.done()
        other.send_message(QueueUrl=url, MessageBody="enough")
        [message] = poll.result()["Messages"]
    assert message["Body"] == "enough"


def serve(*options: str, **changed: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "batchgauge", "local", "serve", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **changed)


def test_a_port_in_use_is_an_error_with_a_hint(server: Any) -> None:
    completed = serve("--port", str(urlsplit(server.endpoint).port), "--lang", "en")
    assert completed.returncode == 1
    assert completed.stdout == ""
    assert [line.split(":")[0] for line in completed.stderr.splitlines()] == ["error", "hint"]


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--port", "70000"),
        ("--time-scale", "-1"),
        ("--max-vcpus", "0"),
        ("--submit-rate", "0"),
        ("--ground-truth", "/no/x"),
    ],
)
def test_a_flag_out_of_its_range_is_named(flag: str, value: str) -> None:
    completed = serve(flag, value, "--lang", "en")
    assert completed.returncode == 2
    assert flag in completed.stderr
    assert "Traceback" not in completed.stderr


@pytest.mark.parametrize("content", [None, "{}x", '{"requests": 1}'])
def test_a_faults_file_that_cannot_be_used_is_an_error(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "faults.json"
    if content is not None:
        path.write_text(content)
    completed = serve("--faults", str(path), "--lang", "en")
    assert completed.returncode == 2
    assert str(path) in completed.stderr
    assert "Traceback" not in completed.stderr


def test_the_end_of_standard_input_ends_the_server() -> None:
    completed = serve("--port", "0", "--end-with-stdin", "--shell", "posix", stdin=subprocess.DEVNULL)
    assert completed.returncode == 0
    lines = completed.stdout.splitlines()
    assert re.fullmatch(r"export AWS_ENDPOINT_URL=http://127\.0\.0\.1:\d+", lines[0])
    assert [line.partition("=")[0] for line in lines[1:]] == [
        "export AWS_ACCESS_KEY_ID",
        "export AWS_SECRET_ACCESS_KEY",
        "export AWS_REGION",
        "export AWS_DEFAULT_REGION",
    ]


def test_powershell_gets_lines_of_its_own() -> None:
    completed = serve("--port", "0", "--end-with-stdin", "--shell", "powershell", stdin=subprocess.DEVNULL)
    assert re.match(r'\$env:AWS_ENDPOINT_URL = "http://127\.0\.0\.1:\d+"\n', completed.stdout)


def test_a_launcher_that_dies_takes_the_server_with_it(start_server: Callable[..., Any]) -> None:
    server = start_server()
    server.process.stdin.close()
    assert server.process.wait(60) == 0


@posix_only
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_and_leaves_no_process(
    start_server: Callable[..., Any], number: int, tmp_path: Path
) -> None:
    server = start_server()
    pid_file = tmp_path / "pid"
    command = [
        "sh",
        "-c",
        f"sleep 1000 & echo $! > {pid_file}.new; pwd >> {pid_file}.new; mv {pid_file}.new {pid_file}; wait",
    ]
    server.submit(containerOverrides={"command": command})
    pid, folder = server.until(lambda: pid_file.read_text().split() if pid_file.exists() else None)
    os.kill(server.pid, number)
    assert server.process.wait(60) == 0
    assert not is_alive(int(pid))
    assert not Path(folder).parent.exists()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and ") Z " in status.read_text())


@posix_only
def test_given_credentials_are_used(monkeypatch: pytest.MonkeyPatch, start_server: Callable[..., Any]) -> None:
    monkeypatch.setenv("BATCHGAUGE_LOCAL_ACCESS_KEY_ID", "AKIAGIVEN00000000000")
    monkeypatch.setenv("BATCHGAUGE_LOCAL_SECRET_ACCESS_KEY", "given")
    server = start_server()
    assert (server.announced["accessKeyId"], server.announced["secretAccessKey"]) == ("AKIAGIVEN00000000000", "given")
    assert server.client("batch").describe_job_queues()["jobQueues"]


@pytest.mark.skipif(shutil.which("aws") is None, reason="needs the AWS CLI on PATH")
def test_the_aws_cli_sees_the_seed(server: Any) -> None:
    for arguments in (
        ("batch", "describe-job-queues"),
        (
            "batch",
            "describe-job-definitions",
            "--job-definition-name",
            "windows-countdown-job",
            "--region",
            "us-west-2",
        ),
        ("batch", "describe-compute-environments"),
        ("iam", "get-role", "--role-name", "BatchJobRole"),
        ("ecr", "describe-images", "--repository-name", "windows-countdown"),
        ("sts", "get-caller-identity"),
        ("logs", "describe-log-streams", "--log-group-name", "/aws/batch/windows-jobs"),
    ):
        completed = subprocess.run(
            ["aws", *arguments], env=server.environment, capture_output=True, text=True, check=False
        )
        assert completed.returncode == 0, completed.stderr
        assert orjson.loads(completed.stdout)
