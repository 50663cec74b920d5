"""How far AWS's clock is from ours, and how the two drift apart, as bounds, from the jobs themselves.

With ``aws = ours + offset(ours)``, each of AWS's stamps says something of the offset at two moments of our clock: what was stamped
``c`` after we sent a request at ``s`` gives ``offset(s) < c + 1 ms - s``; what was stamped before we had an answer at ``r`` gives
``offset(r) ≥ c - r``. An accepted SubmitJob gives both for its createdAt. Looks go on giving such bounds for startedAt and stoppedAt
for as long as the run lasts, which is how a drift over hours is followed.

The offset is taken as a straight line whose slope is within `MAX_DRIFT`; all lines that satisfy every bound form a convex polygon in the
plane of (offset, slope), and what is known of the offset at a moment is the spread of its corners there. (The convex-hull method of
Zhang, Liu and Xia, "Clock synchronization algorithms for network measurements", INFOCOM 2002, with both ends kept.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

import msgspec

from batchgauge.core.bound import UNKNOWN, Bound

AWS_RESOLUTION_MS: Final = 1.0
"""AWS's time stamps are whole milliseconds, cut off: the moment lies in [stamp, stamp + 1 ms)."""

MAX_DRIFT: Final = 500e-6
"""The most by which two clocks' rates may differ: NTP slews a clock by no more (RFC 5905), and a quartz alone is off by far less."""

FAR_MS: Final = 1e9
"""Stands for no bound at all: eleven days."""

ROUNDING_MS: Final = 0.001
"""Moments of our clock are written down in whole microseconds: room for the rounding of two of them, the one that a reading is made of
and the one that it is applied to."""


class Reading(NamedTuple):
    """One bound of the offset at a moment of our clock; an end that says nothing is None."""

    at_ms: float
    earliest: float | None
    latest: float | None


