"""Two measurements side by side: what differs in their conditions, and what changed at each level, by how much and how surely."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.bound import Bound, exactly
from batchgauge.core.result.conditions import ConditionDifference, differences
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.stats.dominance import Dominance, dominance
from batchgauge.core.stats.two_samples import (
    FEWEST_RUNS,
    Shift,
    mean_of,
    quantile_of,
    shift_of_mean,
    shift_of_quantile,
    shift_of_runs,
    shift_of_share,
)
from batchgauge.core.thresholds.statistic import (
    FIGURES,
    OUTCOMES,
    PHASES,
    Scanner,
    Statistic,
    Unit,
    job_sample,
    scan_statistic,
)

FLAG: Final = "--fail-if"
BARE_FUNCTION: Final = "median"
"""What a phase by itself means here: one job that took ten times as long must not make a run seem slower."""
SEED: Final = 20_261_122
"""Of the resampling: the same two folders give the same figures, always."""
COMPARED: Final = (
    *(Statistic(phase, "median") for phase in ("submit_s", "queue_s", "start_up_s", "wait_s", "run_s")),
    Statistic("wait_s", "p95"),
    *(Statistic(name) for name in ("makespan_s", "max_concurrency", "throttles", "success_rate")),
)
NOTHING: Final = exactly(0.0)
_BETTER_HIGH: Final = frozenset({"success_rate", "submission_success_rate", "max_concurrency"})
_SIGN: Final = re.compile(r"[+-]")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_UNIT: Final = re.compile(r"%|ms\b|s\b|min\b|h\b")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}


class Direction(StrEnum):
    """What can be said of a change."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"
    """Both sides are the same measurement, or every run of both has exactly the same value."""
    NONE_CLEAR = "none-clear"
    """The interval holds no change at all, too."""
    UNMEASURED = "unmeasured"
    """One of the two has no value."""
    UNSURE = "unsure"
    """There is a difference, and too few values to say how much of it is chance."""


class Basis(StrEnum):
    """What an interval is of."""

    RUNS = "runs"
    """One value a run: what differs between runs is in it."""
    JOBS = "jobs"
    """All jobs as if they were independent; jobs of one run are not quite, so the truth may lie a little outside more often than said."""
    BOUNDS = "bounds"
    """One value a run, and too few runs, or the same value in all of them: what is measured is known, and what chance does to it is not."""


