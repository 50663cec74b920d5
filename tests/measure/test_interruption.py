"""A request to end that no wait outlasts."""

from __future__ import annotations

import asyncio

from batchgauge.measure.interruption import Interruption
from tests.measure.virtual_time import VirtualClock, run_virtually


def slept_s(*requests: tuple[float, str], seconds: float = 100.0) -> tuple[float, Interruption]:
    async def work() -> tuple[float, Interruption]:
        interruption = Interruption()
        for after_s, cause in requests:
            asyncio.get_running_loop().call_later(after_s, interruption.request, cause)
        await asyncio.sleep(0)
        await interruption.sleep(VirtualClock(), seconds)
        slept = VirtualClock().elapsed_s
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return slept, interruption

    return run_virtually(work())


def test_a_sleep_that_nobody_interrupts_takes_its_time() -> None:
    slept, interruption = slept_s()
    assert slept == 100
    assert not interruption.is_requested


def test_a_sleep_ends_with_the_request() -> None:
    slept, interruption = slept_s((7.0, "SIGINT"))
    assert slept == 7
    assert (interruption.is_requested, interruption.cause) == (True, "SIGINT")


def test_the_first_cause_is_kept() -> None:
    async def work() -> None:
        interruption = Interruption()
        interruption.request("SIGTERM")
        interruption.request("SIGINT")
        assert interruption.cause == "SIGTERM"
        await interruption.sleep(VirtualClock(), 100)
        assert VirtualClock().elapsed_s == 0, "who asks later does not sleep at all"

    run_virtually(work())
