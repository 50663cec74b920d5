"""Asking the scheduler for prompt turns."""

from __future__ import annotations

import os
import platform
import threading

import pytest

from batchgauge.host.prompt_turns import ask_for_prompt_turns


def in_a_thread_of_its_own() -> tuple[bool, int, int]:
    """What is asked for holds for the thread that asks: the tests' own must stay as it is."""
    outcome: list[tuple[bool, int, int]] = []

    def ask() -> None:
        before = os.sched_getscheduler(0)
        outcome.append((ask_for_prompt_turns(), before, os.sched_getscheduler(0)))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return outcome[0]


@pytest.mark.skipif(platform.system() != "Linux", reason="only Linux can be asked")
def test_it_can_be_asked_for_without_a_privilege_and_changes_nothing_else() -> None:
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    _, before, after = in_a_thread_of_its_own()
    assert before == after == os.SCHED_OTHER
    assert os.getpriority(os.PRIO_PROCESS, 0) == niceness


@pytest.mark.parametrize(("system", "machine"), [("Windows", "AMD64"), ("Darwin", "arm64"), ("Linux", "riscv64")])
def test_elsewhere_it_is_not_asked_for(monkeypatch: pytest.MonkeyPatch, system: str, machine: str) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert not ask_for_prompt_turns()