class Change(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One statistic at one level, before and after."""

    statistic: str
    unit: Unit
    base: Bound | None
    new: Bound | None
    direction: Direction
    basis: Basis | None = None
    shift: Shift | None = None
    dominance: Dominance | None = None
    """How often the durations of new jobs are above those of base ones; None for what is no duration of many jobs."""


class LevelComparison(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One level."""

    level: int
    base_runs: int
    new_runs: int
    changes: tuple[Change, ...]
    variant: str | None = None
    """Of measurements with several variants, the one whose level it is."""
    is_one_measurement: bool = False
    """Whether both sides are the very same runs: then nothing can have changed, however coarse its times are."""


class FailVerdict(StrEnum):
    """What became of a ``--fail-if`` at a level."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"
    """It may be that bad, and it may be nothing: said, and no failure."""
    UNMEASURED = "unmeasured"


class FailResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A ``--fail-if`` at a level."""

    rule: str
    level: int
    verdict: FailVerdict
    variant: str | None = None


class Comparison(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Everything."""

    conditions: tuple[ConditionDifference, ...]
    levels: tuple[LevelComparison, ...]
    only_base: tuple[int, ...] = ()
    only_new: tuple[int, ...] = ()
    rules: tuple[FailResult, ...] = ()

    @property
    def failed(self) -> tuple[str, ...]:
        """The rules that failed at some level, or that no level could judge at all."""
        by_rule: dict[str, list[FailVerdict]] = {}
        for result in self.rules:
            by_rule.setdefault(result.rule, []).append(result.verdict)
        return tuple(
            rule
            for rule, seen in by_rule.items()
            if FailVerdict.FAILED in seen or all(verdict is FailVerdict.UNMEASURED for verdict in seen)
        )


@dataclass(frozen=True, slots=True)
class FailRule:
    """A change that is not to be: ``queue_s +20%``."""

    statistic: Statistic
    is_up: bool
    limit: float
    """Seconds, a share, or a number; a part of the old value where `is_relative`."""
    is_relative: bool
    text: str

    def judge(self, level: int, change: Change) -> FailResult:
        """Failed where the measured change passes the limit for every value that the bounds allow and chance alone does not explain it."""
        return FailResult(rule=self.text, level=level, verdict=self._verdict(change))

    def _verdict(self, change: Change) -> FailVerdict:
        if change.shift is None:
            return FailVerdict.UNMEASURED
        if change.direction is Direction.SAME and change.basis is None:
            return FailVerdict.PASSED
        shift = change.shift
        measured = shift.relative if self.is_relative else shift.measured
        interval = shift.relative_interval if self.is_relative else shift.interval
        if measured is None:
            # Of nothing, there is no percentage: any change is more than any part of it.
            measured, interval = _unlimited(shift.measured), shift.interval
        least, most = self._towards(measured)
        if change.basis is Basis.BOUNDS:
            # One value each: the limit is then all there is to tell chance by, and it was set by who knows the jobs.
            interval = measured
        surely, possibly = self._towards(interval) if interval is not None else (None, None)
        if least is not None and least > self.limit and surely is not None and surely > 0:
            return FailVerdict.FAILED
        reach = [end for end in (most, possibly) if end is not None] if None not in (most, possibly) else []
        return FailVerdict.PASSED if reach and max(reach) <= self.limit else FailVerdict.UNDECIDED

    def _towards(self, bound: Bound) -> tuple[float | None, float | None]:
        """The least and the most that it went in the rule's direction."""
        if self.is_up:
            return bound.earliest, bound.latest
        return (
            -bound.latest if bound.latest is not None else None,
            -bound.earliest if bound.earliest is not None else None,
        )


def parse_fail_rule(text: str) -> FailRule:
    """A rule as it is typed.

    Raises:
        InvalidExpressionError: it is none; says where, and what was expected there.
    """
    scanner = Scanner(FLAG, text)
    statistic = scan_statistic(scanner, bare_function=BARE_FUNCTION)
    sign = scanner.take(_SIGN)
    if sign is None:
        raise scanner.fail("sign")
    number = scanner.take(_NUMBER)
    if number is None:
        raise scanner.fail("number")
    at = scanner.position
    unit = scanner.take(_UNIT)
    if scanner.position < len(text):
        raise scanner.fail("end")
    is_relative = unit is not None and unit.group() == "%"
    factor = 0.01 if is_relative else 1.0
    if unit is not None and not is_relative:
        if statistic.unit is not Unit.SECONDS:
            raise scanner.fail("percent-or-nothing", at=at)
        factor = _SECONDS[unit.group()]
    written = f"{statistic} {sign.group()}{number.group()}{unit.group() if unit else ''}"
    return FailRule(statistic, sign.group() == "+", float(number.group()) * factor, is_relative, written)


def compare(base: Analysis, new: Analysis, rules: Sequence[FailRule] = (), *, seed: int = SEED) -> Comparison:
    """Level by level; what only one side has is named and not compared."""
    chance = random.Random(seed)  # noqa: S311  (resampling, not a secret)
    before, after = _by_level(base), _by_level(new)
    common = sorted(set(before) & set(after))
    levels = tuple(_compare_level(level, before[level], after[level], chance) for level in common)
    judged = tuple(
        rule.judge(level, _change(rule.statistic, before[level], after[level], chance))
        for rule in rules
        for level in common
    )
    return Comparison(
        conditions=differences([run.result for run in base.runs], [run.result for run in new.runs]),
        levels=levels,
        only_base=tuple(sorted(set(before) - set(after))),
        only_new=tuple(sorted(set(after) - set(before))),
        rules=judged,
    )


def _by_level(analysis: Analysis) -> dict[int, list[AnalysedRun]]:
    found: dict[int, list[AnalysedRun]] = {}
    for run in analysis.runs:
        found.setdefault(run.summary.level, []).append(run)
    return found


def _compare_level(
    level: int, base: Sequence[AnalysedRun], new: Sequence[AnalysedRun], chance: random.Random
) -> LevelComparison:
    changes = tuple(_change(statistic, base, new, chance) for statistic in COMPARED)
    return LevelComparison(
        level=level,
        base_runs=len(base),
        new_runs=len(new),
        changes=changes,
        is_one_measurement=_are_the_same(base, new),
    )


def _are_the_same(base: Sequence[AnalysedRun], new: Sequence[AnalysedRun]) -> bool:
    """Whether each run of one side is on the other too, to the last digit of every job."""
    rest = [run.result for run in new]
    for run in base:
        at = next((n for n, result in enumerate(rest) if _is_one_run(run.result, result)), None)
        if at is None:
            return False
        del rest[at]
    return not rest


def _is_one_run(result: RunResult, other: RunResult) -> bool:
    facts = ((entry.run_id, entry.timestamp, entry.jobs) for entry in (result, other))
    return result is other or next(facts) == next(facts)


def _change(
    statistic: Statistic, base: Sequence[AnalysedRun], new: Sequence[AnalysedRun], chance: random.Random
) -> Change:
    before, after = _values(statistic, base), _values(statistic, new)
    if not before or not after:
        return Change(
            statistic=str(statistic),
            unit=statistic.unit,
            base=_mean(before),
            new=_mean(after),
            direction=Direction.UNMEASURED,
        )
    if _are_the_same(base, new):
        # Its bounds are those of one and the same value, so they cancel out; and between a run and itself there is no chance.
        return Change(
            statistic=str(statistic),
            unit=statistic.unit,
            base=_mean(before),
            new=_mean(after),
            direction=Direction.SAME,
            shift=Shift(measured=NOTHING, interval=None, relative=NOTHING, relative_interval=None),
        )
    basis, shift = _shift(statistic, before, after, (base, new), chance)
    # What is shown before and after is what the change is of: of all jobs together, or of the runs.
    shown = (_pooled(statistic, base), _pooled(statistic, new)) if basis is Basis.JOBS else None
    return Change(
        statistic=str(statistic),
        unit=statistic.unit,
        base=shown[0] if shown is not None else _mean(before),
        new=shown[1] if shown is not None else _mean(after),
        direction=_direction(statistic, shift),
        basis=basis,
        shift=shift,
        dominance=dominance(*_samples(statistic, (base, new))) if statistic.name in PHASES else None,
    )


def _shift(
    statistic: Statistic,
    before: Sequence[Bound],
    after: Sequence[Bound],
    runs: tuple[Sequence[AnalysedRun], Sequence[AnalysedRun]],
    chance: random.Random,
) -> tuple[Basis, Shift]:
    is_share = statistic.name in OUTCOMES
    # Runs that are all alike show no chance at all, and no interval comes of them; the jobs behind them may.
    are_alike = len({*before, *after}) == 1 and before[0].is_exact
    if min(len(before), len(after)) >= FEWEST_RUNS and not are_alike:
        return Basis.RUNS, shift_of_runs(before, after)
    if statistic.name in FIGURES and not is_share:
        shift = shift_of_mean(before, after, chance)
        return Basis.BOUNDS, msgspec.structs.replace(shift, interval=None, relative_interval=None)
    samples = _samples(statistic, runs)
    if is_share:
        return Basis.JOBS, shift_of_share(*samples)
    probability = statistic.probability
    if probability is None:
        return Basis.JOBS, shift_of_mean(samples[0], samples[1], chance)
    return Basis.JOBS, shift_of_quantile(samples[0], samples[1], probability, chance)


def _pooled(statistic: Statistic, runs: Sequence[AnalysedRun]) -> Bound:
    sample = _sample(statistic, runs)
    return mean_of(sample) if statistic.probability is None else quantile_of(sample, statistic.probability)


def _samples(
    statistic: Statistic, sides: tuple[Sequence[AnalysedRun], Sequence[AnalysedRun]]
) -> tuple[list[Bound], list[Bound]]:
    """The jobs of all runs of a side together."""
    return _sample(statistic, sides[0]), _sample(statistic, sides[1])


def _sample(statistic: Statistic, runs: Sequence[AnalysedRun]) -> list[Bound]:
    return [bound for run in runs for bound in job_sample(run.result.jobs, statistic.name)]


def _values(statistic: Statistic, runs: Sequence[AnalysedRun]) -> list[Bound]:
    values = [statistic.value(run.summary) for run in runs]
    return [value for value in values if value is not None]


def _mean(values: Sequence[Bound]) -> Bound | None:
    if not values:
        return None
    lows = [value.earliest for value in values if value.earliest is not None]
    highs = [value.latest for value in values if value.latest is not None]
    return Bound(
        sum(lows) / len(lows) if len(lows) == len(values) else None,
        sum(highs) / len(highs) if len(highs) == len(values) else None,
    )


def _direction(statistic: Statistic, shift: Shift) -> Direction:
    if shift.interval is None:
        is_same = shift.measured.is_exact and shift.measured.earliest == 0
        return Direction.SAME if is_same else Direction.UNSURE
    is_up = shift.interval.earliest is not None and shift.interval.earliest > 0
    is_down = shift.interval.latest is not None and shift.interval.latest < 0
    if not is_up and not is_down:
        return Direction.NONE_CLEAR
    return Direction.BETTER if is_up == (statistic.name in _BETTER_HIGH) else Direction.WORSE


def _unlimited(bound: Bound) -> Bound:
    def end(value: float | None) -> float | None:
        return None if value is None else 0.0 if value == 0 else float("inf") if value > 0 else float("-inf")

    return Bound(end(bound.earliest), end(bound.latest))
