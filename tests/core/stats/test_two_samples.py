"""How far two samples lie apart: points, intervals, and how often these hold the truth."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.stats.two_samples import FEWEST, Shift, shift_of_mean, shift_of_quantile, shift_of_runs


def exact(values: Sequence[float]) -> list[Bound]:
    return [exactly(value) for value in values]


def chance(seed: int = 1) -> random.Random:
    return random.Random(seed)


def holds(interval: Bound | None, value: float) -> bool:
    assert interval is not None
    low = -math.inf if interval.earliest is None else interval.earliest
    high = math.inf if interval.latest is None else interval.latest
    return low <= value <= high


def test_the_shift_of_exact_samples_is_exact() -> None:
    shift = shift_of_quantile(exact([1, 2, 3, 4, 5]), exact([2, 4, 6, 8, 10]), 0.5, chance())
    assert shift.measured == exactly(3.0)
    assert shift.relative == exactly(1.0)
    assert holds(shift.interval, 3.0)
    assert shift_of_mean(exact([1, 2, 3]), exact([2, 3, 4]), chance()).measured == exactly(1.0)


def test_bounds_take_the_ends_that_are_furthest_apart() -> None:
    shift = shift_of_quantile([Bound(1.0, 2.0)] * 9, [Bound(4.0, 7.0)] * 9, 0.5, chance())
    assert shift.measured == Bound(2.0, 6.0)
    assert shift.relative == Bound(1.0, 6.0)
    assert shift.interval == Bound(2.0, 6.0)


def test_values_that_are_all_equal_are_surely_so_far_apart() -> None:
    assert shift_of_mean(exact([2.0] * 8), exact([2.0] * 8), chance()).interval == exactly(0.0)
    assert shift_of_runs(exact([2.0] * 3), exact([3.0] * 3)).interval == exactly(1.0)


@pytest.mark.parametrize("size", [1, FEWEST - 1])
def test_a_sample_that_is_too_small_has_no_interval(size: int) -> None:
    for shift in (
        shift_of_mean(exact([1.0] * size), exact([2.0] * 50), chance()),
        shift_of_quantile(exact([1.0] * 50), exact([2.0] * size), 0.5, chance()),
    ):
        assert shift.measured == exactly(1.0)
        assert shift.interval is None


def test_an_extreme_has_no_interval() -> None:
    assert shift_of_quantile(exact(range(50)), exact(range(50)), 1.0, chance()).interval is None


def test_censored_values_open_the_end() -> None:
    ended = exact([1.0] * 10)
    waiting = [Bound(5.0, None)] * 10
    assert shift_of_quantile(ended, waiting, 0.5, chance()).interval == Bound(4.0, None)
    assert shift_of_quantile(waiting, ended, 0.5, chance()).interval == Bound(None, -4.0)
    assert shift_of_quantile(waiting, waiting, 0.5, chance()).measured == Bound(None, None)
    assert shift_of_mean(ended, waiting, chance()).interval == Bound(4.0, None)


def test_of_nothing_there_is_no_percentage() -> None:
    assert shift_of_mean(exact([0.0] * 9), exact([1.0] * 9), chance()).relative is None


def test_the_same_seed_gives_the_same_interval() -> None:
    def made() -> Shift:
        return shift_of_quantile(exact(range(1, 50)), exact(range(2, 90)), 0.9, chance(7))

    assert made() == made()


def test_more_values_make_it_narrower() -> None:
    def width(size: int) -> float:
        rng = random.Random(3)
        samples = [exact([rng.gauss(10, 2) for _ in range(size)]) for _ in range(2)]
        shift = shift_of_quantile(samples[0], samples[1], 0.5, chance())
        assert shift.interval is not None
        assert shift.interval.width is not None
        return shift.interval.width

    assert width(20) > width(200) > width(2000)


def coverage(make: object, truth: float, times: int) -> float:
    assert callable(make)
    return sum(holds(make(random.Random(seed)).interval, truth) for seed in range(times)) / times


def test_intervals_of_jobs_hold_the_truth_about_as_often_as_they_say() -> None:
    def median(rng: random.Random) -> Shift:
        base = exact([rng.expovariate(1) for _ in range(60)])
        new = exact([rng.expovariate(1) * 2 for _ in range(60)])
        return shift_of_quantile(base, new, 0.5, rng)

    assert 0.92 <= coverage(median, math.log(2), 120) <= 0.99


def test_intervals_of_means_hold_the_truth_about_as_often_as_they_say() -> None:
    def mean(rng: random.Random) -> Shift:
        return shift_of_mean(
            exact([rng.gauss(10, 3) for _ in range(300)]), exact([rng.gauss(11, 3) for _ in range(300)]), rng
        )

    assert 0.92 <= coverage(mean, 1.0, 200) <= 0.99


def test_intervals_of_three_runs_a_side_hold_the_truth_about_as_often_as_they_say() -> None:
    def runs(rng: random.Random) -> Shift:
        return shift_of_runs(exact([rng.gauss(10, 3) for _ in range(3)]), exact([rng.gauss(11, 3) for _ in range(3)]))

    assert 0.93 <= coverage(runs, 1.0, 2000) <= 0.99


def test_many_runs_a_side_use_the_normal_limit() -> None:
    rng = random.Random(1)
    base, new = ([rng.gauss(mean, 1) for _ in range(40)] for mean in (10, 12))
    interval = shift_of_runs(exact(base), exact(new)).interval
    assert holds(interval, 2.0)
    assert not holds(interval, 0.0)
