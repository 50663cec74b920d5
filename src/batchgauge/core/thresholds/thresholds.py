"""Thresholds: ``p95(queue_s) < 60``, ``success_rate >= 99%``, ``max_concurrency >= 16``.

threshold  = statistic comparison limit
statistic  = function "(" phase ")" | figure                      (`batchgauge.core.thresholds.statistic`)
comparison = "<" | "<=" | ">" | ">="
limit      = number [ "%" | "ms" | "s" | "min" | "h" ]

A measured value may be only a bound. A threshold is met where every value of the bound meets it, not met where none does, and
*undecided* where some would: that counts as not met, for a gate that lets pass what it could not judge is none (docs/decisions/0021).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

from batchgauge.core.bound import Bound
from batchgauge.core.levels import LevelSummary
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.thresholds.intervals import interval_of_jobs, interval_of_runs
from batchgauge.core.thresholds.statistic import Scanner, Statistic, Unit, scan_statistic
from batchgauge.errors import InvalidExpressionError

FLAG: Final = "--threshold"
_COMPARISON: Final = re.compile(r"<=|>=|<|>")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_UNIT: Final = re.compile(r"%|ms\b|s\b|min\b|h\b")
_SECONDS: Final = {"ms": Decimal("0.001"), "s": Decimal(1), "min": Decimal(60), "h": Decimal(3600)}
_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class ThresholdVerdict(StrEnum):
    """What became of a threshold at one level."""

    MET = "met"
    NOT_MET = "not-met"
    UNDECIDED = "undecided"
    """The bound of the value holds values on both sides of the limit."""
    UNMEASURED = "unmeasured"
    """The run did not measure it: nothing was monitored, say."""
    TOO_FEW_JOBS = "too-few-jobs"
    """The level is too small for it to be judged at all; it is the others' to show."""


class IntervalOf(StrEnum):
    """What an interval is of."""

    JOBS = "jobs"
    """The jobs of one run."""
    RUNS = "runs"
    """The runs of a level: what differs between them is in it."""


class ThresholdResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A threshold, what was measured, and the verdict."""

    threshold: str
    verdict: ThresholdVerdict
    value: Bound | None = None
    """In the statistic's own unit: seconds where its name says so, a share of 1, or a number."""
    jobs_needed: int = 1
    interval: Bound | None = None
    """95 %, around the value; None where there is none. The verdict is not by it: it is of another run, and the verdict of this one."""
    interval_of: IntervalOf | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """A statistic and the side of a limit that it must be on."""

    statistic: Statistic
    comparison: str
    limit: float
    """Seconds, a share of 1, or a number."""
    text: str
    """As it was typed, with single spaces."""

    def __str__(self) -> str:
        return self.text

    @property
    def is_upper(self) -> bool:
        """Whether the limit is not to be exceeded."""
        return self.comparison.startswith("<")

    @property
    def jobs_needed(self) -> int:
        """How many jobs a level must have for it to be judged: a small level carries no high percentile and reaches no high concurrency."""
        if self.statistic.name == "max_concurrency" and not self.is_upper:
            return math.floor(self.limit) + 1 if self.comparison == ">" else max(1, math.ceil(self.limit))
        return self.statistic.jobs_needed

    def is_met_by(self, value: float) -> bool:
        """Whether a value is on the right side."""
        return _COMPARE[self.comparison](value, self.limit)

    def judge(self, level: LevelSummary, jobs: Sequence[JobResult] = ()) -> ThresholdResult:
        """The verdict on one run of a level, with the interval that its jobs give."""
        value = self.statistic.value(level)
        interval = None if value is None else interval_of_jobs(self.statistic, level, jobs)
        return ThresholdResult(
            threshold=self.text,
            verdict=self._verdict(level, value),
            value=value,
            jobs_needed=self.jobs_needed,
            interval=interval,
            interval_of=None if interval is None else IntervalOf.JOBS,
        )

    def verdict_of(self, value: Bound) -> ThresholdVerdict:
        """The verdict on a value by itself."""
        met = {self.is_met_by(end) for end in _ends(value)}
        if len(met) > 1:
            return ThresholdVerdict.UNDECIDED
        return ThresholdVerdict.MET if met == {True} else ThresholdVerdict.NOT_MET

    def _verdict(self, level: LevelSummary, value: Bound | None) -> ThresholdVerdict:
        if level.level < self.jobs_needed:
            return ThresholdVerdict.TOO_FEW_JOBS
        if value is None:
            # The level has the jobs, but they did not get that far: it has not been shown that the threshold holds.
            is_sampled = 0 < self.statistic.sample_size(level) < self.jobs_needed
            return ThresholdVerdict.UNDECIDED if is_sampled else ThresholdVerdict.UNMEASURED
        return self.verdict_of(value)


