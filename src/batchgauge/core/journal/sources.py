"""What other sources showed: log lines, events, tasks and metrics."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from batchgauge.core.journal.looks import Sighting
from batchgauge.core.program_load import ProgramLoad


class ProgramEnd(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a program measured of itself, in its last line."""

    seconds: float | None = None
    """What it was to count down."""
    elapsed_ms: float | None = None
    drift_ms: float | None = None
    worst_tick_ms: float | None = None
    cpu_ms: float | None = None
    peak_memory_kib: int | None = None


class ProgramLines(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The numbered lines that a program wrote, as they stand in its log stream."""

    ticks: tuple[tuple[int, float], ...] = ()
    """(number, the line's own UTC time in milliseconds, by the container's clock) in the stream's order."""
    end: ProgramEnd | None = None
    load: ProgramLoad | None = None
    """What became of the load that it was to make."""


class LogLook(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="logs"):
    """A job's log stream, read once after the job had ended."""

    job: int
    log_group: str
    log_stream: str
    sent_ms: float
    received_ms: float
    lines: tuple[tuple[int, int], ...] = ()
    """(timestamp, ingestionTime) of each event, AWS milliseconds."""
    is_truncated: bool = False
    """Whether the stream held more than was read."""
    error: str | None = None
    program: ProgramLines | None = None
    """What of it are numbered lines; None where there are none."""


class EventSighting(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What one ``Batch Job State Change`` event told of one job."""

    job: int
    event_id: str
    time_ms: float
    """The envelope's `time`: AWS's clock, cut off to whole seconds."""
    sighting: Sighting
    """What its `detail` shows: the job as it was right after the change."""


class EventBatch(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="events"):
    """The events of one ReceiveMessage call; the same event may come again, and in any order."""

    sent_ms: float
    received_ms: float
    events: tuple[EventSighting, ...]
    request_id: str | None = None


class EventRouteStage(StrEnum):
    """How far the rule and the queue of a run are."""

    MAKING = "making"
    """About to be made: from here on something may be there."""
    MADE = "made"
    TAKEN_AWAY = "taken-away"
    LEFT = "left"
    """They could not be taken away, or not all of it."""


class EventRouteChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="event-route"):
    """The way that the run's events take was made, or taken away again."""

    at_ms: float
    stage: EventRouteStage
    rule: str
    """The name of EventBridge's rule."""
    queue: str
    """The name of SQS's queue."""


class TaskSighting(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An attempt's ECS task, as DescribeTasks shows it; times are ECS's, in UTC milliseconds."""

    task_arn: str
    job: int = 0
    """0, and `attempt` 0, until the caller puts its own there."""
    attempt: int = 0
    """From 1."""
    created_ms: float | None = None
    pull_started_ms: float | None = None
    pull_stopped_ms: float | None = None
    started_ms: float | None = None
    stopped_ms: float | None = None


class TaskLook(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="tasks"):
    """A read of tasks of attempts that have ended."""

    sent_ms: float
    received_ms: float
    tasks: tuple[TaskSighting, ...] = ()
    missing: int = 0
    """Asked for and not in the answer: ECS has forgotten them."""
    error: str | None = None
    """Why nothing was read, and nothing more will be."""


class MetricPoint(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One minute of one metric of one cluster: what its tasks used, by CloudWatch's statistics over them."""

    at_ms: float
    average: float
    maximum: float


class MetricLook(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="metrics"):
    """A read of Container Insights after the run."""

    sent_ms: float
    received_ms: float
    cluster: str
    cpu_units: tuple[MetricPoint, ...] = ()
    """CpuUtilized: 1,024 units are a vCPU."""
    memory_mib: tuple[MetricPoint, ...] = ()
    """MemoryUtilized."""
    error: str | None = None
