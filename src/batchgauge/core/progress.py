"""How far a run is: what a progress view shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from batchgauge.core.job import JobState


class RunStage(StrEnum):
    """What a run is doing."""

    SUBMITTING = "submitting"
    OBSERVING = "observing"
    READING_LOGS = "reading-logs"
    ENDING_JOBS = "ending-jobs"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ProgressSnapshot:
    """A run at one moment."""

    run_id: str
    stage: RunStage
    total: int
    accepted: int
    refused: int
    elapsed_s: float
    remaining_s: float | None = None
    """An estimate, from the jobs that have ended so far; None while nothing carries one."""
    states: Mapping[JobState, int] = field(default_factory=dict)
    """Accepted jobs by the state they were last seen in; those not seen yet are counted as SUBMITTED."""
    throttles: int = 0


def estimate_remaining_s(
    *, total: int, finished: int, first_finished_s: float | None, elapsed_s: float
) -> float | None:
    """Seconds until the last job ends, if jobs go on ending at the average rate since the run began.

    `first_finished_s` is when the first job was seen to have ended, in seconds since the run's start. None up to that moment: a rate
    from one moment is a guess.
    """
    if finished >= total:
        return 0.0
    if first_finished_s is None or finished < 1 or elapsed_s <= first_finished_s:
        return None
    rate = finished / elapsed_s
    return (total - finished) / rate
