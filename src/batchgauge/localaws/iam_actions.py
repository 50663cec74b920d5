"""Which actions of IAM a request needs, and on what: as the Service Authorization Reference lists them for the calls that matter here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import orjson

from batchgauge.localaws.aws_errors import operation_of
from batchgauge.localaws.http_messages import Request

PREFIXES = {"monitoring": "cloudwatch"}
"""Services whose actions have another prefix than the name that requests are signed for."""
SINGULAR = {
    "batch:CancelJobs": "batch:CancelJob",
    "batch:TerminateJobs": "batch:TerminateJob",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
"""Calls for many, which the action of the call for one covers."""
FREE = frozenset({"sts:GetCallerIdentity"})
"""Whoever has a key may ask whose it is."""
PASSING_ROLES = "iam:PassRole"
CBOR_PATH = re.compile(r"/service/[^/]+/operation/([A-Za-z]+)")

Parameters: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Needed:
    """One action on one resource."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)
    """Keys of conditions."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where resources are."""

    region: str
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        """An ARN; what is one already stays as it is."""
        if resource.startswith("arn:"):
            return resource
        region = "" if service == "iam" else self.region
        return f"arn:aws:{service}:{region}:{self.account_id}:{resource}"


def needed_for(request: Request, service: str, batch_operation: str, place: Place) -> tuple[Needed, ...]:
    """What the caller of a request must be allowed; nothing where the operation is not known: whoever answers will say so."""
    operation = batch_operation if service == "batch" else _operation(request)
    action = f"{PREFIXES.get(service, service)}:{operation}"
    action = SINGULAR.get(action, action)
    if not operation or action in FREE:
        return ()
    parameters = _parameters(request)
    found = RESOURCES.get(action)
    resources = found(parameters, place) if found is not None else ("*",)
    return (*(Needed(action, resource) for resource in resources), *_beside(action, parameters, resources, place))


def _operation(request: Request) -> str:
    found = CBOR_PATH.search(request.raw_path)
    return found[1] if found else operation_of(request)


def _parameters(request: Request) -> Parameters:
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
    try:
        found = orjson.loads(request.body) if request.body else {}
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _beside(action: str, parameters: Parameters, resources: tuple[str, ...], place: Place) -> tuple[Needed, ...]:
    """What a call needs besides its own action: tags that are given with it, and roles that it hands on."""
    has_tags = bool(parameters.get("tags") or parameters.get("Tags") or parameters.get("Tags.member.1.Key"))
    more: list[Needed] = []
    if has_tags and action in TAGGING:
        tagged = (place.arn("batch", "job/*"),) if action == "batch:SubmitJob" else resources
        more += [Needed(TAGGING[action], resource) for resource in tagged]
    if action == "batch:RegisterJobDefinition":
        container = parameters.get("containerProperties") or {}
        roles = {container.get("jobRoleArn"), container.get("executionRoleArn")} - {None}
        to = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
        more += [Needed(PASSING_ROLES, place.arn("iam", str(role)), to) for role in sorted(map(str, roles))]
    return tuple(more)


TAGGING = {
    "batch:SubmitJob": "batch:TagResource",
    "batch:RegisterJobDefinition": "batch:TagResource",
    "cloudformation:CreateStack": "cloudformation:TagResource",
    "events:PutRule": "events:TagResource",
    "sqs:CreateQueue": "sqs:TagQueue",
}
"""Calls that take tags, and the action that tags want."""


def _named(service: str, kind: str, *keys: str) -> Callable[[Parameters, Place], tuple[str, ...]]:
    """``kind/NAME`` of the first key that is given."""

    def resources(parameters: Parameters, place: Place) -> tuple[str, ...]:
        name = next((str(parameters[key]) for key in keys if parameters.get(key)), "*")
        return (name if name.startswith("arn:") else place.arn(service, f"{kind}{name}"),)

    return resources


def _submitted(parameters: Parameters, place: Place) -> tuple[str, ...]:
    definition, queue = str(parameters.get("jobDefinition")), str(parameters.get("jobQueue"))
    named = definition if definition.startswith("arn:") else place.arn("batch", f"job-definition/{definition}")
    return (named, queue if queue.startswith("arn:") else place.arn("batch", f"job-queue/{queue}"))


def _ended(parameters: Parameters, place: Place) -> tuple[str, ...]:
    ids = parameters.get("jobs") or [parameters.get("jobId")]
    return tuple(place.arn("batch", f"job/{job_id}") for job_id in ids)


