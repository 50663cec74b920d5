"""AWS Batch and CloudWatch Logs as ports: which operation with which arguments, and what its answer says. How it is called is another's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from batchgauge.aws.batch_shapes import (
    read_environment,
    read_job,
    read_job_detail,
    read_job_page,
    read_log_page,
    read_newest_definition,
    read_queue,
    read_queue_snapshot,
    submit_arguments,
)
from batchgauge.core.journal import ComputeEnvironmentFacts
from batchgauge.core.scenario import JobShape
from batchgauge.ports import (
    JobDefinitionDetail,
    JobDetail,
    JobPage,
    JobQueueDetail,
    LogPage,
    ObservedJob,
    QueueSnapshot,
    Reply,
    SubmittedJob,
)

LIST_PAGE_SIZE: Final = 100
"""ListJobs takes no more with a filter."""
T = TypeVar("T")


class AwsOperations(ABC):
    """`BatchGateway` and `LogSource` over whatever carries a call to AWS, or to a model of it."""

    @abstractmethod
    async def _call(
        self, service: str, operation: str, arguments: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]
    ) -> Reply[T]:
        """Make one request of ``batch`` or ``logs`` and say what came of it."""

    async def submit_job(self, name: str, shape: JobShape) -> Reply[SubmittedJob]:
        """Submit one job."""
        return await self._call(
            "batch",
            "SubmitJob",
            submit_arguments(name, shape),
            lambda answer: SubmittedJob(answer["jobId"], answer["jobName"]),
        )

    async def describe_jobs(self, job_ids: Sequence[str]) -> Reply[tuple[ObservedJob, ...]]:
        """At most 100 jobs; AWS leaves out those it does not know."""
        return await self._call(
            "batch",
            "DescribeJobs",
            {"jobs": list(job_ids)},
            lambda answer: tuple(read_job(detail) for detail in answer["jobs"]),
        )

    async def list_jobs_by_name(self, queue: str, name_prefix: str, token: str | None = None) -> Reply[JobPage]:
        """Jobs of a queue whose name begins so, in every state."""
        arguments: dict[str, Any] = {
            "jobQueue": queue,
            "filters": [{"name": "JOB_NAME", "values": [f"{name_prefix}*"]}],
            "maxResults": LIST_PAGE_SIZE,
        }
        if token is not None:
            arguments["nextToken"] = token
        return await self._call(
            "batch",
            "ListJobs",
            arguments,
            read_job_page,
        )

    async def list_jobs_created_after(self, queue: str, after_ms: float, token: str | None = None) -> Reply[JobPage]:
        """Jobs of a queue that AWS made after a moment of its own clock, in every state; array children are left out."""
        arguments: dict[str, Any] = {
            "jobQueue": queue,
            "filters": [{"name": "AFTER_CREATED_AT", "values": [str(int(after_ms))]}],
            "maxResults": LIST_PAGE_SIZE,
        }
        if token is not None:
            arguments["nextToken"] = token
        return await self._call("batch", "ListJobs", arguments, read_job_page)

    async def describe_job(self, job_id: str) -> Reply[JobDetail | None]:
        """What a job is; None where AWS does not know it."""
        return await self._call(
            "batch",
            "DescribeJobs",
            {"jobs": [job_id]},
            lambda answer: next((read_job_detail(detail) for detail in answer["jobs"]), None),
        )

    async def get_job_queue_snapshot(self, queue: str) -> Reply[QueueSnapshot]:
        """The front of a queue."""
        return await self._call("batch", "GetJobQueueSnapshot", {"jobQueue": queue}, read_queue_snapshot)

    async def terminate_job(self, job_id: str, reason: str) -> Reply[None]:
        """End a job in whatever state it is."""
        return await self._call("batch", "TerminateJob", {"jobId": job_id, "reason": reason}, lambda _: None)

    async def describe_job_queue(self, queue: str) -> Reply[JobQueueDetail | None]:
        """By name or ARN; None where there is no such queue."""
        return await self._call(
            "batch",
            "DescribeJobQueues",
            {"jobQueues": [queue]},
            lambda answer: next((read_queue(detail) for detail in answer["jobQueues"]), None),
        )

    async def describe_compute_environments(self, names: Sequence[str]) -> Reply[tuple[ComputeEnvironmentFacts, ...]]:
        """By name or ARN."""
        return await self._call(
            "batch",
            "DescribeComputeEnvironments",
            {"computeEnvironments": list(names)},
            lambda answer: tuple(read_environment(detail) for detail in answer["computeEnvironments"]),
        )

    async def describe_job_definition(self, definition: str) -> Reply[JobDefinitionDetail | None]:
        """The newest active revision of a name, or the one of ``name:revision`` or an ARN; None where there is none."""
        arguments: dict[str, Any] = {"status": "ACTIVE"}
        if definition.startswith("arn:") or ":" in definition:
            arguments["jobDefinitions"] = [definition]
        else:
            arguments["jobDefinitionName"] = definition
        return await self._call(
            "batch",
            "DescribeJobDefinitions",
            arguments,
            lambda answer: read_newest_definition(answer["jobDefinitions"]),
        )

    async def read_log_page(self, group: str, stream: str, token: str | None = None) -> Reply[LogPage]:
        """A page of a stream's events, oldest first."""
        arguments: dict[str, Any] = {"logGroupName": group, "logStreamName": stream, "startFromHead": True}
        if token is not None:
            arguments["nextToken"] = token
        return await self._call("logs", "GetLogEvents", arguments, read_log_page)
