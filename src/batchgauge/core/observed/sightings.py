"""What a look adds to what was known of a job: ListJobs shows less of a job than DescribeJobs does, and must not take it away."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from batchgauge.core.journal import Sighting

T = TypeVar("T")


def as_of_job(sighting: Sighting, job: int) -> Sighting:
    """With the job's index in the run."""
    return msgspec.structs.replace(sighting, job=job)


def with_summary(before: Sighting | None, summary: Sighting, job: int) -> Sighting:
    """What is known of a job after ListJobs has shown it; `before` itself where that is nothing new.

    A summary never holds attempts, log stream and task: what DescribeJobs has shown of them stays. What it may hold and does not is
    nothing new as long as the state is the same; in another state it is gone (a retried job that waits again has no end).
    """
    if before is None:
        return as_of_job(summary, job)
    if summary.state is before.state and _is_nothing_new(before, summary):
        return before
    is_same = summary.state is before.state
    return Sighting(
        job=job,
        state=summary.state,
        status_reason=_first(summary.status_reason, before.status_reason if is_same else None),
        created_ms=_first(summary.created_ms, before.created_ms),
        started_ms=_first(summary.started_ms, before.started_ms if is_same else None),
        stopped_ms=_first(summary.stopped_ms, before.stopped_ms if is_same else None),
        exit_code=_first(summary.exit_code, before.exit_code if is_same else None),
        reason=_first(summary.reason, before.reason if is_same else None),
        log_stream=before.log_stream,
        log_group=before.log_group,
        task_arn=before.task_arn,
        attempts=before.attempts,
    )


def _is_nothing_new(before: Sighting, summary: Sighting) -> bool:
    return (
        (summary.started_ms is None or summary.started_ms == before.started_ms)
        and (summary.status_reason is None or summary.status_reason == before.status_reason)
        and (summary.created_ms is None or summary.created_ms == before.created_ms)
        and (summary.stopped_ms is None or summary.stopped_ms == before.stopped_ms)
        and (summary.exit_code is None or summary.exit_code == before.exit_code)
        and (summary.reason is None or summary.reason == before.reason)
    )


def _first(new: T | None, old: T | None) -> T | None:
    return new if new is not None else old
