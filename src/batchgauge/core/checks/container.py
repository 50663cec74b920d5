"""Judgments over what a container needs in order to start: roles, image, log group, a way to the registry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from batchgauge.core.checks.outcome import (
    Argument,
    Check,
    CheckCode,
    CheckKind,
    aws_command,
    failed,
    not_checked,
    ok,
    unknown,
    warning,
)
from batchgauge.core.checks.rights import check_execution_rights, check_job_rights, execution_policy
from batchgauge.core.checks.setup import (
    Asked,
    DefinitionSetup,
    ImagePlatform,
    ImageSetup,
    RoleSetup,
    Setup,
    Unread,
    Way,
)
from batchgauge.core.checks.ways import missing_endpoints, without_address, without_way
from batchgauge.core.checks.zones import check_zones
from batchgauge.core.images.name import ImageName

TASKS: Final = "ecs-tasks.amazonaws.com"
"""Who takes the roles of a container, on Fargate and on EC2."""
DEFAULT_LOG_GROUP: Final = "/aws/batch/job"
"""AWS Batch makes it where it is missing."""
WINDOWS_BUILDS: Final = {"2019": "10.0.17763", "2022": "10.0.20348", "2025": "10.0.26100"}
"""A Windows container runs on a host of its own build only."""
ROUTES: Final = (
    "RouteTables[].[VpcId,Associations[].[SubnetId,Main],Routes[].[DestinationCidrBlock,GatewayId,NatGatewayId]]"
)
"""Of all tables: a subnet without one of its own takes its VPC's main one, which no filter by the subnet's id finds."""
ARCHITECTURES: Final = {"X86_64": "amd64", "ARM64": "arm64", "": "amd64"}


def check_container(setup: Setup, asked: Asked) -> Iterator[Check]:
    """Whatever the definition names, where there is one."""
    definition = setup.definition
    if definition is None or isinstance(definition, Unread) or definition.type != "container":
        return
    yield from _execution_role(definition, setup, asked)
    yield from _job_role(definition, setup, asked)
    yield from _image(definition, setup, asked)
    yield from _logs(definition, setup, asked)
    if not setup.is_quick:
        yield from _network(definition, setup, asked)
        yield from check_zones(definition, setup, asked)


def _execution_role(definition: DefinitionSetup, setup: Setup, asked: Asked) -> Iterator[Check]:
    if definition.execution_role:
        yield _role(CheckKind.EXECUTION_ROLE, definition.execution_role, setup.execution_role, setup, asked)
        yield from check_execution_rights(definition, setup, asked)
    elif definition.is_fargate:
        yield failed(CheckKind.EXECUTION_ROLE, CheckCode.ROLE_NOT_GIVEN, definition=definition.name)


def _job_role(definition: DefinitionSetup, setup: Setup, asked: Asked) -> Iterator[Check]:
    if definition.job_role:
        yield _role(CheckKind.JOB_ROLE, definition.job_role, setup.job_role, setup, asked)
        yield from check_job_rights(definition, setup, asked)


def _role(kind: CheckKind, arn: str, role: RoleSetup | Unread | None, setup: Setup, asked: Asked) -> Check:
    if isinstance(role, Unread):
        return not_checked(kind, role)
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": TASKS}, "Action": "sts:AssumeRole"}],
        }
    )
    name = arn.rpartition("/")[2] or arn
    if role is None:
        words = ("iam", "create-role", "--role-name", name, "--assume-role-policy-document", trust)
        fixes = [aws_command(asked, setup.region, *words)]
        if (
            kind is CheckKind.EXECUTION_ROLE
        ):  # without rights it can neither pull nor log; what the programs need nobody knows
            words = ("iam", "attach-role-policy", "--role-name", name, "--policy-arn", execution_policy(arn))
            fixes.append(aws_command(asked, setup.region, *words))
        return failed(kind, CheckCode.ROLE_MISSING, fix="\n".join(fixes), role=arn)
    if TASKS not in role.trusted_services:
        words = ("iam", "update-assume-role-policy", "--role-name", name, "--policy-document", trust)
        trusted = ", ".join(role.trusted_services) or "-"
        fix = aws_command(asked, setup.region, *words)
        return failed(kind, CheckCode.ROLE_UNTRUSTING, fix=fix, role=arn, trusted=trusted, service=TASKS)
    return ok(kind, CheckCode.ROLE_OK, role=arn, service=TASKS)


def _image(definition: DefinitionSetup, setup: Setup, asked: Asked) -> Iterator[Check]:
    kind, image = CheckKind.IMAGE, setup.image
    name = ImageName.parse(definition.image)
    if isinstance(image, Unread):
        yield not_checked(kind, image)
    elif not name.is_in_ecr_of(setup.region):
        yield unknown(kind, CheckCode.IMAGE_ELSEWHERE, image=definition.image)
    elif image is None:
        words = ("ecr", "describe-images", "--repository-name", name.repository)
        fix = aws_command(asked, setup.region, *words)
        yield failed(kind, CheckCode.IMAGE_MISSING, fix=fix, image=definition.image)
    else:
        yield _platform_of_image(definition, image)


def _platform_of_image(definition: DefinitionSetup, image: ImageSetup) -> Check:
    kind = CheckKind.IMAGE
    if not image.platforms:
        return ok(kind, CheckCode.IMAGE_PRESENT, image=definition.image, digest=image.digest)
    shown = ", ".join(map(_platform_in_words, image.platforms))
    facts: dict[str, Argument] = {"image": definition.image, "platforms": shown}
    if not any(fits(definition, entry) for entry in image.platforms):
        family = definition.operating_system_family or "LINUX"
        wanted = f"{family} {definition.cpu_architecture or 'X86_64'}"
        return failed(kind, CheckCode.IMAGE_OTHER_PLATFORM, facts, wanted=wanted)
    return ok(kind, CheckCode.IMAGE_OK, facts, digest=image.digest)


def fits(definition: DefinitionSetup, platform: ImagePlatform) -> bool:
    """Whether such an image can run where the definition says; what the image does not say is not held against it."""
    if (platform.system == "windows") != definition.is_windows:
        return False
    if platform.architecture and platform.architecture != ARCHITECTURES.get(definition.cpu_architecture):
        return False
    if not definition.is_windows or not platform.version:
        return True
    build = next((build for year, build in WINDOWS_BUILDS.items() if year in definition.operating_system_family), "")
    return platform.version == build or platform.version.startswith(f"{build}.")


def _platform_in_words(platform: ImagePlatform) -> str:
    return "/".join(word for word in (platform.system, platform.architecture, platform.version) if word)


def _logs(definition: DefinitionSetup, setup: Setup, asked: Asked) -> Iterator[Check]:
    kind, log = CheckKind.LOGS, definition.log
    if log.driver != "awslogs":
        yield warning(kind, CheckCode.LOG_DRIVER, driver=log.driver)
    elif isinstance(setup.has_log_group, Unread):
        yield not_checked(kind, setup.has_log_group)
    elif not setup.has_log_group and not log.creates_group and log.group != DEFAULT_LOG_GROUP:
        fix = aws_command(asked, setup.region, "logs", "create-log-group", "--log-group-name", log.group)
        yield failed(kind, CheckCode.LOG_GROUP_MISSING, fix=fix, group=log.group)
    else:
        yield ok(kind, CheckCode.LOGS_OK, group=log.group)


def _network(definition: DefinitionSetup, setup: Setup, asked: Asked) -> Iterator[Check]:
    """Whether a task can reach the registry from each of its subnets; an instance of EC2 has ways of its own."""
    kind, subnets = CheckKind.NETWORK, setup.subnets
    if isinstance(subnets, Unread):
        yield not_checked(kind, subnets)
        return
    if not definition.is_fargate:
        yield unknown(kind, CheckCode.NETWORK_OF_INSTANCES)
        return
    hidden = without_address(subnets, has_public_address=definition.assigns_public_ip)
    blocked = {CheckCode.SUBNET_NEEDS_PUBLIC_IP: hidden, CheckCode.SUBNET_WITHOUT_WAY: without_way(subnets)}
    for code, entries in blocked.items():
        if entries:
            missing = ", ".join(missing_endpoints(entries[0]))
            names = ", ".join(entry.subnet_id for entry in entries)
            words = ("ec2", "describe-route-tables", "--query", ROUTES)
            yield failed(kind, code, fix=aws_command(asked, setup.region, *words), subnets=names, missing=missing)
    free = [entry.free_addresses for entry in subnets if entry.free_addresses is not None]
    few = asked.num_jobs is not None and len(free) == len(subnets) and sum(free) < asked.num_jobs
    if few and asked.num_jobs is not None:
        yield warning(kind, CheckCode.ADDRESSES_BELOW_LEVEL, free=sum(free), level=asked.num_jobs)
    elsewhere = [entry.subnet_id for entry in subnets if entry.way is Way.OTHER]
    if elsewhere:
        yield unknown(kind, CheckCode.SUBNET_WAY_UNKNOWN, subnets=", ".join(elsewhere))
    elif subnets and not few and not any(blocked.values()):
        ways = ", ".join(sorted({entry.way.value for entry in subnets}))
        yield ok(kind, CheckCode.NETWORK_OK, subnets=", ".join(entry.subnet_id for entry in subnets), ways=ways)
