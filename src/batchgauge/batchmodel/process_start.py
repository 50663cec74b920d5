"""What the container of an attempt is started with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchgauge.batchmodel.boundary import ModelSettings, StartProcess
from batchgauge.batchmodel.jobs import Attempt, Job
from batchgauge.batchmodel.specification import DEFAULT_LOG_GROUP


def log_stream(job: Job, attempt: Attempt) -> str:
    """The name of the attempt's log stream; it ends in the ECS task's id."""
    return f"{job.specification.log_stream_prefix}/default/{attempt.task_id}"


def process_start(job: Job, attempt: Attempt, settings: ModelSettings) -> StartProcess:
    """The effect that starts the process."""
    specification = job.specification
    return StartProcess(
        task_id=attempt.task_id,
        job_id=job.job_id,
        attempt=attempt.number,
        command=specification.command,
        environment=_environment(job, attempt, settings),
        operating_system_family=specification.operating_system_family,
        log_group=specification.log_group,
        log_stream=log_stream(job, attempt),
        region=settings.region,
        image=specification.container["image"],
        must_find_log_group=_must_find_log_group(specification.container),
    )


def _must_find_log_group(container: Mapping[str, Any]) -> bool:
    log = container.get("logConfiguration") or {}
    options = log.get("options") or {}
    has_own = options.get("awslogs-group", DEFAULT_LOG_GROUP) != DEFAULT_LOG_GROUP
    return has_own and log.get("logDriver") == "awslogs" and options.get("awslogs-create-group") != "true"


def _environment(job: Job, attempt: Attempt, settings: ModelSettings) -> dict[str, str]:
    """The user's variables, which may hide the Region's, and Batch's own, which nobody may."""
    environment = {
        "AWS_REGION": settings.region,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_EXECUTION_ENV": f"AWS_ECS_{attempt.environment.platform}",
        **job.specification.environment,
        "AWS_BATCH_JOB_ID": job.job_id,
        "AWS_BATCH_JOB_ATTEMPT": str(attempt.number),
        "AWS_BATCH_JQ_NAME": job.queue.name,
        "AWS_BATCH_CE_NAME": attempt.environment.name,
    }
    if job.parent is not None and job.parent.array is not None:
        environment["AWS_BATCH_JOB_ARRAY_INDEX"] = str(job.index)
        environment["AWS_BATCH_JOB_ARRAY_SIZE"] = str(job.parent.array.size)
    return environment
