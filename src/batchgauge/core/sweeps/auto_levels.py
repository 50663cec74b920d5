"""``--levels auto``: which level to measure next, from what the levels so far have shown; pure, and asked again after every level.

First the level is raised, by the steps given and then by doubling, until one is limited. Then the gap between the highest level at which
nothing had changed and the lowest one that is limited is narrowed down: where the limit itself says how many jobs fit (maxvCpus, a quota)
by that number and the one after it, otherwise, and if that did not close it, by halves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import msgspec

AUTO: Final = "auto"
FIRST_STEPS: Final = (2,)
"""Two jobs at once: one that the others are compared with, and neither is quite alone."""
RAISED_BY: Final = 2
NARROW: Final = 0.05
"""A gap of this part of the level below it is narrow enough: halving it would cost more jobs than it tells."""
LARGEST: Final = 1000
"""As far as is gone where nobody says how far, and no maxvCpus say it."""
BEYOND_CAPACITY: Final = 2
"""So many times what maxvCpus hold surely meets them."""


class Stop(StrEnum):
    """Why no further level is measured."""

    FOUND = "found"
    """The gap is as narrow as it is to be."""
    SMALLEST = "smallest"
    """One job by itself is limited already."""
    LARGEST = "largest"
    """The largest level has been measured, and nothing had changed."""
    JOBS = "jobs"
    """The next level would be more jobs than ``--max-jobs`` leaves."""
    COST = "cost"
    """It may cost more than ``--max-cost`` leaves."""
    DEADLINE = "deadline"
    """It would not end before the deadline."""
    UNCLEAR = "unclear"
    """What the last level showed carries no verdict."""
    BREACHED = "breached"
    """A threshold could not be met any more, and the run was ended."""


PASSING: Final = frozenset({Stop.DEADLINE})
"""What ended one process' search, and need not end that of the next one that takes it up."""


