"""Several runs side by side: what a report is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from batchgauge.core.levels import LevelSummary, summarise_level
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.sweeps.level_search import LevelSearch
from batchgauge.core.sweeps.steps import GIVEN
from batchgauge.core.thresholds.thresholds import ThresholdResult, judge_all, not_met, with_intervals_of_runs

if TYPE_CHECKING:
    from batchgauge.core.columns.job_table import JobTable


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file of the folder that is not a result; `reason` is the reader's own words."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class AnalysedRun:
    """One run with its statistics."""

    file: str
    """The document's name, without its folder."""
    result: RunResult
    summary: LevelSummary
    table: JobTable | None = None
    """Its jobs as columns, where they are not in the result: read from ``jobs.parquet``."""
    repeat: int = 1
    """Which run of its level, counted from 1 in the order of their times: what tells runs of one level apart."""
    thresholds: tuple[ThresholdResult, ...] = ()
    """The verdicts on what it was to be judged by."""

    @property
    def variant(self) -> str | None:
        """Which of a sweep's variants it is of; None where the sweep varies nothing but the level."""
        return variant_of(self.result)

    @property
    def listed(self) -> int:
        """How many jobs are known one by one."""
        return len(self.result.jobs) if self.table is None else len(self.table)


@dataclass(frozen=True, slots=True)
class Analysis:
    """All runs in the order of their variant, their level, then of their time, and what was left out."""

    runs: tuple[AnalysedRun, ...]
    skipped: tuple[SkippedFile, ...] = ()
    warm_ups: tuple[str, ...] = ()
    """The files of runs that only warmed up: left out."""
    searches: tuple[LevelSearch, ...] = ()
    """What searches for the levels found; none where the levels were given."""

    @property
    def variants(self) -> tuple[str | None, ...]:
        """The variants that were measured, in the order of their first run; one None where nothing but the level varies."""
        return tuple(dict.fromkeys(run.variant for run in self.runs))

    @property
    def parts(self) -> tuple[tuple[str | None, Analysis], ...]:
        """The same variant by variant: only within one does nothing but the level differ."""
        if len(self.variants) < 2:
            return tuple((variant, self) for variant in self.variants)
        return tuple(
            (variant, replace(self, runs=tuple(run for run in self.runs if run.variant == variant)))
            for variant in self.variants
        )

    @property
    def orders(self) -> tuple[str, ...]:
        """In which orders levels were measured, where not as given: ``random@SEED``, ``auto``."""
        places = [run.result.scenario.place for run in self.runs if run.result.scenario is not None]
        return tuple(dict.fromkeys(place.order for place in places if place is not None and place.order != GIVEN))

    @property
    def not_met(self) -> tuple[str, ...]:
        """The thresholds that do not hold over all runs."""
        return not_met(run.thresholds for run in self.runs)

    @property
    def has_columns(self) -> bool:
        """Whether jobs of some run are columns only: what walks ``result.jobs`` would find none, and must not judge by that."""
        return any(run.table is not None for run in self.runs)


def analyse(
    documents: Sequence[tuple[str, RunResult]],
    skipped: Sequence[SkippedFile] = (),
    thresholds: Sequence[str] | None = None,
) -> Analysis:
    """From (file name, result) pairs. The statistics are computed anew: older documents may carry none.

    Runs that only warmed up are left out, unless there are no others. `thresholds` stand in the place of those that each run was given.
    """
    place = order_of(documents)
    ordered = sorted(documents, key=lambda pair: place(*pair))
    measured = [(file, result) for file, result in ordered if not result.is_warm_up] or ordered
    kept = {file for file, _ in measured}
    runs = list(counted(_analysed(file, result, thresholds) for file, result in measured))
    return Analysis(
        runs=tuple(_with_intervals(runs)),
        skipped=tuple(skipped),
        warm_ups=tuple(file for file, _ in ordered if file not in kept),
    )


def order_of(documents: Sequence[tuple[str, RunResult]]) -> Callable[[str, RunResult], tuple[object, ...]]:
    """What of a file and its result orders runs: by variant, by level, then by time."""
    first = _first_times(documents)
    return lambda file, result: (first[variant_of(result)], result.total_jobs, result.timestamp, file)


def counted(runs: Iterable[AnalysedRun]) -> Iterator[AnalysedRun]:
    """Ordered runs with their repeats, which are counted within the level of a variant."""
    seen: Counter[tuple[str | None, int]] = Counter()
    for run in runs:
        which = (run.variant, run.summary.level)
        seen[which] += 1
        yield replace(run, repeat=seen[which])


def _with_intervals(runs: Sequence[AnalysedRun]) -> Iterator[AnalysedRun]:
    """Thresholds with the interval of a level's runs, where there are enough of them."""
    for _, group in groupby(runs, key=lambda run: (run.variant, run.summary.level)):
        of_level = list(group)
        judged = with_intervals_of_runs([run.thresholds for run in of_level])
        yield from (replace(run, thresholds=results) for run, results in zip(of_level, judged, strict=True))


def variant_of(result: RunResult) -> str | None:
    """Which of a sweep's variants a run is of."""
    place = result.scenario.place if result.scenario is not None else None
    return place.variant if place is not None else None


def _first_times(documents: Sequence[tuple[str, RunResult]]) -> dict[str | None, tuple[int, str]]:
    """By variant, what orders the variants: their place in the sweep where it was as given, else their names."""
    firsts: dict[str | None, tuple[int, str]] = {}
    for _, result in documents:
        place = result.scenario.place if result.scenario is not None else None
        is_given = place is not None and place.order == GIVEN
        rank = (place.position if place is not None and is_given else 0, variant_of(result) or "")
        variant = variant_of(result)
        firsts[variant] = min(firsts.get(variant, rank), rank)
    return firsts


def _analysed(file: str, result: RunResult, thresholds: Sequence[str] | None) -> AnalysedRun:
    summary = _summary(result)
    own = result.scenario.thresholds if result.scenario is not None else ()
    verdicts = judge_all(own if thresholds is None else thresholds, summary, result.jobs)
    return AnalysedRun(file, result, summary, thresholds=verdicts)


def _summary(result: RunResult) -> LevelSummary:
    summary = summarise_level(
        result.jobs,
        is_monitored=_is_monitored(result),
        environment=result.environment,
        throttles=result.api.throttles if result.api is not None else None,
        clock=result.clock,
        unanswered=result.ledger.unanswered if result.ledger is not None else 0,
    )
    if result.schema_version is not None:
        return summary
    # A file of the specification's own shape: it may list fewer jobs than were started, and has no instants of ours.
    return msgspec.structs.replace(
        summary,
        level=max(summary.level, result.total_jobs),
        submissions_per_s=_submissions_per_s(result.jobs),
    )


def _submissions_per_s(jobs: Sequence[JobResult]) -> float | None:
    """As `LevelSummary.submissions_per_s`, from the specification's local times; None where one is no time."""
    try:
        sent = [
            (datetime.fromisoformat(job.submission_time), job.submit_duration)
            for job in jobs
            if job.is_accepted and job.submit_duration is not None
        ]
        answered = [begin + timedelta(seconds=duration) for begin, duration in sent]
        span_s = (max(answered) - min(begin for begin, _ in sent)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return len(sent) / span_s if span_s > 0 and len(sent) > 1 else None


def _is_monitored(result: RunResult) -> bool:
    """As the scenario says; for a file of the specification's own shape, by whether any job was seen to end."""
    if result.scenario is not None:
        return result.scenario.is_monitored
    return any(job.is_finished for job in result.jobs)
