"""Job numbers by state, newest first, a page at a time: cheap to change, and sorted only as far as somebody looks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class NumberedIndex(Generic[T]):
    """Members by their number. Adding and removing are two dictionary operations; order is made when it is asked for."""

    __slots__ = ("_added", "_members", "_ordered")

    def __init__(self) -> None:
        self._members: dict[int, T] = {}
        self._ordered: list[int] = []
        """Ascending; may hold numbers that have left, and one number twice."""
        self._added: list[int] = []
        """Not in `_ordered` yet, in the order of their coming."""

    def __len__(self) -> int:
        return len(self._members)

    def add(self, number: int, member: T) -> None:
        """Take a member in."""
        self._members[number] = member
        self._added.append(number)
        if len(self._added) > 2 * len(self._members) + 1024:
            self._rebuild()

    def remove(self, number: int) -> None:
        """Let a member go."""
        del self._members[number]

    def move(self, number: int, member: T, to: NumberedIndex[T]) -> None:
        """Let a member go to another index."""
        del self._members[number]
        to._members[number] = member
        added = to._added
        added.append(number)
        if len(added) > 2 * len(to._members) + 1024:
            to._rebuild()

    def newest_first(self, before: int | None = None) -> Iterator[T]:
        """The members with numbers below `before` (None: all), the highest first. Valid until the next change."""
        self._sort()
        ordered, members, last = self._ordered, self._members, -1
        start = len(ordered) if before is None else bisect_left(ordered, before)
        for position in range(start - 1, -1, -1):
            number = ordered[position]
            if number != last and number in members:
                last = number
                yield members[number]

    def _sort(self) -> None:
        if len(self._ordered) + len(self._added) > 2 * len(self._members) + 1024:
            self._rebuild()
        elif self._added:
            self._added.sort()
            is_out_of_order = bool(self._ordered) and self._added[0] < self._ordered[-1]
            self._ordered += self._added
            self._added.clear()
            if is_out_of_order:
                self._ordered.sort()  # two runs: merged in one pass

    def _rebuild(self) -> None:
        self._ordered = sorted(self._members)
        self._added.clear()
