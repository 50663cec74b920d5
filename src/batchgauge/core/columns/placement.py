"""When each job got its place and gave it back, from columns: the same as `placement`, for any number of jobs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from batchgauge.core.bound import Bound
from batchgauge.core.columns.concurrency import Bracket, Ends, bracket_of, peak_of
from batchgauge.core.columns.job_table import INSTANTS, JobTable, Numbers, Rows
from batchgauge.core.concurrency.placement import (
    ADMISSION_MS,
    FULL_SHARE,
    NEARLY_FULL,
    PACED_SHARE,
    PATIENCE_MS,
    SAME_MOMENT_MS,
    pace_of,
)
from batchgauge.core.job import FAILED_TO_SUBMIT, JobState
from batchgauge.core.stats.token_bucket import BucketEstimate

Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class TablePlacements:
    """All jobs of a run that were placed, in the order in which they were; see `placement.Placements`."""

    created_ms: Numbers
    placed_ms: Numbers
    widths_ms: Numbers
    """Of the bounds of `placed_ms`."""
    stays: tuple[Ends, Ends]
    """From when to when each attempt held its place."""
    never_placed: int
    given_up_ms: Numbers
    """How long those that never got a place waited at least: to their end, or until they were last seen."""

    @property
    def number(self) -> int:
        """See `Placed`."""
        return len(self.placed_ms)

    @cached_property
    def waits_ms(self) -> Numbers:
        """Created → placed."""
        return self.placed_ms - self.created_ms

    @cached_property
    def base_ms(self) -> float:
        """What the quickest job waited."""
        return float(self.waits_ms.min()) if self.number else 0.0

    @cached_property
    def _within_ms(self) -> float:
        if not self.number:
            return 0.0
        middle = self.number // 2
        return float(np.partition(self.widths_ms, middle)[middle]) / 2

    @cached_property
    def _has_waited(self) -> Mask:
        has_waited: Mask = self.waits_ms > self.base_ms + PATIENCE_MS + 2 * self._within_ms
        return has_waited

    @cached_property
    def number_waited(self) -> int:
        """See `Placed`."""
        return int(self._has_waited.sum())

    @property
    def delay_ms(self) -> float:
        """See `Placed`."""
        if not self.number:
            return 0.0
        waits = np.concatenate([self.waits_ms, np.maximum(self.given_up_ms, self.base_ms)])
        return float(np.mean(waits - self.base_ms))

    @cached_property
    def held(self) -> Bound:
        """See `Placed`."""
        return peak_of(*self.stays)

    @cached_property
    def is_for_room(self) -> bool:
        """See `placement.Placements.is_for_room`."""
        fullest = self.held.earliest or 0.0
        if fullest >= self.number + self.never_placed:
            return False
        enough = math.ceil(NEARLY_FULL * fullest)
        is_full = possibly_held(bracket_of(*self.stays), self.placed_ms, self._within_ms) >= enough
        first = self._has_waited[: int(is_full.argmax()) + 1] if is_full.any() else self._has_waited
        if int(first.sum()) > max(1, PACED_SHARE * len(first)):
            return False
        turns = is_full[self._turns]
        return not len(turns) or int(turns.sum()) >= FULL_SHARE * len(turns)

    @property
    def has_turns(self) -> bool:
        """See `Placed`."""
        return bool(len(self._turns))

    @cached_property
    def bucket(self) -> BucketEstimate | None:
        """See `Placed`."""
        return pace_of(self.placed_ms.tolist(), self.placed_ms[self._turns].tolist())

    @cached_property
    def _turns(self) -> Rows:
        """The placements after which jobs that had been noticed were left waiting."""
        noticed = self.created_ms + (self.base_ms + ADMISSION_MS)
        first_noticed = np.minimum.accumulate(noticed[::-1])[::-1]
        # The last one of each look at the queue, but of the very last look, after which nobody is left.
        last = np.flatnonzero(np.diff(self.placed_ms) > SAME_MOMENT_MS)
        return last[first_noticed[last + 1] <= self.placed_ms[last]]


def placements_of_table(table: JobTable) -> TablePlacements:
    """Of a run's accepted jobs."""
    numbers, created = table.numbers, table.numbers["created_ms"]
    is_known = np.logical_or.reduce([~np.isnan(numbers[f"{name}_ms"]) for name in INSTANTS])
    accepted = ~table.has_status(FAILED_TO_SUBMIT) & is_known
    begins, ends, rows = _stays(table)
    counts = accepted[rows] & ~np.isnan(created[rows]) & ~(np.isnan(begins[0]) & np.isnan(begins[1]))
    begins, ends, rows = (begins[0][counts], begins[1][counts]), ends[counts], rows[counts]
    ends = _with_last_end(table, ends, rows)
    # A job's attempts stand together: the first that is known is the one that counts.
    firsts = np.flatnonzero(np.diff(rows, prepend=-1))
    jobs = rows[firsts]
    low = np.where(np.isnan(begins[0][firsts]), created[jobs], begins[0][firsts])
    high = np.where(np.isnan(begins[1][firsts]), low, begins[1][firsts])
    placed = (low + high) / 2
    order = np.argsort(placed, kind="stable")
    widths = np.nan_to_num(begins[1][firsts] - begins[0][firsts], nan=0.0)
    never = accepted.copy()
    never[jobs] = False
    has_ended = table.has_status(JobState.SUCCEEDED, JobState.FAILED) & ~np.isnan(numbers["stopped_ms"])
    given_up = np.where(has_ended, numbers["stopped_ms"] - created, numbers["queue_least_ms"])[never]
    return TablePlacements(
        created[jobs][order],
        placed[order],
        widths[order],
        (begins, (ends, ends)),
        int(accepted.sum()) - len(jobs),
        given_up[~np.isnan(given_up)],
    )


