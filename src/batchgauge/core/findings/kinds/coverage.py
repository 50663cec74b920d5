"""What the measurement did not see, or cannot be compared in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from batchgauge.core.findings.kinds.weight import Weight


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
