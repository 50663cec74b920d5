"""Two samples by ranks, the degenerate ones first."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.stats.dominance import Dominance, dominance

samples = st.lists(st.floats(0, 1e6), min_size=1, max_size=40)
bounds = st.lists(st.tuples(st.floats(0, 1e3), st.floats(0, 1e3)), min_size=2, max_size=20)


def exact(values: list[float]) -> list[Bound]:
    return [exactly(value) for value in values]


def found(base: list[Bound], new: list[Bound]) -> Dominance:
    made = dominance(base, new)
    assert made is not None
    return made


def test_nothing_cannot_be_compared() -> None:
    assert dominance([], exact([1.0])) is None
    assert dominance(exact([1.0]), []) is None


def test_one_with_one_proves_nothing() -> None:
    made = found(exact([1.0]), exact([2.0]))
    assert (made.delta, made.interval) == (exactly(1.0), None)
    assert made.p_value > 0.3


def test_all_equal_do_not_differ() -> None:
    made = found(exact([5.0] * 10), exact([5.0] * 7))
    assert (made.delta, made.p_value) == (exactly(0.0), 1.0)


def test_mann_and_whitneys_p_is_as_worked_out_by_hand() -> None:
    """Of 42 pairs 6 are the other way round: U = 6, expected 21, variance 6 · 7 · 14 / 12 = 49, z = (15 - 0.5) / 7."""
    made = found(exact([1.1, 2.2, 3.3, 4.4, 5.5, 6.6]), exact([4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]))
    assert made.delta.earliest == pytest.approx(30 / 42)
    assert made.p_value == pytest.approx(0.03832, abs=1e-5)


def test_all_of_one_above_all_of_the_other_is_not_quite_certain() -> None:
    made = found(exact([1.0] * 10), exact([2.0] * 20))
    assert made.interval is not None
    assert made.interval.latest == 1.0
    assert made.interval.earliest == pytest.approx((10 - 3.8415) / (10 + 3.8415), abs=1e-4)


def test_a_job_that_still_waits_is_longer_than_any_that_does_not() -> None:
    made = found(exact([1.0, 2.0, 3.0]), [Bound(5.0, None)] * 3)
    assert made.delta == exactly(1.0)
    assert found([Bound(0.0, None)] * 3, [Bound(0.0, None)] * 3).p_value == 1.0


@given(samples, samples)
def test_the_other_way_round_is_the_opposite(one: list[float], other: list[float]) -> None:
    there, back = found(exact(one), exact(other)), found(exact(other), exact(one))
    assert there.delta.earliest == -(back.delta.latest or 0.0)
    assert there.p_value == pytest.approx(back.p_value)
    if there.interval is not None and back.interval is not None:
        assert there.interval.earliest == pytest.approx(-(back.interval.latest or 0.0), abs=1e-9)
        assert (there.interval.earliest or 0.0) <= (there.delta.earliest or 0.0) + 1e-9


@example(one=[(0.0, 0.0), (0.0, 0.0)], other=[(1.0, 0.5), (1.0, 0.5)], chance=random.Random(1))
@given(bounds, bounds, st.randoms())
def test_whatever_the_values_within_the_bounds_are_the_delta_holds_theirs(
    one: list[tuple[float, float]], other: list[tuple[float, float]], chance: random.Random
) -> None:
    base, new = ([Bound(min(pair), max(pair)) for pair in sample] for sample in (one, other))
    made = found(base, new)
    inside = [
        exact([chance.uniform(bound.earliest or 0.0, bound.latest or 0.0) for bound in side]) for side in (base, new)
    ]
    true = found(*inside)
    assert (made.delta.earliest or 0.0) <= (true.delta.earliest or 0.0) <= (made.delta.latest or 0.0)
    assert made.p_value >= true.p_value - 1e-9
