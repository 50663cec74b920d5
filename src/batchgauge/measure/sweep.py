"""Runs over several levels, with a pause between."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport
from batchgauge.ports import Clock


@dataclass(frozen=True, slots=True)
class LevelReport:
    """A level that is done."""

    position: int
    """From 1."""
    level: int
    report: RunReport


async def sweep(
    levels: Sequence[int],
    run_level: Callable[[int, int], Awaitable[RunReport]],
    *,
    pause_s: float,
    clock: Clock,
    interruption: Interruption,
    on_pause: Callable[[float, int], None] = lambda _seconds, _next_level: None,
    done: int = 0,
) -> AsyncGenerator[LevelReport, None]:
    """Run level after level; yields each as soon as it is done, so that it can be saved before the next begins.

    `run_level` takes (position, level); the first `done` levels are left out.
    Goes on past failed jobs; ends after an error or an interruption.
    """
    for position, level in enumerate(levels, start=1):
        if position <= done:
            continue
        if position > 1 and pause_s > 0 and not interruption.is_requested:
            on_pause(pause_s, level)
            await interruption.sleep(clock, pause_s)
        if interruption.is_requested:
            return
        report = await run_level(position, level)
        yield LevelReport(position, level, report)
        if report.error is not None:
            return
