"""One number of a level, named as a person types it: ``p95(queue_s)``, ``mean(run_s)``, ``success_rate``.

Phases and their functions go by the names of the result document (in seconds, so with ``_s``); a phase without a function is its mean
where that is said to be allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.levels import LevelSummary
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.stats.summary import Summary, sample_needed
from batchgauge.errors import InvalidExpressionError

FUNCTIONS: Final = ("mean", "median", "p50", "p90", "p95", "p99", "min", "max")
_PERCENTS: Final = {"median": 50, "p50": 50, "p90": 90, "p95": 95, "p99": 99}


class Unit(StrEnum):
    """What a statistic counts."""

    SECONDS = "seconds"
    SHARE = "share"
    COUNT = "count"
    MONEY = "money"
    """US dollars."""


PHASES: Final[Mapping[str, Callable[[LevelSummary], Summary | None]]] = {
    "submit_s": lambda level: level.submit,
    "submit_latency_s": lambda level: level.submit_latency,
    "to_runnable_s": lambda level: level.to_runnable,
    "queue_s": lambda level: level.queue,
    "start_up_s": lambda level: level.start_up,
    "wait_s": lambda level: level.wait,
    "run_s": lambda level: level.run,
}


def _succeeded(level: LevelSummary) -> Bound | None:
    if not level.is_monitored or not level.level:
        return None
    # A job that was not seen to end may have succeeded yet, and so may one that we ended ourselves, or that AWS took without an answer.
    open_jobs = level.unfinished + level.ended_by_us + level.unanswered
    return Bound(level.succeeded / level.level, (level.succeeded + open_jobs) / level.level)


def _failures(level: LevelSummary) -> Bound | None:
    if not level.is_monitored:
        return None
    lost = level.failed - level.ended_by_us + level.surely_refused
    return Bound(float(lost), float(lost + level.ended_by_us + level.unfinished + level.unanswered))


def _submitted(level: LevelSummary) -> Bound | None:
    if level.submission_success_rate is None or not level.level:
        return None
    return Bound(level.accepted / level.level, (level.accepted + level.unanswered) / level.level)


def _running(level: LevelSummary) -> Bound | None:
    if level.occupancy is not None:
        return level.occupancy.running
    return None if level.max_running is None else exactly(float(level.max_running))


def _exact(value: float | None) -> Bound | None:
    return None if value is None else exactly(value)


def _cost(level: LevelSummary) -> Bound | None:
    """The embedded AWS costs nothing; prices in another currency are not taken for dollars."""
    if level.cost is None or not level.cost.is_known:
        return None
    if level.cost.amount is None:
        return exactly(0.0)
    return level.cost.amount if level.cost.currency == DOLLARS else None


DOLLARS: Final = "USD"
FIGURES: Final[Mapping[str, tuple[Unit, Callable[[LevelSummary], Bound | None]]]] = {
    "success_rate": (Unit.SHARE, _succeeded),
    "submission_success_rate": (Unit.SHARE, _submitted),
    "max_concurrency": (Unit.COUNT, _running),
    "throttles": (Unit.COUNT, lambda level: _exact(level.throttles)),
    "failures": (Unit.COUNT, _failures),
    "makespan_s": (
        Unit.SECONDS,
        lambda level: None if level.makespan_ms is None else exactly(level.makespan_ms / 1000),
    ),
    "cost_usd": (Unit.MONEY, _cost),
}
"""What is one number of a level by itself."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """A name, and a function where it is of many jobs."""

    name: str
    function: str | None = None

    def __str__(self) -> str:
        return f"{self.function}({self.name})" if self.function else self.name

    @property
    def unit(self) -> Unit:
        """What its values count."""
        return FIGURES[self.name][0] if self.name in FIGURES else Unit.SECONDS

    @property
    def is_of_submission(self) -> bool:
        """Whether it is measured also where nobody watches the jobs."""
        return self.name in ("submit_s", "submit_latency_s", "submission_success_rate", "throttles")

    @property
    def probability(self) -> float | None:
        """Of a quantile; None for a mean, and for what is no statistic of a sample."""
        ends = {"min": 0.0, "max": 1.0}
        if self.function in ends:
            return ends[self.function]
        percent = _PERCENTS.get(self.function or "")
        return None if percent is None else percent / 100

    @property
    def jobs_needed(self) -> int:
        """The smallest sample that carries it."""
        percent = _PERCENTS.get(self.function or "")
        return 1 if percent is None else sample_needed(percent)

    def sample_size(self, level: LevelSummary) -> int:
        """How many jobs it is of."""
        if self.name in FIGURES:
            return level.level
        sample = PHASES[self.name](level)
        return 0 if sample is None else sample.count

    def value(self, level: LevelSummary) -> Bound | None:
        """Its value (seconds, 0…1, or a number); None where it was not measured, or the sample does not carry it."""
        if self.name in FIGURES:
            return FIGURES[self.name][1](level)
        sample = PHASES[self.name](level)
        if sample is None or sample.count == 0:
            return None
        value = self.of_sample(sample)
        return None if value is None else _in_seconds(value)

    def of_sample(self, sample: Summary) -> Bound | None:
        """Its value of a summary, in the summary's own unit; None where it is refused."""
        match self.function:
            case "min":
                return sample.minimum
            case "max":
                return sample.maximum
            case function if function in _PERCENTS:
                return sample.percentile(_PERCENTS[function])
            case _:
                return sample.mean


