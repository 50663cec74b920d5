"""The ECS tasks behind attempts, as ECS DescribeTasks shows them: where start-up can be seen split."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from batchgauge.batchmodel.identifiers import Names
from batchgauge.batchmodel.job_detail import task_arn
from batchgauge.batchmodel.jobs import RUNNING, STARTING, Attempt, Job

STOPPED_VISIBLE_MS: Final = 3_600_000.0
"""A stopped task can be described for about an hour."""
WHEN_MOMENT: Final = (
    ("pullStartedAt", "pull_started_ms"),
    ("pullStoppedAt", "pull_stopped_ms"),
    ("startedAt", "started_ms"),
)


class TaskRegistry:
    """Attempts by their task's id, as long as ECS remembers them."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._jobs: dict[str, Job] = {}
        """By the ids of their tasks."""
        self._stopped: deque[Attempt] = deque()

    def add(self, job: Job, attempt: Attempt, now_ms: float) -> None:
        """A new task; those that stopped long ago are forgotten."""
        self._jobs[attempt.task_id] = job
        while self._stopped and _is_forgotten(self._stopped[0], now_ms):
            del self._jobs[self._stopped.popleft().task_id]

    def stopped(self, attempt: Attempt) -> None:
        """The task has stopped, and will be forgotten."""
        self._stopped.append(attempt)

    def current_job(self, task_id: str) -> Job | None:
        """The job whose attempt under way is this task."""
        job = self._jobs.get(task_id)
        if job is None or job.state not in (STARTING, RUNNING) or job.attempt.task_id != task_id:
            return None
        return job

    def describe(self, arn: str, now_ms: float) -> dict[str, Any] | None:
        """The task as far as it has happened; times are seconds since the epoch, as ECS has them on the wire."""
        task_id = arn.rpartition("/")[2]
        job = self._jobs.get(task_id)
        if job is None:
            return None
        attempt = next(one for one in job.attempts if one.task_id == task_id)
        if _is_forgotten(attempt, now_ms) or task_arn(attempt, self._names) != arn:
            return None
        return self._shown(job, attempt, now_ms)

    def _shown(self, job: Job, attempt: Attempt, now_ms: float) -> dict[str, Any]:
        definition = job.specification.definition
        requirement = job.specification.requirement
        family = f"{definition.name}:{definition.revision}"
        status = _status(job, attempt, now_ms)
        arn = task_arn(attempt, self._names)
        shown: dict[str, Any] = {
            "taskArn": arn,
            "clusterArn": self._names.ecs_arn("cluster", attempt.environment.cluster),
            "taskDefinitionArn": self._names.ecs_arn("task-definition", family),
            "group": f"family:{definition.name}",
            "launchType": attempt.environment.platform,
            "lastStatus": status,
            "desiredStatus": "STOPPED" if attempt.stopping_ms is not None else "RUNNING",
            "connectivity": "CONNECTED",
            "cpu": str(int(requirement.vcpus * 1024)),
            "memory": str(requirement.memory_mib),
            "createdAt": attempt.created_ms / 1000,
            "containers": [self._container(job, attempt, arn, status)],
            "attachments": [],
            "tags": [],
            "version": 1,
        }
        if attempt.environment.platform == "FARGATE":
            shown["platformFamily"] = job.specification.operating_system_family
            shown["platformVersion"] = "1.0.0" if job.specification.is_windows else "1.4.0"
        shown.update(_moments(attempt, now_ms))
        if attempt.stopping_ms is not None:
            shown.update(_stop(job, attempt))
        return shown

    def _container(self, job: Job, attempt: Attempt, arn: str, status: str) -> dict[str, Any]:
        cluster_and_task = f"{attempt.environment.cluster}/{attempt.task_id}"
        shown: dict[str, Any] = {
            "containerArn": self._names.ecs_arn("container", f"{cluster_and_task}/default"),
            "taskArn": arn,
            "name": "default",
            "image": job.specification.container["image"],
            "lastStatus": status if status in ("RUNNING", "STOPPED") else "PENDING",
            "networkInterfaces": [],
        }
        if attempt.exit_code is not None:
            shown["exitCode"] = attempt.exit_code
        if attempt.reason is not None:
            shown["reason"] = attempt.reason
        return shown


def _is_forgotten(attempt: Attempt, now_ms: float) -> bool:
    return attempt.stopped_ms is not None and attempt.stopped_ms < now_ms - STOPPED_VISIBLE_MS


def _status(job: Job, attempt: Attempt, now_ms: float) -> str:
    if attempt.stopped_ms is not None:
        return "STOPPED"
    if job.state == RUNNING:
        return "RUNNING"
    return "PENDING" if attempt.pull_started_ms <= now_ms else "PROVISIONING"


def _moments(attempt: Attempt, now_ms: float) -> dict[str, float]:
    moments = {shown: getattr(attempt, name) for shown, name in WHEN_MOMENT if getattr(attempt, name) <= now_ms}
    if attempt.has_failed_to_start:
        moments.pop("startedAt", None)
    for shown, moment in (("stoppingAt", attempt.stopping_ms), ("stoppedAt", attempt.stopped_ms)):
        if moment is not None:
            moments[shown] = moment
    if attempt.stopped_ms is not None and attempt.was_running and not attempt.has_failed_to_start:
        moments["executionStoppedAt"] = attempt.stopped_ms
    return {shown: moment / 1000 for shown, moment in moments.items()}


def _stop(job: Job, attempt: Attempt) -> dict[str, str]:
    """Why it stops: whoever ended it, or its container."""
    if job.end_reason is not None:
        return {"stopCode": "UserInitiated", "stoppedReason": job.end_reason}
    if attempt.has_failed_to_start:
        return {"stopCode": "TaskFailedToStart", "stoppedReason": attempt.reason or "Task failed to start"}
    return {"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited"}
