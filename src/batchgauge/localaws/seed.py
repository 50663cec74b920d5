"""What the imitated account holds from the start: the Batch part as ordinary API calls, the neighbours' part as plain data.

Names are the specification's; the job definitions are valid for AWS (Windows runs on Fargate only, needs an execution role and a
``runtimePlatform``, and takes ``Ref::`` as a whole element of the command).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batchgauge.localaws.settings import ServerSettings

COMPUTE_ENVIRONMENT = "windows-batch-environment"
JOB_QUEUE = "windows-batch-queue"
WINDOWS_JOB_DEFINITION = "windows-countdown-job"
LINUX_JOB_DEFINITION = "linux-countdown-job"
WINDOWS_LOG_GROUP = "/aws/batch/windows-jobs"
DEFAULT_LOG_GROUP = "/aws/batch/job"
LOG_GROUPS = (WINDOWS_LOG_GROUP, DEFAULT_LOG_GROUP)
REPOSITORY = "windows-countdown"
OTHER_REPOSITORIES = ("your-windows-repo",)
"""The specification's stand-in for a name: its command lines work here as they are printed."""
IMAGE_TAG = "latest"
USER_NAME = "batchgauge"
"""Whom the server's own key belongs to, as STS GetCallerIdentity shows it."""

SERVICE_ROLE, INSTANCE_ROLE = "BatchServiceRole", "BatchInstanceRole"
JOB_ROLE, EXECUTION_ROLE = "BatchJobRole", "BatchExecutionRole"
TRUSTED_SERVICE = {
    SERVICE_ROLE: "batch.amazonaws.com",
    INSTANCE_ROLE: "ec2.amazonaws.com",
    JOB_ROLE: "ecs-tasks.amazonaws.com",
    EXECUTION_ROLE: "ecs-tasks.amazonaws.com",
}
ROLE_ACTIONS = {
    SERVICE_ROLE: ("ecs:*", "ec2:Describe*", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
    INSTANCE_ROLE: (
        "ecs:*",
        "ecr:GetAuthorizationToken",
        "ecr:BatchGetImage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ),
    EXECUTION_ROLE: (
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ),
}
POLICY_OF_AWS = "AmazonECSTaskExecutionRolePolicy"
"""AWS's own for execution roles, of those actions; the seed's execution role has it, and roles that are made can be given it."""
COUNTDOWN_S = "30"
TIMEOUT_S = 3600


@dataclass(frozen=True, slots=True)
class Network:
    """The default VPC that the compute environment lives in; its ids are settled before EC2 is there."""

    vpc_id: str
    security_group_id: str
    subnet_ids: tuple[str, ...]


def network_of(settings: ServerSettings) -> Network:
    """The same ids for the same account and Region."""

    def made(prefix: str, salt: str) -> str:
        source = f"{settings.account_id}/{settings.region}/{prefix}/{salt}"
        return f"{prefix}-{hashlib.sha256(source.encode()).hexdigest()[:17]}"

    return Network(made("vpc", ""), made("sg", ""), tuple(made("subnet", zone) for zone in "abc"))


def role_arn(settings: ServerSettings, name: str) -> str:
    """The ARN of one of the roles."""
    return f"arn:aws:iam::{settings.account_id}:role/{name}"


def batch_calls(settings: ServerSettings) -> list[tuple[str, Mapping[str, Any]]]:
    """The API calls that make the Batch part, in order."""
    return [
        ("CreateComputeEnvironment", _compute_environment(settings)),
        ("CreateJobQueue", _job_queue()),
        ("RegisterJobDefinition", _windows_job_definition(settings)),
        ("RegisterJobDefinition", _linux_job_definition(settings)),
    ]


def _compute_environment(settings: ServerSettings) -> dict[str, Any]:
    network = network_of(settings)
    return {
        "computeEnvironmentName": COMPUTE_ENVIRONMENT,
        "type": "MANAGED",
        "state": "ENABLED",
        "serviceRole": role_arn(settings, SERVICE_ROLE),
        "computeResources": {
            "type": "FARGATE",
            "maxvCpus": settings.max_vcpus,
            "subnets": list(network.subnet_ids),
            "securityGroupIds": [network.security_group_id],
        },
    }


def _job_queue() -> dict[str, Any]:
    return {
        "jobQueueName": JOB_QUEUE,
        "state": "ENABLED",
        "priority": 1,
        "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": COMPUTE_ENVIRONMENT}],
    }


def _windows_job_definition(settings: ServerSettings) -> dict[str, Any]:
    container = {
        **_container(settings, "WINDOWS_SERVER_2022_CORE", memory_mib=2048),
        "command": ["powershell.exe", "-Command", "C:\\test\\countdown.exe", "Ref::countdownSeconds"],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": WINDOWS_LOG_GROUP,
                "awslogs-region": settings.region,
                "awslogs-stream-prefix": WINDOWS_JOB_DEFINITION,
            },
        },
    }
    return _job_definition(WINDOWS_JOB_DEFINITION, container)


def _linux_job_definition(settings: ServerSettings) -> dict[str, Any]:
    container = {**_container(settings, "LINUX", memory_mib=2048), "command": ["countdown", "Ref::countdownSeconds"]}
    return _job_definition(LINUX_JOB_DEFINITION, container)


def _container(settings: ServerSettings, operating_system_family: str, memory_mib: int) -> dict[str, Any]:
    return {
        "image": f"{settings.account_id}.dkr.ecr.{settings.region}.amazonaws.com/{REPOSITORY}:{IMAGE_TAG}",
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": str(memory_mib)}],
        "runtimePlatform": {"operatingSystemFamily": operating_system_family, "cpuArchitecture": "X86_64"},
        "jobRoleArn": role_arn(settings, JOB_ROLE),
        "executionRoleArn": role_arn(settings, EXECUTION_ROLE),
        "networkConfiguration": {"assignPublicIp": "ENABLED"},
    }


def _job_definition(name: str, container: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "jobDefinitionName": name,
        "type": "container",
        "platformCapabilities": ["FARGATE"],
        "parameters": {"countdownSeconds": COUNTDOWN_S},
        "containerProperties": container,
        "timeout": {"attemptDurationSeconds": TIMEOUT_S},
    }
