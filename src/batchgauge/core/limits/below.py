"""A limit that is proven at a level, looked for again at the levels below it.

One job that waits, or one call that is throttled, proves nothing by itself: it may be anybody's doing. Below a level that proves the
limit it is that limit's doing, where it fits what is known of it, and nobody may say that nothing had changed at that level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.bound import Bound
from batchgauge.core.concurrency.placement import Placed
from batchgauge.core.limits.job_evidence import evidence_of
from batchgauge.core.limits.of_run import taken_later_ms
from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.verdict import (
    DispatchLimit,
    Lack,
    LaunchRateLimit,
    LevelVerdict,
    Limit,
    MaxVcpusLimit,
    NoCapacityLimit,
    NoneReached,
    NotEnough,
    SubmitRateLimit,
    VcpuQuotaLimit,
    Verdict,
)

MAJORITY: Final = 0.5
"""The part of a level's repeats that must show a limit."""


def met_below(
    judged: Sequence[LevelVerdict], proven: Limit, first_level: int, runs: Sequence[AnalysedRun]
) -> tuple[LevelVerdict, ...]:
    """The levels, where those right below the first that proves the limit show it too; down to the first that does not."""
    found: dict[int, Limit] = {}
    for verdict in reversed([level for level in judged if level.level < first_level]):
        own = [run for run in runs if run.summary.level == verdict.level]
        shown = [limit for run in own if (limit := _met(proven, run)) is not None]
        if not _is_open(verdict.held) or not shown or len(shown) < MAJORITY * len(own):
            break
        found[verdict.level] = sorted(shown, key=lambda limit: limit.delay_ms)[len(shown) // 2]
    return tuple(replace(level, held=found.get(level.level, level.held)) for level in judged)


def _is_open(held: Verdict) -> bool:
    """Whether nothing was found at a level, or only that its jobs waited."""
    return isinstance(held, NoneReached) or (isinstance(held, NotEnough) and held.lack is Lack.PLACES)


def _met(proven: Limit, run: AnalysedRun) -> Limit | None:
    """The limit with its numbers, and with what it cost this run; None where the run does not show it."""
    if isinstance(proven, SubmitRateLimit):
        return _throttled(proven, run)
    placed = evidence_of(run).placed
    waited = placed.number_waited + placed.never_placed
    if not run.summary.is_monitored or not placed.number or not waited:
        return None
    if isinstance(proven, DispatchLimit | LaunchRateLimit):
        is_beyond = proven.depth is not None and run.summary.level > proven.depth.low
        return replace(proven, level=run.summary.level, waited=waited, delay_ms=placed.delay_ms) if is_beyond else None
    if isinstance(proven, MaxVcpusLimit | VcpuQuotaLimit | NoCapacityLimit):
        return _for_room(proven, run.summary.level, placed)
    return None


def _throttled(proven: SubmitRateLimit, run: AnalysedRun) -> Limit | None:
    usage = run.result.api.operations.get("SubmitJob") if run.result.api is not None else None
    if usage is None or not usage.throttled:
        return None
    level = run.summary.level
    return replace(proven, level=level, throttled=usage.throttled, calls=usage.calls, delay_ms=taken_later_ms(run))


def _for_room(proven: MaxVcpusLimit | VcpuQuotaLimit | NoCapacityLimit, level: int, placed: Placed) -> Limit | None:
    jobs = _both(proven.jobs, placed.held)
    if jobs is None or level <= jobs.low:
        return None
    waited = placed.number_waited + placed.never_placed
    met = replace(proven, level=level, jobs=jobs, waited=waited, delay_ms=placed.delay_ms)
    if isinstance(met, MaxVcpusLimit):
        return replace(met, needed_vcpus=met.needed_vcpus * level / proven.level)
    return met


def _both(proven: Estimate, held: Bound) -> Estimate | None:
    """How many places there are, where a level that held so many may have filled them."""
    low = max(proven.low, held.earliest or 0.0)
    high = proven.high if held.latest is None else min(proven.high, held.latest)
    if low > high:
        return None
    return Estimate(value=proven.value if low <= proven.value <= high else (low + high) / 2, low=low, high=high)
