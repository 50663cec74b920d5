"""The jobs of one run as columns: what a million of them can be summarised and drawn from.

Imported late: it needs numpy, which comes with the `report` extra.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from batchgauge.core.bound import Bound
from batchgauge.core.observed.job_result import JobResult

Numbers: TypeAlias = npt.NDArray[np.float64]
Rows: TypeAlias = npt.NDArray[np.int64]

INSTANTS: Final = ("intended", "sent", "accepted", "created", "started", "stopped", "seen_done", "last_seen")
ENTRIES: Final = ("runnable", "starting")
"""Instants that AWS does not stamp: two columns each."""
PHASES: Final = ("submit", "submit_latency", "to_runnable", "queue", "start_up", "wait", "run")
TASK_INSTANTS: Final = ("task_created", "pull_started", "pull_stopped")
"""Of the ECS task behind the first attempt."""
COUNTS: Final = ("index", "array_index", "submit_tries", "exit_code", "countdown_seconds")
TEXTS: Final = ("job_id", "job_name", "status", "error", "status_reason", "reason", "submission_time", "log_stream")

NUMBER_COLUMNS: Final = (
    *COUNTS,
    "submit_duration_s",
    "attempts",
    "is_contradicted",
    *(f"{name}_ms" for name in INSTANTS),
    *(f"{name}_{end}_ms" for name in ENTRIES for end in ("earliest", "latest")),
    *(f"{name}_{end}_ms" for name in PHASES for end in ("least", "most")),
    *(f"{name}_ms" for name in TASK_INSTANTS),
    "log_delay_ms",
)
"""Units in the names; milliseconds of UTC for instants. Not a number where it is not known; a phase of which the least is known and the
most is not is censored: at least that long. Those of tasks and of the delay of log lines (the mean of a job's) came later: older files lack
them."""

ATTEMPT_COLUMNS: Final = (
    "starting_earliest_ms",
    "starting_latest_ms",
    "started_ms",
    "stopped_ms",
    *(f"{name}_ms" for name in TASK_INSTANTS),
)


@dataclass(frozen=True, slots=True)
class JobTable:
    """One run's jobs; every column has a value for each of them."""

    numbers: Mapping[str, Numbers]
    """The columns of `NUMBER_COLUMNS`."""
    status_codes: npt.NDArray[np.integer[Any]]
    """Positions in `statuses`."""
    statuses: Sequence[str]
    texts: Callable[[str, Rows], list[str | None]]
    """The values of a column of `TEXTS` at some rows."""
    attempt_rows: Rows
    """The jobs, by row, whose attempts one row cannot hold: an entry an attempt."""
    attempts: Mapping[str, Numbers]
    """The columns of `ATTEMPT_COLUMNS` of those attempts; a job's stand together, the first one first."""

    def __len__(self) -> int:
        return len(self.status_codes)

    def has_status(self, *names: str) -> npt.NDArray[np.bool_]:
        """Which jobs are in one of these."""
        is_one = np.zeros(len(self), dtype=np.bool_)
        for position, status in enumerate(self.statuses):
            if status in names:
                is_one |= self.status_codes == position
        return is_one

    def whole_numbers(self, name: str) -> set[int]:
        """The values that occur in a column."""
        column = self.numbers[name]
        return {int(value) for value in np.unique(column[~np.isnan(column)])}

    def is_single(self) -> npt.NDArray[np.bool_]:
        """Which jobs' attempts their own row says all of."""
        single = np.ones(len(self), dtype=np.bool_)
        single[self.attempt_rows] = False
        return single


def table_of(jobs: Sequence[JobResult]) -> JobTable:
    """The same jobs, turned on their side."""
    rows = [number_row(job) for job in jobs]
    columns = np.array(rows, dtype=np.float64).reshape(len(rows), len(NUMBER_COLUMNS)).T
    statuses = sorted({job.status for job in jobs})
    positions = {status: position for position, status in enumerate(statuses)}
    spread = [(row, entry) for row, job in enumerate(jobs) for entry in attempt_rows_of(job)]
    attempts = np.array([entry for _, entry in spread], dtype=np.float64).reshape(len(spread), len(ATTEMPT_COLUMNS)).T
    return JobTable(
        numbers=dict(zip(NUMBER_COLUMNS, columns, strict=True)),
        status_codes=np.array([positions[job.status] for job in jobs], dtype=np.int64),
        statuses=statuses,
        texts=lambda name, chosen: [getattr(jobs[row], name) for row in chosen],
        attempt_rows=np.array([row for row, _ in spread], dtype=np.int64),
        attempts=dict(zip(ATTEMPT_COLUMNS, attempts, strict=True)),
    )


def number_row(job: JobResult) -> list[float]:
    """The values of `NUMBER_COLUMNS`; not a number for None."""
    instants, phases = job.instants, job.phases
    row: list[Any] = [getattr(job, name) for name in COUNTS]
    row += [job.submit_duration, len(job.attempts), job.is_contradicted]
    row += [getattr(instants, f"{name}_ms", None) for name in INSTANTS]
    for name in ENTRIES:
        row += _ends(getattr(instants, f"{name}_ms", None))
    for name in PHASES:
        row += _ends(getattr(phases, f"{name}_ms", None))
    row += _task_row(job, 1)
    row.append(job.log_delivery.mean_delay_ms if job.log_delivery is not None else None)
    return [np.nan if value is None else value for value in row]


def attempt_rows_of(job: JobResult) -> list[list[float]]:
    """An entry an attempt, of a job whose own instants do not say the same: it was tried again, or is about to be."""
    instants = job.instants
    if instants is None:
        return []
    number = max(len(job.attempts), len(job.attempt_instants), *(task.attempt for task in job.tasks), 0)
    own = (instants.started_ms, instants.stopped_ms)
    if number <= 1 and all((attempt.started_ms, attempt.stopped_ms) == own for attempt in job.attempts):
        return []
    return [
        [np.nan if value is None else value for value in _attempt_row(job, attempt, is_last=attempt == number)]
        for attempt in range(1, number + 1)
    ]


def _attempt_row(job: JobResult, number: int, *, is_last: bool) -> list[float | None]:
    known = job.attempt_instants[number - 1] if number <= len(job.attempt_instants) else None
    row = _ends(known.starting_ms if known is not None else None)
    if number <= len(job.attempts):  # AWS lists those that have ended
        row += [job.attempts[number - 1].started_ms, job.attempts[number - 1].stopped_ms]
    elif is_last and not job.attempts and job.instants is not None:
        row += [job.instants.started_ms, job.instants.stopped_ms]
    else:
        row += [None, known.stopped_ms if known is not None else None]
    return row + _task_row(job, number)


def _task_row(job: JobResult, number: int) -> list[float | None]:
    task = next((task for task in job.tasks if task.attempt == number), None)
    return (
        [None] * len(TASK_INSTANTS) if task is None else [task.created_ms, task.pull_started_ms, task.pull_stopped_ms]
    )


def _ends(bound: Bound | None) -> list[float | None]:
    return [None, None] if bound is None else [bound.earliest, bound.latest]
