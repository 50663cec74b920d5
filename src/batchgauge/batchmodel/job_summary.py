"""A job as ListJobs shows it."""

from __future__ import annotations

from typing import Any

from batchgauge.batchmodel.identifiers import Names
from batchgauge.batchmodel.jobs import RUNNING, TERMINAL, Job


def job_summary(job: Job, names: Names) -> dict[str, Any]:
    """Enough for polling in bulk: tags and the command are in DescribeJobs only."""
    summary: dict[str, Any] = {
        "jobArn": names.arn("job", job.job_id),
        "jobId": job.job_id,
        "jobName": job.name,
        "createdAt": int(job.created_ms),
        "status": job.state,
        "jobDefinition": job.specification.definition.arn,
    }
    if job.status_reason is not None:
        summary["statusReason"] = job.status_reason
    if job.state == RUNNING or job.state in TERMINAL:
        _add_run(summary, job)
    if job.array is not None:
        summary["arrayProperties"] = {"size": job.array.size, "statusSummary": dict(job.array.counts)}
    elif job.index is not None:
        summary["arrayProperties"] = {"index": job.index}
    if job.share_identifier is not None:
        summary["shareIdentifier"] = job.share_identifier
    if job.is_cancelled:
        summary["isCancelled"] = True
    if job.is_terminated:
        summary["isTerminated"] = True
    return summary


def _add_run(summary: dict[str, Any], job: Job) -> None:
    if job.attempts:
        attempt = job.attempt
        if attempt.was_running and not attempt.has_failed_to_start:
            summary["startedAt"] = int(attempt.started_ms)
        container: dict[str, Any] = {}
        if attempt.exit_code is not None:
            container["exitCode"] = attempt.exit_code
        if attempt.reason is not None:
            container["reason"] = attempt.reason
        if container:
            summary["container"] = container
    if job.stopped_ms is not None:
        summary["stoppedAt"] = int(job.stopped_ms)
