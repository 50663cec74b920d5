"""AWS's shapes and ours: camelCase stays here. Nothing of the wire: whoever has an answer as a mapping can read it with this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, ComputeEnvironmentFacts, Sighting
from batchgauge.core.scenario import JobShape
from batchgauge.ports import (
    BulkEnd,
    JobDefinitionDetail,
    JobDetail,
    JobPage,
    JobQueueDetail,
    LogLine,
    LogPage,
    ObservedJob,
    QueueSnapshot,
    SubmittedJob,
)

DEFAULT_LOG_GROUP: Final = "/aws/batch/job"


def submit_arguments(name: str, shape: JobShape, array_size: int = 1) -> dict[str, Any]:
    """SubmitJob's arguments; an `array_size` above 1 makes it an array job."""
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
    if array_size > 1:
        arguments["arrayProperties"] = {"size": array_size}
    if shape.tags:  # the service model wants at least one where there are any
        arguments["tags"] = dict(shape.tags)
    if shape.parameters:
        arguments["parameters"] = dict(shape.parameters)
    if overrides:
        arguments["containerOverrides"] = overrides
    return arguments


def read_submitted(answer: Mapping[str, Any]) -> SubmittedJob:
    """SubmitJob's answer."""
    return SubmittedJob(answer["jobId"], answer["jobName"])


def read_job(detail: Mapping[str, Any]) -> ObservedJob:
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
    return ObservedJob(
        detail["jobId"], detail["jobName"], sighting, detail.get("arrayProperties", {}).get("size"), detail.get("tags")
    )


def read_bulk_end(answer: Mapping[str, Any]) -> BulkEnd:
    """TerminateJobs' answer."""
    errors = tuple(
        (entry["job"], entry.get("code", ""), entry.get("message", "")) for entry in answer.get("errors", ())
    )
    return BulkEnd(tuple(answer.get("successful", ())), errors)


def read_job_page(answer: Mapping[str, Any]) -> JobPage:
    """A page of ListJobs."""
    return JobPage(tuple(read_job(summary) for summary in answer["jobSummaryList"]), answer.get("nextToken"))


def read_job_detail(detail: Mapping[str, Any]) -> JobDetail:
    """What a job of DescribeJobs is."""
    container = detail.get("container", {})
    vcpus, memory_mib = _sizes(container)
    return JobDetail(
        job_id=detail["jobId"],
        name=detail["jobName"],
        queue=detail["jobQueue"],
        definition=detail["jobDefinition"],
        vcpus=vcpus,
        memory_mib=memory_mib,
        platform=next(iter(detail.get("platformCapabilities", ())), "EC2"),
        operating_system_family=container.get("runtimePlatform", {}).get("operatingSystemFamily"),
        log_group=_log_group({**container, "logStreamName": "default"}),
        array_size=detail.get("arrayProperties", {}).get("size"),
        timeout_s=detail.get("timeout", {}).get("attemptDurationSeconds"),
        is_cancelled=detail.get("isCancelled", False),
    )


def read_queue_snapshot(answer: Mapping[str, Any]) -> QueueSnapshot:
    """GetJobQueueSnapshot's answer; what a queue uses is not shown by every version of the API."""
    usage = answer.get("queueUtilization", {}).get("totalCapacityUsage", ())
    used = [entry["quantity"] for entry in usage if entry.get("capacityUnit") == "VCPU"]
    return QueueSnapshot(
        front=tuple(job["jobArn"].rpartition(":job/")[2] for job in answer.get("frontOfQueue", {}).get("jobs", ())),
        used_vcpus=float(used[0]) if used else None,
    )


def _read_attempt(attempt: Mapping[str, Any]) -> Attempt:
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


def _log_group(container: Mapping[str, Any]) -> str | None:
    """None for a log driver whose lines do not come to CloudWatch Logs, or where the answer does not say."""
    configuration = container.get("logConfiguration")
    if configuration is None:
        return DEFAULT_LOG_GROUP if container.get("logStreamName") else None
    if configuration.get("logDriver") != "awslogs":
        return None
    group: str = configuration.get("options", {}).get("awslogs-group", DEFAULT_LOG_GROUP)
    return group


def read_queue(detail: Mapping[str, Any]) -> JobQueueDetail:
    """A queue of DescribeJobQueues."""
    ordered = sorted(detail.get("computeEnvironmentOrder", ()), key=lambda entry: entry["order"])
    return JobQueueDetail(
        name=detail["jobQueueName"],
        arn=detail["jobQueueArn"],
        state=detail["state"],
        status=detail.get("status", ""),
        compute_environments=tuple(entry["computeEnvironment"] for entry in ordered),
        status_reason=detail.get("statusReason"),
    )


def read_environment(detail: Mapping[str, Any]) -> ComputeEnvironmentFacts:
    """An environment of DescribeComputeEnvironments."""
    resources = detail.get("computeResources", {})
    return ComputeEnvironmentFacts(
        name=detail["computeEnvironmentName"],
        type=resources.get("type"),
        max_vcpus=resources.get("maxvCpus"),
        state=detail.get("state"),
        status=detail.get("status"),
        status_reason=detail.get("statusReason"),
        instance_types=tuple(resources["instanceTypes"]) if resources.get("instanceTypes") else msgspec.UNSET,
    )


def read_newest(details: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The newest revision that DescribeJobDefinitions shows, if any."""
    return max(details, key=lambda detail: int(detail["revision"]), default=None)


def read_newest_definition(details: Sequence[Mapping[str, Any]]) -> JobDefinitionDetail | None:
    """The newest revision that DescribeJobDefinitions shows, if any, as far as a measurement needs it."""
    newest = read_newest(details)
    return _read_definition(newest) if newest is not None else None


def _read_definition(detail: Mapping[str, Any]) -> JobDefinitionDetail:
    container = detail.get("containerProperties", {})
    vcpus, memory_mib = _sizes(container)
    return JobDefinitionDetail(
        name=detail["jobDefinitionName"],
        arn=detail["jobDefinitionArn"],
        revision=detail["revision"],
        status=detail.get("status", ""),
        platform=next(iter(detail.get("platformCapabilities", ())), "EC2"),
        operating_system_family=container.get("runtimePlatform", {}).get("operatingSystemFamily"),
        vcpus=vcpus,
        memory_mib=memory_mib,
        log_group=_log_group({**container, "logStreamName": "default"}),
        command=tuple(container.get("command", ())),
        parameters=dict(detail.get("parameters", {})),
        timeout_s=detail.get("timeout", {}).get("attemptDurationSeconds"),
        cpu_architecture=container.get("runtimePlatform", {}).get("cpuArchitecture"),
    )


def _sizes(container: Mapping[str, Any]) -> tuple[float | None, int | None]:
    """(vCPU, MiB) as resourceRequirements say, or the older fields."""
    sizes = {entry["type"]: entry["value"] for entry in container.get("resourceRequirements", ())}
    vcpus = sizes.get("VCPU", container.get("vcpus"))
    memory = sizes.get("MEMORY", container.get("memory"))
    return float(vcpus) if vcpus is not None else None, int(memory) if memory is not None else None


def read_log_page(answer: Mapping[str, Any]) -> LogPage:
    """A page of GetLogEvents."""
    lines = tuple(
        LogLine(event["timestamp"], event.get("ingestionTime", event["timestamp"]), event["message"])
        for event in answer["events"]
    )
    return LogPage(lines, answer.get("nextForwardToken"))
