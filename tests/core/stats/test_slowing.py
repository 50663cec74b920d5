"""How much things that go on at once slow each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.stats.slowing import Slowing, company, fit_slowing, full_pace_number, merged


def test_nothing_has_no_company() -> None:
    assert company([]) is None
    assert company([(0.0, 1.0)], [False]) is None


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(1, 1e6)), min_size=1, max_size=30))
def test_the_time_in_all_companies_is_the_duration(drawn: list[tuple[float, float]]) -> None:
    found = company([(begin, begin + duration) for begin, duration in drawn])
    assert found is not None
    assert found.duration_ms == pytest.approx(sum(duration for _, duration in drawn) / len(drawn), rel=1e-6)
    assert all(1 <= number <= len(drawn) for number in found.times_ms)


def test_what_is_shared_evenly_is_found() -> None:
    """Ten pulls of 12 s at once where four go on at full pace take 30 s each."""
    crowd = company([(0.0, 30_000.0)] * 10)
    assert crowd is not None
    assert full_pace_number(12_000, crowd) == pytest.approx(4)


@pytest.mark.parametrize("law", [Slowing(0.05, 0.0, 1), Slowing(0.02, 0.001, 1), Slowing(0.1, 0.0, 4)])
def test_the_law_of_slowing_is_found(law: Slowing) -> None:
    levels = [company([(0.0, 60_000 * law.at(number))] * number) for number in (1, 5, 10, 20, 40)]
    few, *between, many = [level for level in levels if level is not None]
    found, *_ = fit_slowing(few, many, between, free=[1, 2, 4, 8])
    assert found.at(40) == pytest.approx(law.at(40), rel=0.01)
    assert found.at(10) == pytest.approx(law.at(10), rel=0.05)


def test_what_one_alone_takes_is_left_open_where_nobody_went_alone() -> None:
    """By 5 % for each added beyond the first, or beyond the second: from two on both are straight lines."""
    law = Slowing(0.05, 0.0, 1)
    levels = [company([(0.0, 2_000 * law.at(number))] * number) for number in (2, 4, 5, 6, 8)]
    few, *between, many = [level for level in levels if level is not None]
    said = [fitting.at(8) for fitting in fit_slowing(few, many, between, free=[1, 2])]
    assert min(said) < law.at(8) - 0.04
    assert max(said) >= law.at(8) - 1e-6


def test_where_nothing_slows_the_law_says_so() -> None:
    alone, together = company([(0.0, 100.0)]), company([(0.0, 100.0)] * 10)
    assert alone is not None
    assert together is not None
    assert all(law.at(10) == pytest.approx(1) for law in fit_slowing(alone, together, [], free=[1]))


def test_groups_are_weighted_by_their_members() -> None:
    one, two = company([(0.0, 10.0)]), company([(0.0, 40.0)])
    assert one is not None
    assert two is not None
    assert merged([(one, 3), (two, 1)]).duration_ms == pytest.approx(17.5)
