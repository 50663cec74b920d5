"""What became of the jobs of a run, and of the run itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from batchgauge.core.findings.kinds.weight import Weight
from batchgauge.core.journal import RunOutcome


@dataclass(frozen=True, slots=True)
class Reason:
    """What AWS said of some jobs, and of how many."""

    text: str
    """Empty where it said nothing."""
    exit_code: int | None
    count: int


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
