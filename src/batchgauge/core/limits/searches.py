"""What a sweep that finds its levels by itself has found: from its results to the planner's history, and to what is said at the end."""

from __future__ import annotations

from collections.abc import Sequence

from batchgauge.core.analysis.analysis import analyse, variant_of
from batchgauge.core.journal import RunOutcome
from batchgauge.core.limits.judging import judge_limits
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.sweeps.auto_levels import Shown, Standing, bracket_of
from batchgauge.core.sweeps.level_search import LevelSearch
from batchgauge.core.sweeps.record import SearchEnd, SweepRecord
from batchgauge.core.verdict import (
    LevelVerdict,
    MaxVcpusLimit,
    NoCapacityLimit,
    NoneReached,
    NotEnough,
    VcpuQuotaLimit,
)


def shown_by(results: Sequence[RunResult]) -> tuple[Shown, ...]:
    """What each level has shown, in the order of their first runs; every level is judged anew, in the light of all others."""
    shown: dict[int, Shown] = {}
    verdicts = _verdicts(results)
    breached = {result.total_jobs for result in results if result.outcome is RunOutcome.BREACHED}
    for result in _measured(results):
        level = result.total_jobs
        if level in verdicts:
            shown.setdefault(level, _shown(verdicts[level], is_breached=level in breached))
    return tuple(shown.values())


def searches_of(record: SweepRecord, results: Sequence[RunResult]) -> tuple[LevelSearch, ...]:
    """What a sweep's searches have found; none where its levels were given."""
    if record.auto is None:
        return ()
    ends = {end.variant: end for end in record.auto.ends}
    return tuple(_search(results_of(record, results, name), name, ends.get(name or None)) for name in record.auto.rules)


def results_of(record: SweepRecord, results: Sequence[RunResult], name: str) -> list[RunResult]:
    """Those of a search, in the order in which they were measured.

    By their runs, not by the variant that they name: in documents that were made to be shared that is another one.
    """
    by_run = {result.run_id: result for result in results}
    steps = zip(record.runs, record.steps, strict=False)
    return [by_run[run] for run, step in steps if (step.variant or "") == name and run in by_run]


def _search(own: Sequence[RunResult], name: str, end: SearchEnd | None) -> LevelSearch:
    history = shown_by(own)
    bracket = bracket_of(history)
    held = _verdicts(own)[bracket.limited].held if bracket.limited is not None else None
    variant = variant_of(own[0]) if own else name or None
    return LevelSearch(variant, bracket, held, end, tuple(shown.level for shown in history))


def _measured(results: Sequence[RunResult]) -> list[RunResult]:
    return [result for result in results if not result.is_warm_up]


def _verdicts(results: Sequence[RunResult]) -> dict[int, LevelVerdict]:
    named = [(str(result.run_id), result) for result in _measured(results)]
    return {verdict.level: verdict for verdict in judge_limits(analyse(named)).levels}


def _shown(verdict: LevelVerdict, *, is_breached: bool) -> Shown:
    held = verdict.held
    if is_breached:
        return Shown(verdict.level, Standing.BREACHED)
    if isinstance(held, NotEnough):
        return Shown(verdict.level, Standing.UNCLEAR)
    if isinstance(held, NoneReached):
        return Shown(verdict.level, Standing.UNCHANGED)
    holds = int(held.jobs.value) if isinstance(held, MaxVcpusLimit | VcpuQuotaLimit | NoCapacityLimit) else None
    return Shown(verdict.level, Standing.LIMITED, holds)