def _ends(value: Bound) -> tuple[float, float]:
    low = -math.inf if value.earliest is None else value.earliest
    high = math.inf if value.latest is None else value.latest
    return low, high


def parse_threshold(text: str, flag: str = FLAG) -> Threshold:
    """A threshold as it is typed.

    Raises:
        InvalidExpressionError: it is none; says where, and what was expected there.
    """
    scanner = Scanner(flag, text)
    statistic = scan_statistic(scanner)
    comparison = scanner.take(_COMPARISON)
    if comparison is None:
        raise scanner.fail("comparison")
    begin = scanner.position
    number = scanner.take(_NUMBER)
    if number is None:
        raise scanner.fail("number")
    unit_at = scanner.position
    unit = scanner.take(_UNIT)
    if scanner.position < len(text):
        raise scanner.fail("end")
    factor = _factor(scanner, statistic, unit.group() if unit else None, unit_at)
    limit = float(Decimal(number.group()) * factor)
    if not math.isfinite(limit) or (statistic.unit is Unit.SHARE and limit > 1):
        raise scanner.fail("share-or-percent" if statistic.unit is Unit.SHARE else "number", at=begin)
    written = f"{statistic} {comparison.group()} {number.group()}{unit.group() if unit else ''}"
    return Threshold(statistic, comparison.group(), limit, written)


def _factor(scanner: Scanner, statistic: Statistic, unit: str | None, at: int) -> Decimal:
    if unit is None:
        return Decimal(1)
    if statistic.unit is Unit.SHARE and unit == "%":
        return Decimal("0.01")
    if statistic.unit is Unit.SECONDS and unit in _SECONDS:
        return _SECONDS[unit]
    raise scanner.fail(f"unit-of-{statistic.unit}", at=at)


def parse_thresholds(texts: Iterable[str], flag: str = FLAG) -> tuple[Threshold, ...]:
    """All of them, each once.

    Raises:
        InvalidExpressionError: one is no threshold.
    """
    return tuple({parsed.text: parsed for parsed in (parse_threshold(text, flag) for text in texts)}.values())


def judge_all(
    thresholds: Iterable[str], level: LevelSummary, jobs: Sequence[JobResult] = ()
) -> tuple[ThresholdResult, ...]:
    """The verdicts on one run of a level, of thresholds that a document or a journal holds.

    Raises:
        ValueError: one of them is no threshold.
    """
    return tuple(require_threshold(text).judge(level, jobs) for text in thresholds)


def require_threshold(text: str) -> Threshold:
    """A threshold that a document or a journal holds.

    Raises:
        ValueError: it is none.
    """
    try:
        return parse_threshold(text)
    except InvalidExpressionError as error:
        raise ValueError(f"no such threshold: {text}") from error


def with_intervals_of_runs(runs: Sequence[Sequence[ThresholdResult]]) -> list[tuple[ThresholdResult, ...]]:
    """The verdicts on the runs of one level, each with the interval of all these runs where they are enough for one.

    Runs that all gave the same value know of no other: what their jobs say stays then.
    """
    values: dict[str, list[Bound | None]] = {}
    for results in runs:
        for result in results:
            values.setdefault(result.threshold, []).append(result.value)
    found = {threshold: interval_of_runs(of_runs, most=_most(threshold)) for threshold, of_runs in values.items()}
    return [
        tuple(
            result
            if (interval := found[result.threshold]) is None or (interval.is_exact and result.interval is not None)
            else msgspec.structs.replace(result, interval=interval, interval_of=IntervalOf.RUNS)
            for result in results
        )
        for results in runs
    ]


def not_met(levels: Iterable[Sequence[ThresholdResult]]) -> tuple[str, ...]:
    """The thresholds that some level did not meet, or that no level could judge, over all levels, in the order of their first mention."""
    verdicts: dict[str, list[ThresholdVerdict]] = {}
    for results in levels:
        for result in results:
            verdicts.setdefault(result.threshold, []).append(result.verdict)
    return tuple(threshold for threshold, seen in verdicts.items() if not _holds(seen))


def _holds(verdicts: Sequence[ThresholdVerdict]) -> bool:
    judged = [verdict for verdict in verdicts if verdict is not ThresholdVerdict.TOO_FEW_JOBS]
    return bool(judged) and all(verdict is ThresholdVerdict.MET for verdict in judged)


def _most(threshold: str) -> float:
    """What its statistic may be at the most: a share is never above 1."""
    return 1.0 if parse_threshold(threshold).statistic.unit is Unit.SHARE else math.inf
