"""The index gives what is in it, newest first, a page at a time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.batchmodel.status_index import NumberedIndex


@given(st.lists(st.tuples(st.sampled_from(["toggle", "look"]), st.integers(0, 40)), max_size=300))
def test_it_agrees_with_a_sorted_dictionary(actions: list[tuple[str, int]]) -> None:
    index, known = NumberedIndex[str](), dict[int, str]()
    for action, number in actions:
        if action == "look":
            expected = [known[member] for member in sorted(known, reverse=True) if member < number]
            assert list(index.newest_first(before=number)) == expected
        elif number in known:
            index.remove(number)
            del known[number]
        else:
            index.add(number, str(number))
            known[number] = str(number)
    assert len(index) == len(known)
    assert list(index.newest_first()) == [known[number] for number in sorted(known, reverse=True)]


def test_members_that_come_and_go_leave_nothing_behind() -> None:
    index = NumberedIndex[int]()
    for number in range(20_000):
        index.add(number, number)
        index.remove(number)
    assert list(index.newest_first()) == []
    assert len(index._added) < 2048


def test_one_that_left_and_came_back_is_there_once() -> None:
    index = NumberedIndex[int]()
    for number in (1, 2, 3):
        index.add(number, number)
    assert list(index.newest_first()) == [3, 2, 1]
    index.remove(2)
    index.add(2, 2)
    assert list(index.newest_first()) == [3, 2, 1]
