"""Which law a pace follows, the degenerate cases first."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchgauge.core.stats.laws import Law, Parameters, Point, fit, pace_of, peak_of
from batchgauge.core.stats.scaling import Scaling, is_enough, scaling_of

LEVELS = (2, 5, 10, 20, 40)


def measured(
    law: Law, parameters: Parameters, *, scatter: float = 0.01, repeats: int = 2, seed: int = 1
) -> list[Point]:
    chance = random.Random(seed)
    return [
        (float(level), pace_of(law, parameters, level) * math.exp(chance.gauss(0, scatter)))
        for level in LEVELS
        for _ in range(repeats)
    ]


def found(points: list[Point], seed: int = 1) -> Scaling:
    made = scaling_of(points, random.Random(seed), draws=100)
    assert made is not None
    return made


@pytest.mark.parametrize(
    "points", [[], [(1.0, 1.0)], [(1.0, 1.0), (2.0, 2.0)], [(float(n), float(n)) for n in (1, 2, 3)] * 5]
)
def test_too_few_levels_carry_no_law(points: list[Point]) -> None:
    assert not is_enough(points)
    assert scaling_of(points, random.Random(1)) is None


def test_seven_runs_are_too_few_and_eight_are_enough() -> None:
    points = [(float(level), float(level)) for level in (1, 2, 4, 8, 16, 32, 64, 128)]
    assert scaling_of(points[:7], random.Random(1)) is None
    assert found(points).law is Law.LINEAR


def test_a_pace_of_nothing_follows_no_law() -> None:
    assert scaling_of([(float(level), 0.0) for level in range(1, 10)], random.Random(1)) is None


def test_paces_that_are_all_equal_are_a_plateau_from_the_lowest_level_on() -> None:
    made = found([(float(level), 3.0) for level in LEVELS] * 2)
    assert made.law is Law.PLATEAU
    assert made.number is not None
    assert made.number.value == pytest.approx(2.0)
    assert made.at(40) == pytest.approx(3.0)


def test_a_plateau_is_found_with_its_number() -> None:
    made = found(measured(Law.PLATEAU, (0.2, 16.0)))
    assert made.law is Law.PLATEAU
    assert made.is_sure
    assert made.number is not None
    assert made.number.low <= 16 <= made.number.high
    assert made.number.value == pytest.approx(16, rel=0.05)
    assert made.most is not None
    assert made.most.value == pytest.approx(3.2, rel=0.05)


def test_the_universal_law_is_found_with_its_peak() -> None:
    made = found(measured(Law.UNIVERSAL, (0.2, 0.05, 0.004)))
    assert made.law is Law.UNIVERSAL
    assert made.contention is not None
    assert made.contention.value == pytest.approx(0.05, rel=0.3)
    assert made.peak is not None
    assert made.peak.value == pytest.approx(math.sqrt(0.95 / 0.004), rel=0.1)


def test_without_a_limit_none_is_found() -> None:
    made = found(measured(Law.LINEAR, (0.2,)))
    assert made.law is Law.LINEAR
    assert (made.number, made.contention, made.peak) == (None, None, None)
    assert made.pace.low <= 0.2 <= made.pace.high


def test_what_differs_by_less_than_a_percent_is_no_law_of_its_own() -> None:
    assert found(measured(Law.UNIVERSAL, (0.2, 0.0001, 0.0), scatter=0.0001)).law is Law.LINEAR


def test_the_same_seed_gives_the_same_interval() -> None:
    points = measured(Law.PLATEAU, (0.2, 16.0))
    assert found(points, 7) == found(points, 7)


def test_weights_are_parts_of_one() -> None:
    made = found(measured(Law.PLATEAU, (0.2, 16.0)))
    assert math.fsum(candidate.weight for candidate in made.candidates) == pytest.approx(1)
    assert next(candidate.law for candidate in made.candidates) is made.law


@given(st.floats(1e-3, 1e3), st.floats(0, 0.9), st.floats(0, 0.1))
@settings(deadline=None)
def test_exact_paces_give_the_universal_law_back(pace: float, contention: float, coherency: float) -> None:
    points = measured(Law.UNIVERSAL, (pace, contention, coherency), scatter=0.0, repeats=1)
    fitted = fit(Law.UNIVERSAL, points)
    for level, value in points:
        assert pace_of(Law.UNIVERSAL, fitted, level) == pytest.approx(value, rel=1e-5)


@given(st.floats(1e-3, 1e3), st.floats(2, 40))
@settings(deadline=None)
def test_exact_paces_give_the_plateau_back(pace: float, number: float) -> None:
    fitted = fit(Law.PLATEAU, measured(Law.PLATEAU, (pace, number), scatter=0.0, repeats=1))
    assert fitted[0] == pytest.approx(pace, rel=1e-6)
    assert fitted[1] == pytest.approx(number, rel=1e-6)


@given(st.lists(st.tuples(st.sampled_from(LEVELS), st.floats(0.01, 100)), min_size=2, max_size=20))
@settings(deadline=None)
def test_no_law_fits_worse_than_the_one_without_a_limit(pairs: list[tuple[int, float]]) -> None:
    """The others hold it as a case of theirs; to within what weighting relative errors takes from the universal one."""
    points = [(float(level), pace) for level, pace in pairs]
    if len({level for level, _ in points}) < 2:
        return

    def squares(law: Law) -> float:
        fitted = fit(law, points)
        return math.fsum(math.log(pace / pace_of(law, fitted, level)) ** 2 for level, pace in points)

    assert squares(Law.PLATEAU) <= squares(Law.LINEAR) + 1e-9


def test_a_law_that_never_falls_has_no_peak() -> None:
    assert peak_of((1.0, 0.5, 0.0)) == math.inf
