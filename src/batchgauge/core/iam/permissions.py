"""Which actions of IAM each use of the tool needs, and on what: the one table; `core.iam.policy` makes policies of it.

Tests hold it against what the tool really asks of AWS: every call made is in the table, and what the table has of calls is made. What
CloudFormation asks for in the name of its caller (`is_for_handlers`) is held against AWS's own resource provider schemas
(``handlers.*.permissions``), as cfn-lint carries them: those of 2026-10-20 when it was last compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Use(StrEnum):
    """What somebody wants to do; ``batchgauge policy`` takes these words."""

    RUN = "run"
    """``run``, ``sweep``, ``quickstart``, ``resume``, as far as they submit, watch and end jobs."""
    EVENTS = "events"
    """``--events``: a rule and a queue for each run, and ``remove-events``."""
    EVENTS_QUEUE = "events-queue"
    """``--events-queue``: a queue that stands already."""
    INSIGHTS = "insights"
    """``--container-insights``"""
    OBSERVE = "observe"
    """``observe``: jobs of somebody else."""
    READ_ONLY = "read-only"
    """The same, and to look at an environment and its stack."""
    CLEANUP = "cleanup"
    JOB_DEFINITION = "job-definition"
    IMAGE = "image"
    """``image push``"""
    CHECK = "check"
    EXPLAIN = "explain"
    PRICES = "prices"
    DEPLOY = "deploy"
    """``deploy up`` and ``down``: the stack, and all that CloudFormation makes and deletes with its caller's rights."""


class Scope(StrEnum):
    """What an action is allowed on; `core.iam.policy` knows the ARNs."""

    ANY = "any"
    """The action takes no resource."""
    JOB_QUEUE = "job-queue"
    JOB_DEFINITION = "job-definition"
    JOB = "job"
    LOG_STREAM = "log-stream"
    TASK = "task"
    RUN_RULE = "run-rule"
    """The rule that a run makes for itself."""
    RUN_QUEUE = "run-queue"
    EVENTS_QUEUE = "events-queue"
    """The queue of a stack, or one's own."""
    REGISTERED_DEFINITION = "registered-definition"
    ROLE = "role"
    """Any of the account: which one is asked for is the user's choice."""
    HANDED_ROLE = "handed-role"
    POLICY = "policy"
    POLICY_OF_AWS = "policy-of-aws"
    """Managed policies: the account's own, and those that AWS keeps for everybody."""
    REPOSITORIES = "repositories"
    PUSHED_REPOSITORY = "pushed-repository"
    DEFINITION_LOG_GROUP = "definition-log-group"
    STACK = "stack"
    STACK_QUEUE = "stack-queue"
    STACK_ENVIRONMENT = "stack-environment"
    STACK_DEFINITION = "stack-definition"
    STACK_ROLE = "stack-role"
    STACK_PROFILE = "stack-profile"
    STACK_REPOSITORY = "stack-repository"
    STACK_LOG_GROUP = "stack-log-group"
    STACK_EVENTS_QUEUE = "stack-events-queue"
    STACK_EVENTS_RULE = "stack-events-rule"
    STACK_NETWORK = "stack-network"
    """EC2's resources have no names: those of the account and Region."""
    SERVICE_LINKED_ROLE = "service-linked-role"


@dataclass(frozen=True, slots=True)
class Need:
    """Some actions on some resources, under a condition."""

    actions: tuple[str, ...]
    scopes: tuple[Scope, ...] = (Scope.ANY,)
    condition: tuple[str, str, tuple[str, ...]] | None = None
    """(operator, key, values)"""
    is_for_handlers: bool = False
    """Whether only CloudFormation calls these, for the resources of a stack."""
    is_of_registry: bool = False
    """Whether ECR asks for these where its registry is spoken to as Docker does."""


def _actions(service: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for name in names)


# Which of the two AWS Batch names to IAM where a job definition hands on a role is documented nowhere. Published policies that work allow
# batch.amazonaws.com (Seqera Platform's for AWS Batch, 2026); ecs-tasks.amazonaws.com is whom the role trusts.
_TO_JOBS: Final = ("batch.amazonaws.com", "ecs-tasks.amazonaws.com")
PASSED_TO_JOBS: Final = ("StringEquals", "iam:PassedToService", _TO_JOBS)
PASSED_BY_STACK: Final = ("StringEquals", "iam:PassedToService", (*_TO_JOBS, "ec2.amazonaws.com"))
OF_BATCH: Final = ("StringEquals", "iam:AWSServiceName", ("batch.amazonaws.com",))
INSTANCE_POLICY: Final = (
    "ArnLike",
    "iam:PolicyARN",
    ("arn:*:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",),
)

