"""Confidence intervals, the degenerate samples first; how often they hold is measured by benchmarks/coverage.py."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import Bound
from batchgauge.core.stats.intervals import mean_interval, quantile_interval, student_quantile


@pytest.mark.parametrize("sample", [[], [1.0], [1.0, 2.0], [1.0, 2.0, 3.0, 4.0, 5.0]])
def test_a_sample_that_cannot_carry_a_median_has_no_interval(sample: list[float]) -> None:
    assert quantile_interval(sample, 0.5) is None


def test_the_median_of_ten_lies_between_the_second_and_the_ninth() -> None:
    """As the tables of David and Nagaraja have it: 97.9 %."""
    assert quantile_interval([float(value) for value in range(1, 11)], 0.5) == Bound(2.0, 9.0)


def test_six_carry_a_median_by_their_ends() -> None:
    assert quantile_interval([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.5) == Bound(1.0, 6.0)


def test_all_equal_is_certain() -> None:
    assert quantile_interval([7.0] * 20, 0.5) == Bound(7.0, 7.0)
    assert mean_interval([7.0] * 3) == Bound(7.0, 7.0)


def test_censored_durations_open_the_upper_end() -> None:
    found = quantile_interval([1.0, 2.0, 3.0, *[math.inf] * 7], 0.5)
    assert found == Bound(2.0, None)


@pytest.mark.parametrize("sample", [[], [1.0], [1.0, 2.0], [1.0, 2.0, math.inf]])
def test_a_mean_needs_three_that_have_ended(sample: list[float]) -> None:
    assert mean_interval(sample) is None


@pytest.mark.parametrize(
    ("freedom", "wanted"),
    [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (5, 2.5706), (9, 2.2622), (30, 2.0423), (1000, 1.9623)],
)
def test_students_quantiles_are_those_of_the_tables(freedom: int, wanted: float) -> None:
    assert student_quantile(0.975, freedom) == pytest.approx(wanted, abs=4e-3)


@given(st.lists(st.floats(0, 1e6), min_size=6, max_size=200))
def test_the_interval_of_the_median_holds_the_samples_own(sample: list[float]) -> None:
    found = quantile_interval(sample, 0.5)
    ordered = sorted(sample)
    assert found is not None
    assert found.earliest is not None
    assert found.latest is not None
    assert found.earliest <= ordered[len(ordered) // 2]
    assert ordered[(len(ordered) - 1) // 2] <= found.latest
