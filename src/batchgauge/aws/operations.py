"""AWS Batch and its neighbours as ports: which operation with which arguments, and what its answer says. How it is called is another's."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from batchgauge.aws.batch_shapes import (
    read_bulk_end,
    read_environment,
    read_job,
    read_job_detail,
    read_job_page,
    read_log_page,
    read_newest_definition,
    read_queue,
    read_queue_snapshot,
    read_submitted,
    submit_arguments,
)
from batchgauge.aws.task_shapes import metric_arguments, read_cluster_metrics, read_task, read_task_end
from batchgauge.core.job import JobState
from batchgauge.core.journal import ComputeEnvironmentFacts, TaskSighting
from batchgauge.core.scenario import JobShape
from batchgauge.ports import (
    BulkEnd,
    ClusterMetrics,
    JobDefinitionDetail,
    JobDetail,
    JobPage,
    JobQueueDetail,
    JobQueuePage,
    LogPage,
    ObservedJob,
    PreparedSubmission,
    QueueSnapshot,
    Reply,
    SubmittedJob,
    TaskEnd,
)

FILTERED_PAGE_SIZE: Final = 100
"""ListJobs takes no more with a filter."""
PAGE_SIZE: Final = 1000
"""With a status it does."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Unprepared:
    """A submission where there is nothing to prepare."""

    submit: Callable[[], Coroutine[Any, Any, Reply[SubmittedJob]]]

    def send(self) -> Awaitable[Reply[SubmittedJob]]:
        return asyncio.ensure_future(self.submit())

    def discard(self) -> None:
        pass


class AwsOperations(ABC):
    """`BatchGateway`, `LogSource`, `TaskSource` and `MetricSource` over whatever carries a call to AWS, or to a model of it."""

    @abstractmethod
    async def _call(
        self, service: str, operation: str, arguments: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]
    ) -> Reply[T]:
        """Make one request of ``batch``, ``logs``, ``ecs`` or ``cloudwatch`` and say what came of it."""

    @abstractmethod
    async def warm_up(self, connections: int) -> None:
        """Have so many connections open for submissions."""

    @abstractmethod
    async def cool_down(self) -> None:
        """Keep no connection open for submissions to come."""

    async def prepare_submission(self, name: str, shape: JobShape, array_size: int = 1) -> PreparedSubmission:
        """All of a submission but the sending."""
        return _Unprepared(lambda: self.submit_job(name, shape, array_size))

    async def submit_job(self, name: str, shape: JobShape, array_size: int = 1) -> Reply[SubmittedJob]:
        """Submit one job, or an array of several."""
        return await self._call("batch", "SubmitJob", submit_arguments(name, shape, array_size), read_submitted)

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
        name_filter = {"name": "JOB_NAME", "values": [f"{name_prefix}*"]}
        return await self._list({"jobQueue": queue, "filters": [name_filter], "maxResults": FILTERED_PAGE_SIZE}, token)

    async def list_jobs(self, queue: str, state: JobState, token: str | None = None) -> Reply[JobPage]:
        """A page of a queue's jobs in one state, newest first, everybody's; an array's children are not among them."""
        return await self._list({"jobQueue": queue, "jobStatus": state.value, "maxResults": PAGE_SIZE}, token)

    async def list_children(self, parent_id: str, state: JobState, token: str | None = None) -> Reply[JobPage]:
        """A page of an array job's children in one state."""
        return await self._list({"arrayJobId": parent_id, "jobStatus": state.value, "maxResults": PAGE_SIZE}, token)

    async def _list(self, arguments: dict[str, Any], token: str | None) -> Reply[JobPage]:
        if token is not None:
            arguments["nextToken"] = token
        return await self._call("batch", "ListJobs", arguments, read_job_page)

    async def list_jobs_created_after(self, queue: str, after_ms: float, token: str | None = None) -> Reply[JobPage]:
        """Jobs of a queue that AWS made after a moment of its own clock, in every state; array children are left out."""
        after = {"name": "AFTER_CREATED_AT", "values": [str(int(after_ms))]}
        return await self._list({"jobQueue": queue, "filters": [after], "maxResults": FILTERED_PAGE_SIZE}, token)

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

    async def terminate_jobs(self, job_ids: Sequence[str], reason: str) -> Reply[BulkEnd]:
        """End at most 50 jobs in one call."""
        return await self._call("batch", "TerminateJobs", {"jobs": list(job_ids), "reason": reason}, read_bulk_end)

    async def list_job_queues(self, token: str | None = None) -> Reply[JobQueuePage]:
        """A page of all queues of the account and Region."""
        arguments = {} if token is None else {"nextToken": token}
        return await self._call(
            "batch",
            "DescribeJobQueues",
            arguments,
            lambda answer: JobQueuePage(tuple(map(read_queue, answer["jobQueues"])), answer.get("nextToken")),
        )

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

    async def describe_tasks(self, cluster: str, task_arns: Sequence[str]) -> Reply[tuple[TaskSighting, ...]]:
        """At most 100 tasks of one cluster; ECS leaves out those it has forgotten."""
        return await self._call(
            "ecs",
            "DescribeTasks",
            {"cluster": cluster, "tasks": list(task_arns)},
            lambda answer: tuple(read_task(detail) for detail in answer["tasks"]),
        )

    async def describe_task_end(self, task_arn: str) -> Reply[TaskEnd | None]:
        """How one task is, or why it stopped; None where ECS has forgotten it."""
        cluster = task_arn.rpartition("/")[0].rpartition("/")[2]
        arguments = {"cluster": cluster, "tasks": [task_arn]}
        return await self._call("ecs", "DescribeTasks", arguments, read_task_end)

    async def read_log_tail(self, group: str, stream: str, lines: int) -> Reply[LogPage]:
        """The last events of a stream, oldest first."""
        arguments = {"logGroupName": group, "logStreamName": stream, "startFromHead": False, "limit": lines}
        return await self._call("logs", "GetLogEvents", arguments, read_log_page)

    async def read_cluster_metrics(self, cluster: str, begin_ms: float, end_ms: float) -> Reply[ClusterMetrics]:
        """The cluster's Container Insights between two moments of AWS's clock."""
        return await self._call(
            "cloudwatch", "GetMetricData", metric_arguments(cluster, begin_ms, end_ms), read_cluster_metrics
        )