_LOOKS: Final = (
    Need(_actions("batch", "DescribeComputeEnvironments", "DescribeJobDefinitions", "DescribeJobQueues")),
    Need(_actions("batch", "DescribeJobs", "GetJobQueueSnapshot", "ListJobs")),
    Need(_actions("ecs", "DescribeTasks"), (Scope.TASK,)),
    Need(_actions("logs", "GetLogEvents"), (Scope.LOG_STREAM,)),
)
_TAKING_EVENTS: Final = _actions("sqs", "ChangeMessageVisibility", "DeleteMessage", "ReceiveMessage")
_REMOVING_ROUTES: Final = (
    Need(_actions("events", "DeleteRule", "ListTargetsByRule", "RemoveTargets"), (Scope.RUN_RULE,)),
    Need(_actions("sqs", "DeleteQueue", "GetQueueUrl"), (Scope.RUN_QUEUE,)),
)
_STACK_LOOKS: Final = Need(
    _actions("cloudformation", "DescribeStackEvents", "DescribeStacks", "ListStackResources"), (Scope.STACK,)
)

_CHECK_BEFORE: Final = (
    Need(_actions("ecr", "BatchGetImage", "DescribeImages", "GetDownloadUrlForLayer"), (Scope.REPOSITORIES,)),
    Need(_actions("iam", "GetRole"), (Scope.ROLE,)),
    Need(_actions("logs", "DescribeLogGroups")),
)
"""What a run looks at first (``--no-check`` does without); where it may not, that is said and the run begins all the same."""

