"""Which level a search measures next."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.sweeps.auto_levels import (
    NARROW,
    AutoRules,
    Bracket,
    Left,
    Shown,
    Standing,
    Stop,
    Stopped,
    after,
    bracket_of,
    largest_for,
    longest_way,
    next_level,
)

UNCHANGED, LIMITED = Standing.UNCHANGED, Standing.LIMITED
ENOUGH = 200


def search(
    rules: AutoRules, show: Callable[[int], Shown], left: Left | None = None
) -> tuple[list[int], Stopped, list[Bracket]]:
    """The levels in the order in which they are measured, why there are no more, and the bracket after each."""
    history: list[Shown] = []
    brackets: list[Bracket] = []
    left = left or Left()
    for _ in range(ENOUGH):
        level = next_level(rules, history, left)
        if isinstance(level, Stopped):
            return [shown.level for shown in history], level, brackets
        history.append(show(level))
        brackets.append(bracket_of(history))
        left = after(left, level * rules.repeats)
    raise AssertionError("it does not end")


def capacity(jobs: int, *, is_told: bool = False) -> Callable[[int], Shown]:
    return lambda level: Shown(
        level, LIMITED if level > jobs else UNCHANGED, jobs if is_told and level > jobs else None
    )


def test_it_is_doubled_until_a_limit_shows_and_then_halved() -> None:
    levels, stopped, brackets = search(AutoRules(), capacity(19))
    assert levels == [2, 4, 8, 16, 32, 24, 20, 18, 19]
    assert stopped == Stopped(Stop.FOUND)
    assert brackets[-1] == Bracket(19, 20)


def test_a_limit_that_says_how_many_jobs_fit_is_tried_by_its_word() -> None:
    assert search(AutoRules(), capacity(16, is_told=True))[0] == [2, 4, 8, 16, 32, 17]
    assert search(AutoRules(), capacity(19, is_told=True))[0] == [2, 4, 8, 16, 32, 19, 20]


def test_a_word_that_was_wrong_is_gone_past_by_halves() -> None:
    levels, _, brackets = search(AutoRules(), lambda level: Shown(level, LIMITED if level > 27 else UNCHANGED, 18))
    assert levels == [2, 4, 8, 16, 32, 18, 19, 25, 28, 26, 27]
    assert brackets[-1] == Bracket(27, 28)


def test_the_steps_given_come_first() -> None:
    assert search(AutoRules(steps=(2, 5, 10, 20)), capacity(45))[0][:6] == [2, 5, 10, 20, 40, 80]


def test_a_wide_gap_is_narrow_enough_in_proportion() -> None:
    levels, _, brackets = search(AutoRules(), capacity(700))
    assert brackets[-1].limited is not None
    assert brackets[-1].unchanged is not None
    assert 1 < brackets[-1].limited - brackets[-1].unchanged <= NARROW * brackets[-1].unchanged
    assert len(levels) == 14


@pytest.mark.parametrize(("ceiling", "levels", "stop"), [(1, [2, 1], Stop.FOUND), (0, [2, 1], Stop.SMALLEST)])
def test_a_limit_from_the_first_level_on_is_looked_for_below(ceiling: int, levels: list[int], stop: Stop) -> None:
    measured, stopped, _ = search(AutoRules(), capacity(ceiling))
    assert (measured, stopped.stop) == (levels, stop)


def test_the_largest_level_is_the_last_and_is_measured_itself() -> None:
    assert search(AutoRules(largest=50), capacity(1000))[:2] == ([2, 4, 8, 16, 32, 50], Stopped(Stop.LARGEST))


@pytest.mark.parametrize("standing", [Standing.UNCLEAR, Standing.BREACHED])
def test_a_level_that_shows_nothing_ends_it(standing: Standing) -> None:
    history = [Shown(2, UNCHANGED), Shown(4, standing)]
    assert next_level(AutoRules(), history) == Stopped(Stop(standing.value))


@pytest.mark.parametrize(
    ("left", "stop"),
    [
        (Left(jobs=7), Stop.JOBS),
        (Left(cost=1.0, cost_per_job=0.2), Stop.COST),
        (Left(seconds=59.0, level_s=30.0), Stop.DEADLINE),
    ],
)
def test_what_the_budget_does_not_hold_is_named_and_not_begun(left: Left, stop: Stop) -> None:
    assert next_level(AutoRules(repeats=2), [Shown(2, UNCHANGED)], left) == Stopped(stop, 4)


def test_a_lower_level_that_is_limited_outweighs_a_higher_one_that_is_not() -> None:
    assert bracket_of([Shown(2, UNCHANGED), Shown(4, LIMITED), Shown(8, UNCHANGED)]) == Bracket(2, 4)


def test_how_far_is_gone_by_what_maxvcpus_hold() -> None:
    assert [largest_for(capacity) for capacity in (None, 0, 16, 4000)] == [1000, 2, 32, 1000]


RULES = st.builds(
    AutoRules,
    steps=st.lists(st.integers(1, 40), min_size=1, max_size=4, unique=True).map(lambda steps: tuple(sorted(steps))),
    largest=st.integers(40, 5000),
    repeats=st.integers(1, 3),
)
ANY = st.randoms(use_true_random=False)


@given(RULES, st.integers(0, 6000), st.one_of(st.none(), st.integers(1, 6000)))
def test_it_ends_with_the_ceiling_in_a_narrow_bracket_that_only_ever_shrank(
    rules: AutoRules, ceiling: int, holds: int | None
) -> None:
    levels, stopped, brackets = search(
        rules, lambda level: Shown(level, LIMITED if level > ceiling else UNCHANGED, holds)
    )
    assert len(set(levels)) == len(levels)
    assert all(1 <= level <= rules.largest for level in levels)
    last = brackets[-1]
    if ceiling < rules.largest:
        assert last.limited is not None
        assert (last.unchanged or 0) <= ceiling < last.limited
        assert stopped.stop in (Stop.FOUND, Stop.SMALLEST)
        assert last.is_narrow or last.limited == 1
    else:
        assert stopped == Stopped(Stop.LARGEST)
        assert max(levels) == rules.largest
    for before, now in itertools.pairwise(brackets):
        assert (now.unchanged or 0) >= (before.unchanged or 0)
        assert now.limited is None or before.limited is None or now.limited <= before.limited


@given(RULES, ANY)
def test_it_ends_and_repeats_no_level_whatever_the_levels_show(rules: AutoRules, chance: object) -> None:
    def show(level: int) -> Shown:
        standing = chance.choice([UNCHANGED, LIMITED])  # type: ignore[attr-defined]
        return Shown(level, standing, chance.choice([None, chance.randint(1, 99)]))  # type: ignore[attr-defined]

    levels, _, _ = search(rules, show)
    assert len(set(levels)) == len(levels)


@given(RULES, st.integers(0, 6000), st.integers(0, 3000), st.floats(0, 100), st.floats(0, 1))
def test_the_budget_is_kept_to(rules: AutoRules, ceiling: int, jobs: int, cost: float, each: float) -> None:
    left = Left(jobs=jobs, cost=cost, cost_per_job=each)
    levels, stopped, _ = search(rules, capacity(ceiling), left)
    started = sum(levels) * rules.repeats
    assert started <= jobs
    assert started * each <= cost + 1e-6
    if stopped.stop is Stop.JOBS:
        assert stopped.next_level is not None
        assert started + stopped.next_level * rules.repeats > jobs


@given(RULES, st.integers(0, 6000), st.booleans())
def test_a_plan_reckons_with_no_fewer_jobs_than_any_search_takes(rules: AutoRules, ceiling: int, is_told: bool) -> None:
    assert sum(search(rules, capacity(ceiling, is_told=is_told))[0]) <= sum(longest_way(rules))
