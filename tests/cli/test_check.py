"""``batchgauge check`` and what `run` does of it first, against a running server: each thing is broken for real."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]
SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "check.schema.json"
QUEUE, DEFINITION = "windows-batch-queue", "windows-countdown-job"


def checked(at_server: Command, *more: object, queue: str = QUEUE, definition: str = DEFINITION) -> dict[str, Any]:
    done = at_server("check", "--job-queue", queue, "--job-definition", definition, "--json", *more)
    report: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(report, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert done.returncode == (1 if report["outcome"] == "failed" else 0), done.stderr
    return report


def not_well(report: dict[str, Any]) -> dict[str, str]:
    return {check["code"]: check["status"] for check in report["checks"] if check["status"] != "ok"}


def definition_like(server: Any, name: str, **container: Any) -> str:
    """The seed's Windows definition with some of its container changed, under another name."""
    batch = server.client("batch")
    [seed] = batch.describe_job_definitions(jobDefinitionName=DEFINITION, status="ACTIVE")["jobDefinitions"]
    properties = copy.deepcopy(seed["containerProperties"]) | container
    batch.register_job_definition(
        jobDefinitionName=name,
        type="container",
        platformCapabilities=["FARGATE"],
        parameters=seed["parameters"],
        containerProperties={key: value for key, value in properties.items() if value not in (None, [], "")},
        timeout={"attemptDurationSeconds": 60},
    )
    return name


def queue_on(server: Any, name: str, state: str = "ENABLED", **resources: Any) -> str:
    """A queue with one environment of its own."""
    batch = server.client("batch")
    [seed] = batch.describe_compute_environments()["computeEnvironments"][:1]
    batch.create_compute_environment(
        computeEnvironmentName=f"{name}-environment",
        type="MANAGED",
        serviceRole=seed["serviceRole"],
        computeResources={
            **{key: seed["computeResources"][key] for key in ("type", "maxvCpus", "subnets", "securityGroupIds")},
            **resources,
        },
    )
    order = [{"order": 1, "computeEnvironment": f"{name}-environment"}]
    batch.create_job_queue(jobQueueName=name, state=state, priority=1, computeEnvironmentOrder=order)
    return name


def test_the_seed_is_well(at_server: Command) -> None:
    report = checked(at_server, "--num-jobs", 16)
    assert not_well(report) == {}
    assert (report["region"], report["outcome"]) == ("us-west-2", "ok")
    assert {"quota-ok", "network-ok", "image-present", "role-ok"} <= {check["code"] for check in report["checks"]}


def test_a_level_above_capacity_and_quota_is_a_warning(at_server: Command) -> None:
    assert not_well(checked(at_server, "--num-jobs", 5000)) == {
        "capacity-below-level": "warning",
        "quota-below-level": "warning",
    }


def test_a_missing_queue_does_not_hide_a_missing_definition(at_server: Command) -> None:
    report = checked(at_server, queue="no-queue", definition="no-definition")
    assert not_well(report) == {"queue-missing": "failed", "definition-missing": "failed"}


def test_what_is_said_in_words_has_its_command_on_a_line_of_its_own(at_server: Command, server: Any) -> None:
    name = queue_on(server, "resting", state="DISABLED")
    done = at_server("check", "--job-queue", name, "--job-definition", DEFINITION, "--lang", "ja")
    assert done.returncode == 1
    [failed] = [line for line in done.stdout.splitlines() if line.startswith("NG")]
    assert failed.startswith("NG      ジョブキュー resting は DISABLED で、ジョブを受け付けません。")
    command = "aws batch update-job-queue --job-queue resting --state ENABLED --region us-west-2"
    assert command in [line.strip() for line in done.stdout.splitlines()]


def test_windows_on_spare_capacity_only(at_server: Command, server: Any) -> None:
    assert not_well(checked(at_server, queue=queue_on(server, "spot", type="FARGATE_SPOT"))) == {
        "windows-on-spot": "failed"
    }


def test_a_role_that_is_not_there_and_one_that_trusts_another(at_server: Command, server: Any) -> None:
    name = definition_like(
        server,
        "roles",
        executionRoleArn="arn:aws:iam::123456789012:role/nobody",
        jobRoleArn="arn:aws:iam::123456789012:role/BatchInstanceRole",
    )
    assert not_well(checked(at_server, definition=name)) == {"role-missing": "failed", "role-untrusting": "failed"}
    bare = "arn:aws:iam::123456789012:role/BatchJobRole"  # of which nothing but the trust stands there
    name = definition_like(server, "bare", executionRoleArn=bare, command=["app.exe"])
    assert not_well(checked(at_server, definition=name)) == {
        "role-lacks-rights": "failed",
        "role-without-policies": "warning",
    }


