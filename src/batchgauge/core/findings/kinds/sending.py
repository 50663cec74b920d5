"""How the submissions went: what AWS throttled, and what we sent later than meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from batchgauge.core.bound import Bound
from batchgauge.core.findings.kinds.weight import Weight


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
