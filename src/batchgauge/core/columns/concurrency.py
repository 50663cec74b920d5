"""How much was held at once over time, from columns: the same brackets as `occupancy`, for any number of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from batchgauge.core.bound import Bound
from batchgauge.core.columns.job_table import JobTable, Numbers, Rows
from batchgauge.core.observed.clock_offset import AWS_RESOLUTION_MS, NOT_KNOWN, ClockOffset

Mask: TypeAlias = npt.NDArray[np.bool_]
Ends: TypeAlias = tuple[Numbers, Numbers]
"""The earliest and the latest of each; not a number where it is open."""

OPEN: Final = np.nan
BLOCK: Final = 64
"""Of so many beginnings one is looked at first."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """Two step functions: from ``times_ms[i]`` on at least ``surely[i]`` and at most ``possibly[i]``."""

    times_ms: Numbers
    surely: Numbers
    possibly: Numbers


def running_of(table: JobTable, clock: ClockOffset | None) -> Bracket:
    """How many jobs ran at once, on AWS's clock."""
    return bracket_of(*running_spans(table, clock))


def holding_of(table: JobTable, clock: ClockOffset | None) -> Bracket:
    """How many jobs held a place at once, from STARTING to their end."""
    return bracket_of(*holding_spans(table, clock))


def running_spans(table: JobTable, clock: ClockOffset | None) -> tuple[Ends, Ends]:
    """When each attempt began to run, and when it ended."""
    started = table.numbers["started_ms"]
    single = table.is_single() & ~np.isnan(started)
    started = _and_attempts(table, "started_ms", single)
    stopped, unseen = _stops(table, single, clock)
    begun, stopped, unseen = _chosen(~np.isnan(started), started, stopped, unseen)
    return (begun, begun + AWS_RESOLUTION_MS), _ended(stopped, unseen)


def holding_spans(table: JobTable, clock: ClockOffset | None) -> tuple[Ends, Ends]:
    """When each attempt, as far as attempts are told apart, was given its place, and when it left it."""
    names = ("starting_earliest_ms", "starting_latest_ms")
    is_known = ~np.isnan(table.numbers[names[0]]) | ~np.isnan(table.numbers[names[1]])
    is_told_apart = np.zeros(len(table), dtype=np.bool_)
    is_told_apart[table.attempt_rows[~np.isnan(table.attempts[names[0]]) | ~np.isnan(table.attempts[names[1]])]] = True
    single = ~is_told_apart & is_known
    low, high = (_and_attempts(table, name, single) for name in names)
    stopped, unseen = _stops(table, single, clock)
    is_held = ~(np.isnan(low) & np.isnan(high))
    low, high, stopped, unseen = _chosen(is_held, low, high, stopped, unseen)
    return (low, high + AWS_RESOLUTION_MS), _ended(stopped, unseen)


def bracket_of(begun: Ends, ended: Ends) -> Bracket:
    """From when each thing began to be held and when it ended; see `over_time.bracket_over_time`, which this is the same as."""
    (sure_begun, sure_ended), (possibly_begun, possibly_ended) = _certain(begun, ended)
    times = np.unique(np.concatenate([sure_begun, sure_ended, possibly_begun, possibly_ended]))
    return Bracket(
        times_ms=times,
        surely=_held(times, sure_begun, sure_ended),
        possibly=_held(times, possibly_begun, possibly_ended),
    )


def peak_of(begun: Ends, ended: Ends) -> Bound:
    """The maximum of the bracket, without the bracket; of spans as `running_spans` and `holding_spans` give them."""
    if _is_whole(begun, ended):
        ends = np.sort(ended[0])
        surely = _peak_in_order(np.sort(begun[1]), ends)
        return Bound(surely, _peak_in_order(np.sort(begun[0]), ends + AWS_RESOLUTION_MS))
    return Bound(*(_peak(*spans) for spans in _certain(begun, ended)))


def mean_of(begun: Ends, ended: Ends, window: Bound) -> Bound | None:
    """As `ConcurrencyBracket.mean`, from the spans themselves: what is held is the sum of how long each was."""
    first, last = window.earliest, window.latest
    if first is None or last is None or last <= first:
        return None
    means = []
    for begins, ends in _certain(begun, ended):
        still_ms = (last - first) * (len(begins) - len(ends))
        held_ms = _since(first, ends, last) + still_ms - _since(first, begins, last)
        means.append(held_ms / (last - first))
    return Bound(*means)


def _since(first: float, moments: Numbers, last: float) -> float:
    """The sum of the times since the window's beginning; moments outside of it, if any, are taken for its ends."""
    if len(moments) and (moments.min() < first or moments.max() > last):
        moments = np.clip(moments, first, last)
    return float((moments - first).sum())


