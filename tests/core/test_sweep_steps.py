"""The runs of a sweep in their order."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.sweeps.steps import SweepStep, order_text, steps_of, steps_of_level

LEVELS = st.lists(st.integers(1, 50), min_size=1, max_size=6, unique=True)
VARIANTS = st.lists(st.sampled_from(["a", "b", "repeat-2"]), min_size=1, max_size=3, unique=True) | st.just([None])


def test_as_given_each_round_has_all_levels_in_their_order_after_what_warms_up() -> None:
    steps = steps_of([5, 2], repeats=2, warm_ups=1)
    assert [(step.level, step.repeat, step.is_warm_up) for step in steps] == [
        (5, 1, True),
        (5, 1, False),
        (2, 1, False),
        (5, 2, False),
        (2, 2, False),
    ]
    assert steps[0].file == "test-case-0-warm-up-1.json"
    assert steps[4].file == "test-case-2-baseline-repeat-2.json"


def test_each_variant_warms_up_and_has_files_of_its_own() -> None:
    steps = steps_of([2], warm_ups=1, variants=["small", "large"])
    assert [step.file for step in steps] == [
        "test-case-0-warm-up-1.small.json",
        "test-case-0-warm-up-1.large.json",
        "test-case-1-baseline.small.json",
        "test-case-1-baseline.large.json",
    ]


@given(LEVELS, st.integers(1, 4), st.integers(0, 2), VARIANTS, st.integers(0, 2**32 - 1))
def test_by_chance_every_round_still_has_every_level_once_and_the_seed_brings_it_about_again(
    levels: list[int], repeats: int, warm_ups: int, variants: list[str | None], seed: int
) -> None:
    steps = steps_of(levels, repeats=repeats, warm_ups=warm_ups, variants=variants, seed=seed)
    assert steps == steps_of(levels, repeats=repeats, warm_ups=warm_ups, variants=variants, seed=seed)
    given_order = steps_of(levels, repeats=repeats, warm_ups=warm_ups, variants=variants)
    assert sorted(steps, key=repr) == sorted(given_order, key=repr)
    before, measured = steps[: warm_ups * len(variants)], steps[warm_ups * len(variants) :]
    assert all(step.is_warm_up for step in before)
    size = len(levels) * len(variants)
    for number in range(repeats):
        one_round = measured[number * size : (number + 1) * size]
        assert {step.repeat for step in one_round} == {number + 1}
        assert set(Counter((step.variant, step.level) for step in one_round).values()) == {1}
    assert len({step.file for step in steps}) == len(steps)


def test_a_seed_that_is_another_gives_another_order() -> None:
    orders = {tuple(step.level for step in steps_of(range(1, 9), seed=seed)) for seed in range(5)}
    assert len(orders) == 5


def test_an_order_is_written_with_its_seed() -> None:
    assert (order_text("given", None), order_text("random", 7)) == ("given", "random@7")


def test_a_level_that_a_search_has_chosen_is_named_by_its_turn() -> None:
    assert steps_of_level(3, 20, 2, None) == (
        SweepStep(level=20, file="test-case-3-very-high.json"),
        SweepStep(level=20, file="test-case-3-very-high-repeat-2.json", repeat=2),
    )