def test_an_image_that_is_not_there_and_one_of_another_platform(at_server: Command, server: Any) -> None:
    registry = "123456789012.dkr.ecr.us-west-2.amazonaws.com"
    missing = definition_like(server, "no-image", image=f"{registry}/windows-countdown:v404")
    assert not_well(checked(at_server, definition=missing)) == {"image-missing": "failed"}
    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [
            {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": "sha256:" + "b" * 64,
                "size": 500,
                "platform": {"os": "linux", "architecture": "amd64"},
            }
        ],
    }
    server.client("ecr").put_image(
        repositoryName="windows-countdown",
        imageManifest=json.dumps(index),
        imageManifestMediaType=index["mediaType"],
        imageTag="linux",
    )
    linux = definition_like(server, "linux-image", image=f"{registry}/windows-countdown:linux")
    report = checked(at_server, definition=linux)
    assert not_well(report) == {"image-other-platform": "failed"}


def test_a_log_group_that_is_not_there(at_server: Command, server: Any) -> None:
    log = {"logDriver": "awslogs", "options": {"awslogs-group": "/nowhere"}}
    name = definition_like(server, "no-group", logConfiguration=log)
    assert not_well(checked(at_server, definition=name)) == {"log-group-missing": "failed"}


def test_tasks_without_a_way_to_the_registry(at_server: Command, server: Any) -> None:
    hidden = definition_like(server, "hidden", networkConfiguration={"assignPublicIp": "DISABLED"})
    assert not_well(checked(at_server, definition=hidden)) == {"subnet-needs-public-ip": "failed"}
    ec2 = server.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    closed = queue_on(server, "closed", subnets=[subnet])
    assert not_well(checked(at_server, queue=closed)) == {"subnet-without-way": "failed"}
    for service in ("ecr.api", "ecr.dkr", "logs", "s3"):
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.us-west-2.{service}")
    assert not_well(checked(at_server, queue=closed)) == {}


def test_a_countdown_beyond_the_timeout(at_server: Command, server: Any) -> None:
    name = definition_like(server, "short")
    assert not_well(checked(at_server, "--countdown", 60, definition=name)) == {"timeout-below-countdown": "failed"}


def test_what_would_make_every_job_fail_keeps_a_run_from_starting(
    at_server: Command, server: Any, tmp_path: Path
) -> None:
    log = {"logDriver": "awslogs", "options": {"awslogs-group": "/nowhere-either"}}
    name = definition_like(server, "unready", logConfiguration=log)
    arguments = ("run", "--job-queue", QUEUE, "--job-definition", name, "--num-jobs", 1, "--countdown", 0)
    done = at_server(*arguments)
    assert done.returncode == 1
    assert "/nowhere-either" in done.stderr
    assert [line.partition(":")[0] for line in done.stderr.splitlines()[-2:]] == ["error", "hint"]
    assert list(tmp_path.glob("**/journal.jsonl")) == []
    plan = at_server(*arguments, "--dry-run")
    assert (plan.returncode, "/nowhere-either" in plan.stderr) == (0, True)
    started = at_server(*arguments, "--no-check")
    assert started.returncode == 0, started.stderr


def test_an_embedded_reference_is_said_and_the_run_goes_on(at_server: Command, server: Any) -> None:
    name = definition_like(server, "embedded", command=["powershell.exe", "-Command", "countdown.exe 0 #Ref::n"])
    done = at_server(
        "run", "--job-queue", QUEUE, "--job-definition", name, "--num-jobs", 1, "--quiet", "--countdown", 0
    )
    assert "Ref::n" not in done.stderr
    done = at_server("run", "--job-queue", QUEUE, "--job-definition", name, "--num-jobs", 1, "--countdown", 0)
    assert [line for line in done.stderr.splitlines() if line.startswith("warning:") and "#Ref::n" in line]


@pytest.mark.parametrize(
    "command", [("check", "--job-queue", QUEUE, "--job-definition", DEFINITION), ("explain", "job")]
)
def test_without_credentials_it_says_what_every_command_says(command: tuple[str, ...], batchgauge: Command) -> None:
    done = batchgauge(*command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[0].startswith("error: no AWS credentials were found")
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]


@pytest.mark.parametrize(
    ("arguments", "flag"),
    [
        (("--job-definition", "d"), "--job-queue"),
        (("--job-queue", "q"), "--job-definition"),
        (("--job-queue", "q", "--job-definition", "d", "--num-jobs", 0), "--num-jobs"),
        (("--job-queue", "q", "--job-definition", "d", "--countdown", -1), "--countdown"),
    ],
)
def test_bad_input_names_the_flag(arguments: tuple[object, ...], flag: str, batchgauge: Command) -> None:
    done = batchgauge("check", *arguments)
    assert done.returncode == 2
    assert flag in done.stderr
