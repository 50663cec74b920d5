"""Whether repeats drift, the degenerate cases first."""

from __future__ import annotations

import random
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import Bound
from batchgauge.core.stats import drift
from batchgauge.core.stats.drift import FEWEST, Drift, drift_of

levels = st.lists(st.lists(st.floats(1, 100), min_size=4, max_size=8), min_size=1, max_size=4)


def found(values: list[list[float]]) -> Drift:
    made = drift_of(values)
    assert made is not None
    return made


@pytest.mark.parametrize("values", [[], [[]], [[1.0]], [[1.0, 2.0]], [[1.0] * (FEWEST - 1)] * 5, [[0.0] * 4]])
def test_too_few_repeats_say_nothing(values: list[list[float]]) -> None:
    assert drift_of(values) is None


def test_all_equal_do_not_drift() -> None:
    made = found([[3.0] * 5, [7.0] * 4])
    assert (made.per_repeat, made.p_value) == (0.0, 1.0)


def test_four_repeats_of_one_level_prove_nothing_however_they_lie() -> None:
    made = found([[1.0, 2.0, 3.0, 4.0]])
    assert made.p_value == pytest.approx(2 / 24)
    assert made.interval == Bound(None, None)


def test_four_repeats_of_three_levels_do() -> None:
    made = found([[1.0, 2.0, 3.0, 4.0]] * 3)
    assert made.p_value == pytest.approx(2 / 24**3)
    assert made.per_repeat == pytest.approx(1 / 2.5)
    assert made.interval.earliest is not None
    assert made.interval.earliest > 0


def test_exact_chances_are_those_of_all_orders() -> None:
    scores = [
        sum((b > a) - (b < a) for place, a in enumerate(order) for b in order[place + 1 :])
        for order in permutations(range(5))
    ]
    for score, chance in drift._exact([5]).items():
        assert chance == pytest.approx(scores.count(score) / 120)


def test_many_repeats_use_the_normal_limit_and_nearly_agree_with_the_exact_one() -> None:
    values = [[10 + 0.2 * n + (n * 7) % 5 for n in range(drift.EXACT_UP_TO + size)] for size in (0, 1)]
    exact, normal = (found([sample]) for sample in values)
    assert normal.p_value == pytest.approx(exact.p_value, abs=0.01)


@given(levels)
def test_backwards_it_is_the_opposite(values: list[list[float]]) -> None:
    there, back = found(values), found([sample[::-1] for sample in values])
    assert there.per_repeat == pytest.approx(-back.per_repeat)
    assert there.p_value == pytest.approx(back.p_value)
    assert 0 < there.p_value <= 1
    if there.interval.earliest is not None and there.interval.latest is not None:
        assert there.interval.earliest <= there.per_repeat <= there.interval.latest


def test_without_a_drift_it_is_seen_in_no_more_than_one_of_twenty() -> None:
    chance = random.Random(1)
    seen = sum(
        found([[chance.gauss(100, 3) for _ in range(5)] for _ in range(4)]).p_value <= 0.05 for _ in range(1_000)
    )
    assert seen <= 65
