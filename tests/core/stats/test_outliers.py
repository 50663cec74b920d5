"""Durations far from the rest, the degenerate samples first."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.stats.outliers import FEWEST, MOST, Outliers, outliers

samples = st.lists(st.floats(1, 1e6), min_size=FEWEST, max_size=60)


def found(values: list[float]) -> Outliers:
    made = outliers([exactly(value) for value in values])
    assert made is not None
    return made


@pytest.mark.parametrize("size", [0, 1, 2, FEWEST - 1])
def test_a_small_sample_names_nobody(size: int) -> None:
    assert outliers([exactly(1.0)] * size) is None


def test_what_took_no_time_has_no_times_as_long() -> None:
    assert outliers([exactly(0.0)] * FEWEST) is None
    assert outliers([Bound(None, 3.0)] * FEWEST) is None


def test_all_equal_have_none() -> None:
    assert found([5.0] * 20).outside == ()


def test_one_that_took_ten_times_as_long_is_named_with_how_far() -> None:
    values = [5.0 + 0.01 * number for number in range(20)]
    values[7] = 50.0
    [outlier] = found(values).outside
    assert outlier.place == 7
    assert outlier.times == pytest.approx(50 / 5.1, rel=0.01)


def test_ever_so_little_longer_than_equals_is_no_outlier() -> None:
    assert found([5.0] * 20 + [5.1]).outside == ()


def test_two_kinds_of_jobs_are_no_outliers() -> None:
    assert found([5.0 + 0.01 * number for number in range(20)] + [60.0] * 5).outside == ()


def test_iglewicz_and_hoaglins_limit_is_as_worked_out_by_hand() -> None:
    """Powers of two, -4 … 5 around 2¹⁰: the median's exponent 10.5, the deviations' median 2.5, so 10.5 + 3.5 · 2.5 / 0.6745."""
    made = found([2.0**exponent for exponent in range(6, 16)])
    # The median itself is the middle of 2¹⁰ and 2¹¹, and not of their exponents.
    assert made.median == 1536
    assert made.limit == pytest.approx(1536 * 2 ** (3.5 * 2.5 / 0.6745))


def test_a_bound_is_named_only_for_what_it_surely_is() -> None:
    usual = [Bound(4.0, 6.0)] * 20
    made = outliers([*usual, Bound(5.0, 100.0), Bound(50.0, 60.0), Bound(90.0, None)])
    assert made is not None
    assert [outlier.place for outlier in made.outside] == [22, 21]


@given(samples)
def test_those_outside_are_few_and_above_the_limit(values: list[float]) -> None:
    made = found(values)
    assert len(made.outside) <= MOST * len(values)
    assert all(values[outlier.place] > made.limit > made.median for outlier in made.outside)
    assert [o.times for o in made.outside] == sorted((o.times for o in made.outside), reverse=True)


def test_a_usual_sample_names_almost_nobody() -> None:
    chance = random.Random(1)
    named = sum(len(found([chance.lognormvariate(3, 0.3) for _ in range(100)]).outside) for _ in range(100))
    assert named <= 0.005 * 100 * 100
