"""Arithmetic of numbers that are known only to lie between two others."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import UNKNOWN, Bound, exactly, hull

# Whole numbers, as floats: their sums are exact, so that what is tested is the arithmetic and not its rounding.
numbers = st.integers(-1_000_000, 1_000_000).map(float)


@st.composite
def bounds_with_a_truth(draw: st.DrawFn) -> tuple[Bound, float]:
    """A bound, possibly open, and a number in it."""
    low, truth, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    return Bound(draw(st.sampled_from([low, None])), draw(st.sampled_from([high, None]))), truth


def holds(bound: Bound, truth: float) -> bool:
    return (bound.earliest is None or bound.earliest <= truth) and (bound.latest is None or truth <= bound.latest)


@given(bounds_with_a_truth(), bounds_with_a_truth())
def test_sum_and_difference_hold_every_possible_value(left: tuple[Bound, float], right: tuple[Bound, float]) -> None:
    assert holds(left[0].shift(right[0]), left[1] + right[1])
    assert holds(left[0].minus(right[0]), left[1] - right[1])


@given(bounds_with_a_truth(), bounds_with_a_truth())
def test_sum_and_difference_are_as_narrow_as_can_be(left: tuple[Bound, float], right: tuple[Bound, float]) -> None:
    (a, _), (b, _) = left, right
    if a.width is not None and b.width is not None:
        assert a.shift(b).width == a.width + b.width
        assert a.minus(b).width == a.width + b.width


@given(bounds_with_a_truth(), bounds_with_a_truth(), numbers)
def test_an_intersection_holds_what_both_hold_and_nothing_else(
    left: tuple[Bound, float], right: tuple[Bound, float], value: float
) -> None:
    both = left[0].intersect(right[0])
    assert holds(both, value) == (holds(left[0], value) and holds(right[0], value))
    assert both == right[0].intersect(left[0])


@given(st.lists(bounds_with_a_truth(), min_size=1), numbers)
def test_a_hull_holds_all_it_was_made_of(pairs: list[tuple[Bound, float]], value: float) -> None:
    bounds = [bound for bound, _ in pairs]
    around = hull(bounds)
    assert all(holds(around, truth) for _, truth in pairs)
    if any(holds(bound, value) for bound in bounds):
        assert holds(around, value)
    for end, ends in ((around.earliest, {b.earliest for b in bounds}), (around.latest, {b.latest for b in bounds})):
        assert end in ends


@given(numbers)
def test_an_exact_number_is_a_bound_without_width(value: float) -> None:
    assert exactly(value).is_exact
    assert exactly(value).width == 0
    assert not exactly(value).is_empty


@given(bounds_with_a_truth())
def test_a_bound_with_a_truth_is_not_empty_and_knows_nothing_less_by_what_is_unknown(pair: tuple[Bound, float]) -> None:
    bound, _ = pair
    assert not bound.is_empty
    assert bound.intersect(UNKNOWN) == bound
    assert bound.shift(exactly(0)) == bound
    assert bound.shift(UNKNOWN) == bound.minus(UNKNOWN) == UNKNOWN


def test_ends_apart_have_a_width_and_are_not_exact() -> None:
    assert Bound(1, 3).width == 2
    assert not Bound(1, 3).is_exact


def test_ends_the_wrong_way_round_are_empty() -> None:
    assert Bound(2, 1).is_empty
    assert Bound(0, 1).intersect(Bound(2, 3)).is_empty
    assert not Bound(1, 1).is_empty
    assert not Bound(None, 1).is_empty


def test_an_open_end_is_neither_exact_nor_of_any_width() -> None:
    assert not UNKNOWN.is_exact
    assert not Bound(None, 1).is_exact
    assert Bound(None, 1).width is None
    assert Bound(1, None).width is None


def test_a_hull_reaches_from_the_lowest_end_to_the_highest() -> None:
    assert hull([Bound(3, 4), Bound(1, 2), Bound(2, 9)]) == Bound(1, 9)
    assert hull([Bound(None, 4), Bound(1, 2)]) == Bound(None, 4)


def test_a_hull_of_none_is_unknown() -> None:
    assert hull([]) == UNKNOWN


@given(bounds_with_a_truth())
def test_a_bound_is_a_pair_in_json(pair: tuple[Bound, float]) -> None:
    bound, _ = pair
    text = msgspec.json.encode(bound)
    assert msgspec.json.decode(text, type=list[float | None]) == [bound.earliest, bound.latest]
    assert msgspec.json.decode(text, type=Bound) == bound
