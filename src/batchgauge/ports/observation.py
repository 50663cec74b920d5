"""What else shows how jobs fare: tasks, metrics, logs and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from batchgauge.core.journal import (
    MetricPoint,
    TaskSighting,
)
from batchgauge.ports.batch import ObservedJob
from batchgauge.ports.calls import Reply

NOT_OFFERED: Final = "OperationNotOffered"
"""The error of a call that was never sent, since the AWS client that is installed does not know it."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """An event of a log stream; times are AWS's milliseconds."""

    timestamp_ms: int
    ingestion_ms: int
    message: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of GetLogEvents; the stream is at its end when the token comes back unchanged."""

    lines: tuple[LogLine, ...]
    next_token: str | None


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """Why a task stopped, as ECS says; empty where it does not."""

    stop_code: str
    stopped_reason: str
    container_reason: str
    last_status: str


class TaskSource(Protocol):
    """ECS: the tasks that Batch runs attempts in."""

    async def describe_tasks(self, cluster: str, task_arns: Sequence[str]) -> Reply[tuple[TaskSighting, ...]]:
        """At most 100 tasks of one cluster; ECS leaves out those it has forgotten, about an hour after their end."""
        ...


@dataclass(frozen=True, slots=True)
class ClusterMetrics:
    """What a cluster's tasks used, minute by minute; empty where Container Insights is not turned on."""

    cpu_units: tuple[MetricPoint, ...]
    memory_mib: tuple[MetricPoint, ...]


class MetricSource(Protocol):
    """CloudWatch's Container Insights."""

    async def read_cluster_metrics(self, cluster: str, begin_ms: float, end_ms: float) -> Reply[ClusterMetrics]:
        """The cluster's metrics between two moments of AWS's clock."""
        ...


class LogSource(Protocol):
    """CloudWatch Logs."""

    async def read_log_page(self, group: str, stream: str, token: str | None = None) -> Reply[LogPage]:
        """A page of a stream's events, oldest first."""
        ...


class JobTraces(Protocol):
    """What a single job leaves behind it."""

    async def describe_task_end(self, task_arn: str) -> Reply[TaskEnd | None]:
        """How one task is, or why it stopped; None where ECS has forgotten it."""
        ...

    async def read_log_tail(self, group: str, stream: str, lines: int) -> Reply[LogPage]:
        """The last events of a stream, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class JobEvent:
    """A job's change of state, as EventBridge tells it; `job.sighting.job` is 0 until the caller puts its own index there."""

    event_id: str
    time_ms: float
    """The envelope's ``time``: AWS's clock, in whole seconds."""
    job: ObservedJob


@dataclass(frozen=True, slots=True)
class EventMessage:
    """A message of a queue that events go to."""

    receipt: str
    """Of this delivery of the message: what it is acknowledged by."""
    event: JobEvent | None
    """None for a message that tells of no job's change of state."""


class EventSource(Protocol):
    """One queue that events of AWS Batch go to: at least once each, in no order."""

    async def receive_events(self, wait_s: float) -> Reply[tuple[EventMessage, ...]]:
        """At most 10 messages; waits up to `wait_s` (20 at most) for the first. They are hidden from others for a while."""
        ...

    async def acknowledge_events(self, receipts: Sequence[str]) -> Reply[tuple[str, ...]]:
        """Take at most 10 messages out of the queue; answers with the receipts of those that could not be."""
        ...

    async def release_events(self, receipts: Sequence[str]) -> Reply[tuple[str, ...]]:
        """Let others see at most 10 messages again at once; answers as `acknowledge_events`."""
        ...


class EventRoutes(Protocol):
    """Rules of EventBridge and queues of SQS: the way that events take. All of it may be done twice."""

    def source(self, queue_url: str) -> EventSource:
        """The queue's events."""
        ...

    async def create_queue(self, name: str, tags: Mapping[str, str]) -> Reply[str]:
        """Make a queue, or find the one that was made so before; its URL."""
        ...

    async def find_queue(self, name: str) -> Reply[str]:
        """The URL of a queue; refused where there is none."""
        ...

    async def queue_arn(self, queue_url: str) -> Reply[str]:
        """The ARN of a queue."""
        ...

    async def create_rule(self, name: str, job_queue_arn: str, tags: Mapping[str, str]) -> Reply[str]:
        """Make a rule for the changes of state of a job queue's jobs, or find the one that was made so before; its ARN."""
        ...

    async def allow_rule(self, queue_url: str, queue_arn: str, rule_arn: str) -> Reply[None]:
        """Let EventBridge send to the queue for this rule."""
        ...

    async def add_target(self, rule: str, queue_arn: str) -> Reply[bool]:
        """Send what the rule lets through to the queue; whether EventBridge took it."""
        ...

    async def has_target(self, rule: str, queue_arn: str) -> Reply[bool]:
        """Whether EventBridge shows the rule with this target."""
        ...

    async def remove_target(self, rule: str) -> Reply[bool]:
        """Send nothing any more; whether EventBridge did so. Refused where there is no such rule."""
        ...

    async def delete_rule(self, rule: str) -> Reply[None]:
        """Take the rule away; it must have no target."""
        ...

    async def delete_queue(self, queue_url: str) -> Reply[None]:
        """Take the queue away, with whatever is in it."""
        ...
