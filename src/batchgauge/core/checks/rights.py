"""Judgments over what the policies of a container's roles allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batchgauge.core.checks.outcome import Check, CheckCode, CheckKind, aws_command, failed, not_checked, warning
from batchgauge.core.checks.setup import Asked, DefinitionSetup, Setup, Unread
from batchgauge.core.images.name import ImageName

EXECUTION_POLICY: Final = "service-role/AmazonECSTaskExecutionRolePolicy"
"""AWS's own: images from ECR, and lines to CloudWatch Logs."""
TO_SIGN_IN: Final = "ecr:GetAuthorizationToken"
"""Takes no resource: no repository's policy can stand in for it."""
TO_PULL: Final = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
TO_LOG: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
TO_MAKE_GROUP: Final = "logs:CreateLogGroup"
NEEDS_NOTHING: Final = "countdown"
"""The program that calls nothing of AWS."""


def check_execution_rights(definition: DefinitionSetup, setup: Setup, asked: Asked) -> Iterator[Check]:
    """Whether it can pull the image and write the log; only what no policy of it names is held against it."""
    kind, rights = CheckKind.EXECUTION_ROLE, setup.execution_rights
    if isinstance(rights, Unread):
        yield not_checked(kind, rights)
        return
    if rights is None:
        return
    missing = [action for action in _needed(definition, setup) if not rights.may_allow(action)]
    if not missing:
        return
    check = failed if TO_SIGN_IN in missing else warning
    fix = "\n".join(_remedies(definition, setup, asked, missing))
    facts = {"role": definition.execution_role, "actions": ", ".join(missing)}
    yield check(kind, CheckCode.ROLE_LACKS_RIGHTS, facts, fix=fix)


def _needed(definition: DefinitionSetup, setup: Setup) -> Iterator[str]:
    if ImageName.parse(definition.image).is_in_ecr_of(setup.region):
        yield from (TO_SIGN_IN, *TO_PULL)
    if definition.log.driver == "awslogs":
        yield from TO_LOG
        if definition.log.creates_group and setup.has_log_group is False:
            yield TO_MAKE_GROUP


def _remedies(definition: DefinitionSetup, setup: Setup, asked: Asked, missing: list[str]) -> Iterator[str]:
    name = definition.execution_role.rpartition("/")[2]
    if missing != [TO_MAKE_GROUP]:
        words = ("iam", "attach-role-policy", "--role-name", name)
        yield aws_command(asked, setup.region, *words, "--policy-arn", execution_policy(definition.execution_role))
    if TO_MAKE_GROUP in missing:  # which AWS's policy does not hold
        yield aws_command(asked, setup.region, "logs", "create-log-group", "--log-group-name", definition.log.group)


def execution_policy(role: str) -> str:
    """AWS's own policy for execution roles, in the partition of the role; a role may be named without its ARN."""
    partition = role.split(":")[1] if role.startswith("arn:") else "aws"
    return f"arn:{partition}:iam::aws:policy/{EXECUTION_POLICY}"


def check_job_rights(definition: DefinitionSetup, setup: Setup, asked: Asked) -> Iterator[Check]:
    """Whether a program that may need something is given anything at all; what it needs, nobody but its author knows."""
    kind, rights = CheckKind.JOB_ROLE, setup.job_rights
    if isinstance(rights, Unread):
        yield not_checked(kind, rights)
    elif rights is not None and not rights.policies and not _is_countdown(asked.command or definition.command):
        yield warning(kind, CheckCode.ROLE_WITHOUT_POLICIES, role=definition.job_role)


def _is_countdown(command: tuple[str, ...]) -> bool:
    return any(NEEDS_NOTHING in word.lower() for word in command)
