"""How many jobs ran at once, over time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from batchgauge.core.bound import Bound


class ConcurrencySeries(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A step function: from ``times_ms[i]`` on, ``running[i]`` jobs ran; times are AWS's clock, ascending."""

    times_ms: tuple[float, ...] = ()
    running: tuple[int, ...] = ()

    @property
    def maximum(self) -> int:
        """The most that ever ran at once."""
        return max(self.running, default=0)


def concurrency_over_time(intervals: Iterable[tuple[float, float | None]]) -> ConcurrencySeries:
    """From (started, stopped) of each attempt; None where it still runs.

    An attempt that stopped in the millisecond in which another started is counted as gone: AWS's stamps cannot tell, and this way
    the maximum is never overstated. One whose stop is stamped before its start counts at no time.
    """
    changes: dict[float, int] = {}
    for started, stopped in intervals:
        if stopped is not None and stopped <= started:
            continue
        changes[started] = changes.get(started, 0) + 1
        if stopped is not None:
            changes[stopped] = changes.get(stopped, 0) - 1
    times = sorted(changes)
    running: list[int] = []
    level = 0
    for time in times:
        level += changes[time]
        running.append(level)
    return ConcurrencySeries(times_ms=tuple(times), running=tuple(running))


class Span(NamedTuple):
    """A time that something was held for, with uncertain ends; an open end of `ended` is one that nobody saw."""

    begun: Bound
    ended: Bound
    weight: float = 1.0


class ConcurrencyBracket(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Two step functions: from ``times_ms[i]`` on at least ``surely[i]`` and at most ``possibly[i]`` was held at once."""

    times_ms: tuple[float, ...] = ()
    surely: tuple[float, ...] = ()
    possibly: tuple[float, ...] = ()

    @property
    def maximum(self) -> Bound:
        """The most that was ever held at once."""
        return Bound(max(self.surely, default=0.0), max(self.possibly, default=0.0))

    def mean(self, window: Bound) -> Bound | None:
        """The average over a window of time with exact ends; None for an empty one."""
        if window.earliest is None or window.latest is None or window.latest <= window.earliest:
            return None
        sums = [0.0, 0.0]
        ends = [*self.times_ms[1:], window.latest][: len(self.times_ms)]
        for begun, ended, low, high in zip(self.times_ms, ends, self.surely, self.possibly, strict=True):
            held_ms = min(ended, window.latest) - max(begun, window.earliest)
            if held_ms > 0:
                sums[0] += low * held_ms
                sums[1] += high * held_ms
        width_ms = window.latest - window.earliest
        return Bound(sums[0] / width_ms, sums[1] / width_ms)


def bracket_over_time(spans: Iterable[Span]) -> ConcurrencyBracket:
    """How much was surely, and how much possibly, held at once.

    A span is surely held from the latest that it may have begun to the earliest that it may have ended, and possibly from the earliest
    beginning to the latest end; for good where that is open.
    """
    changes: dict[float, list[float]] = {}

    def change(at_ms: float, which: int, by: float) -> None:
        changes.setdefault(at_ms, [0.0, 0.0])[which] += by

    for span in spans:
        begun, ended = span.begun, span.ended
        if begun.latest is not None and ended.earliest is not None and begun.latest < ended.earliest:
            change(begun.latest, 0, span.weight)
            change(ended.earliest, 0, -span.weight)
        if begun.earliest is not None and (ended.latest is None or begun.earliest < ended.latest):
            change(begun.earliest, 1, span.weight)
            if ended.latest is not None:
                change(ended.latest, 1, -span.weight)
    times = sorted(changes)
    rows: list[tuple[float, float]] = []
    surely = possibly = 0.0
    for time in times:
        surely += changes[time][0]
        possibly += changes[time][1]
        rows.append((surely, possibly))
    return ConcurrencyBracket(
        times_ms=tuple(times), surely=tuple(low for low, _ in rows), possibly=tuple(high for _, high in rows)
    )
