from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from batchgauge.core.journal import CallOutcome, ComputeEnvironmentFacts
from batchgauge.errors import BatchgaugeError, NoCredentialsError
from batchgauge.ports import JobDefinitionDetail, JobQueueDetail, Reply
from batchgauge.provision.check_target import Check, CheckKind, check_target

QUEUE = JobQueueDetail("queue", "arn:queue", "ENABLED", "VALID", ("environment",))
ENVIRONMENT = ComputeEnvironmentFacts(name="environment", type="FARGATE", max_vcpus=16, state="ENABLED", status="VALID")
DEFINITION = JobDefinitionDetail(
    name="definition",
    arn="arn:definition",
    revision=3,
    status="ACTIVE",
    platform="FARGATE",
    operating_system_family="WINDOWS_SERVER_2022_CORE",
    vcpus=1.0,
    memory_mib=2048,
    log_group=None,
    command=(),
    parameters={},
    timeout_s=None,
)


@dataclass
class StandingGateway:
    """As much of `BatchGateway` as the checks ask; `refused` answers with an error instead."""

    queue: JobQueueDetail | None = QUEUE
    environment: ComputeEnvironmentFacts = ENVIRONMENT
    definition: JobDefinitionDetail | None = DEFINITION
    refused: set[str] = field(default_factory=set)

    async def describe_job_queue(self, queue: str) -> Reply[Any]:
        return self._reply("DescribeJobQueues", self.queue)

    async def describe_compute_environments(self, names: Any) -> Reply[Any]:
        return self._reply("DescribeComputeEnvironments", (self.environment,))

    async def describe_job_definition(self, definition: str) -> Reply[Any]:
        return self._reply("DescribeJobDefinitions", self.definition)

    def _reply(self, operation: str, value: Any) -> Reply[Any]:
        if operation in self.refused:
            return Reply(operation, 0, 0, CallOutcome.REFUSED, status=403, error="AccessDeniedException", message="no")
        return Reply(operation, 0, 0, CallOutcome.OK, value)


def checks(account: Any, gateway: Any) -> list[Check]:
    async def collect() -> list[Check]:
        return [check async for check in check_target(account, gateway, "queue", "definition")]

    return asyncio.run(collect())


def failures(found: list[Check]) -> dict[CheckKind, str]:
    return {check.kind: check.error.code for check in found if check.error is not None}


def test_everything_that_stands_is_said_with_what_aws_says_of_it(account: Any) -> None:
    found = checks(account, StandingGateway())
    assert [(check.kind, check.subject, check.detail) for check in found] == [
        (CheckKind.CREDENTIALS, "111122223333", "ap-northeast-1"),
        (CheckKind.JOB_QUEUE, "queue", "ENABLED, VALID"),
        (CheckKind.COMPUTE_ENVIRONMENT, "environment", "FARGATE, maxvCpus 16, ENABLED, VALID"),
        (CheckKind.JOB_DEFINITION, "definition", "definition:3, ACTIVE, WINDOWS_SERVER_2022_CORE"),
    ]
    assert failures(found) == {}


def test_without_credentials_nothing_else_is_asked(account: Any, monkeypatch: Any) -> None:
    async def refuse() -> str:
        raise NoCredentialsError()

    monkeypatch.setattr(account, "account_id", refuse)
    found = checks(account, None)
    assert failures(found) == {CheckKind.CREDENTIALS: "no-credentials"}


def test_a_missing_queue_does_not_hide_a_missing_definition(account: Any) -> None:
    found = checks(account, StandingGateway(queue=None, definition=None))
    assert failures(found) == {
        CheckKind.JOB_QUEUE: "job-queue-not-found",
        CheckKind.JOB_DEFINITION: "job-definition-not-found",
    }


def test_a_disabled_queue_and_an_invalid_environment_are_both_said(account: Any) -> None:
    gateway = StandingGateway(
        queue=replace(QUEUE, state="DISABLED"),
        environment=ComputeEnvironmentFacts(name="environment", state="ENABLED", status="INVALID"),
    )
    assert failures(checks(account, gateway)) == {
        CheckKind.JOB_QUEUE: "job-queue-not-usable",
        CheckKind.COMPUTE_ENVIRONMENT: "compute-environment-not-usable",
    }


def test_what_is_being_changed_is_usable(account: Any) -> None:
    gateway = StandingGateway(queue=replace(QUEUE, status="UPDATING"))
    assert failures(checks(account, gateway)) == {}


def test_a_call_that_is_not_allowed_is_a_failed_check_and_the_others_go_on(account: Any) -> None:
    operations = {"DescribeJobQueues", "DescribeJobDefinitions"}
    found = checks(account, StandingGateway(refused=operations))
    errors: list[BatchgaugeError] = [check.error for check in found if check.error is not None]
    assert {error.arguments["operation"] for error in errors} == operations


def test_environments_that_may_not_be_looked_at_are_a_failed_check(account: Any) -> None:
    found = checks(account, StandingGateway(refused={"DescribeComputeEnvironments"}))
    assert failures(found) == {CheckKind.COMPUTE_ENVIRONMENT: "access-denied"}
