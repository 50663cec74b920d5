"""Reading what jobs stand on: all that does not wait for something else is asked at once, and what is refused does not hide the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from batchgauge.core.checks.setup import (
    Asked,
    DefinitionSetup,
    EnvironmentSetup,
    Identity,
    ImageSetup,
    OthersJobs,
    QueueSetup,
    QuotaSetup,
    RoleRights,
    RoleSetup,
    Setup,
    SubnetSetup,
    Unread,
)
from batchgauge.core.images.name import ImageName
from batchgauge.errors import AccessDeniedError, AwsCallError, AwsError
from batchgauge.ports import SetupSource

ON_DEMAND_VCPUS: Final = "L-3032A538"
SPOT_VCPUS: Final = "L-36FBB829"
"""Fargate's quotas of vCPUs in use at once: of tasks on demand, and of those on spare capacity."""
T = TypeVar("T")


async def read_setup(source: SetupSource, asked: Asked, *, is_quick: bool = False) -> Setup:
    """All that can be read; quickly, only what can make every job fail.

    Raises:
        AwsError: AWS cannot be asked at all: no way to it, or no credentials that it knows.
    """
    identity, (queue, environments), on_definition, others = await asyncio.gather(
        _identity(source, is_quick=is_quick),
        _queue(source, asked),
        _definition(source, asked),
        _others(source, asked, is_quick=is_quick),
    )
    if isinstance(identity, Unread):
        return Setup(region=source.region, identity=identity)
    definition, execution_role, job_role, image, has_log_group = on_definition
    known = environments if not isinstance(environments, Unread) else ()
    subnets: tuple[SubnetSetup, ...] | Unread = ()
    quota: QuotaSetup | Unread | None = None
    execution_rights: RoleRights | Unread | None = None
    job_rights: RoleRights | Unread | None = None
    if not is_quick:
        subnets, quota, execution_rights, job_rights = await asyncio.gather(
            _subnets(source, known), _quota(source, known), _rights(source, execution_role), _rights(source, job_role)
        )
    return Setup(
        region=source.region,
        identity=identity,
        queue=queue,
        environments=environments,
        definition=definition,
        execution_role=execution_role,
        job_role=job_role,
        execution_rights=execution_rights,
        job_rights=job_rights,
        image=image,
        has_log_group=has_log_group,
        subnets=subnets,
        quota=quota,
        others=others,
        is_quick=is_quick,
    )


async def _answered(request: Awaitable[T]) -> T | Unread:
    """What AWS answers, be it a refusal; where there is no answer, the error has better words and remedies than a check."""
    try:
        return await request
    except AccessDeniedError as error:
        return Unread(operation=error.operation, error="AccessDenied", detail=error.detail)
    except AwsCallError as error:
        return Unread(operation=error.operation, error=error.error, detail=error.detail)


async def _read(request: Awaitable[T]) -> T | Unread:
    try:
        return await _answered(request)
    except AwsError as error:
        return Unread(operation="", error=error.code, detail=_said(error))


def _said(error: AwsError) -> str:
    arguments = error.arguments
    return str(arguments.get("reason") or arguments.get("detail") or arguments.get("profile") or "")


# Each of these makes its call once it runs: where a run begins meanwhile and all of this is cancelled, a call that was made
# beforehand would be one that nobody ever awaited.
async def _identity(source: SetupSource, *, is_quick: bool) -> Identity | Unread:
    """Whoever cannot ask AWS at all hears of it elsewhere when there is no time."""
    return Identity(account_id="", arn="") if is_quick else await _answered(source.identity())


async def _others(source: SetupSource, asked: Asked, *, is_quick: bool) -> OthersJobs | Unread:
    return OthersJobs() if is_quick else await _read(source.others(asked.queue))


async def _queue(
    source: SetupSource, asked: Asked
) -> tuple[QueueSetup | Unread | None, tuple[EnvironmentSetup, ...] | Unread]:
    queue = await _read(source.queue(asked.queue))
    # Asked about none, AWS would show all of the account.
    if queue is None or isinstance(queue, Unread) or not queue.environments:
        return queue, ()
    return queue, await _read(source.environments(queue.environments))


async def _definition(
    source: SetupSource, asked: Asked
) -> tuple[
    DefinitionSetup | Unread | None,
    RoleSetup | Unread | None,
    RoleSetup | Unread | None,
    ImageSetup | Unread | None,
    bool | Unread,
]:
    definition = await _read(source.definition(asked.definition))
    if definition is None or isinstance(definition, Unread):
        return definition, None, None, None, True
    execution_role, job_role, image, has_log_group = await asyncio.gather(
        _role(source, definition.execution_role),
        _role(source, definition.job_role),
        _image(source, definition.image),
        _log_group(source, definition),
    )
    return definition, execution_role, job_role, image, has_log_group


async def _log_group(source: SetupSource, definition: DefinitionSetup) -> bool | Unread:
    return await _read(source.has_log_group(definition.log.group)) if definition.log.driver == "awslogs" else True


async def _role(source: SetupSource, name: str) -> RoleSetup | Unread | None:
    return await _read(source.role(name)) if name else None


async def _rights(source: SetupSource, role: RoleSetup | Unread | None) -> RoleRights | Unread | None:
    """Of a role that is there."""
    return await _read(source.role_rights(role.arn)) if isinstance(role, RoleSetup) else None


async def _image(source: SetupSource, image: str) -> ImageSetup | Unread | None:
    name = ImageName.parse(image)
    return await _read(source.image(name)) if name.is_in_ecr_of(source.region) else None


async def _subnets(source: SetupSource, environments: tuple[EnvironmentSetup, ...]) -> tuple[SubnetSetup, ...] | Unread:
    ids = dict.fromkeys(subnet for environment in environments for subnet in environment.subnets)
    return await _read(source.subnets(list(ids))) if ids else ()


async def _quota(source: SetupSource, environments: tuple[EnvironmentSetup, ...]) -> QuotaSetup | Unread | None:
    """Of the kind that all of the environments are; those of EC2 have quotas by families of instances, which nobody knows beforehand."""
    types = {environment.type for environment in environments}
    if types == {"FARGATE"}:
        return await _read(source.fargate_quota(ON_DEMAND_VCPUS))
    return await _read(source.fargate_quota(SPOT_VCPUS)) if types == {"FARGATE_SPOT"} else None
