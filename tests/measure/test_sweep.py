"""Level after level."""

from __future__ import annotations

import asyncio

from batchgauge.core.result.builder import build_result
from batchgauge.core.sweeps.steps import SweepStep, steps_of
from batchgauge.errors import NoCredentialsError
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport
from batchgauge.measure.sweep import sweep
from tests.core.journals import header
from tests.measure.virtual_time import VirtualClock, run_virtually

RESULT = build_result([header(1)])


class Levels:
    """What a sweep did, and when."""

    def __init__(self) -> None:
        self.interruption = Interruption()
        self.reports: dict[int, RunReport] = {}
        self.done: list[tuple[str, int, float]] = []

    async def run_step(self, position: int, step: SweepStep) -> RunReport:
        await asyncio.sleep(10)
        self.note("run", step.level)
        return self.reports.get(position, RunReport(RESULT))

    def note(self, what: str, level: int) -> None:
        self.done.append((what, level, VirtualClock().elapsed_s))

    def go(self, *levels: int, pause_s: float = 30.0) -> list[tuple[str, int, float]]:
        steps = steps_of(levels)

        async def work() -> None:
            async for report in sweep(
                lambda position: steps[position - 1] if position <= len(steps) else None,
                self.run_step,
                pause_s=pause_s,
                clock=VirtualClock(),
                interruption=self.interruption,
                on_pause=lambda _seconds, level: self.note("pause", level),
            ):
                self.note("saved", report.level)

        run_virtually(work())
        return self.done


def test_each_level_is_handed_over_before_the_next_begins_and_pauses_lie_between() -> None:
    assert Levels().go(2, 5) == [
        ("run", 2, 10),
        ("saved", 2, 10),
        ("pause", 5, 10),
        ("run", 5, 50),
        ("saved", 5, 50),
    ]


def test_without_a_pause_the_next_level_begins_at_once() -> None:
    assert [what for what, _, _ in Levels().go(2, 5, pause_s=0)] == ["run", "saved", "run", "saved"]


def test_an_error_ends_the_sweep_after_its_level_was_handed_over() -> None:
    levels = Levels()
    levels.reports[2] = RunReport(RESULT, NoCredentialsError())
    levels.go(2, 5, 10)
    assert [level for what, level, _ in levels.done if what == "saved"] == [2, 5]


def test_an_interruption_in_a_pause_ends_the_pause_and_the_sweep() -> None:
    levels = Levels()

    async def run_step(position: int, step: SweepStep) -> RunReport:
        asyncio.get_running_loop().call_later(15, levels.interruption.request, "SIGINT")
        return await Levels.run_step(levels, position, step)

    levels.run_step = run_step  # type: ignore[method-assign]
    levels.go(2, 5)
    assert [what for what, _, _ in levels.done] == ["run", "saved", "pause"]


def test_an_interruption_in_a_level_begins_no_pause() -> None:
    levels = Levels()

    async def run_step(position: int, step: SweepStep) -> RunReport:
        levels.interruption.request("SIGINT")
        return await Levels.run_step(levels, position, step)

    levels.run_step = run_step  # type: ignore[method-assign]
    levels.go(2, 5)
    assert [what for what, _, _ in levels.done] == ["run", "saved"]
