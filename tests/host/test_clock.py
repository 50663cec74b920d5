"""The computer's clock on one anchor."""

from __future__ import annotations

import asyncio
import sys
import time

import pytest

from batchgauge.host import clock as clock_module
from batchgauge.host.clock import SystemClock


def test_it_never_goes_backwards() -> None:
    clock = SystemClock()
    stamps = [clock.now_ms() for _ in range(1000)]
    assert stamps == sorted(stamps)


@pytest.mark.parametrize("step_s", [-3600.0, -1.0, 1.0, 86_400.0])
def test_a_wall_clock_that_is_set_in_the_middle_bends_no_time(monkeypatch: pytest.MonkeyPatch, step_s: float) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    monkeypatch.setattr(clock_module, "COUNTER", lambda: 50.0)
    clock = SystemClock()
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0 + step_s)
    monkeypatch.setattr(clock_module, "COUNTER", lambda: 51.5)
    assert clock.now_ms() == 1_000_001_500.0


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's name for it")
def test_the_counter_goes_on_while_the_computer_sleeps() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    counted = clock_module.COUNTER()
    assert before <= counted <= time.clock_gettime(time.CLOCK_BOOTTIME), "and not time.monotonic(), which stands still"


def test_a_sleep_lets_others_run() -> None:
    async def work() -> None:
        ran = asyncio.Event()
        asyncio.get_running_loop().call_soon(ran.set)
        await SystemClock().sleep(0)
        assert ran.is_set()

    asyncio.run(work())
