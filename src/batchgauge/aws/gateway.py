"""AWS Batch and CloudWatch Logs over aiobotocore: camelCase stays here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from batchgauge.aws.calling import call
from batchgauge.aws.session import AwsSession
from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, ComputeEnvironmentFacts, Sighting
from batchgauge.core.scenario import JobShape
from batchgauge.ports import (
    Clock,
    JobDefinitionDetail,
    JobPage,
    JobQueueDetail,
    LogLine,
    LogPage,
    ObservedJob,
    Reply,
    SubmittedJob,
)

DEFAULT_LOG_GROUP: Final = "/aws/batch/job"
LIST_PAGE_SIZE: Final = 100
"""ListJobs takes no more with a filter."""


class BotoGateway:
    """`BatchGateway` and `LogSource` over one session."""

    def __init__(self, session: AwsSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    async def submit_job(self, name: str, shape: JobShape) -> Reply[SubmittedJob]:
        """Submit one job."""
        batch = await self._session.client("batch")
        arguments = submit_arguments(name, shape)
        return await call(
            self._clock,
            "SubmitJob",
            lambda: batch.submit_job(**arguments),
            lambda answer: SubmittedJob(answer["jobId"], answer["jobName"]),
        )

    async def describe_jobs(self, job_ids: Sequence[str]) -> Reply[tuple[ObservedJob, ...]]:
        """At most 100 jobs; AWS leaves out those it does not know."""
        batch = await self._session.client("batch")
        return await call(
            self._clock,
            "DescribeJobs",
            lambda: batch.describe_jobs(jobs=list(job_ids)),
            lambda answer: tuple(read_job(detail) for detail in answer["jobs"]),
        )

    async def list_jobs_by_name(self, queue: str, name_prefix: str, token: str | None = None) -> Reply[JobPage]:
        """Jobs of a queue whose name begins so, in every state."""
        batch = await self._session.client("batch")
        arguments: dict[str, Any] = {
            "jobQueue": queue,
            "filters": [{"name": "JOB_NAME", "values": [f"{name_prefix}*"]}],
            "maxResults": LIST_PAGE_SIZE,
        }
        if token is not None:
            arguments["nextToken"] = token
        return await call(
            self._clock,
            "ListJobs",
            lambda: batch.list_jobs(**arguments),
            lambda answer: JobPage(
                tuple(read_job(summary) for summary in answer["jobSummaryList"]), answer.get("nextToken")
            ),
        )

    async def terminate_job(self, job_id: str, reason: str) -> Reply[None]:
        """End a job in whatever state it is."""
        batch = await self._session.client("batch")
        return await call(
            self._clock, "TerminateJob", lambda: batch.terminate_job(jobId=job_id, reason=reason), lambda _: None
        )

    async def describe_job_queue(self, queue: str) -> Reply[JobQueueDetail | None]:
        """By name or ARN; None where there is no such queue."""
        batch = await self._session.client("batch")
        return await call(
            self._clock,
            "DescribeJobQueues",
            lambda: batch.describe_job_queues(jobQueues=[queue]),
            lambda answer: next((_read_queue(detail) for detail in answer["jobQueues"]), None),
        )

    async def describe_compute_environments(self, names: Sequence[str]) -> Reply[tuple[ComputeEnvironmentFacts, ...]]:
        """By name or ARN."""
        batch = await self._session.client("batch")
        return await call(
            self._clock,
            "DescribeComputeEnvironments",
            lambda: batch.describe_compute_environments(computeEnvironments=list(names)),
            lambda answer: tuple(_read_environment(detail) for detail in answer["computeEnvironments"]),
        )

    async def describe_job_definition(self, definition: str) -> Reply[JobDefinitionDetail | None]:
        """The newest active revision of a name, or the one of ``name:revision`` or an ARN; None where there is none."""
        batch = await self._session.client("batch")
        arguments: dict[str, Any] = {"status": "ACTIVE"}
        if definition.startswith("arn:") or ":" in definition:
            arguments["jobDefinitions"] = [definition]
        else:
            arguments["jobDefinitionName"] = definition
        return await call(
            self._clock,
            "DescribeJobDefinitions",
            lambda: batch.describe_job_definitions(**arguments),
            lambda answer: _newest(answer["jobDefinitions"]),
        )

    async def read_log_page(self, group: str, stream: str, token: str | None = None) -> Reply[LogPage]:
        """A page of a stream's events, oldest first."""
        logs = await self._session.client("logs")
        arguments: dict[str, Any] = {"logGroupName": group, "logStreamName": stream, "startFromHead": True}
        if token is not None:
            arguments["nextToken"] = token
        return await call(self._clock, "GetLogEvents", lambda: logs.get_log_events(**arguments), _read_log_page)


