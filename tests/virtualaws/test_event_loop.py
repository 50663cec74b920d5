"""Time passes only where everybody waits, and then at once."""

from __future__ import annotations

import asyncio

import pytest

from batchgauge.virtualaws.event_loop import NobodyIsComingError, VirtualClock, run_virtually


def test_sleepers_wake_in_the_order_of_their_times() -> None:
    clock = VirtualClock(1_000.0)
    woken: list[tuple[float, float]] = []

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.now_ms()))

    async def all_of_them() -> None:
        await asyncio.gather(*(sleep(seconds) for seconds in (86_400, 1, 3_600)))

    run_virtually(all_of_them())
    assert woken == [(1, 2_000.0), (3_600, 3_601_000.0), (86_400, 86_401_000.0)]


def test_work_that_waits_for_nothing_takes_no_time() -> None:
    clock = VirtualClock(0.0)

    async def work() -> float:
        for _ in range(100):
            await asyncio.sleep(0)
        return clock.now_ms()

    assert run_virtually(work()) == 0.0


def test_who_waits_for_what_never_comes_is_told() -> None:
    with pytest.raises(NobodyIsComingError):
        run_virtually(asyncio.Event().wait())
