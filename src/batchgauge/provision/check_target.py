"""The checks before a first measurement: credentials, queue, compute environments, job definition. Nothing is changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from batchgauge.core.journal import CallOutcome, ComputeEnvironmentFacts
from batchgauge.core.refusals import error_of
from batchgauge.errors import (
    AwsError,
    BatchgaugeError,
    ComputeEnvironmentNotUsableError,
    JobDefinitionNotFoundError,
    JobQueueNotFoundError,
    JobQueueNotUsableError,
)
from batchgauge.ports import Account, BatchGateway, JobQueueDetail, Reply

T = TypeVar("T")

USABLE_STATUSES: Final = ("VALID", "UPDATING")
"""Of a compute environment."""


class CheckKind(StrEnum):
    """What is looked at."""

    CREDENTIALS = "credentials"
    JOB_QUEUE = "job-queue"
    COMPUTE_ENVIRONMENT = "compute-environment"
    JOB_DEFINITION = "job-definition"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: well where there is no error. `detail` is what AWS says of it, in AWS's words."""

    kind: CheckKind
    subject: str
    detail: str = ""
    error: BatchgaugeError | None = None


async def check_target(
    account: Account, gateway: BatchGateway, job_queue: str, job_definition: str
) -> AsyncIterator[Check]:
    """One after the other; what could only fail for the same cause as one before it is left out."""
    try:
        yield Check(CheckKind.CREDENTIALS, await account.account_id(), account.region)
    except AwsError as error:
        yield Check(CheckKind.CREDENTIALS, "", account.region, error)
        return
    try:
        queue = await _answer(gateway.describe_job_queue(job_queue), account.region)
    except AwsError as error:
        yield Check(CheckKind.JOB_QUEUE, job_queue, error=error)
    else:
        yield _check_queue(queue, job_queue, account.region)
        # Asked about none, AWS would show all of the account.
        if queue is not None and queue.compute_environments:
            async for check in _check_environments(gateway, queue, account.region):
                yield check
    yield await _check_definition(gateway, job_definition, account.region)


async def _answer(request: Awaitable[Reply[T]], region: str) -> T | None:
    reply = await request
    if reply.outcome is not CallOutcome.OK:
        raise error_of(reply, f"AWS Batch, {region}")
    return reply.value


def _check_queue(queue: JobQueueDetail | None, name: str, region: str) -> Check:
    if queue is None:
        return Check(CheckKind.JOB_QUEUE, name, error=JobQueueNotFoundError(queue=name, region=region))
    detail = f"{queue.state}, {queue.status}"
    if not queue.is_usable:
        error = JobQueueNotUsableError(queue=name, state=queue.state, status=queue.status)
        return Check(CheckKind.JOB_QUEUE, name, detail, error)
    return Check(CheckKind.JOB_QUEUE, name, detail)


async def _check_environments(gateway: BatchGateway, queue: JobQueueDetail, region: str) -> AsyncIterator[Check]:
    try:
        environments = await _answer(gateway.describe_compute_environments(queue.compute_environments), region)
    except AwsError as error:
        yield Check(CheckKind.COMPUTE_ENVIRONMENT, ", ".join(queue.compute_environments), error=error)
        return
    for environment in environments or ():
        yield _check_environment(environment)


def _check_environment(environment: ComputeEnvironmentFacts) -> Check:
    capacity = f"maxvCpus {environment.max_vcpus}" if environment.max_vcpus is not None else None
    detail = ", ".join(word for word in (environment.type, capacity, environment.state, environment.status) if word)
    error = None
    if environment.state != "ENABLED" or environment.status not in USABLE_STATUSES:
        error = ComputeEnvironmentNotUsableError(
            environment=environment.name, state=environment.state or "", status=environment.status or ""
        )
    return Check(CheckKind.COMPUTE_ENVIRONMENT, environment.name, detail, error)


async def _check_definition(gateway: BatchGateway, name: str, region: str) -> Check:
    try:
        definition = await _answer(gateway.describe_job_definition(name), region)
    except AwsError as error:
        return Check(CheckKind.JOB_DEFINITION, name, error=error)
    if definition is None:
        return Check(CheckKind.JOB_DEFINITION, name, error=JobDefinitionNotFoundError(definition=name, region=region))
    words = (f"{definition.name}:{definition.revision}", definition.status, definition.operating_system_family)
    return Check(CheckKind.JOB_DEFINITION, name, ", ".join(word for word in words if word))
