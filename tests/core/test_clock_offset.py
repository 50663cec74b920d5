"""The clocks' difference, from the jobs themselves."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import UNKNOWN, Bound
from batchgauge.core.clock_offset import estimate_clock_offset
from tests.core.lives import EPOCH_MS, gaps_ms, holds


@st.composite
def true_calls(draw: st.DrawFn, offset_ms: float) -> list[tuple[float, float, float]]:
    """(sent, received, createdAt) where AWS set createdAt, on its own clock, at some moment within the call."""
    calls = []
    for _ in range(draw(st.integers(1, 20))):
        sent = EPOCH_MS + draw(gaps_ms)
        created = sent + draw(gaps_ms)
        calls.append((sent, created + draw(gaps_ms), float(math.floor(created + offset_ms))))
    return calls


@given(st.data(), st.floats(-1e7, 1e7))
def test_the_bound_holds_the_true_offset(data: st.DataObject, offset_ms: float) -> None:
    calls = data.draw(true_calls(offset_ms))
    found = estimate_clock_offset(calls)
    assert found.jobs == len(calls)
    if not found.is_contradicted:  # by a rounding of the last bit of today's milliseconds only
        assert holds(found.offset_ms, offset_ms)
    assert found.offset_ms.width is not None
    if not found.is_contradicted:
        assert found.offset_ms.width <= min(received - sent for sent, received, _ in calls) + 1.002


@given(st.data(), st.floats(-1e7, 1e7))
def test_every_call_narrows_the_bound_or_leaves_it(data: st.DataObject, offset_ms: float) -> None:
    calls = data.draw(true_calls(offset_ms))
    found, before = estimate_clock_offset(calls), estimate_clock_offset(calls[:-1])
    if not found.is_contradicted:
        assert before.offset_ms.intersect(found.offset_ms) == found.offset_ms


def test_one_call_bounds_it_by_its_own_ends_and_the_millisecond_that_aws_cuts_off() -> None:
    found = estimate_clock_offset([(1_000.0, 1_200.0, 1_100.0)])
    assert found.offset_ms == Bound(-100.0, 101.0)


def test_without_a_call_nothing_is_known() -> None:
    assert estimate_clock_offset([]).offset_ms == UNKNOWN
    assert estimate_clock_offset([]).jobs == 0


def test_a_clock_that_was_set_in_between_is_said_and_bounded_by_all_calls() -> None:
    found = estimate_clock_offset([(0.0, 10.0, 5.0), (1_000.0, 1_010.0, 9_005.0)])
    assert found.is_contradicted
    assert found.offset_ms == Bound(-5.0, 8_006.0)
