"""The ECS tasks behind a job's attempts: what start-up was made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.journal import TaskSighting
from batchgauge.core.stats.summary import Summary, summarise

AT_LEAST_NOTHING = Bound(0.0, None)


class TaskTimes(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One attempt's task. Moments are ECS's own, UTC milliseconds; the steps between them are in milliseconds.

    A step that began and was not seen to end (an image that could not be pulled) is open above; one that never began is None.
    """

    attempt: int
    """From 1."""
    task_arn: str
    created_ms: float | None = None
    pull_started_ms: float | None = None
    pull_stopped_ms: float | None = None
    started_ms: float | None = None
    stopped_ms: float | None = None
    dispatch_ms: Bound | None = None
    """The job's createdAt → the task's: queueing, and Batch's own work. Only of a job's first attempt."""
    provisioning_ms: Bound | None = None
    """The task's createdAt → pullStartedAt."""
    image_pull_ms: Bound | None = None
    container_start_ms: Bound | None = None
    """pullStoppedAt → startedAt."""


class TaskSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What start-up was made of, over all attempts whose task could be described; milliseconds."""

    attempts: int
    dispatch: Summary
    provisioning: Summary
    image_pull: Summary
    container_start: Summary


class TaskUsage(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """How well a run's tasks could be described."""

    found: int
    missing: int = 0
    """Asked for, and not known to ECS any more: it forgets a task about an hour after its end."""
    error: str | None = None
    """Why there are no more of them: the permission is missing, say."""


def task_times(tasks: Iterable[TaskSighting], job_created_ms: float | None) -> tuple[TaskTimes, ...]:
    """A job's tasks in the order of its attempts."""
    newest = {task.attempt: task for task in tasks}
    return tuple(_times(newest[attempt], job_created_ms) for attempt in sorted(newest))


def _times(task: TaskSighting, job_created_ms: float | None) -> TaskTimes:
    dispatch = None
    if task.attempt == 1 and job_created_ms is not None and task.created_ms is not None:
        dispatch = exactly(task.created_ms - job_created_ms)
    return TaskTimes(
        attempt=task.attempt,
        task_arn=task.task_arn,
        created_ms=task.created_ms,
        pull_started_ms=task.pull_started_ms,
        pull_stopped_ms=task.pull_stopped_ms,
        started_ms=task.started_ms,
        stopped_ms=task.stopped_ms,
        dispatch_ms=dispatch,
        provisioning_ms=_step(task.created_ms, task.pull_started_ms),
        image_pull_ms=_step(task.pull_started_ms, task.pull_stopped_ms),
        container_start_ms=_step(task.pull_stopped_ms, task.started_ms),
    )


def _step(begin_ms: float | None, end_ms: float | None) -> Bound | None:
    if begin_ms is None:
        return None
    return exactly(end_ms - begin_ms) if end_ms is not None else AT_LEAST_NOTHING


def summarise_tasks(tasks: Sequence[TaskTimes]) -> TaskSummary | None:
    """The statistics of one level's tasks; None for none."""
    if not tasks:
        return None

    def over(pick: Callable[[TaskTimes], Bound | None]) -> Summary:
        return summarise([step for task in tasks if (step := pick(task)) is not None])

    return TaskSummary(
        attempts=len(tasks),
        dispatch=over(lambda task: task.dispatch_ms),
        provisioning=over(lambda task: task.provisioning_ms),
        image_pull=over(lambda task: task.image_pull_ms),
        container_start=over(lambda task: task.container_start_ms),
    )
