"""A run that was ended while some of its jobs still waited for a place."""

from __future__ import annotations

import msgspec

from batchgauge.core.job import END_REASON, JobState
from batchgauge.core.journal import RunOutcome
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.result.run_result import RunResult
from tests.reports.runs import Setting, measured

AFTER_MS = 65_000.0
"""After the first job was made; by then the first have their places, and none has given it back."""


def cut_short(level: int, setting: Setting | None = None) -> RunResult:
    """As many hold their places as there are, the others wait, and all are ended by us."""
    setting = setting or Setting()
    run = measured(level, _long(setting))
    made = [job.instants.created_ms for job in run.jobs if job.instants is not None]
    ended_ms = min(moment for moment in made if moment is not None) + AFTER_MS
    order = sorted(run.jobs, key=lambda job: (job.instants.started_ms or 0.0) if job.instants is not None else 0.0)
    waiting = {job.job_id for job in order[setting.capacity :]}
    jobs = tuple(_ended(job, ended_ms, is_placed=job.job_id not in waiting) for job in run.jobs)
    return msgspec.structs.replace(run, jobs=jobs, outcome=RunOutcome.INTERRUPTED)


def _long(setting: Setting) -> Setting:
    """Jobs that would go on for longer than anybody waits."""
    return Setting(capacity=setting.capacity, knows_capacity=setting.knows_capacity, countdown_s=600)


def _ended(job: JobResult, ended_ms: float, *, is_placed: bool) -> JobResult:
    assert job.instants is not None
    instants = msgspec.structs.replace(job.instants, stopped_ms=ended_ms)
    if not is_placed:
        instants = msgspec.structs.replace(instants, starting_ms=None, started_ms=None)
    attempts = tuple(msgspec.structs.replace(attempt, stopped_ms=ended_ms) for attempt in job.attempts)
    return msgspec.structs.replace(
        job,
        status=JobState.FAILED,
        status_reason=END_REASON,
        instants=instants,
        attempts=attempts if is_placed else (),
    )
