"""How long phases took: what became of them from level to level, within one, and over the sweep. Durations are in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from batchgauge.core.bound import Bound
from batchgauge.core.findings.kinds.phase import Phase
from batchgauge.core.findings.kinds.weight import Weight
from batchgauge.core.stats.estimate import Estimate


class Direction(StrEnum):
    """What became of a mean from the lowest level to the highest."""

    GREW = "grew"
    FELL = "fell"
    STEADY = "steady"
    SLIGHT = "slight"
    """They surely differ, by more than chance does; whether by so much that it counts as a change the bounds leave open."""
    CHANCE = "chance"
    """They surely differ, but chance may have done that: too few jobs."""
    UNCLEAR = "unclear"
    """The bounds overlap."""
    OPEN = "open"
    """A bound has no end: jobs that failed or had not ended."""
    REPEATS = "repeats"
    """The repeats of a level differ so much that they lie on both sides of the other's."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A phase's mean at the lowest and at the highest level, in milliseconds; with repeats, the hull of their means."""

    phase: Phase
    direction: Direction
    low_level: int
    low: Bound
    high_level: int
    high: Bound
    floor: Bound
    """Differences below this count as none, in milliseconds."""
    scarce_levels: tuple[int, ...] = ()
    """Where chance leaves it open: the levels with too few jobs."""
    jobs: tuple[int, ...] = ()
    """How many they had, their repeats together."""
    needed: int = 0
    """How many would tell a difference as large as this one."""
    times: Estimate | None = None
    """How many times as long at the high level, with its 95 % interval over jobs; of what surely changed and is known exactly."""

    @property
    def code(self) -> str:
        """By the direction."""
        return f"trend.{self.direction}"

    @property
    def weight(self) -> Weight:
        """A phase that grew is what the measurement looked for."""
        return Weight.FINE if self.direction is Direction.STEADY else Weight.NOTICE


@dataclass(frozen=True, slots=True)
class RunTimeVaried:
    """The run times of one level differ notably among themselves."""

    level: int
    standard_deviation: Bound
    relative: float
    """The standard deviation as a part of the mean."""
    minimum: Bound
    maximum: Bound
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    code: ClassVar[str] = "run-time-varied"
    weight: ClassVar[Weight] = Weight.NOTICE


@dataclass(frozen=True, slots=True)
class FarJob:
    """A job far from the rest."""

    name: str
    duration: Bound
    times: float
    """How many times the median of its run it surely took."""


@dataclass(frozen=True, slots=True)
class TookFarLonger:
    """Jobs of one run that surely took far longer in a phase than the rest; they stay in every figure."""

    level: int
    phase: Phase
    count: int
    jobs: tuple[FarJob, ...]
    """The furthest first, a handful of them."""
    median: Bound
    limit: Bound
    """From which on one is named."""
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    code: ClassVar[str] = "took-far-longer"
    weight: ClassVar[Weight] = Weight.NOTICE


@dataclass(frozen=True, slots=True)
class RepeatsDrifted:
    """What was measured later differs from what was measured before, at the same levels: something changed while the sweep ran."""

    phases: tuple[Phase, ...]
    runs: int
    code: ClassVar[str] = "repeats-drifted"
    weight: ClassVar[Weight] = Weight.NOTICE
