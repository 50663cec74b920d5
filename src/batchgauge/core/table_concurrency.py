"""How much was held at once over time, from columns: the same brackets as `occupancy`, for any number of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from batchgauge.core.bound import Bound
from batchgauge.core.clock_offset import AWS_RESOLUTION_MS, NOT_KNOWN, ClockOffset
from batchgauge.core.job_table import JobTable, Numbers

Mask: TypeAlias = npt.NDArray[np.bool_]
Ends: TypeAlias = tuple[Numbers, Numbers]
"""The earliest and the latest of each; not a number where it is open."""

OPEN: Final = np.nan


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
    single = table.is_single() & ~np.isnan(table.numbers["started_ms"])
    started = np.concatenate([table.numbers["started_ms"][single], table.attempts["started_ms"]])
    stopped, unseen = _stops(table, single, clock)
    has_started = ~np.isnan(started)
    begun = started[has_started]
    ended = _ended(stopped[has_started], unseen[has_started])
    return (begun, begun + AWS_RESOLUTION_MS), ended


def holding_spans(table: JobTable, clock: ClockOffset | None) -> tuple[Ends, Ends]:
    """When each attempt, as far as attempts are told apart, was given its place, and when it left it."""
    names = ("starting_earliest_ms", "starting_latest_ms")
    is_known = ~np.isnan(table.numbers[names[0]]) | ~np.isnan(table.numbers[names[1]])
    is_told_apart = np.zeros(len(table), dtype=np.bool_)
    is_told_apart[table.attempt_rows[~np.isnan(table.attempts[names[0]]) | ~np.isnan(table.attempts[names[1]])]] = True
    single = ~is_told_apart & is_known
    begun = [np.concatenate([table.numbers[name][single], table.attempts[name]]) for name in names]
    stopped, unseen = _stops(table, single, clock)
    is_held = ~(np.isnan(begun[0]) & np.isnan(begun[1]))
    ended = _ended(stopped[is_held], unseen[is_held])
    return (begun[0][is_held], begun[1][is_held] + AWS_RESOLUTION_MS), ended


def bracket_of(begun: Ends, ended: Ends) -> Bracket:
    """From when each thing began to be held and when it ended; see `concurrency.bracket_over_time`, which this is the same as."""
    (sure_begun, sure_ended), (possibly_begun, possibly_ended) = _certain(begun, ended)
    times = np.unique(np.concatenate([sure_begun, sure_ended, possibly_begun, possibly_ended]))
    return Bracket(
        times_ms=times,
        surely=_held(times, sure_begun, sure_ended),
        possibly=_held(times, possibly_begun, possibly_ended),
    )


def peak_of(begun: Ends, ended: Ends) -> Bound:
    """The maximum of the bracket, without the bracket."""
    return Bound(*(_peak(*spans) for spans in _certain(begun, ended)))


def mean_of(begun: Ends, ended: Ends, window: Bound) -> Bound | None:
    """As `ConcurrencyBracket.mean`, from the spans themselves: what is held is the sum of how long each was."""
    first, last = window.earliest, window.latest
    if first is None or last is None or last <= first:
        return None
    means = []
    for begins, ends in _certain(begun, ended):
        still = np.full(len(begins) - len(ends), last)
        begun_ms = float(np.clip(begins, first, last).sum())
        ended_ms = float(np.clip(np.concatenate([ends, still]), first, last).sum())
        means.append((ended_ms - begun_ms) / (last - first))
    return Bound(*means)


def _certain(begun: Ends, ended: Ends) -> tuple[Ends, Ends]:
    """The spans that are surely held, and those that are possibly; of the latter, those without an end have none."""
    is_sure = begun[1] < ended[0]
    is_possible = ~np.isnan(begun[0]) & (np.isnan(ended[1]) | (begun[0] < ended[1]))
    possibly_ended = ended[1][is_possible]
    possibly_ended = possibly_ended[~np.isnan(possibly_ended)]
    return (begun[1][is_sure], ended[0][is_sure]), (begun[0][is_possible], possibly_ended)


def _peak(begun: Numbers, ended: Numbers) -> float:
    if not len(begun):
        return 0.0
    begins = np.sort(begun)
    before = np.searchsorted(np.sort(ended), begins, side="right")
    return float(max(0, (np.arange(1, len(begins) + 1) - before).max()))


def _held(times: Numbers, begun: Numbers, ended: Numbers) -> Numbers:
    begins = np.searchsorted(np.sort(begun), times, side="right")
    ends = np.searchsorted(np.sort(ended), times, side="right")
    return (begins - ends).astype(np.float64)


def _stops(table: JobTable, single: Mask, clock: ClockOffset | None) -> Ends:
    """When each ended, and where nobody saw it, not before when: the last look that showed it."""
    rows = np.concatenate([np.flatnonzero(single), table.attempt_rows])
    stopped = np.concatenate([table.numbers["stopped_ms"][single], table.attempts["stopped_ms"]])
    unseen = np.full(len(stopped), OPEN)
    is_open = np.isnan(stopped)
    # Jobs share their looks: there are few different moments.
    looks, position = np.unique(table.numbers["last_seen_ms"][rows[is_open]], return_inverse=True)
    on_aws = [(clock or NOT_KNOWN).to_aws(float(look)).earliest for look in looks]
    unseen[is_open] = np.array([OPEN if moment is None else moment for moment in on_aws], dtype=np.float64)[position]
    return stopped, unseen


def _ended(stopped: Numbers, unseen: Numbers) -> Ends:
    is_open = np.isnan(stopped)
    return np.where(is_open, unseen, stopped), np.where(is_open, OPEN, stopped + AWS_RESOLUTION_MS)