def possibly_held(bracket: Bracket, moments_ms: Numbers, within_ms: float) -> Numbers:
    """The most that may have been held around each of these moments; see `placement.Placements.possibly_held`."""
    first = np.maximum(np.searchsorted(bracket.times_ms, moments_ms - within_ms, side="right") - 1, 0)
    end = np.searchsorted(bracket.times_ms, moments_ms + within_ms, side="right")
    most = np.zeros(len(moments_ms))
    lengths = end - first
    # Maxima over 1, 2, 4, … neighbours: any range is covered by two of them.
    maxima, span = bracket.possibly, 1
    while len(maxima):
        chosen = (lengths >= span) & (lengths < 2 * span)
        most[chosen] = np.maximum(maxima[first[chosen]], maxima[end[chosen] - span])
        if not (lengths >= 2 * span).any():
            break
        maxima, span = np.maximum(maxima[:-span], maxima[span:]), 2 * span
    return most


def _stays(table: JobTable) -> tuple[Ends, Numbers, Rows]:
    """From when and to when each attempt held its place, as far as anything is known, and whose it was, in the order of jobs."""
    numbers, attempts = table.numbers, table.attempts
    single = np.flatnonzero(table.is_single())
    rows = np.concatenate([single, table.attempt_rows])
    order = np.argsort(rows, kind="stable") if len(table.attempt_rows) else slice(None)
    of_tasks = np.concatenate([numbers["task_created_ms"][single], attempts["task_created_ms"]])
    begins = []
    for name in ("starting_earliest_ms", "starting_latest_ms"):
        begun = attempts[name].copy()
        firsts = np.flatnonzero(np.diff(table.attempt_rows, prepend=-1))
        own = numbers[name][table.attempt_rows[firsts]]
        begun[firsts] = np.where(np.isnan(own), begun[firsts], own)
        known = np.concatenate([numbers[name][single], begun])
        begins.append(np.where(np.isnan(of_tasks), known, of_tasks)[order])
    listed = np.where(numbers["attempts"][single] > 0, numbers["stopped_ms"][single], np.nan)
    ends = np.concatenate([listed, attempts["stopped_ms"]])[order]
    return (begins[0], begins[1]), ends, rows[order]


def _with_last_end(table: JobTable, ends: Numbers, rows: Rows) -> Numbers:
    """A job that has ended gave back its last place then."""
    is_last = np.ones(len(rows), dtype=np.bool_)
    is_last[:-1] = rows[1:] != rows[:-1]
    stopped = np.where(table.has_status(JobState.SUCCEEDED, JobState.FAILED), table.numbers["stopped_ms"], np.nan)[rows]
    return np.where(is_last & ~np.isnan(stopped), stopped, ends)
