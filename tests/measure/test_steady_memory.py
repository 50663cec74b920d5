"""The garbage collector during an open load."""

from __future__ import annotations

import gc
import weakref

import pytest

from batchgauge.measure.steady_memory import TIDY_EVERY_MS, SteadyMemory


class Ticking:
    """`Clock` that is set by hand."""

    now = 0.0

    def now_ms(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


class Knot:
    """Garbage that only the collector frees."""

    def __init__(self) -> None:
        self.itself = self


def test_the_collector_rests_and_is_as_it_was_afterwards() -> None:
    assert gc.isenabled()
    with SteadyMemory(Ticking()):
        assert not gc.isenabled()
        assert gc.get_freeze_count() > 0
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_an_error_does_not_leave_it_resting() -> None:
    with pytest.raises(ZeroDivisionError), SteadyMemory(Ticking()):
        raise ZeroDivisionError
    assert gc.isenabled()


def test_what_a_long_load_leaves_behind_is_freed_now_and_then() -> None:
    clock = Ticking()
    with SteadyMemory(clock) as memory:
        garbage = weakref.ref(Knot())
        memory.tidy_up_now_and_then()
        assert garbage() is not None
        clock.now = TIDY_EVERY_MS
        memory.tidy_up_now_and_then()
        assert garbage() is None
