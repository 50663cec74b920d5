"""Intervals by resampling, the degenerate samples first."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchgauge.core.stats.bootstrap import FEWEST, RESAMPLED_UP_TO, bootstrap_interval, ratio_interval
from batchgauge.core.stats.estimate import Estimate

samples = st.lists(st.floats(1, 1e3), min_size=FEWEST, max_size=20)


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def interval(values: list[float], seed: int = 1) -> Estimate:
    made = bootstrap_interval(values, mean, random.Random(seed), draws=200)
    assert made is not None
    return made


@pytest.mark.parametrize("size", [0, 1, 2, FEWEST - 1])
def test_a_small_sample_has_no_interval(size: int) -> None:
    assert bootstrap_interval([1.0] * size, mean, random.Random(1)) is None
    assert ratio_interval([1.0] * size, [1.0] * 20, random.Random(1)) is None


def test_all_equal_are_a_point() -> None:
    made = interval([7.0] * FEWEST)
    assert (made.value, made.low, made.high) == (7.0, 7.0, 7.0)


def test_a_ratio_to_nothing_is_none() -> None:
    assert ratio_interval([0.0] * 10, [1.0] * 10, random.Random(1)) is None
    assert ratio_interval([1.0] * 10, [math.inf] * 10, random.Random(1)) is None


def test_where_a_resample_has_no_ratio_there_is_no_interval() -> None:
    assert ratio_interval([0.0] * 9 + [1.0], [1.0] * 10, random.Random(1)) is None


def test_the_same_seed_gives_the_same_interval() -> None:
    values = [float(number) for number in range(20)]
    assert interval(values, 3) == interval(values, 3)


@given(samples)
@settings(max_examples=30, deadline=None)
def test_it_holds_what_it_is_of_and_nothing_beyond_the_sample(values: list[float]) -> None:
    made = interval(values)
    assert min(values) - 1e-9 <= made.low <= made.high <= max(values) + 1e-9


@given(samples, st.floats(0.1, 10))
@settings(max_examples=30, deadline=None)
def test_in_another_unit_it_is_the_same(values: list[float], unit: float) -> None:
    made, other = interval(values), interval([value * unit for value in values])
    assert other.low == pytest.approx(made.low * unit, rel=1e-6)
    assert other.high == pytest.approx(made.high * unit, rel=1e-6)


def test_a_ratio_of_means_is_found() -> None:
    chance = random.Random(1)
    base = [chance.lognormvariate(0, 0.3) for _ in range(60)]
    made = ratio_interval(base, [2 * chance.lognormvariate(0, 0.3) for _ in range(60)], random.Random(2), draws=500)
    assert made is not None
    assert made.low <= 2 <= made.high
    assert made.relative_half_width < 0.2


def test_large_samples_are_not_resampled_and_say_the_same() -> None:
    chance = random.Random(1)
    base, new = ([chance.lognormvariate(place, 0.5) for _ in range(RESAMPLED_UP_TO + 1)] for place in (0, 1))
    limit = ratio_interval(base, new, random.Random(2))
    drawn = ratio_interval(base[1:], new[1:], random.Random(2))
    assert limit is not None
    assert drawn is not None
    assert limit.low == pytest.approx(drawn.low, rel=0.03)
    assert limit.high == pytest.approx(drawn.high, rel=0.03)
    assert limit == ratio_interval(base, new, random.Random(3))
