"""Least-privilege policies: the needs of some uses as IAM's JSON, with ARNs as narrow as what is known allows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final, TypeAlias

from batchgauge.core.iam.permissions import NEEDS, Scope, Use

VERSION: Final = "2012-10-17"
MANAGED_POLICY_CHARACTERS: Final = 6144
"""What IAM takes in one managed policy; it counts no spaces."""
STACK_REPOSITORY: Final = "batchgauge-countdown"
ROUTE_NAMES: Final = "batchgauge-concurrent-test-*"
"""As `core.naming.event_route_name` makes them."""


_Where: TypeAlias = tuple[tuple[str, ...], tuple[str, str, tuple[str, ...]] | None]
"""Resources, and under which condition."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a policy is for; ``*`` where anything may be meant."""

    region: str = "*"
    account: str = "*"
    job_queue: str = "*"
    job_definition: str = "*"
    stack: str = "batchgauge"
    repository: str | None = None
    """None: the one that the template makes by default, for a stack, and any for a push."""
    events_queue: str = "*"

    @property
    def partition(self) -> str:
        """Of the Region."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"


def policy(uses: Iterable[Use], names: Names) -> dict[str, Any]:
    """One document for all of them; statements, actions and resources are sorted."""
    gathered: dict[_Where, set[str]] = {}
    for use in uses:
        for need in NEEDS[use]:
            resources = sorted({arn for scope in need.scopes for arn in arns(scope, names)})
            gathered.setdefault((tuple(resources), need.condition), set()).update(need.actions)
    statements = [_statement(*key, actions) for key in gathered if (actions := _said_only_here(key, gathered))]
    return {"Version": VERSION, "Statement": sorted(statements, key=lambda each: (each["Action"], each["Resource"]))}


def _said_only_here(where: _Where, gathered: Mapping[_Where, set[str]]) -> set[str]:
    """The actions that no other statement allows there already, without a condition: what is said twice takes room."""
    wider = [
        actions
        for (patterns, condition), actions in gathered.items()
        if condition is None and _cover(patterns, where[0]) and not (where[1] is None and _cover(where[0], patterns))
    ]
    return gathered[where].difference(*wider)


def _cover(patterns: Iterable[str], resources: Iterable[str]) -> bool:
    return all(any(fnmatchcase(resource, pattern) for pattern in patterns) for resource in resources)


def characters_of(document: Mapping[str, Any]) -> int:
    """How long a policy is as IAM counts."""
    return len(json.dumps(document, separators=(",", ":")))


def _statement(
    resources: tuple[str, ...], condition: tuple[str, str, tuple[str, ...]] | None, actions: set[str]
) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}
    if condition is not None:
        operator, key, values = condition
        statement["Condition"] = {operator: {key: list(values)}}
    return statement


def arns(scope: Scope, names: Names) -> tuple[str, ...]:
    """The patterns of a scope."""
    if scope is Scope.ANY:
        return ("*",)
    if scope is Scope.POLICY_OF_AWS:
        return (f"arn:{names.partition}:iam::aws:policy/*",)
    return tuple(_arn(service, resource, names) for service, resource in _resources(names)[scope])


def _resources(names: Names) -> Mapping[Scope, tuple[tuple[str, str], ...]]:
    """(service, what follows the account)"""
    definition, stack = names.job_definition, names.stack
    log_group = f"log-group:/aws/batch/{stack}"
    return {
        Scope.JOB_QUEUE: (("batch", f"job-queue/{names.job_queue}"),),
        Scope.JOB_DEFINITION: _with_revisions(definition),
        Scope.JOB: (("batch", "job/*"),),
        Scope.LOG_STREAM: (("logs", "log-group:*:log-stream:*"),),
        Scope.TASK: (("ecs", "task/*"),),
        Scope.RUN_RULE: (("events", f"rule/{ROUTE_NAMES}"),),
        Scope.RUN_QUEUE: (("sqs", ROUTE_NAMES),),
        Scope.EVENTS_QUEUE: (("sqs", names.events_queue),),
        Scope.REGISTERED_DEFINITION: _with_revisions(definition),
        Scope.ROLE: (("iam", "role/*"),),
        Scope.HANDED_ROLE: (("iam", "role/*"),),
        Scope.POLICY: (("iam", "policy/*"),),
        Scope.REPOSITORIES: (("ecr", "repository/*"),),
        Scope.PUSHED_REPOSITORY: (("ecr", f"repository/{names.repository or '*'}"),),
        Scope.DEFINITION_LOG_GROUP: (("logs", "log-group:*"),),
        Scope.STACK: (("cloudformation", f"stack/{stack}/*"),),
        Scope.STACK_QUEUE: (("batch", f"job-queue/{stack}-*"),),
        Scope.STACK_ENVIRONMENT: (("batch", f"compute-environment/{stack}-*"),),
        Scope.STACK_DEFINITION: _with_revisions(definition),
        Scope.STACK_ROLE: (("iam", f"role/{stack}-*"),),
        Scope.STACK_PROFILE: (("iam", f"instance-profile/{stack}-*"),),
        Scope.STACK_REPOSITORY: (("ecr", f"repository/{names.repository or STACK_REPOSITORY}"),),
        Scope.STACK_LOG_GROUP: (("logs", log_group), ("logs", f"{log_group}:*")),
        Scope.STACK_EVENTS_QUEUE: (("sqs", f"{stack}-events"),),
        Scope.STACK_EVENTS_RULE: (("events", f"rule/{stack}-events"),),
        Scope.STACK_NETWORK: (("ec2", "*"),),
        Scope.SERVICE_LINKED_ROLE: (("iam", "role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch*"),),
    }


def _with_revisions(definition: str) -> tuple[tuple[str, str], ...]:
    """A definition is named with its revision or without."""
    if definition == "*":
        return (("batch", "job-definition/*"),)
    return (("batch", f"job-definition/{definition}"), ("batch", f"job-definition/{definition}:*"))


def _arn(service: str, resource: str, names: Names) -> str:
    region = "" if service == "iam" else names.region
    return f"arn:{names.partition}:{service}:{region}:{names.account}:{resource}"
