"""A run that is kept in a results folder, as a list of them shows it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from batchgauge.core.job import JobState
from batchgauge.core.journal import Header, RunOutcome
from batchgauge.core.levels import LevelSummary
from batchgauge.core.progress.run_progress import RunProgress
from batchgauge.core.result.run_result import local_naive

SILENCE_LIMIT_S: Final = 180.0
SILENT_INTERVALS: Final = 3
"""A run that looks at its jobs writes what it saw each time, and looks once a minute at the least: one that has written nothing for three
minutes, and for so many of its intervals, goes on no more, although its journal has no end."""


class Standing(StrEnum):
    """What has become of a run."""

    GOING_ON = "going-on"
    CUT_OFF = "cut-off"
    """Its journal has no end, and nothing is added to it any more: whatever measured has been killed, or its machine has."""
    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    DEADLINE = "deadline"
    BREACHED = "breached"
    BROKEN = "broken"
    """What is kept of it cannot be read."""


class KeptRun(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A run in a folder; of one that cannot be read, its id, its size and the reason."""

    run_id: str
    standing: Standing
    size_bytes: int
    """Of all files of the run."""
    timestamp: str | None = None
    """Local and naive: when the run began."""
    job_queue: str | None = None
    level: int | None = None
    """Jobs asked for at once."""
    succeeded: int | None = None
    """None where nothing was monitored."""
    failed: int | None = None
    unfinished: int | None = None
    """Accepted and not seen to end."""
    refused: int | None = None
    reason: str | None = None
    """Why it is broken."""


class RunBrief(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The part of a result document that a list needs: the jobs, which make it large, are passed over unread."""

    timestamp: str
    job_queue: str
    total_jobs: int
    outcome: RunOutcome | None = None
    levels: tuple[LevelSummary, ...] = ()


def from_brief(run_id: str, brief: RunBrief, size_bytes: int) -> KeptRun:
    """A run that has its document."""
    summary = brief.levels[0] if brief.levels else None
    is_watched = summary is not None and summary.is_monitored
    return KeptRun(
        run_id=run_id,
        standing=Standing(brief.outcome or RunOutcome.COMPLETE),
        size_bytes=size_bytes,
        timestamp=brief.timestamp,
        job_queue=brief.job_queue,
        level=brief.total_jobs,
        succeeded=summary.succeeded if summary is not None and is_watched else None,
        failed=summary.failed if summary is not None and is_watched else None,
        unfinished=summary.unfinished if summary is not None else None,
        refused=summary.refused if summary is not None else None,
    )


def from_progress(run_id: str, progress: RunProgress, size_bytes: int, silent_s: float) -> KeptRun:
    """A run that has only its journal; `silent_s` is how long ago something was last added to it."""
    if progress.header is None:
        return KeptRun(run_id=run_id, standing=Standing.BROKEN, size_bytes=size_bytes, reason="the journal is empty")
    scenario = progress.header.scenario
    succeeded, failed = progress.count(JobState.SUCCEEDED), progress.count(JobState.FAILED)
    return KeptRun(
        run_id=run_id,
        standing=standing_of(progress, silent_s),
        size_bytes=size_bytes,
        timestamp=local_naive(progress.header.started_ms, progress.header.utc_offset_s),
        job_queue=scenario.job.job_queue,
        level=progress.total,
        succeeded=succeeded if scenario.is_monitored else None,
        failed=failed if scenario.is_monitored else None,
        unfinished=progress.accepted - succeeded - failed,
        refused=progress.refused,
    )


def standing_of(progress: RunProgress, silent_s: float) -> Standing:
    """What has become of a run, by its journal and by how long that has been silent."""
    if progress.outcome is not None:
        return Standing(progress.outcome)
    limit_s = silence_limit_s(progress.header) if progress.header is not None else SILENCE_LIMIT_S
    return Standing.CUT_OFF if silent_s > limit_s else Standing.GOING_ON


def silence_limit_s(header: Header) -> float:
    """How long a run that goes on may write nothing."""
    return max(SILENCE_LIMIT_S, SILENT_INTERVALS * header.scenario.look_interval_s)
