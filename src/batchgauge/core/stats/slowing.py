"""How much things that go on at once slow each other, from when each began and ended.

Each has some work to do, and all go on at a pace that depends on how many there are. With the time that they spent at each number of
companions, a law of the pace says how much work they did; the law sought is the one by which they did as much work in company as alone.

Two laws: a *shared capacity* (so many go on at full pace; more share what there is), and *slowing* by 1 + q(n - free) + c(n - free)², which
is the universal scalability law said of durations (N. J. Gunther, "Guerrilla Capacity Planning", Springer 2007, chapter 4).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

STEPS: Final = 60
"""Bisections: more than a float has bits for."""
MIXES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Parts of the slowing at the highest number that grow with the square."""
AS_GOOD: Final = 0.005
"""A law fits as well as another where it misses what was seen by so much more: loops of a scheduler and rounding do as much."""
Pace = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Company:
    """The mean time, in milliseconds, that each of a group spent while so many went on at once, by that number."""

    times_ms: Mapping[int, float]

    @property
    def duration_ms(self) -> float:
        """How long each took on average."""
        return math.fsum(self.times_ms.values())

    def work_ms(self, pace: Pace) -> float:
        """How much each did on average under a law of the pace."""
        return math.fsum(time_ms * pace(number) for number, time_ms in self.times_ms.items())


@dataclass(frozen=True, slots=True)
class Slowing:
    """1 + queueing (n - free) + crosstalk (n - free)² beyond the first `free`."""

    queueing: float
    crosstalk: float
    free: int

    def at(self, number: float) -> float:
        """How many times as long as alone."""
        beyond = max(0.0, number - self.free)
        return 1 + self.queueing * beyond + self.crosstalk * beyond * beyond


def company(intervals: Sequence[tuple[float, float]], counted: Sequence[bool] | None = None) -> Company | None:
    """From (begin, end) of everything that went on; `counted` says which of them the group is made of (all by default)."""
    wanted = [True] * len(intervals) if counted is None else list(counted)
    members = sum(wanted)
    if not members:
        return None
    changes: dict[float, list[int]] = {}
    for (begin, end), is_member in zip(intervals, wanted, strict=True):
        for moment, by in ((begin, 1), (end, -1)):
            entry = changes.setdefault(moment, [0, 0])
            entry[0] += by
            entry[1] += by * is_member
    times_ms: dict[int, float] = {}
    number = of_group = 0
    before = 0.0
    for moment in sorted(changes):
        if of_group:
            times_ms[number] = times_ms.get(number, 0.0) + of_group * (moment - before) / members
        number += changes[moment][0]
        of_group += changes[moment][1]
        before = moment
    return Company(times_ms)


def merged(parts: Sequence[tuple[Company, int]]) -> Company:
    """Several groups as one, weighted by how many each is made of."""
    total = sum(members for _, members in parts) or 1
    times_ms: dict[int, float] = {}
    for part, members in parts:
        for number, time_ms in part.times_ms.items():
            times_ms[number] = times_ms.get(number, 0.0) + time_ms * members / total
    return Company(times_ms)


def full_pace_number(alone_ms: float, crowd: Company) -> float:
    """How many go on at full pace at once, where what there is is shared evenly and each alone takes so long."""

    def work_ms(capacity: float) -> float:
        return crowd.work_ms(lambda number: min(1.0, capacity / number))

    return _solve(work_ms, alone_ms, max(crowd.times_ms, default=1))


def fit_slowing(
    few: Company, many: Company, between: Sequence[Company], *, free: Sequence[int], error: float = 0.0
) -> tuple[Slowing, ...]:
    """The laws by which the work of the many is that of the few, and that fit what lies between: the best, then those nearly as good.

    Where nobody went alone, laws that agree on all that was seen differ in what they say of one alone. `error` is the relative one of what
    was measured.
    """
    highest = max(many.times_ms)
    laws = [_law(few, many, highest, mix, start) for start in free if start < highest for mix in MIXES]

    def misfit(law: Slowing) -> float:
        alone_ms = few.work_ms(lambda number: 1 / law.at(number))
        works = (part.work_ms(lambda number: 1 / law.at(number)) for part in between)
        return math.fsum((work / alone_ms - 1) ** 2 for work in works)

    misfits = sorted(((misfit(law), law) for law in laws), key=lambda pair: pair[0])
    if not misfits:
        return (Slowing(0.0, 0.0, 1),)
    enough = misfits[0][0] + max(error**2, len(between) * AS_GOOD**2)
    return tuple(law for missed, law in misfits if missed <= enough)


def _law(few: Company, many: Company, highest: int, mix: float, free: int) -> Slowing:
    beyond = highest - free

    def of_size(size: float) -> Slowing:
        return Slowing(size * (1 - mix) / beyond, size * mix / beyond**2, free)

    def excess(size: float) -> float:
        law = of_size(size)
        return few.work_ms(lambda n: 1 / law.at(n)) / many.work_ms(lambda n: 1 / law.at(n))

    return of_size(_solve(excess, 1.0, 1.0))


def _solve(growing: Callable[[float], float], wanted: float, first: float) -> float:
    """Where a function that grows from 0 on reaches a value; the end of the search where it never does."""
    low, high = 0.0, first
    for _ in range(STEPS):
        if growing(high) >= wanted:
            break
        low, high = high, 2 * high
    else:
        return high
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if growing(middle) >= wanted else (middle, high)
    return high
