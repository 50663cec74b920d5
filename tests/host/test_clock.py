"""The computer's clock on one anchor."""

from __future__ import annotations

import asyncio
import time

import pytest

from batchgauge.host.clock import SystemClock


def test_it_never_goes_backwards() -> None:
    clock = SystemClock()
    stamps = [clock.now_ms() for _ in range(1000)]
    assert stamps == sorted(stamps)


def test_it_tells_the_wall_clocks_time_of_its_anchor_whatever_becomes_of_the_wall_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    monkeypatch.setattr(time, "monotonic", lambda: 50.0)
    clock = SystemClock()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "monotonic", lambda: 51.5)
    assert clock.now_ms() == 1_000_001_500.0


def test_a_sleep_lets_others_run() -> None:
    async def work() -> None:
        ran = asyncio.Event()
        asyncio.get_running_loop().call_soon(ran.set)
        await SystemClock().sleep(0)
        assert ran.is_set()

    asyncio.run(work())
