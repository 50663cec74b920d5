"""Findings as closed types with arguments: each an observation that the numbers carry, none a guess at a cause.

`code` names the sentence (``finding.<code>``), the fields are its arguments; durations are in milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from batchgauge.core.bound import Bound
from batchgauge.core.journal import RunOutcome
from batchgauge.core.stats.estimate import Estimate


class Weight(StrEnum):
    """How much a reader should care."""

    PROBLEM = "problem"
    LIMIT = "limit"
    NOTICE = "notice"
    FINE = "fine"


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


class Phase(StrEnum):
    """The phases whose means are compared."""

    SUBMIT = "submit"
    QUEUE = "queue"
    START_UP = "start-up"
    WAIT = "wait"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Reason:
    """What AWS said of some jobs, and of how many."""

    text: str
    """Empty where it said nothing."""
    exit_code: int | None
    count: int


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
class CapacityReached:
    """At `level`, and at none below it, as many jobs were starting or running at once as maxvCpus holds, and more were asked for."""

    level: int
    capacity: int
    code: ClassVar[str] = "capacity-reached"
    weight: ClassVar[Weight] = Weight.LIMIT


@dataclass(frozen=True, slots=True)
class RanTogether:
    """At every level up to `level` all jobs ran at once at some moment: no ceiling was met."""

    level: int
    code: ClassVar[str] = "ran-together"
    weight: ClassVar[Weight] = Weight.FINE


@dataclass(frozen=True, slots=True)
class RanFewer:
    """At `level` fewer jobs ran at once than were accepted and, as far as it is known, would have fitted, nor was every place held."""

    level: int
    max_running: int
    expected: int
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    code: ClassVar[str] = "ran-fewer"
    weight: ClassVar[Weight] = Weight.NOTICE


@dataclass(frozen=True, slots=True)
class Throttled:
    """AWS throttled calls of ours at a level."""

    level: int
    operation: str
    throttled: int
    calls: int
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    code: ClassVar[str] = "throttled"
    weight: ClassVar[Weight] = Weight.LIMIT


@dataclass(frozen=True, slots=True)
class NeverThrottled:
    """AWS throttled no call of any run."""

    calls: int
    code: ClassVar[str] = "never-throttled"
    weight: ClassVar[Weight] = Weight.FINE


@dataclass(frozen=True, slots=True)
class JobsRefused:
    """AWS did not take jobs; the most frequent errors first."""

    level: int
    count: int
    total: int
    reasons: tuple[Reason, ...]
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    code: ClassVar[str] = "jobs-refused"
    weight: ClassVar[Weight] = Weight.PROBLEM


@dataclass(frozen=True, slots=True)
class JobsUnanswered:
    """Nobody knows whether AWS took jobs."""

    level: int
    count: int
    total: int
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    code: ClassVar[str] = "jobs-unanswered"
    weight: ClassVar[Weight] = Weight.PROBLEM


@dataclass(frozen=True, slots=True)
class JobsFailed:
    """Jobs ended FAILED; the most frequent reasons first."""

    level: int
    count: int
    total: int
    reasons: tuple[Reason, ...]
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    code: ClassVar[str] = "jobs-failed"
    weight: ClassVar[Weight] = Weight.PROBLEM


@dataclass(frozen=True, slots=True)
class JobsUnfinished:
    """Jobs that were watched and had not ended when last seen; the most frequent states first, as reasons."""

    level: int
    count: int
    total: int
    reasons: tuple[Reason, ...]
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    code: ClassVar[str] = "jobs-unfinished"
    weight: ClassVar[Weight] = Weight.PROBLEM


@dataclass(frozen=True, slots=True)
class AllSucceeded:
    """Every job of every run that was watched succeeded."""

    jobs: int
    code: ClassVar[str] = "all-succeeded"
    weight: ClassVar[Weight] = Weight.FINE


@dataclass(frozen=True, slots=True)
class RunEndedEarly:
    """A run was interrupted, or an error ended it."""

    level: int
    file: str
    outcome: RunOutcome
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    weight: ClassVar[Weight] = Weight.PROBLEM

    @property
    def code(self) -> str:
        """By how it ended."""
        return f"run-ended-early.{self.outcome}"


@dataclass(frozen=True, slots=True)
class HeldBackByWorkers:
    """More jobs than submissions in flight: the last ones were submitted later than meant, by our own bound."""

    level: int
    max_workers: int
    latency: Bound
    """The longest time from intended to accepted."""
    submit: Bound
    """The longest single call."""
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    code: ClassVar[str] = "held-back-by-workers"
    weight: ClassVar[Weight] = Weight.NOTICE


@dataclass(frozen=True, slots=True)
class SentLate:
    """Submissions of an open load that could not be sent when they were meant to be."""

    level: int
    count: int
    submissions: int
    tolerance: Bound
    worst: Bound
    without_connection: int
    """How many found no connection free."""
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    code: ClassVar[str] = "sent-late"
    weight: ClassVar[Weight] = Weight.NOTICE


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


@dataclass(frozen=True, slots=True)
class LogsMissing:
    """Jobs whose log stream was read and held nothing."""

    level: int
    count: int
    jobs: int
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    code: ClassVar[str] = "logs-missing"
    weight: ClassVar[Weight] = Weight.NOTICE


@dataclass(frozen=True, slots=True)
class NotMonitored:
    """Runs whose jobs were not watched: only their submission was measured."""

    levels: tuple[int, ...]
    repeats: tuple[int, ...] = ()
    """For each of `levels` which of its runs, counted from 1."""
    code: ClassVar[str] = "not-monitored"
    weight: ClassVar[Weight] = Weight.NOTICE


@dataclass(frozen=True, slots=True)
class JobsNotListed:
    """A document that names fewer jobs than it says there were: its statistics cover those alone."""

    level: int
    file: str
    listed: int
    code: ClassVar[str] = "jobs-not-listed"
    weight: ClassVar[Weight] = Weight.NOTICE


@dataclass(frozen=True, slots=True)
class JobsTriedAgain:
    """AWS started jobs more than once."""

    level: int
    count: int
    total: int
    attempts: int
    """Of all jobs of the run."""
    repeats: tuple[int, ...] = (1,)
    """Which runs of the level, counted from 1."""
    code: ClassVar[str] = "jobs-tried-again"
    weight: ClassVar[Weight] = Weight.NOTICE


@dataclass(frozen=True, slots=True)
class Difference:
    """A condition (a code, ``condition.<condition>``) and the values that it had; none where they are not to be shown."""

    condition: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionsDiffer:
    """The runs do not differ in their level alone: nothing is said of what changes with it."""

    differences: tuple[Difference, ...]
    code: ClassVar[str] = "conditions-differ"
    weight: ClassVar[Weight] = Weight.NOTICE


OfLevel: TypeAlias = (
    RanFewer
    | Throttled
    | JobsRefused
    | JobsUnanswered
    | JobsFailed
    | JobsUnfinished
    | JobsTriedAgain
    | RunEndedEarly
    | HeldBackByWorkers
    | SentLate
    | RunTimeVaried
    | TookFarLonger
    | LogsMissing
)
"""What is found of single runs of a level."""

Finding: TypeAlias = (
    OfLevel
    | Trend
    | CapacityReached
    | RanTogether
    | NeverThrottled
    | AllSucceeded
    | NotMonitored
    | JobsNotListed
    | ConditionsDiffer
    | RepeatsDrifted
)
