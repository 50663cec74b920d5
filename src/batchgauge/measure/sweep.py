"""Runs over several levels, with a pause between."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from batchgauge.core.sweeps.steps import SweepStep
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
    step_at: Callable[[int], SweepStep | None],
    run_step: Callable[[int, SweepStep], Awaitable[RunReport]],
    *,
    pause_s: float,
    clock: Clock,
    interruption: Interruption,
    on_pause: Callable[[float, int], None] = lambda _seconds, _next_level: None,
    done: int = 0,
) -> AsyncGenerator[LevelReport, None]:
    """Run step after step; yields each as soon as it is done, so that it can be saved before the next begins.

    `step_at` names the step of a position, None where there is no further one. It is asked only once what came before has been
    taken in, so that it may choose by that. The first `done` steps are left out. Goes on past failed jobs; ends after an error or an
    interruption.
    """
    position = done
    while not interruption.is_requested:
        position += 1
        step = step_at(position)
        if step is None:
            return
        if position > 1 and pause_s > 0:
            on_pause(pause_s, step.level)
            if not await _paused(interruption, clock, pause_s):
                return
        report = await run_step(position, step)
        yield LevelReport(position, step.level, report)
        if report.error is not None:
            return


async def _paused(interruption: Interruption, clock: Clock, pause_s: float) -> bool:
    """Whether nobody asked for the end meanwhile."""
    await interruption.sleep(clock, pause_s)
    return not interruption.is_requested
