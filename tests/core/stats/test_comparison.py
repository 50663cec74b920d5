"""Two samples compared, the degenerate ones first."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.stats.comparison import compare

samples = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)


def test_nothing_cannot_be_compared() -> None:
    assert compare([], [1.0]) is None
    assert compare([1.0], []) is None


def test_one_with_one_proves_nothing() -> None:
    found = compare([1.0], [2.0])
    assert found is not None
    assert (found.shift.value, found.delta) == (1.0, 1.0)
    assert found.p_value > 0.3


def test_all_equal_do_not_differ() -> None:
    found = compare([5.0] * 10, [5.0] * 7)
    assert found is not None
    assert (found.shift.value, found.shift.low, found.shift.high, found.delta, found.p_value) == (0, 0, 0, 0, 1)


def test_mann_and_whitneys_p_is_as_worked_out_by_hand() -> None:
    """Of 42 pairs 6 are the other way round: U = 6, expected 21, variance 6 · 7 · 14 / 12 = 49, z = (15 - 0.5) / 7."""
    found = compare([1.1, 2.2, 3.3, 4.4, 5.5, 6.6], [4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0])
    assert found is not None
    assert found.delta == pytest.approx(30 / 42)
    assert found.p_value == pytest.approx(0.03832, abs=1e-5)


@given(samples, samples)
def test_the_other_way_round_is_the_opposite(one: list[float], other: list[float]) -> None:
    there, back = compare(one, other), compare(other, one)
    assert there is not None
    assert back is not None
    assert there.delta == -back.delta
    assert there.shift.value == pytest.approx(-back.shift.value)
    assert there.p_value == pytest.approx(back.p_value)
    assert there.shift.low <= there.shift.value <= there.shift.high


def test_a_shift_of_large_samples_is_found() -> None:
    chance = random.Random(1)
    base = [chance.gauss(100, 10) for _ in range(2_000)]
    found = compare(base, [value + 5 for value in base])
    assert found is not None
    assert found.shift.low <= 5 <= found.shift.high
    assert found.shift.value == pytest.approx(5, abs=0.2)
    assert found.p_value < 1e-6
