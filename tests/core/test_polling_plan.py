"""What looks are planned: never dearer than asking for all by id, as fine as is cheap, within the budget."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import given, strategies

from batchgauge.core.job import JobState
from batchgauge.core.polling_plan import (
    DESCRIBED_PER_CALL,
    FINEST_INTERVAL_S,
    LEAST_BUDGET_FACTOR,
    QUEUE,
    Crowd,
    PollingRules,
    expect,
    next_budget_factor,
    plan_interval_s,
    plan_looks,
)

LIVE = [state for state in JobState if not state.is_terminal]
CROWDS = strategies.lists(
    strategies.builds(
        Crowd,
        strategies.sampled_from([QUEUE, "parent-1", "parent-2"]),
        strategies.sampled_from(LIVE),
        strategies.integers(0, 20_000),
        strategies.floats(0, 1e6),
    ),
    unique_by=lambda crowd: (crowd.listing, crowd.state),
    max_size=8,
)
RULES = strategies.builds(
    PollingRules, strategies.floats(0.1, 100), strategies.booleans(), strategies.floats(0.001, 1.0)
)
CALLS = strategies.integers(1, 1000)


@given(CROWDS, strategies.integers(0, 10_000))
def test_no_look_is_dearer_than_asking_for_all_by_id(crowds: list[Crowd], leaving: int) -> None:
    plan = plan_looks(crowds, leaving)
    assert plan.calls <= ceil(sum(crowd.own for crowd in crowds) / DESCRIBED_PER_CALL)


@given(CROWDS, strategies.integers(0, 10_000))
def test_the_calls_of_a_plan_reach_every_job(crowds: list[Crowd], leaving: int) -> None:
    plan = plan_looks(crowds, leaving)
    listed = [crowd for crowd in crowds if (crowd.listing, crowd.state) in plan.listed]
    assert len(listed) == len(plan.listed)
    rest = sum(crowd.own for crowd in crowds) - sum(crowd.own for crowd in listed)
    assert plan.calls >= sum(crowd.pages for crowd in listed) + ceil(rest / DESCRIBED_PER_CALL)


@given(CROWDS)
def test_statuses_are_listed_in_the_order_of_a_jobs_life(crowds: list[Crowd]) -> None:
    ranks = [state.rank for _, state in plan_looks(crowds).listed]
    assert ranks == sorted(ranks)


@given(RULES, CALLS, strategies.floats(LEAST_BUDGET_FACTOR, 1.0))
def test_a_given_interval_is_kept_and_a_planned_one_holds_the_budget(
    rules: PollingRules, calls: int, factor: float
) -> None:
    interval_s = plan_interval_s(rules, calls, factor)
    if rules.is_interval_exact:
        assert interval_s == rules.interval_s
        return
    budget = rules.calls_per_s * factor
    assert calls / interval_s <= budget * (1 + 1e-9)
    is_needed = interval_s == pytest.approx(calls / budget)
    assert interval_s <= rules.interval_s or is_needed
    assert interval_s >= min(FINEST_INTERVAL_S, rules.interval_s)


@given(RULES, CALLS, strategies.floats(LEAST_BUDGET_FACTOR, 1.0))
def test_more_calls_or_less_budget_never_make_looks_more_frequent(
    rules: PollingRules, calls: int, factor: float
) -> None:
    interval_s = plan_interval_s(rules, calls, factor)
    assert plan_interval_s(rules, calls + 1, factor) >= interval_s
    assert plan_interval_s(rules, calls, max(LEAST_BUDGET_FACTOR, factor / 2)) >= interval_s


@pytest.mark.parametrize(
    ("jobs", "interval_s", "calls", "is_listed"),
    [
        (1, 1.0, 1, False),
        (100, 1.0, 1, False),
        (101, 1.0, 1, True),
        (1_000, 1.0, 1, True),
        (1_001, 4.0, 2, True),
        (5_000, 10.0, 5, True),
        (10_000, 10.0, 10, True),
        (200_000, 20.0, 200, True),
    ],
)
def test_few_jobs_are_looked_at_often_and_many_seldom(
    jobs: int, interval_s: float, calls: int, is_listed: bool
) -> None:
    expected = expect(PollingRules(10.0, is_interval_exact=False), jobs)
    assert expected.interval_s == pytest.approx(interval_s)
    assert (expected.calls_per_look, expected.is_listed) == (calls, is_listed)
    assert not expected.is_over_budget


@given(
    strategies.lists(
        strategies.builds(Crowd, strategies.just(QUEUE), strategies.sampled_from(LIVE), strategies.integers(0, 5_000))
    )
)
def test_no_plan_without_others_jobs_is_dearer_or_seldomer_than_what_is_expected(crowds: list[Crowd]) -> None:
    rules = PollingRules(10.0, is_interval_exact=False)
    num_jobs = sum(crowd.own for crowd in crowds)
    expected = expect(rules, num_jobs)
    plan = plan_looks(crowds)
    assert plan.calls <= expected.most_calls_per_look
    assert plan_interval_s(rules, plan.calls) <= expected.longest_interval_s
    assert plan.calls / plan_interval_s(rules, max(1, plan.calls)) <= expected.calls_per_s + 1e-9


def test_jobs_that_spread_over_statuses_are_looked_at_more_seldom_and_that_is_expected() -> None:
    expected = expect(PollingRules(10.0, is_interval_exact=False), 1_000)
    assert (expected.interval_s, expected.longest_interval_s) == (1.0, 10.0)
    assert (expected.calls_per_look, expected.most_calls_per_look) == (1, 10)


def test_a_scaled_interval_is_not_made_finer_but_coarser_where_the_budget_demands_it() -> None:
    assert expect(PollingRules(0.5, is_interval_exact=False), 10).interval_s == 0.5
    assert expect(PollingRules(0.5, is_interval_exact=False), 10_000).interval_s == 1.0


def test_a_given_interval_that_the_budget_does_not_hold_is_kept_and_said() -> None:
    expected = expect(PollingRules(0.05), 10)
    assert (expected.interval_s, expected.is_over_budget) == (0.05, True)
    assert expected.share == pytest.approx(0.4)


def test_large_arrays_are_listed_each_by_itself_and_small_ones_asked_for_by_id() -> None:
    rules = PollingRules(10.0)
    assert expect(rules, 2_000, [1_000, 1_000]).calls_per_look == 2
    small = expect(rules, 2_000, [50] * 40)
    assert (small.calls_per_look, small.is_listed) == (20, False)


def test_foreign_jobs_make_a_listing_dear() -> None:
    assert plan_looks([Crowd(QUEUE, JobState.RUNNABLE, 1_000)]).listed
    assert not plan_looks([Crowd(QUEUE, JobState.RUNNABLE, 1_000, foreign=20_000)]).listed
    mixed = plan_looks([Crowd(QUEUE, JobState.RUNNABLE, 1_000, foreign=20_000), Crowd(QUEUE, JobState.RUNNING, 1_000)])
    assert mixed.listed == ((QUEUE, JobState.RUNNING),)
    assert mixed.calls == 11


def test_a_throttle_halves_the_budget_and_looks_without_one_give_it_back() -> None:
    assert next_budget_factor(1.0, was_throttled=True) == 0.5
    assert next_budget_factor(0.5, was_throttled=False) == 0.625
    assert next_budget_factor(0.95, was_throttled=False) == 1.0
    assert next_budget_factor(LEAST_BUDGET_FACTOR, was_throttled=True) == LEAST_BUDGET_FACTOR