NEEDS: Final[Mapping[Use, tuple[Need, ...]]] = {
    Use.RUN: (
        *_LOOKS,
        *_CHECK_BEFORE,
        Need(_actions("batch", "SubmitJob"), (Scope.JOB_QUEUE, Scope.JOB_DEFINITION)),
        Need(_actions("batch", "TagResource", "TerminateJob"), (Scope.JOB,)),
    ),
    Use.EVENTS: (
        *_REMOVING_ROUTES,
        Need(_actions("events", "PutRule", "PutTargets", "TagResource"), (Scope.RUN_RULE,)),
        Need(
            (*_actions("sqs", "CreateQueue", "GetQueueAttributes", "SetQueueAttributes", "TagQueue"), *_TAKING_EVENTS),
            (Scope.RUN_QUEUE,),
        ),
    ),
    Use.EVENTS_QUEUE: (Need(_TAKING_EVENTS, (Scope.EVENTS_QUEUE,)),),
    Use.INSIGHTS: (Need(_actions("cloudwatch", "GetMetricData")),),
    Use.OBSERVE: _LOOKS,
    Use.READ_ONLY: (
        *_LOOKS,
        _STACK_LOOKS,
        Need(_actions("ecr", "DescribeImages", "DescribeRepositories", "ListImages"), (Scope.REPOSITORIES,)),
        Need(_actions("iam", "GetRole"), (Scope.ROLE,)),
        Need(_actions("logs", "DescribeLogGroups")),
    ),
    Use.CLEANUP: (
        Need(_actions("batch", "DescribeJobQueues", "DescribeJobs", "ListJobs")),
        Need(_actions("batch", "TerminateJob"), (Scope.JOB,)),
        *_REMOVING_ROUTES,
    ),
    Use.JOB_DEFINITION: (
        Need(_actions("batch", "RegisterJobDefinition"), (Scope.REGISTERED_DEFINITION,)),
        Need(_actions("ecr", "DescribeImages", "DescribeRepositories"), (Scope.REPOSITORIES,)),
        Need(_actions("iam", "GetRole"), (Scope.ROLE,)),
        Need(_actions("iam", "PassRole"), (Scope.HANDED_ROLE,), PASSED_TO_JOBS),
        Need(_actions("logs", "CreateLogGroup"), (Scope.DEFINITION_LOG_GROUP,)),
    ),
    Use.IMAGE: (
        Need(_actions("ecr", "CreateRepository", "DescribeRepositories"), (Scope.PUSHED_REPOSITORY,)),
        Need(_actions("ecr", "GetAuthorizationToken")),
        Need(
            _actions(
                "ecr",
                "BatchCheckLayerAvailability",
                "BatchGetImage",
                "CompleteLayerUpload",
                "GetDownloadUrlForLayer",
                "InitiateLayerUpload",
                "PutImage",
                "UploadLayerPart",
            ),
            (Scope.PUSHED_REPOSITORY,),
            is_of_registry=True,
        ),
    ),
    Use.CHECK: (
        Need(
            _actions("batch", "DescribeComputeEnvironments", "DescribeJobDefinitions", "DescribeJobQueues", "ListJobs")
        ),
        *_CHECK_BEFORE,
        Need(_actions("iam", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies"), (Scope.ROLE,)),
        Need(_actions("iam", "GetPolicy", "GetPolicyVersion"), (Scope.POLICY, Scope.POLICY_OF_AWS)),
        Need(_actions("ec2", "DescribeRouteTables", "DescribeSubnets", "DescribeVpcEndpoints")),
        Need(_actions("servicequotas", "GetServiceQuota")),
    ),
    Use.EXPLAIN: _LOOKS,
    Use.PRICES: (
        Need(_actions("batch", "DescribeComputeEnvironments", "DescribeJobQueues")),  # with --job-queue only
        Need(_actions("pricing", "GetProducts")),
    ),
    Use.DEPLOY: (
        _STACK_LOOKS,
        Need(_actions("cloudformation", "CreateStack", "DeleteStack", "TagResource", "UpdateStack"), (Scope.STACK,)),
        Need(
            _actions("batch", "DescribeComputeEnvironments", "DescribeJobDefinitions", "DescribeJobQueues", "ListJobs")
        ),
        Need(_actions("batch", "TerminateJob"), (Scope.JOB,)),
        Need(_actions("ec2", "DescribeRouteTables", "DescribeSubnets", "DescribeVpcEndpoints", "DescribeVpcs")),
        Need(_actions("ecr", "BatchDeleteImage", "ListImages"), (Scope.STACK_REPOSITORY,)),
        Need(_actions("iam", "GetRole"), (Scope.STACK_ROLE,)),
        Need(_actions("logs", "DescribeLogGroups")),
        Need(
            _actions("batch", "CreateJobQueue", "DeleteJobQueue", "TagResource", "UpdateJobQueue"),
            (Scope.STACK_QUEUE, Scope.STACK_ENVIRONMENT),
            is_for_handlers=True,
        ),
        Need(
            _actions("batch", "CreateComputeEnvironment", "DeleteComputeEnvironment", "UpdateComputeEnvironment"),
            (Scope.STACK_ENVIRONMENT,),
            is_for_handlers=True,
        ),
        Need(
            _actions("batch", "DeregisterJobDefinition", "RegisterJobDefinition", "TagResource"),
            (Scope.STACK_DEFINITION,),
            is_for_handlers=True,
        ),
        Need(
            _actions(
                "ec2",
                "DescribeAvailabilityZones",  # of no handler: Fn::GetAZs asks for it
                "DescribeInstances",
                "DescribeInternetGateways",
                "DescribeLaunchTemplateVersions",
                "DescribeNetworkAcls",
                "DescribeNetworkInterfaces",
                "DescribeRouteTables",
                "DescribeSecurityGroups",
                "DescribeSubnets",
                "DescribeVpcAttribute",
                "DescribeVpcEncryptionControls",
                "DescribeVpcs",
                "DescribeVpnGateways",
            ),
            is_for_handlers=True,
        ),
        Need(
            _actions(
                "ec2",
                "AssociateRouteTable",
                "AttachInternetGateway",
                "AuthorizeSecurityGroupEgress",
                "CreateInternetGateway",
                "CreateRoute",
                "CreateRouteTable",
                "CreateSecurityGroup",
                "CreateSubnet",
                "CreateTags",
                "CreateVpc",
                "DeleteInternetGateway",
                "DeleteRoute",
                "DeleteRouteTable",
                "DeleteSecurityGroup",
                "DeleteSubnet",
                "DeleteTags",
                "DeleteVpc",
                "DetachInternetGateway",
                "DisassociateRouteTable",
                "ModifySubnetAttribute",
                "ModifyVpcAttribute",
                "ReplaceRouteTableAssociation",
                "RevokeSecurityGroupEgress",
            ),
            (Scope.STACK_NETWORK,),
            is_for_handlers=True,
        ),
        Need(
            _actions(
                "ecr",
                "CreateRepository",
                "DeleteRepository",
                "DescribeRepositories",
                "GetLifecyclePolicy",
                "GetRepositoryPolicy",
                "ListTagsForResource",
                "TagResource",
            ),
            (Scope.STACK_REPOSITORY,),
            is_for_handlers=True,
        ),
        Need(
            _actions(
                "events",
                "DeleteRule",
                "DescribeRule",
                "ListTagsForResource",
                "ListTargetsByRule",
                "PutRule",
                "PutTargets",
                "RemoveTargets",
                "TagResource",
            ),
            (Scope.STACK_EVENTS_RULE,),
            is_for_handlers=True,
        ),
        Need(
            _actions(
                "iam",
                "CreateRole",
                "DeleteRole",
                "DeleteRolePolicy",
                "GetRolePolicy",
                "ListAttachedRolePolicies",
                "ListRolePolicies",
                "PutRolePolicy",
                "TagRole",
                "UntagRole",
                "UpdateAssumeRolePolicy",
                "UpdateRole",
                "UpdateRoleDescription",
            ),
            (Scope.STACK_ROLE,),
            is_for_handlers=True,
        ),
        Need(
            _actions("iam", "AttachRolePolicy", "DetachRolePolicy"),
            (Scope.STACK_ROLE,),
            INSTANCE_POLICY,
            is_for_handlers=True,
        ),
        Need(_actions("iam", "PassRole"), (Scope.STACK_ROLE,), PASSED_BY_STACK, is_for_handlers=True),
        Need(
            _actions(
                "iam",
                "AddRoleToInstanceProfile",
                "CreateInstanceProfile",
                "DeleteInstanceProfile",
                "GetInstanceProfile",
                "RemoveRoleFromInstanceProfile",
            ),
            (Scope.STACK_PROFILE,),
            is_for_handlers=True,
        ),
        Need(_actions("iam", "CreateServiceLinkedRole"), (Scope.SERVICE_LINKED_ROLE,), OF_BATCH, is_for_handlers=True),
        Need(_actions("logs", "DescribeResourcePolicies"), is_for_handlers=True),
        Need(
            _actions(
                "logs",
                "CreateLogGroup",
                "DeleteDataProtectionPolicy",
                "DeleteLogGroup",
                "DescribeIndexPolicies",
                "GetDataProtectionPolicy",
                "ListTagsForResource",
                "PutRetentionPolicy",
                "TagResource",
            ),
            (Scope.STACK_LOG_GROUP,),
            is_for_handlers=True,
        ),
        Need(
            _actions(
                "sqs",
                "CreateQueue",
                "DeleteQueue",
                "GetQueueAttributes",
                "GetQueueUrl",
                "ListQueueTags",
                "SetQueueAttributes",
                "TagQueue",
            ),
            (Scope.STACK_EVENTS_QUEUE,),
            is_for_handlers=True,
        ),
    ),
}

USE_OF_COMMAND: Final[Mapping[str, Use]] = {
    "run": Use.RUN,
    "sweep": Use.RUN,
    "quickstart": Use.RUN,
    "resume": Use.RUN,
    "observe": Use.OBSERVE,
    "cleanup": Use.CLEANUP,
    "remove-events": Use.EVENTS,
    "job-definition": Use.JOB_DEFINITION,
    "image": Use.IMAGE,
    "check": Use.CHECK,
    "explain": Use.EXPLAIN,
    "prices": Use.PRICES,
    "deploy": Use.DEPLOY,
}
USE_OF_FLAG: Final[Mapping[str, Use]] = {
    "--events": Use.EVENTS,
    "--events-queue": Use.EVENTS_QUEUE,
    "--container-insights": Use.INSIGHTS,
}
"""What such a flag needs besides."""


def uses_of_words(words: Iterable[str]) -> tuple[Use, ...]:
    """What to print a policy for where the command of these words was denied something; none, where it is no command that asks AWS."""
    words = list(words)
    use = next((USE_OF_COMMAND[word] for word in words if word in USE_OF_COMMAND), None)
    if use is None:
        return ()
    flags = (word.partition("=")[0] for word in words)
    return (use, *(USE_OF_FLAG[flag] for flag in dict.fromkeys(flags) if flag in USE_OF_FLAG))
