"""Ctrl-C and SIGTERM as requests to end in order."""

from __future__ import annotations

import asyncio
import signal
import sys

import pytest

from batchgauge.host.signals import on_end_requested, requests_to_end


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if sys.platform != "win32" else [])]
)
def test_each_signal_is_told_by_its_name_in_the_event_loop(number: signal.Signals) -> None:
    async def work() -> list[str]:
        told: asyncio.Queue[str] = asyncio.Queue()
        with on_end_requested(told.put_nowait):
            signal.raise_signal(number)
            first = await told.get()
            signal.raise_signal(number)
            return [first, await told.get()]

    assert asyncio.run(work()) == [number.name, number.name]


def test_a_loop_that_sleeps_wakes_up_for_it() -> None:
    async def work() -> None:
        asked = asyncio.Event()
        with on_end_requested(lambda _: asked.set()):
            asyncio.get_running_loop().call_later(0.01, signal.raise_signal, signal.SIGINT)
            await asked.wait()

    asyncio.run(work())


def test_afterwards_the_handlers_are_those_of_before() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    async def work() -> None:
        inside = signal.getsignal(signal.SIGINT)
        with pytest.raises(RuntimeError), on_end_requested(lambda _: None):
            assert signal.getsignal(signal.SIGINT) is not inside
            raise RuntimeError
        assert signal.getsignal(signal.SIGINT) is inside

    asyncio.run(work())
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_on_windows_ctrl_break_and_a_closed_window_are_requests_too() -> None:
    assert requests_to_end("linux") == [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", 1)]
    assert requests_to_end("win32") == [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGBREAK", 21)]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGHUP is POSIX's")
def test_what_was_started_with_nohup_outlives_its_terminal() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)

    async def work() -> None:
        with on_end_requested(lambda _: None):
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN

    try:
        asyncio.run(work())
    finally:
        signal.signal(signal.SIGHUP, before)
