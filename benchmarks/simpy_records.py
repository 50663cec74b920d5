"""The records of the SimPy program: what DescribeJobs, ListJobs and events show of a job, and how it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

REGION_AND_ACCOUNT = "us-west-2:123456789012"
JOB_PREFIX = f"arn:aws:batch:{REGION_AND_ACCOUNT}:job/"
EMPTY = ("volumes", "environment", "mountPoints", "ulimits", "secrets", "networkInterfaces")
TERMINAL = ("SUCCEEDED", "FAILED")
EXITED = "Essential container in task exited"


class Specification:
    """Of all jobs that are submitted alike."""

    __slots__ = ("container", "detail", "duration_ms", "log_prefix", "timeout_ms", "vcpus")

    def __init__(self, definition: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        values = {**definition["parameters"], **parameters}
        command = tuple(
            values[element.removeprefix("Ref::")] if element.startswith("Ref::") else element
            for element in definition["containerProperties"]["command"]
        )
        self.container = {
            **{name: [] for name in EMPTY},
            **definition["containerProperties"],
            "command": command,
            "fargatePlatformConfiguration": {"platformVersion": "LATEST"},
        }
        name = definition["jobDefinitionName"]
        self.detail = {
            "jobDefinition": f"arn:aws:batch:{REGION_AND_ACCOUNT}:job-definition/{name}:1",
            "parameters": values,
            "retryStrategy": {"attempts": 1, "evaluateOnExit": []},
            "platformCapabilities": ["FARGATE"],
            "propagateTags": False,
            "timeout": definition["timeout"],
        }
        self.vcpus = int(definition["containerProperties"]["resourceRequirements"][0]["value"])
        self.timeout_ms = definition["timeout"]["attemptDurationSeconds"] * 1000
        self.duration_ms = float(command[-1]) * 1000
        self.log_prefix = f"{name}/default/"


class Attempt:
    """One try, one ECS task."""

    __slots__ = (
        "created_ms",
        "exit_code",
        "number",
        "pull_started_ms",
        "pull_stopped_ms",
        "started_ms",
        "stopped_ms",
        "task_id",
    )

    def __init__(self, number: int, task_id: str, now_ms: float) -> None:
        self.number = number
        self.task_id = task_id
        self.created_ms = now_ms
        self.pull_started_ms: float | None = None
        self.pull_stopped_ms: float | None = None
        self.started_ms: float | None = None
        self.stopped_ms: float | None = None
        self.exit_code: int | None = None


class Job:
    """What is known of a job."""

    __slots__ = (
        "attempts",
        "created_ms",
        "job_id",
        "name",
        "number",
        "queue_arn",
        "specification",
        "state",
        "status_reason",
        "stopped_ms",
        "tags",
    )

    specification: Specification
    tags: Mapping[str, str]

    def __init__(self, number: int, job_id: str, name: str, queue_arn: str, now_ms: float) -> None:
        self.number = number
        self.job_id = job_id
        self.name = name
        self.queue_arn = queue_arn
        self.created_ms = now_ms
        self.state = "SUBMITTED"
        self.status_reason: str | None = None
        self.attempts: list[Attempt] = []
        self.stopped_ms: float | None = None


class EventDetail(Mapping[str, Any]):
    """A job as it is now, made into a mapping only where somebody looks."""

    __slots__ = ("attempts", "cluster", "job", "made", "state", "status_reason")

    def __init__(self, job: Job, cluster: str) -> None:
        self.job = job
        self.cluster = cluster
        self.state = job.state
        self.status_reason = job.status_reason
        self.attempts = len(job.attempts)
        self.made: dict[str, Any] | None = None

    def _mapping(self) -> dict[str, Any]:
        if self.made is None:
            self.made = describe(self.job, self.cluster, self.state, self.status_reason, self.attempts)
            self.made["tags"]["resourceArn"] = self.made["jobArn"]
        return self.made

    def __getitem__(self, key: str) -> Any:
        return self._mapping()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapping())

    def __len__(self) -> int:
        return len(self._mapping())


def task_arn(attempt: Attempt, cluster: str) -> str:
    """Of an attempt."""
    return f"arn:aws:ecs:{REGION_AND_ACCOUNT}:task/{cluster}/{attempt.task_id}"


def describe(job: Job, cluster: str, state: str, status_reason: str | None, attempts: int) -> dict[str, Any]:
    """An entry of DescribeJobs."""
    specification, container = job.specification, job.specification.container
    moments: dict[str, Any] = {} if status_reason is None else {"statusReason": status_reason}
    finished = [_attempt(job, attempt, cluster) for attempt in job.attempts[:attempts]] if state in TERMINAL else []
    if attempts:
        attempt = job.attempts[attempts - 1]
        container = {**container, "taskArn": task_arn(attempt, cluster)}
        if state != "STARTING" and attempt.started_ms is not None:
            container["logStreamName"] = specification.log_prefix + attempt.task_id
            moments["startedAt"] = int(attempt.started_ms)
        if state in TERMINAL and job.stopped_ms is not None:
            container["exitCode"] = attempt.exit_code
            moments["stoppedAt"] = int(job.stopped_ms)
    return {
        "jobArn": JOB_PREFIX + job.job_id,
        "jobName": job.name,
        "jobId": job.job_id,
        "jobQueue": job.queue_arn,
        "status": state,
        "attempts": finished,
        "createdAt": int(job.created_ms),
        "dependsOn": (),
        **specification.detail,
        "container": container,
        "tags": dict(job.tags),
        **moments,
    }


def _attempt(job: Job, attempt: Attempt, cluster: str) -> dict[str, Any]:
    assert attempt.started_ms is not None and attempt.stopped_ms is not None
    return {
        "container": {
            "taskArn": task_arn(attempt, cluster),
            "networkInterfaces": [],
            "logStreamName": job.specification.log_prefix + attempt.task_id,
            "exitCode": attempt.exit_code,
        },
        "startedAt": int(attempt.started_ms),
        "stoppedAt": int(attempt.stopped_ms),
        "statusReason": job.status_reason,
    }


def summary(job: Job) -> dict[str, Any]:
    """An entry of ListJobs."""
    shown: dict[str, Any] = {
        "jobArn": JOB_PREFIX + job.job_id,
        "jobId": job.job_id,
        "jobName": job.name,
        "createdAt": int(job.created_ms),
        "status": job.state,
        "jobDefinition": job.specification.detail["jobDefinition"],
    }
    if job.status_reason is not None:
        shown["statusReason"] = job.status_reason
    if job.attempts and job.attempts[-1].started_ms is not None:
        shown["startedAt"] = int(job.attempts[-1].started_ms)
    if job.stopped_ms is not None:
        shown["stoppedAt"] = int(job.stopped_ms)
        shown["container"] = {"exitCode": job.attempts[-1].exit_code}
    return shown
