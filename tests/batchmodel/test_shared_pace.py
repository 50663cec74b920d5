"""Work at a common pace: whoever comes slows the others, and nothing of the work is lost."""

from __future__ import annotations

from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.shared_pace import Errand, SharedPace

Plan: TypeAlias = list[tuple[float, float, float]]
"""When each begins, how much work it is, and how long it stays at most (never just until it is done: who comes first then is open)."""


def ends(plan: Plan) -> dict[int, float]:
    """When each is done; those that leave before are left out."""
    agenda, done = Agenda(), dict[int, float]()
    pace = SharedPace(agenda, lambda load: 1 / max(1.0, load))
    errands: dict[int, Errand] = {}

    def begin(number: int) -> None:
        errands[number] = pace.begin(plan[number][1], 1.0, finish, number)

    def finish(number: int) -> None:
        done[number] = agenda.now_ms

    for number, (start_ms, _, patience_ms) in enumerate(plan):
        agenda.at(start_ms, begin, number)
        agenda.at(start_ms + patience_ms, lambda number: pace.leave(errands[number]), number)
    agenda.run_until(1e9)
    return done


def expected_ends(plan: Plan) -> dict[int, float]:
    """The same by walking from change to change, everything looked at each time."""
    now_ms, left, done, over = 0.0, dict[int, float](), dict[int, float](), set[int]()
    while len(over) < len(plan):
        slowdown = max(1.0, len(left))
        moments = [start for number, (start, _, _) in enumerate(plan) if number not in left and number not in over]
        moments += [plan[number][0] + plan[number][2] for number in left]
        moments += [now_ms + work * slowdown for work in left.values()]
        next_ms = min(moments)
        left = {number: work - (next_ms - now_ms) / slowdown for number, work in left.items()}
        now_ms = next_ms
        for number in [number for number, work in left.items() if work <= 1e-9]:
            done[number] = now_ms
            over.add(number)
            del left[number]
        for number in [number for number in left if plan[number][0] + plan[number][2] <= now_ms]:
            over.add(number)
            del left[number]
        for number, (start_ms, work_ms, _) in enumerate(plan):
            if start_ms <= now_ms and number not in over and number not in left:
                left[number] = work_ms
    return done


@given(
    st.lists(
        st.tuples(
            st.integers(0, 50).map(float), st.integers(1, 40).map(float), st.sampled_from([7.0710678, 33.1662479, 1e6])
        ),
        max_size=12,
    )
)
def test_it_agrees_with_a_walk_from_change_to_change(plan: Plan) -> None:
    done, expected = ends(plan), expected_ends(plan)
    assert done.keys() == expected.keys()
    assert all(done[number] == pytest.approx(expected[number], abs=1e-6) for number in done)


def test_alone_it_takes_its_time_and_together_theirs() -> None:
    assert ends([(0.0, 10.0, 1e6)]) == {0: 10.0}
    assert ends([(0.0, 10.0, 1e6)] * 4) == dict.fromkeys(range(4), 40.0)


def test_infinite_work_weighs_on_the_others_until_it_leaves() -> None:
    assert ends([(0.0, float("inf"), 10.0), (0.0, 10.0, 1e6)]) == {1: 15.0}