def _certain(begun: Ends, ended: Ends) -> tuple[Ends, Ends]:
    """The spans that are surely held, and those that are possibly; of the latter, those without an end have none."""
    is_sure = begun[1] < ended[0]
    is_possible = ~np.isnan(begun[0]) & (np.isnan(ended[1]) | (begun[0] < ended[1]))
    sure_begun, sure_ended = _chosen(is_sure, begun[1], ended[0])
    possibly_begun, possibly_ended = _chosen(is_possible, begun[0], ended[1])
    [possibly_ended] = _chosen(~np.isnan(possibly_ended), possibly_ended)
    return (sure_begun, sure_ended), (possibly_begun, possibly_ended)


@dataclass(frozen=True, slots=True)
class RunningPeaks:
    """The most jobs that ran at once."""

    bracket: Bound
    by_stamps: int
    """As `concurrency_over_time`: what stopped in the millisecond in which another started is gone."""


def running_peaks(table: JobTable, spans: tuple[Ends, Ends]) -> RunningPeaks:
    """From `running_spans`; in order but once where every job ran and ended."""
    begun, ended = spans
    if _is_whole(begun, ended):
        begins, ends = np.sort(begun[0]), np.sort(ended[0])
        surely = _peak_in_order(begins, ends - AWS_RESOLUTION_MS)
        possibly = _peak_in_order(begins, ends + AWS_RESOLUTION_MS)
        return RunningPeaks(Bound(surely, possibly), int(_peak_in_order(begins, ends)))
    stopped = ended[1] - AWS_RESOLUTION_MS
    counts = ~(stopped <= begun[0])
    by_stamps = _peak(begun[0][counts], stopped[counts & ~np.isnan(stopped)])
    return RunningPeaks(peak_of(begun, ended), int(by_stamps))


def _is_whole(begun: Ends, ended: Ends) -> bool:
    """Whether every span was surely held and has ended; all ends are then known as exactly as AWS's stamps say."""
    return bool((begun[1] < ended[0]).all()) and not np.isnan(ended[1]).any()


def _peak(begun: Numbers, ended: Numbers) -> float:
    return _peak_in_order(np.sort(begun), np.sort(ended))


def _peak_in_order(begins: Numbers, ends: Numbers) -> float:
    """The most that are held at once; both ascending.

    After the i-th beginning at most i are held. Between two beginnings that were looked at, no more can have been held than there had
    begun by the later one and had not ended by the earlier one: only where that is more than was found is looked closer.
    """
    most = 0.0
    wanted = np.arange(0, len(begins), BLOCK)
    if len(wanted):
        lasts = np.minimum(wanted + BLOCK, len(begins))
        gone = np.searchsorted(ends, begins[wanted], side="right")
        most = float(max(0, (wanted + 1 - gone).max()))
        for first, last in zip(*_joined(wanted, lasts, lasts - gone > most), strict=True):
            before = np.searchsorted(ends, begins[first:last], side="right")
            most = float(max(most, (np.arange(first + 1, last + 1) - before).max()))
    return most


def _joined(firsts: Rows, lasts: Rows, chosen: Mask) -> tuple[list[int], list[int]]:
    """Stretches of adjoining blocks."""
    edges = np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8))
    begin, end = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return firsts[begin].tolist(), lasts[end].tolist()


def _held(times: Numbers, begun: Numbers, ended: Numbers) -> Numbers:
    begins = np.searchsorted(np.sort(begun), times, side="right")
    ends = np.searchsorted(np.sort(ended), times, side="right")
    return (begins - ends).astype(np.float64)


def _chosen(mask: Mask, *columns: Numbers) -> list[Numbers]:
    """What is chosen of each; where that is all, the columns themselves: copies of a million numbers are what takes time."""
    return list(columns) if mask.all() else [column[mask] for column in columns]


def _and_attempts(table: JobTable, name: str, single: Mask) -> Numbers:
    """A column of some jobs' own rows, and of the attempts that these do not say."""
    [own] = _chosen(single, table.numbers[name])
    return np.concatenate([own, table.attempts[name]]) if len(table.attempt_rows) else own


def _stops(table: JobTable, single: Mask, clock: ClockOffset | None) -> Ends:
    """When each ended, and where nobody saw it, not before when: the last look that showed it."""
    stopped = _and_attempts(table, "stopped_ms", single)
    is_open = np.isnan(stopped)
    if not is_open.any():
        return stopped, stopped
    rows = np.concatenate([np.flatnonzero(single), table.attempt_rows])
    unseen = np.full(len(stopped), OPEN)
    # Jobs share their looks: there are few different moments.
    looks, position = np.unique(table.numbers["last_seen_ms"][rows[is_open]], return_inverse=True)
    on_aws = [(clock or NOT_KNOWN).to_aws(float(look)).earliest for look in looks]
    unseen[is_open] = np.array([OPEN if moment is None else moment for moment in on_aws], dtype=np.float64)[position]
    return stopped, unseen


def _ended(stopped: Numbers, unseen: Numbers) -> Ends:
    """The earliest and the latest; `unseen` counts where it is not known."""
    is_open = np.isnan(stopped)
    if not is_open.any():
        return stopped, stopped + AWS_RESOLUTION_MS
    return np.where(is_open, unseen, stopped), np.where(is_open, OPEN, stopped + AWS_RESOLUTION_MS)