OUTCOMES: Final[Mapping[str, Callable[[JobResult], Bound]]] = {
    "success_rate": lambda job: (
        exactly(float(job.is_succeeded))
        if not job.is_accepted or (job.is_finished and not job.is_ended_by_us)
        else Bound(0.0, 1.0)
    ),
    "submission_success_rate": lambda job: exactly(float(job.is_accepted)),
}
"""Figures that are the mean of something of each job: 1 where it went well, 0 where not."""


def job_sample(jobs: Sequence[JobResult], name: str) -> list[Bound]:
    """What a statistic is the statistic of: outcomes, or the durations in seconds of all jobs that have the phase.

    A phase that was not over when it was seen last is there with an open end.
    """
    if name in OUTCOMES:
        return [OUTCOMES[name](job) for job in jobs]
    attribute = name.removesuffix("_s") + "_ms"
    found = (getattr(job.phases, attribute) for job in jobs if job.is_accepted and job.phases is not None)
    sample = [_in_seconds(bound) for bound in found if bound is not None]
    if sample or name != "submit_s":
        return sample
    # A file of the specification's own shape has no phases.
    return [exactly(job.submit_duration) for job in jobs if job.is_accepted and job.submit_duration is not None]


def _in_seconds(bound: Bound) -> Bound:
    low, high = (None if end is None else end / 1000 for end in (bound.earliest, bound.latest))
    return Bound(low, high)


_SPACE: Final = re.compile(r"\s*")


class Scanner:
    """Reads an expression of a flag from left to right, and says where it could not go on."""

    def __init__(self, flag: str, text: str) -> None:
        self.flag = flag
        self.text = text
        self.position = 0
        self.skip()

    def skip(self) -> None:
        """Pass over spaces."""
        matched = _SPACE.match(self.text, self.position)
        self.position = matched.end() if matched else self.position

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What stands here, if it is such a thing."""
        matched = pattern.match(self.text, self.position)
        if matched is not None:
            self.position = matched.end()
            self.skip()
        return matched

    def fail(self, expected: str, *, at: int | None = None) -> InvalidExpressionError:
        """The error that says what was expected at this place, or at another."""
        position = self.position if at is None else at
        rest = self.text[position:].strip()
        return InvalidExpressionError(
            flag=self.flag, value=self.text, position=position + 1, found=rest or "", expected=expected
        )


_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPEN: Final = re.compile(r"\(")
_CLOSE: Final = re.compile(r"\)")


def scan_statistic(scanner: Scanner, *, bare_function: str | None = None) -> Statistic:
    """Read a statistic; `bare_function` is meant where a phase stands by itself.

    Raises:
        InvalidExpressionError: none stands here.
    """
    begin = scanner.position
    word = scanner.take(_WORD)
    if word is None:
        raise scanner.fail("statistic")
    name = word.group()
    if name in FIGURES:
        return Statistic(name)
    if name in PHASES:
        if bare_function is None:
            raise scanner.fail("function-of-phase", at=begin)
        return Statistic(name, bare_function)
    if name not in FUNCTIONS:
        raise scanner.fail("statistic", at=begin)
    if scanner.take(_OPEN) is None:
        raise scanner.fail("opening-parenthesis")
    begin = scanner.position
    phase = scanner.take(_WORD)
    if phase is None or phase.group() not in PHASES:
        raise scanner.fail("phase", at=begin)
    if scanner.take(_CLOSE) is None:
        raise scanner.fail("closing-parenthesis")
    return Statistic(phase.group(), name)
