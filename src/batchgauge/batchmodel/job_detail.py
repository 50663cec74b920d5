"""A job as DescribeJobs and its events show it."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from batchgauge.batchmodel.identifiers import Names
from batchgauge.batchmodel.jobs import RUNNING, STARTING, TERMINAL, Attempt, Job
from batchgauge.batchmodel.process_start import log_stream


class JobView:
    """What of a job changes, as it is at one moment; a record of it stays true while the job goes on.

    Of attempts a count is enough: what an attempt shows in a state is never changed later. It is an event's detail too (a mapping by
    `Mapping.register`, for compilers' sake: decision 0012), made when somebody looks: most events are never looked at.
    """

    __slots__ = (
        "_detail",
        "attempt_count",
        "child_counts",
        "is_cancelled",
        "is_terminated",
        "job",
        "names",
        "state",
        "status_reason",
        "tags",
    )

    def __init__(self, job: Job, names: Names) -> None:
        self.job = job
        self.names = names
        self.state = job.state
        self.status_reason = job.status_reason
        self.attempt_count = len(job.attempts)
        self.is_cancelled = job.is_cancelled
        self.is_terminated = job.is_terminated
        self.child_counts = dict(job.array.counts) if job.array is not None else None
        self.tags = job.tags
        self._detail: dict[str, Any] | None = None

    def _made(self) -> dict[str, Any]:
        if self._detail is None:
            self._detail = job_detail(self)
            self._detail["tags"]["resourceArn"] = self._detail["jobArn"]
        return self._detail

    def __getitem__(self, key: str) -> Any:
        return self._made()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())

    def __contains__(self, key: object) -> bool:
        return key in self._made()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self._made() == dict(other)

    def __hash__(self) -> int:
        raise TypeError("unhashable type: JobView")

    def __repr__(self) -> str:
        return f"JobView({self._made()!r})"

    def get(self, key: str, default: Any = None) -> Any:
        """As every mapping has it."""
        return self._made().get(key, default)

    def keys(self) -> KeysView[str]:
        """As every mapping has it."""
        return self._made().keys()

    def values(self) -> ValuesView[Any]:
        """As every mapping has it."""
        return self._made().values()

    def items(self) -> ItemsView[str, Any]:
        """As every mapping has it."""
        return self._made().items()


Mapping.register(JobView)


def job_detail(view: JobView) -> dict[str, Any]:
    """An entry of DescribeJobs; `job_json` says the same as text."""
    job, names, attempt = view.job, view.names, shown_attempt(view)
    attempts = job.attempts[: view.attempt_count]
    finished = attempts[:-1] if view.state in (STARTING, RUNNING) else attempts
    detail: dict[str, Any] = {
        "jobArn": names.job_prefix + job.job_id,
        "jobName": job.name,
        "jobId": job.job_id,
        "jobQueue": job.queue.arn,
        "status": view.state,
        "attempts": [attempt_detail(job, attempt, names) for attempt in finished],
        "createdAt": int(job.created_ms),
        "dependsOn": job.depends_on,
        **job.specification.detail,
        "container": _container(view, attempt),
        "tags": dict(view.tags),
    }
    _add_moments(detail, view, attempt)
    _add_rest(detail, view)
    return detail


def shown_attempt(view: JobView) -> Attempt | None:
    """The one that ``container`` and the moments are of."""
    if view.attempt_count and (view.state in (STARTING, RUNNING) or view.state in TERMINAL):
        return view.job.attempts[view.attempt_count - 1]
    return None


def _container(view: JobView, attempt: Attempt | None) -> Mapping[str, Any]:
    shared = view.job.specification.container
    if attempt is None:
        return shared
    container = {**shared, "taskArn": task_arn(attempt, view.names)}
    if view.state != STARTING:
        _add_end(container, view.job, attempt, view.state)
    return container


def _add_moments(detail: dict[str, Any], view: JobView, shown: Attempt | None) -> None:
    if view.status_reason is not None:
        detail["statusReason"] = view.status_reason
    if shown is not None and view.state != STARTING and shows_start(shown, view.state):
        detail["startedAt"] = int(shown.started_ms)
    if view.state in TERMINAL and view.job.stopped_ms is not None:
        detail["stoppedAt"] = int(view.job.stopped_ms)


def _add_rest(detail: dict[str, Any], view: JobView) -> None:
    job = view.job
    if job.share_identifier is not None:
        detail["shareIdentifier"] = job.share_identifier
        detail["schedulingPriority"] = job.specification.priority
    if job.array is not None and view.child_counts is not None:
        detail["arrayProperties"] = {"statusSummary": view.child_counts, "size": job.array.size}
    elif job.index is not None:
        detail["arrayProperties"] = {"index": job.index}
    if view.is_cancelled:
        detail["isCancelled"] = True
    if view.is_terminated:
        detail["isTerminated"] = True


def _add_end(container: dict[str, Any], job: Job, attempt: Attempt, state: str) -> None:
    """What is known from RUNNING on, and what is known after the end."""
    if shows_start(attempt, state):
        container["logStreamName"] = log_stream(job, attempt)
    if state == RUNNING:
        return
    if attempt.exit_code is not None:
        container["exitCode"] = attempt.exit_code
    if attempt.reason is not None:
        container["reason"] = attempt.reason


def shows_start(attempt: Attempt, state: str) -> bool:
    """A task that failed to start shows no start, once that is known."""
    return state == RUNNING or (attempt.was_running and not attempt.has_failed_to_start)


def attempt_detail(job: Job, attempt: Attempt, names: Names) -> dict[str, Any]:
    """An attempt that has ended."""
    container: dict[str, Any] = {"taskArn": task_arn(attempt, names), "networkInterfaces": []}
    _add_end(container, job, attempt, "ended")
    detail: dict[str, Any] = {"container": container}
    if shows_start(attempt, "ended"):
        detail["startedAt"] = int(attempt.started_ms)
    if attempt.stopped_ms is not None:
        detail["stoppedAt"] = int(attempt.stopped_ms)
    detail["statusReason"] = attempt.status_reason or ""
    return detail


def task_arn(attempt: Attempt, names: Names) -> str:
    """The ARN of the attempt's ECS task."""
    return names.ecs_arn("task", f"{attempt.environment.cluster}/{attempt.task_id}")