class ClockOffset(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """AWS's clock minus ours."""

    offset_ms: Bound
    """At `reference_ms`, where it is known best."""
    jobs: int
    """How many accepted SubmitJob calls it rests on."""
    is_contradicted: bool = False
    """No straight line satisfies all bounds (a clock was set, or stood still): the bound is then the hull of all of them, at all times."""
    reference_ms: float | None = None
    """On our clock."""
    drift_ppm: Bound | None = None
    """AWS's clock's rate against ours, in parts per million; positive where AWS's is faster."""
    corners: tuple[tuple[float, float], ...] = ()
    """The polygon of all lines that satisfy every bound: (offset at `reference_ms` in ms, slope). Empty where it is not one."""
    from_ms: float | None = None
    """Of a later one: from when on it holds."""
    later: tuple[ClockOffset, ...] = ()
    """Of a run that was resumed: our clock was another process's each time, perhaps of a computer that was started anew."""

    @property
    def is_known(self) -> bool:
        """Whether anything bounds it from both sides."""
        return self.offset_ms.width is not None

    def at(self, at_ms: float) -> Bound:
        """The offset at a moment of our clock."""
        for offset in reversed(self.later):
            if offset.from_ms is not None and at_ms >= offset.from_ms:
                return offset.at(at_ms)
        if not self.corners or self.reference_ms is None:
            return self.offset_ms
        since_ms = at_ms - self.reference_ms
        lines = [offset + slope * since_ms for offset, slope in self.corners]
        return Bound(
            min(lines) if self.offset_ms.earliest is not None else None,
            max(lines) if self.offset_ms.latest is not None else None,
        )

    def to_aws(self, at_ms: float) -> Bound:
        """A moment of our clock on AWS's."""
        offset = self.at(at_ms)
        return Bound(
            None if offset.earliest is None else at_ms + offset.earliest,
            None if offset.latest is None else at_ms + offset.latest,
        )


def joined(offsets: Sequence[ClockOffset], boundaries: Sequence[float]) -> ClockOffset:
    """One offset from those of the parts of a run; `boundaries` are the moments at which the second and every further part began."""
    later = [
        msgspec.structs.replace(offset, from_ms=from_ms)
        for offset, from_ms in zip(offsets[1:], boundaries, strict=True)
    ]
    is_contradicted = any(offset.is_contradicted for offset in offsets)
    return msgspec.structs.replace(
        offsets[0], later=tuple(later), is_contradicted=is_contradicted, jobs=sum(offset.jobs for offset in offsets)
    )


NOT_KNOWN: Final = ClockOffset(offset_ms=UNKNOWN, jobs=0)


def readings_of_call(sent_ms: float, received_ms: float, stamp_ms: float) -> tuple[Reading, Reading]:
    """What a stamp says that AWS set while a call was under way."""
    return (
        Reading(sent_ms, None, stamp_ms + AWS_RESOLUTION_MS + ROUNDING_MS - sent_ms),
        Reading(received_ms, stamp_ms - ROUNDING_MS - received_ms, None),
    )


def estimate_clock_offset(calls: Iterable[tuple[float, float, float]], further: Iterable[Reading] = ()) -> ClockOffset:
    """From (sent, received, createdAt) of each accepted SubmitJob call, and whatever else bounds it; unknown for nothing."""
    accepted = list(calls)
    readings = [reading for call in accepted for reading in readings_of_call(*call)]
    readings += further
    if not readings:
        return NOT_KNOWN
    reference_ms = _reference(accepted) if accepted else readings[0].at_ms
    lows = [reading.earliest for reading in readings if reading.earliest is not None]
    highs = [reading.latest for reading in readings if reading.latest is not None]
    corners = _polygon(readings, reference_ms)
    if not corners:
        ends = [*lows, *highs]
        offset = Bound(min(ends), max(ends))
        return ClockOffset(offset_ms=offset, jobs=len(accepted), is_contradicted=True, reference_ms=reference_ms)
    offsets = [offset for offset, _ in corners]
    slopes = [slope * 1e6 for _, slope in corners]
    return ClockOffset(
        offset_ms=Bound(min(offsets) if lows else None, max(offsets) if highs else None),
        jobs=len(accepted),
        reference_ms=reference_ms,
        drift_ppm=Bound(min(slopes), max(slopes)),
        corners=tuple(dict.fromkeys(corners)),
    )


def _reference(calls: Sequence[tuple[float, float, float]]) -> float:
    """The middle of the shortest call: nowhere is the offset known better."""
    sent_ms, received_ms, _ = min(calls, key=lambda call: call[1] - call[0])
    return (sent_ms + received_ms) / 2


_Corner: TypeAlias = tuple[float, float]
"""A line: its offset at the reference, and its slope."""


def _polygon(readings: Sequence[Reading], reference_ms: float) -> list[_Corner]:
    """The corners of all lines that satisfy every reading; empty where there is no such line."""
    corners = _box(readings, reference_ms)
    for reading in readings:
        since_ms = reading.at_ms - reference_ms
        for end, sign in ((reading.earliest, 1.0), (reading.latest, -1.0)):
            if end is not None:
                corners = _cut(corners, since_ms, end, sign)
    return corners


def _box(readings: Sequence[Reading], reference_ms: float) -> list[_Corner]:
    """Corners that no line within `MAX_DRIFT` which satisfies the readings lies outside of; a side that nothing bounds is far away."""
    lows, highs = [], []
    for reading in readings:
        play_ms = MAX_DRIFT * abs(reading.at_ms - reference_ms)
        if reading.earliest is not None:
            lows.append(reading.earliest - play_ms)
        if reading.latest is not None:
            highs.append(reading.latest + play_ms)
    low = max(lows) if lows else min(highs) - FAR_MS
    high = min(highs) if highs else max(lows) + FAR_MS
    if low > high:
        return []
    return [(low, -MAX_DRIFT), (high, -MAX_DRIFT), (high, MAX_DRIFT), (low, MAX_DRIFT)]


def _cut(corners: list[_Corner], since_ms: float, end: float, sign: float) -> list[_Corner]:
    """What of a convex polygon lies on the right side of ``sign · (offset + slope · since - end) ≥ 0`` (Sutherland and Hodgman, 1974)."""
    sides = [sign * (offset + slope * since_ms - end) for offset, slope in corners]
    if all(side >= 0 for side in sides):
        return corners
    kept: list[_Corner] = []
    for position, corner in enumerate(corners):
        side, before, earlier = sides[position], sides[position - 1], corners[position - 1]
        if (side >= 0) != (before >= 0):
            share = before / (before - side)
            kept.append((earlier[0] + share * (corner[0] - earlier[0]), earlier[1] + share * (corner[1] - earlier[1])))
        if side >= 0:
            kept.append(corner)
    return kept