def submit_arguments(name: str, shape: JobShape) -> dict[str, Any]:
    """SubmitJob's arguments."""
    overrides: dict[str, Any] = {}
    if shape.command is not None:
        overrides["command"] = list(shape.command)
    if shape.environment:
        overrides["environment"] = [{"name": key, "value": value} for key, value in shape.environment.items()]
    resources = []
    if shape.vcpus is not None:
        resources.append({"type": "VCPU", "value": f"{shape.vcpus:g}"})
    if shape.memory_mib is not None:
        resources.append({"type": "MEMORY", "value": str(shape.memory_mib)})
    if resources:
        overrides["resourceRequirements"] = resources
    arguments: dict[str, Any] = {
        "jobName": name,
        "jobQueue": shape.job_queue,
        "jobDefinition": shape.job_definition,
    }
    if shape.tags:  # the service model wants at least one where there are any
        arguments["tags"] = dict(shape.tags)
    if shape.parameters:
        arguments["parameters"] = dict(shape.parameters)
    if overrides:
        arguments["containerOverrides"] = overrides
    return arguments


def read_job(detail: dict[str, Any]) -> ObservedJob:
    """A job of DescribeJobs, or a summary of ListJobs (which shows less)."""
    container = detail.get("container", {})
    sighting = Sighting(
        job=0,
        state=JobState(detail["status"]),
        status_reason=detail.get("statusReason"),
        created_ms=_stamp(detail.get("createdAt")),
        started_ms=_stamp(detail.get("startedAt")),
        stopped_ms=_stamp(detail.get("stoppedAt")),
        exit_code=container.get("exitCode"),
        reason=container.get("reason"),
        log_stream=container.get("logStreamName"),
        log_group=_log_group(container),
        task_arn=container.get("taskArn"),
        attempts=tuple(_read_attempt(attempt) for attempt in detail.get("attempts", ())),
    )
    return ObservedJob(detail["jobId"], detail["jobName"], sighting)


def _read_attempt(attempt: dict[str, Any]) -> Attempt:
    container = attempt.get("container", {})
    return Attempt(
        started_ms=_stamp(attempt.get("startedAt")),
        stopped_ms=_stamp(attempt.get("stoppedAt")),
        exit_code=container.get("exitCode"),
        reason=container.get("reason"),
        status_reason=attempt.get("statusReason"),
        log_stream=container.get("logStreamName"),
        task_arn=container.get("taskArn"),
    )


def _stamp(value: int | None) -> float | None:
    """A float, as in the journal: a document made again from there must be the same to the last byte. 0 stands for no time at all."""
    return float(value) if value else None


def _log_group(container: dict[str, Any]) -> str | None:
    """None for a log driver whose lines do not come to CloudWatch Logs, or where the answer does not say."""
    configuration = container.get("logConfiguration")
    if configuration is None:
        return DEFAULT_LOG_GROUP if container.get("logStreamName") else None
    if configuration.get("logDriver") != "awslogs":
        return None
    group: str = configuration.get("options", {}).get("awslogs-group", DEFAULT_LOG_GROUP)
    return group


def _read_queue(detail: dict[str, Any]) -> JobQueueDetail:
    ordered = sorted(detail.get("computeEnvironmentOrder", ()), key=lambda entry: entry["order"])
    return JobQueueDetail(
        name=detail["jobQueueName"],
        arn=detail["jobQueueArn"],
        state=detail["state"],
        status=detail.get("status", ""),
        compute_environments=tuple(entry["computeEnvironment"] for entry in ordered),
    )


def _read_environment(detail: dict[str, Any]) -> ComputeEnvironmentFacts:
    resources = detail.get("computeResources", {})
    return ComputeEnvironmentFacts(
        name=detail["computeEnvironmentName"],
        type=resources.get("type"),
        max_vcpus=resources.get("maxvCpus"),
        state=detail.get("state"),
        status=detail.get("status"),
    )


def _newest(details: Sequence[dict[str, Any]]) -> JobDefinitionDetail | None:
    newest = max(details, key=lambda detail: int(detail["revision"]), default=None)
    return _read_definition(newest) if newest is not None else None


def _read_definition(detail: dict[str, Any]) -> JobDefinitionDetail:
    container = detail.get("containerProperties", {})
    sizes = {entry["type"]: entry["value"] for entry in container.get("resourceRequirements", ())}
    vcpus = sizes.get("VCPU", container.get("vcpus"))
    memory = sizes.get("MEMORY", container.get("memory"))
    return JobDefinitionDetail(
        name=detail["jobDefinitionName"],
        arn=detail["jobDefinitionArn"],
        revision=detail["revision"],
        status=detail.get("status", ""),
        platform=next(iter(detail.get("platformCapabilities", ())), "EC2"),
        operating_system_family=container.get("runtimePlatform", {}).get("operatingSystemFamily"),
        vcpus=float(vcpus) if vcpus is not None else None,
        memory_mib=int(memory) if memory is not None else None,
        log_group=_log_group({**container, "logStreamName": "default"}),
        command=tuple(container.get("command", ())),
        parameters=dict(detail.get("parameters", {})),
        timeout_s=detail.get("timeout", {}).get("attemptDurationSeconds"),
    )


def _read_log_page(answer: dict[str, Any]) -> LogPage:
    lines = tuple(
        LogLine(event["timestamp"], event.get("ingestionTime", event["timestamp"]), event["message"])
        for event in answer["events"]
    )
    return LogPage(lines, answer.get("nextForwardToken"))
