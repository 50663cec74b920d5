"""What sources beside looks told of a run: events, ECS tasks, log lines and Container Insights, gathered for the result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from batchgauge.core.journal import (
    EventBatch,
    EventRouteChange,
    ForeignJobs,
    JobsEnded,
    LogLook,
    MetricLook,
    TaskLook,
    TaskSighting,
)
from batchgauge.core.observed.container_insights import ClusterUse, cluster_use
from batchgauge.core.observed.event_usage import EventCounter
from batchgauge.core.observed.log_delivery import LogDelivery, log_delivery
from batchgauge.core.observed.program_report import ProgramReport, program_report
from batchgauge.core.observed.shared_queue import SharedQueueTally
from batchgauge.core.observed.task_times import TaskTimes, TaskUsage, task_times

OtherRecord: TypeAlias = EventBatch | EventRouteChange | LogLook | TaskLook | MetricLook | ForeignJobs | JobsEnded


@dataclass(slots=True)
class OtherSources:
    """Takes their records in the order of the journal."""

    events: EventCounter = field(default_factory=EventCounter)
    others: SharedQueueTally = field(default_factory=SharedQueueTally)
    ended: JobsEnded | None = None
    """What was ended on purpose, and what was left."""
    _logs: dict[int, LogLook] = field(default_factory=dict)
    _tasks: dict[int, list[TaskSighting]] = field(default_factory=dict)
    _task_looks: list[tuple[int, int, str | None]] = field(default_factory=list)
    """(found, missing, error) of each."""
    _metrics: dict[str, MetricLook] = field(default_factory=dict)

    def add(self, record: OtherRecord) -> None:
        """Take in the next record."""
        match record:
            case EventBatch():
                self.events.add(record)
            case EventRouteChange():
                self.events.change_route(record)
            case LogLook():
                self._logs[record.job] = record
            case TaskLook():
                self._task_looks.append((len(record.tasks), record.missing, record.error))
                for task in record.tasks:
                    self._tasks.setdefault(task.job, []).append(task)
            case MetricLook():
                self._metrics[record.cluster] = record
            case ForeignJobs():
                self.others.add(record)
            case JobsEnded():
                self.ended = record

    def log_delivery(self, job: int) -> LogDelivery | None:
        """How a job's lines came to CloudWatch Logs; None where its stream was not read."""
        look = self._logs.get(job)
        return log_delivery(look) if look is not None else None

    def program(self, job: int) -> ProgramReport | None:
        """What a job's program says of itself; None where it says nothing."""
        look = self._logs.get(job)
        if look is None or look.program is None:
            return None
        return program_report(look.program, is_truncated=look.is_truncated)

    def tasks(self, job: int, job_created_ms: float | None) -> tuple[TaskTimes, ...]:
        """A job's tasks, attempt by attempt."""
        return task_times(self._tasks.get(job, ()), job_created_ms)

    def task_usage(self) -> TaskUsage | None:
        """How well tasks could be described; None where none was asked for."""
        if not self._task_looks:
            return None
        found, missing, errors = zip(*self._task_looks, strict=True)
        return TaskUsage(
            found=sum(found),
            missing=sum(missing),
            error=next((error for error in reversed(errors) if error is not None), None),
        )

    def clusters(self) -> tuple[ClusterUse, ...] | None:
        """What Container Insights says; None where it was not asked."""
        if not self._metrics:
            return None
        return tuple(cluster_use(self._metrics[cluster]) for cluster in sorted(self._metrics))