class AutoRules(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a search is allowed."""

    steps: tuple[int, ...] = FIRST_STEPS
    """The first levels, ascending; doubled from the last one on."""
    largest: int = LARGEST
    repeats: int = 1


class Standing(StrEnum):
    """What a level showed."""

    UNCHANGED = "unchanged"
    LIMITED = "limited"
    UNCLEAR = "unclear"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True)
class Shown:
    """A level that has been measured."""

    level: int
    standing: Standing
    holds: int | None = None
    """How many jobs fit at once, where the limit says so."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of the budget; None where there is no such bound."""

    jobs: int | None = None
    cost: float | None = None
    cost_per_job: float = 0.0
    """At the most."""
    seconds: float | None = None
    level_s: float = 0.0
    """What a level took so far, at the most: a higher one takes as long at least."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """No further level; `next_level` is the one that would have followed, where there is one."""

    stop: Stop
    next_level: int | None = None


NO_BOUND: Final = Left()


@dataclass(frozen=True, slots=True)
class Bracket:
    """Where the ceiling lies: above `unchanged`, and at `limited` at the latest."""

    unchanged: int | None
    limited: int | None

    @property
    def is_narrow(self) -> bool:
        """Whether it says enough."""
        if self.limited is None:
            return False
        low = self.unchanged or 0
        return self.limited - low <= max(1, int(NARROW * low))


def bracket_of(history: Sequence[Shown]) -> Bracket:
    """From all levels so far, in any order: a level that is limited outweighs whatever was seen above it."""
    limited = min((shown.level for shown in history if shown.standing is Standing.LIMITED), default=None)
    below = [shown.level for shown in history if shown.standing is Standing.UNCHANGED]
    unchanged = max((level for level in below if limited is None or level < limited), default=None)
    return Bracket(unchanged, limited)


def next_level(rules: AutoRules, history: Sequence[Shown], left: Left = NO_BOUND) -> int | Stopped:
    """The level to measure next (all its repeats), or why there is none; never one that has been measured."""
    wanted = _wanted(rules, history)
    if isinstance(wanted, Stopped):
        return wanted
    jobs = wanted * rules.repeats
    if left.jobs is not None and jobs > left.jobs:
        return Stopped(Stop.JOBS, wanted)
    if left.cost is not None and jobs * left.cost_per_job > left.cost:
        return Stopped(Stop.COST, wanted)
    if left.seconds is not None and left.level_s * rules.repeats > left.seconds:
        return Stopped(Stop.DEADLINE, wanted)
    return wanted


def _wanted(rules: AutoRules, history: Sequence[Shown]) -> int | Stopped:
    bracket = bracket_of(history)
    if bracket.limited == 1:
        return Stopped(Stop.SMALLEST)
    if bracket.is_narrow:
        return Stopped(Stop.FOUND)
    if history and history[-1].standing is Standing.BREACHED:
        return Stopped(Stop.BREACHED)
    if history and history[-1].standing is Standing.UNCLEAR:
        return Stopped(Stop.UNCLEAR)
    known = {shown.level for shown in history}
    if bracket.limited is None:
        return _raised(rules, max(known, default=0))
    between = [level for level in _narrowing(history, bracket) if level not in known]
    return between[0] if between else Stopped(Stop.FOUND)


def _raised(rules: AutoRules, highest: int) -> int | Stopped:
    if highest >= rules.largest:
        return Stopped(Stop.LARGEST)
    step = next((step for step in sorted(rules.steps) if step > highest), RAISED_BY * highest)
    return min(step, rules.largest)


def _narrowing(history: Sequence[Shown], bracket: Bracket) -> list[int]:
    """Levels strictly within the bracket, the most telling first."""
    low, high = bracket.unchanged or 0, bracket.limited or 0
    # The highest level's word counts: the most jobs say most about it, and it does not change as the gap narrows.
    holds = next(
        (
            shown.holds
            for shown in sorted(history, key=lambda shown: -shown.level)
            if shown.standing is Standing.LIMITED and shown.holds is not None
        ),
        None,
    )
    told = [] if holds is None else [holds, holds + 1]
    return [level for level in (*told, (low + high) // 2) if low < level < high]


def longest_way(rules: AutoRules, left: Left = NO_BOUND) -> tuple[int, ...]:
    """The levels of the search that starts most jobs of all that these rules allow: what a plan must reckon with.

    That is a search whose ceiling lies just below the step at which it is met, whichever step that is.
    """
    ways = [_way(rules, left, lambda _: Standing.UNCHANGED, None)]
    for step in ways[0]:
        below = max((earlier for earlier in ways[0] if earlier < step), default=0)
        for holds in (None, below + 1):
            ways.append(_way(rules, left, _limited_from(step), holds))
    return max(ways, key=lambda way: (sum(way), len(way)))


def _limited_from(ceiling: int) -> Callable[[int], Standing]:
    return lambda level: Standing.LIMITED if level >= ceiling else Standing.UNCHANGED


def _way(rules: AutoRules, left: Left, stands: Callable[[int], Standing], holds: int | None) -> tuple[int, ...]:
    history: list[Shown] = []
    while True:
        level = next_level(rules, history, left)
        if isinstance(level, Stopped):
            return tuple(shown.level for shown in history)
        history.append(Shown(level, stands(level), holds))
        left = after(left, level * rules.repeats)


def after(left: Left, jobs: int) -> Left:
    """What is left once so many jobs have been started."""
    return replace(
        left,
        jobs=None if left.jobs is None else left.jobs - jobs,
        cost=None if left.cost is None else left.cost - jobs * left.cost_per_job,
    )


def largest_for(capacity: int | None) -> int:
    """How far to go where nobody says it: surely beyond what maxvCpus hold, where they are known."""
    return LARGEST if capacity is None else max(2, min(LARGEST, BEYOND_CAPACITY * capacity))
