"""How many jobs ran at once, and what held them to that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from batchgauge.core.findings.kinds.weight import Weight


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