def _queue(parameters: Parameters, place: Place) -> tuple[str, ...]:
    url = str(parameters.get("QueueUrl") or parameters.get("QueueName") or "*")
    return (place.arn("sqs", url.rpartition("/")[2]),)


def _stack(parameters: Parameters, place: Place) -> tuple[str, ...]:
    name = str(parameters.get("StackName") or "*")
    return (name if name.startswith("arn:") else place.arn("cloudformation", f"stack/{name}/*"),)


def _stream(parameters: Parameters, place: Place) -> tuple[str, ...]:
    group, stream = parameters.get("logGroupName", "*"), parameters.get("logStreamName", "*")
    return (place.arn("logs", f"log-group:{group}:log-stream:{stream}"),)


def _tasks(parameters: Parameters, place: Place) -> tuple[str, ...]:
    return tuple(map(str, parameters.get("tasks") or ["*"]))


def _group(parameters: Parameters, place: Place) -> tuple[str, ...]:
    return (place.arn("logs", f"log-group:{parameters.get('logGroupName') or ''}*:*"),)


RESOURCES: Mapping[str, Callable[[Parameters, Place], tuple[str, ...]]] = {
    "batch:SubmitJob": _submitted,
    "batch:CancelJob": _ended,
    "batch:TerminateJob": _ended,
    "batch:RegisterJobDefinition": _named("batch", "job-definition/", "jobDefinitionName"),
    "batch:DeregisterJobDefinition": _named("batch", "job-definition/", "jobDefinition"),
    "batch:CreateComputeEnvironment": _named("batch", "compute-environment/", "computeEnvironmentName"),
    "batch:UpdateComputeEnvironment": _named("batch", "compute-environment/", "computeEnvironment"),
    "batch:DeleteComputeEnvironment": _named("batch", "compute-environment/", "computeEnvironment"),
    "batch:CreateJobQueue": _named("batch", "job-queue/", "jobQueueName"),
    "batch:UpdateJobQueue": _named("batch", "job-queue/", "jobQueue"),
    "batch:DeleteJobQueue": _named("batch", "job-queue/", "jobQueue"),
    **{
        f"cloudformation:{operation}": _stack
        for operation in (
            "CreateStack",
            "UpdateStack",
            "DeleteStack",
            "DescribeStacks",
            "DescribeStackEvents",
            "DescribeStackResources",
            "ListStackResources",
            "GetTemplate",
        )
    },
    **{
        f"ecr:{operation}": _named("ecr", "repository/", "repositoryName")
        for operation in (
            "BatchCheckLayerAvailability",
            "BatchDeleteImage",
            "BatchGetImage",
            "CompleteLayerUpload",
            "CreateRepository",
            "DescribeImages",
            "DescribeRepositories",
            "GetDownloadUrlForLayer",
            "InitiateLayerUpload",
            "ListImages",
            "PutImage",
            "UploadLayerPart",
        )
    },
    "ecs:DescribeTasks": _tasks,
    **{f"events:{operation}": _named("events", "rule/", "Name", "Rule") for operation in ("PutRule", "DeleteRule")},
    **{
        f"events:{operation}": _named("events", "rule/", "Rule")
        for operation in ("PutTargets", "RemoveTargets", "ListTargetsByRule")
    },
    **{
        f"iam:{operation}": _named("iam", "role/", "RoleName")
        for operation in (
            "GetRole",
            "CreateRole",
            "DeleteRole",
            "GetRolePolicy",
            "ListAttachedRolePolicies",
            "ListRolePolicies",
        )
    },
    **{f"iam:{operation}": _named("iam", "policy/", "PolicyArn") for operation in ("GetPolicy", "GetPolicyVersion")},
    "logs:CreateLogGroup": _named("logs", "log-group:", "logGroupName"),
    "logs:DescribeLogGroups": _group,
    "logs:GetLogEvents": _stream,
    **{
        f"sqs:{operation}": _queue
        for operation in (
            "ChangeMessageVisibility",
            "CreateQueue",
            "DeleteMessage",
            "DeleteQueue",
            "GetQueueAttributes",
            "GetQueueUrl",
            "ReceiveMessage",
            "SetQueueAttributes",
        )
    },
}
"""Actions that can be allowed on some resources only; every other one is asked for on ``*``."""
