"""How many jobs ran at once, over time."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


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
