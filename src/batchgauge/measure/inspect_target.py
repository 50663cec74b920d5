"""What a run stands on, looked at before anything is started: the queue, its environments, the job definition."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec

from batchgauge.core.journal import CallOutcome, EnvironmentFacts
from batchgauge.core.scenario import JobShape
from batchgauge.core.submitting.refusals import error_of
from batchgauge.errors import (
    EndpointUnreachableError,
    JobDefinitionNotFoundError,
    JobQueueNotFoundError,
    JobQueueNotUsableError,
)
from batchgauge.measure.retrying import READ_BACK_OFF
from batchgauge.ports import BatchGateway, Clock, JobDefinitionDetail, JobDetail, JobQueueDetail, Reply

ANSWER_LIMIT_S: Final = 20.0
"""Nothing has been started yet: whoever waits shall hear soon that nobody answers."""

T = TypeVar("T")


async def inspect_target(
    gateway: BatchGateway, job: JobShape, facts: EnvironmentFacts, clock: Clock, chance: random.Random
) -> EnvironmentFacts:
    """The facts completed with what AWS says of the queue and the definition.

    Raises:
        JobQueueNotFoundError, JobQueueNotUsableError, JobDefinitionNotFoundError: the run could not start a job.
        AwsError: AWS cannot be asked.
    """
    endpoint = facts.endpoint_url or f"AWS Batch, {facts.region}"

    async def ask(request: Callable[[], Awaitable[Reply[T]]]) -> T:
        return await _ask(request, endpoint, clock, chance)

    queue = await ask(lambda: gateway.describe_job_queue(job.job_queue))
    _require_usable(queue, job.job_queue, facts.region)
    assert queue is not None  # noqa: S101  (just required)
    definition = await ask(lambda: gateway.describe_job_definition(job.job_definition))
    if definition is None:
        raise JobDefinitionNotFoundError(definition=job.job_definition, region=facts.region)
    # Asked about none, AWS would show all of the account.
    names = queue.compute_environments
    environments = await ask(lambda: gateway.describe_compute_environments(names)) if names else ()
    return msgspec.structs.replace(
        facts,
        account_id=_account_of(queue.arn),
        job_queue_arn=queue.arn,
        compute_environments=environments,
        **_job_facts(definition, job),
    )


async def inspect_watched(
    gateway: BatchGateway,
    queue: str,
    job: JobDetail | None,
    facts: EnvironmentFacts,
    *,
    clock: Clock,
    chance: random.Random,
) -> EnvironmentFacts:
    """The facts completed for jobs of somebody else's: what they are says AWS of one of them, where it would answer.

    Their queue need take no jobs any more, nor their definition be active.

    Raises:
        JobQueueNotFoundError: no such queue.
        AwsError: AWS cannot be asked.
    """
    endpoint = facts.endpoint_url or f"AWS Batch, {facts.region}"
    detail = await _ask(lambda: gateway.describe_job_queue(queue), endpoint, clock, chance)
    if detail is None:
        raise JobQueueNotFoundError(queue=queue, region=facts.region)
    names = detail.compute_environments
    environments = (
        await _ask(lambda: gateway.describe_compute_environments(names), endpoint, clock, chance) if names else ()
    )
    facts = msgspec.structs.replace(
        facts,
        account_id=_account_of(detail.arn),
        job_queue_arn=detail.arn,
        compute_environments=environments,
    )
    if job is None:
        return facts
    return msgspec.structs.replace(
        facts,
        job_definition_arn=job.definition,
        job_platform=job.platform,
        operating_system_family=job.operating_system_family,
        job_vcpus=job.vcpus,
        job_memory_mib=job.memory_mib,
        log_group=job.log_group,
    )


async def _ask(request: Callable[[], Awaitable[Reply[T]]], endpoint: str, clock: Clock, chance: random.Random) -> T:
    tries = 0
    while True:
        tries += 1
        try:
            reply = await asyncio.wait_for(request(), ANSWER_LIMIT_S)
        except TimeoutError:
            raise EndpointUnreachableError(endpoint=endpoint, reason=f"no answer within {ANSWER_LIMIT_S:g} s") from None
        if reply.outcome is CallOutcome.OK:
            return reply.value  # type: ignore[return-value]  # None is an answer too
        # Nobody has started anything yet: an endpoint that is not there is said at once, a busy one is asked again.
        is_hopeless = reply.outcome in (CallOutcome.REFUSED, CallOutcome.UNAVAILABLE)
        if is_hopeless or tries >= READ_BACK_OFF.max_tries:
            raise error_of(reply, endpoint)
        await clock.sleep(READ_BACK_OFF.wait_s(tries, reply, chance))


def _require_usable(queue: JobQueueDetail | None, name: str, region: str) -> None:
    if queue is None:
        raise JobQueueNotFoundError(queue=name, region=region)
    if not queue.is_usable:
        raise JobQueueNotUsableError(queue=name, state=queue.state, status=queue.status)


def _job_facts(definition: JobDefinitionDetail, job: JobShape) -> dict[str, object]:
    return {
        "job_definition_arn": definition.arn,
        "job_platform": definition.platform,
        "operating_system_family": definition.operating_system_family,
        "cpu_architecture": definition.cpu_architecture,
        "job_vcpus": job.vcpus if job.vcpus is not None else definition.vcpus,
        "job_memory_mib": job.memory_mib if job.memory_mib is not None else definition.memory_mib,
        "log_group": definition.log_group,
    }


def _account_of(arn: str) -> str | None:
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 and parts[4] else None
