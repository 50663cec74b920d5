"""The distribution behind bounds, the degenerate samples first; then against the estimates that it must be in simpler cases."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.stats import turnbull
from batchgauge.core.stats.turnbull import NEVER, Distribution, Mass, distribution_of

whole = st.integers(0, 12).map(float)
exact_samples = st.lists(whole.map(exactly), min_size=1, max_size=40)
censored_samples = st.lists(
    st.tuples(whole, st.booleans()).map(lambda pair: Bound(pair[0], pair[0] if pair[1] else None)),
    min_size=1,
    max_size=25,
)
bounded_samples = st.lists(
    st.tuples(whole, whole).map(lambda pair: Bound(min(pair), max(pair))) | censored_samples.map(lambda s: s[0]),
    min_size=1,
    max_size=25,
)


def found(sample: Sequence[Bound]) -> Distribution:
    made = distribution_of(sample)
    assert made is not None
    return made


def test_nothing_has_no_distribution() -> None:
    assert distribution_of([]) is None


def test_a_single_bound_is_all_that_is_known() -> None:
    assert found([Bound(2.0, 5.0)]).masses == (Mass(2.0, 5.0, 1.0),)
    assert found([exactly(3.0)]).quantile(0.5) == exactly(3.0)


def test_two_bounds_that_overlap_share_what_both_allow() -> None:
    [mass] = found([Bound(0.0, 4.0), Bound(3.0, 7.0)]).masses
    assert (mass.low, mass.high) == (3.0, 4.0)
    assert mass.mass == pytest.approx(1.0)


def test_all_equal_are_one_mass() -> None:
    assert found([exactly(7.0)] * 9).masses == (Mass(7.0, 7.0, 1.0),)
    assert found([Bound(6.0, 8.0)] * 9).quantile(0.95) == Bound(6.0, 8.0)


def test_of_jobs_that_all_still_wait_only_that_is_known() -> None:
    made = found([Bound(float(number), None) for number in range(5)])
    assert made.masses == (Mass(4.0, math.inf, 1.0),)
    assert made.quantile(0.5) == Bound(4.0, None)


def test_what_failed_never_comes_and_is_not_taken_for_what_may_yet() -> None:
    half = found([exactly(1.0), exactly(2.0), NEVER, NEVER])
    assert half.quantile(0.5) == exactly(2.0)
    assert half.quantile(0.9) == Bound(None, None)
    bounded = found([Bound(0.0, 1.0), Bound(0.5, 2.0), Bound(1.5, None), NEVER])
    assert bounded.quantile(0.25) == Bound(0.5, 1.0)
    assert bounded.quantile(1.0) == Bound(None, None)


def test_an_unknown_beginning_is_none() -> None:
    assert found([Bound(None, 3.0), Bound(None, 4.0)]).quantile(0.5) == Bound(None, 3.0)


def test_turnbulls_weights_of_a_case_worked_out_by_hand() -> None:
    """Cells [1,2], [3,4], [5,6] of weights a, b, c: (a + b)(b + c)a is largest for c = 0, so for ba, so for a half each."""
    made = found([Bound(1.0, 4.0), Bound(3.0, 6.0), Bound(1.0, 2.0)])
    assert [mass[:2] for mass in made.masses[:2]] == [(1.0, 2.0), (3.0, 4.0)]
    assert [mass.mass for mass in made.masses[:2]] == [pytest.approx(0.5, abs=1e-3)] * 2


@given(exact_samples)
def test_of_exact_durations_it_is_their_own_distribution(sample: list[Bound]) -> None:
    values = [bound.earliest or 0.0 for bound in sample]
    for low, high, mass in found(sample).masses:
        assert low == high
        assert mass == pytest.approx(values.count(low) / len(values))


@given(censored_samples)
@settings(max_examples=60, deadline=None)
def test_of_censored_durations_the_iteration_comes_to_kaplan_and_meiers_steps(sample: list[Bound]) -> None:
    """The product of what was survived, written down as in textbooks, against Turnbull's iteration without its short cut."""
    groups = Counter((b.earliest or 0.0, math.inf if b.latest is None else b.latest) for b in sample)
    iterated = Distribution(tuple(turnbull._most_likely(groups)))
    for made in (iterated, found(sample)):
        left = 1.0
        for time in sorted({b.earliest or 0.0 for b in sample if b.is_exact}):
            at_risk = sum((b.earliest or 0.0) >= time for b in sample)
            left *= 1 - sum(b == exactly(time) for b in sample) / at_risk
            assert sum(mass for _, high, mass in made.masses if high <= time) == pytest.approx(1 - left, abs=2e-3)


@given(bounded_samples)
@settings(max_examples=60, deadline=None)
def test_no_shift_of_weight_makes_the_sample_likelier(sample: list[Bound]) -> None:
    """Gentleman and Geyer's condition, computed from the sample itself."""
    made = found(sample)
    assert math.fsum(mass.mass for mass in made.masses) == pytest.approx(1, abs=1e-6)

    def is_in(bound: Bound, low: float, high: float) -> bool:
        begin = bound.earliest or 0.0
        if bound.latest is None:
            return low > begin or (low == begin and high > low)
        return begin <= low and high <= bound.latest

    chances = [math.fsum(m.mass for m in made.masses if is_in(b, m.low, m.high)) for b in sample]
    assert min(chances) > 0
    for low, high, _ in made.masses:
        gain = sum(is_in(b, low, high) / chance for b, chance in zip(sample, chances, strict=True)) / len(sample)
        assert gain <= 1.001


@given(bounded_samples)
@settings(max_examples=60, deadline=None)
def test_quantiles_never_fall(sample: list[Bound]) -> None:
    made = found(sample)
    ends = [made.quantile(number / 10) for number in range(1, 10)]
    lows = [bound.earliest or 0.0 for bound in ends]
    assert lows == sorted(lows)


def test_ten_thousand_different_bounds_are_widened_and_hold_the_truth() -> None:
    chance = random.Random(1)
    sample = []
    for _ in range(10_000):
        true, begin = chance.expovariate(1 / 30), chance.uniform(0, 10)
        before = begin + 10 * math.floor((true - begin) / 10)
        sample.append(Bound(max(0.0, before), before + 10))
    made = found(sample)
    assert len(made.masses) <= turnbull.MAX_ENDS
    for probability in (0.5, 0.9):
        true = -30 * math.log(1 - probability)
        cell = made.quantile(probability)
        assert (cell.earliest or 0.0) - 3 <= true <= (cell.latest or 0.0) + 3
        # Far narrower than the ten seconds between two looks.
        assert cell.latest is None or (cell.width or 0.0) < 6
