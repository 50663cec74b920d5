"""The clocks' difference, from the jobs themselves."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import UNKNOWN
from batchgauge.core.observed.clock_offset import MAX_DRIFT, Reading, estimate_clock_offset, joined
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
    assert not found.is_contradicted
    assert holds(found.offset_ms, offset_ms)
    assert found.offset_ms.width is not None
    shortest = min(received - sent for sent, received, _ in calls)
    assert found.offset_ms.width <= shortest * (1 + 2 * MAX_DRIFT) + 1.01


@given(st.data(), st.floats(-1e7, 1e7))
def test_every_call_narrows_the_bound_or_leaves_it(data: st.DataObject, offset_ms: float) -> None:
    calls = data.draw(true_calls(offset_ms))
    found, before = estimate_clock_offset(calls), estimate_clock_offset(calls[:-1])
    for sent, received, _ in calls[:-1]:
        for moment in (sent, received):
            joint = before.at(moment).intersect(found.at(moment))
            assert joint.earliest == pytest.approx(found.at(moment).earliest, abs=0.01)
            assert joint.latest == pytest.approx(found.at(moment).latest, abs=0.01)


def test_one_call_bounds_it_by_its_own_ends_and_the_millisecond_that_aws_cuts_off() -> None:
    found = estimate_clock_offset([(1_000.0, 1_200.0, 1_100.0)])
    # The two ends are known 100 ms before and after the middle; in that time the clocks may drift by 0.05 ms.
    assert found.offset_ms.earliest == pytest.approx(-100.05, abs=0.002)
    assert found.offset_ms.latest == pytest.approx(101.05, abs=0.002)
    assert found.at(1_000.0).latest == pytest.approx(101.0, abs=0.002)
    assert found.at(1_200.0).earliest == pytest.approx(-100.0, abs=0.002)


def test_without_a_call_nothing_is_known() -> None:
    assert estimate_clock_offset([]).offset_ms == UNKNOWN
    assert estimate_clock_offset([]).jobs == 0


def test_a_clock_that_was_set_in_between_is_said_and_bounded_by_all_calls() -> None:
    found = estimate_clock_offset([(0.0, 10.0, 5.0), (1_000.0, 1_010.0, 9_005.0)])
    assert found.is_contradicted
    assert found.offset_ms.earliest == pytest.approx(-5.0, abs=0.002)
    assert found.offset_ms.latest == pytest.approx(8_006.0, abs=0.002)
    assert found.at(99_999.0) == found.offset_ms


@st.composite
def drifting_calls(draw: st.DrawFn, offset_ms: float, slope: float) -> list[tuple[float, float, float]]:
    """Calls over hours, while AWS's clock gains on ours or loses."""
    calls = []
    for _ in range(draw(st.integers(1, 30))):
        sent = EPOCH_MS + draw(st.floats(0, 4 * 3_600_000.0))
        created = sent + draw(st.floats(0, 200.0))
        stamp = math.floor(created + offset_ms + slope * (created - EPOCH_MS))
        calls.append((sent, created + draw(st.floats(0, 200.0)), float(stamp)))
    return calls


@given(st.data(), st.floats(-5_000, 5_000), st.floats(-0.99 * MAX_DRIFT, 0.99 * MAX_DRIFT))
def test_a_drift_is_followed_through_every_moment_of_hours(data: st.DataObject, offset_ms: float, slope: float) -> None:
    found = estimate_clock_offset(data.draw(drifting_calls(offset_ms, slope)))
    assert not found.is_contradicted
    assert holds(found.drift_ppm, slope * 1e6)
    for hours in range(6):
        moment = EPOCH_MS + hours * 3_600_000
        assert holds(found.at(moment), offset_ms + slope * (moment - EPOCH_MS))


def test_calls_at_both_ends_of_hours_leave_little_of_the_drift_unknown() -> None:
    hour_ms = 3_600_000.0
    calls = [(moment, moment + 20, moment + 10 + 1_000) for moment in (0.0, hour_ms, 2 * hour_ms)]
    found = estimate_clock_offset(calls)
    assert found.drift_ppm is not None
    assert found.drift_ppm.width is not None
    assert found.drift_ppm.width < 10
    assert found.at(hour_ms).width == pytest.approx(21, abs=1)


def test_one_sided_readings_leave_the_other_side_open() -> None:
    found = estimate_clock_offset([], [Reading(0.0, 5.0, None), Reading(1_000.0, 7.0, None)])
    assert found.at(1_000.0).earliest == pytest.approx(7.0)
    assert found.at(1_000.0).latest is None
    assert found.jobs == 0


def test_each_part_of_a_run_that_was_resumed_has_its_own_offset() -> None:
    before = estimate_clock_offset([(0.0, 20.0, 510.0)])
    after = estimate_clock_offset([(100_000.0, 100_020.0, 99_010.0)])
    whole = joined([before, after], [90_000.0])
    assert not whole.is_contradicted
    assert whole.jobs == 2
    assert holds(whole.at(10.0), 500.0)
    assert holds(whole.at(100_010.0), -1_000.0)
    assert not holds(whole.at(100_010.0), 500.0)
