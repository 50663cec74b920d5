"""How far a run is: what a progress view shows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from batchgauge.core.job import JobState
from batchgauge.core.journal import Sighting
from batchgauge.core.progress.waiting import WaitingReason


class RunStage(StrEnum):
    """What a run is doing."""

    OPENING_EVENTS = "opening-events"
    SUBMITTING = "submitting"
    OBSERVING = "observing"
    READING_LOGS = "reading-logs"
    READING_METRICS = "reading-metrics"
    ENDING_JOBS = "ending-jobs"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class WaitingNow:
    """Jobs that wait too long, and why."""

    jobs: int
    longest_s: float
    reasons: tuple[WaitingReason, ...]


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
    """An estimate (`estimate_remaining_s`); None while nothing carries one."""
    states: Mapping[JobState, int] = field(default_factory=dict)
    """Accepted jobs by the state they were last seen in; those not seen yet are counted as SUBMITTED."""
    throttles: int = 0
    waiting: WaitingNow | None = None
    """Set while jobs wait too long, and what for is known."""
    unanswered: int = 0
    """Jobs that will not be asked for again, and of which nobody knows whether AWS made them; not among the refused."""


def estimate_remaining_s(
    sightings: Iterable[Sighting], *, not_seen: int, now_ms: float, expected_run_s: float | None
) -> float | None:
    """Seconds until the last job ends, if those to come start and run as those before them did.

    `not_seen` jobs were accepted and never looked at yet; `expected_run_s` is how long a job is meant to run, where that is known. Jobs
    that wait for a place are taken to come in waves, as many at once as have been seen to start or run at once so far. None where nothing
    carries an estimate yet: neither has a job ended nor is its length known, or none has started that still has to. AWS's clock is taken
    for ours: this is an estimate.
    """
    seen = list(sightings)
    waiting = not_seen + sum(sighting.state.rank < JobState.STARTING.rank for sighting in seen)
    in_service = [sighting for sighting in seen if sighting.state in (JobState.STARTING, JobState.RUNNING)]
    if not waiting and not in_service:
        return 0.0
    run_ms = _mean([s.stopped_ms - s.started_ms for s in seen if s.stopped_ms and s.started_ms])
    if run_ms is None:
        if expected_run_s is None:
            return None
        run_ms = expected_run_s * 1000
    leads = [s.started_ms - s.created_ms for s in seen if s.started_ms and s.created_ms]
    is_start_up_needed = waiting > 0 or any(sighting.state is JobState.STARTING for sighting in in_service)
    if is_start_up_needed and not leads:
        return None
    # The quickest to start has waited for no place: what it took is start-up alone, or nearly so.
    start_up_ms = max(0.0, min(leads, default=0.0))
    first_wave_ms = max((_left_ms(s, now_ms, start_up_ms, run_ms) for s in in_service), default=0.0)
    waves = math.ceil(waiting / max(1, len(in_service)))
    return (first_wave_ms + waves * (start_up_ms + run_ms)) / 1000


def _left_ms(sighting: Sighting, now_ms: float, start_up_ms: float, run_ms: float) -> float:
    if sighting.started_ms is not None:
        return max(0.0, sighting.started_ms + run_ms - now_ms)
    return max(0.0, (sighting.created_ms or now_ms) + start_up_ms - now_ms) + run_ms


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
