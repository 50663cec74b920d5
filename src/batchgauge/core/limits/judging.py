"""Which limit held: the verdict for every level, and over all of them.

A level is judged by all of its repeats together: what at least half of them show, holds, and failures are counted over all. Of several
limits the one that delayed its jobs most comes first; failures come before any delay.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import chain, groupby, takewhile
from typing import Any, Final

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.limits.below import MAJORITY, met_below
from batchgauge.core.limits.by_level import limits_by_level
from batchgauge.core.limits.of_run import EARLY_ENDS, FEWEST_SENDS, failures_of, limits_of_run
from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.verdict import (
    Lack,
    LevelVerdict,
    Limit,
    LogDeliveryLimit,
    LogLagLimit,
    NoneReached,
    NotEnough,
    Verdict,
    Verdicts,
)

CLEARER_BY: Final = 2
"""Without a limit, the level to run next is so many times the highest."""
OF_SUBMISSION: Final = frozenset({"client", "submit-rate"})
"""The limits that hold up submissions."""


def judge_limits(analysis: Analysis) -> Verdicts:
    """The verdicts of an analysis, whether its jobs are records or columns."""
    runs = [run for run in analysis.runs if not run.result.is_warm_up]
    levels = [(level, list(group)) for level, group in groupby(runs, key=lambda run: run.summary.level)]
    compared = list(limits_by_level(levels))
    judged = tuple(
        _judge(level, at_level, [limit for limit in compared if limit.level == level]) for level, at_level in levels
    )
    return _together(judged, runs)


def _judge(level: int, runs: Sequence[AnalysedRun], compared: Sequence[Limit]) -> LevelVerdict:
    shown: dict[str, list[Limit]] = {}
    unexplained: list[Lack] = []
    for run in runs:
        for limit in limits_of_run(run):
            if isinstance(limit, NotEnough):
                unexplained.append(limit.lack)
            else:
                shown.setdefault(limit.code, []).append(limit)
    held = [_combined(limits) for limits in shown.values() if len(limits) >= MAJORITY * len(runs)]
    failures = failures_of(level, runs)
    repeats = tuple(run.repeat for run in runs)
    ordered = sorted([*([failures] if failures else []), *held, *compared], key=lambda limit: -limit.delay_ms)
    if ordered:
        return LevelVerdict(level, ordered[0], tuple(ordered[1:]), repeats)
    lack = next(chain(_lacks(runs), unexplained), None)
    if lack is not None:
        return LevelVerdict(level, NotEnough(level, lack, level), repeats=repeats)
    return LevelVerdict(level, NoneReached(level), repeats=repeats)


def _lacks(runs: Iterable[AnalysedRun]) -> Iterator[Lack]:
    """What keeps a level at which no limit was found from being one at which there is none."""
    for run in runs:
        if not run.summary.is_monitored:
            yield Lack.MONITORING
        elif not run.summary.accepted:
            yield Lack.JOBS
        elif run.result.outcome in EARLY_ENDS or run.summary.ended_by_us:
            yield Lack.ENDED_EARLY
        elif run.summary.unfinished:
            yield Lack.ENDS


def _together(judged: tuple[LevelVerdict, ...], runs: Sequence[AnalysedRun]) -> Verdicts:
    if not judged:
        return Verdicts((), None, None, None)
    limited = [level for level in judged if not isinstance(level.held, NoneReached | NotEnough)]
    if limited:
        clearest = _clearest(limited)
        judged = met_below(judged, clearest, _first(judged, clearest), runs)
        free = _is_submission_free(judged, runs)
        return Verdicts(judged, clearest, _first(judged, clearest), _unchanged(judged), free)
    last = judged[-1]
    lacking = _lacking(judged)
    overall: Verdict = lacking or last.held
    if lacking is None and len(judged) == 1:
        # Whether jobs slow each other cannot be seen without a level at which there is nobody else.
        lower = 1 if last.level > 1 else CLEARER_BY
        overall = NotEnough(last.level, Lack.LOWER_LEVEL, lower)
    return Verdicts(judged, overall, None, _unchanged(judged))


def _first(judged: Sequence[LevelVerdict], limit: Limit) -> int:
    return next(level.level for level in judged if level.held.code == limit.code)


def _unchanged(judged: Sequence[LevelVerdict]) -> int | None:
    """The highest level with none below it, nor itself, at which something had changed."""
    below = takewhile(lambda level: isinstance(level.held, NoneReached), judged)
    return max((level.level for level in below), default=None)


def _lacking(judged: Sequence[LevelVerdict]) -> NotEnough | None:
    """What the first level lacks that lacks something, said of all that lack the same."""
    found = [level.held for level in judged if isinstance(level.held, NotEnough)]
    if not found:
        return None
    alike = tuple(held.level for held in found if held.lack is found[0].lack)
    return replace(found[0], levels=alike if len(alike) > 1 else ())


def _is_submission_free(judged: Sequence[LevelVerdict], runs: Sequence[AnalysedRun]) -> bool:
    """Whether we submitted the jobs, several at a level, AWS took all, and nothing held that up at any."""
    if any(run.summary.refused for run in runs):
        return False
    is_known = all(run.result.api is not None and "SubmitJob" in run.result.api.operations for run in runs)
    met = {limit.code for level in judged for limit in (level.held, *level.others)}
    return is_known and max(run.summary.submit.count for run in runs) >= FEWEST_SENDS and not met & OF_SUBMISSION


def _clearest(limited: Sequence[LevelVerdict]) -> Limit:
    """The kind that is met first, from the highest level that shows it: the most jobs say most about it."""
    # What delays no job (the reading of logs) is the answer only where nothing else is.
    delaying = [level for level in limited if not isinstance(level.held, LogDeliveryLimit | LogLagLimit)]
    kinds = [level.held.code for level in delaying or limited]
    # At the edge a limit may not be told from its like yet: what most levels agree on is believed, among equals the highest.
    kind = max(dict.fromkeys(reversed(kinds)), key=kinds.count)
    showing = [
        limit
        for level in limited
        for limit in (level.held, *level.others)
        if limit.code == kind and not isinstance(limit, NoneReached | NotEnough)
    ]
    return showing[-1]


def _combined(limits: Sequence[Limit]) -> Limit:
    """Of repeats: numbers by their median; of an estimate its interval's ends too."""
    middle = sorted(limits, key=lambda limit: limit.delay_ms)[len(limits) // 2]
    changed: dict[str, Any] = {}
    for field in fields(middle):
        values = [value for limit in limits if (value := getattr(limit, field.name)) is not None]
        if values and isinstance(values[0], Estimate):
            changed[field.name] = Estimate(
                value=statistics.median(value.value for value in values),
                low=statistics.median(value.low for value in values),
                high=statistics.median(value.high for value in values),
            )
    return replace(middle, **changed)
