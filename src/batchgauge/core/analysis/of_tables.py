"""Runs whose jobs are columns, beside those whose jobs are records."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis, counted, order_of
from batchgauge.core.columns.job_table import JobTable, table_of
from batchgauge.core.columns.summary import summarise_table
from batchgauge.core.job import JobState
from batchgauge.core.levels import LevelSummary
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.thresholds.thresholds import judge_all


def table_of_run(run: AnalysedRun) -> JobTable:
    """The jobs of a run as columns."""
    return run.table if run.table is not None else table_of(run.result.jobs)


def analyse_tables(
    tables: Sequence[tuple[str, RunResult, JobTable]], thresholds: Sequence[str] | None = None
) -> Analysis:
    """As `analysis.analyse`, of results without jobs and the jobs beside them."""
    place = order_of([(file, result) for file, result, _ in tables])
    ordered = sorted(tables, key=lambda entry: place(entry[0], entry[1]))
    return Analysis(runs=tuple(counted(_analysed(*entry, thresholds) for entry in ordered)))


def _analysed(file: str, result: RunResult, table: JobTable, thresholds: Sequence[str] | None) -> AnalysedRun:
    summary = _summary(result, table)
    own = result.scenario.thresholds if result.scenario is not None else ()
    verdicts = judge_all(own if thresholds is None else thresholds, summary)
    return AnalysedRun(file, result, summary, table, thresholds=verdicts)


def _summary(result: RunResult, table: JobTable) -> LevelSummary:
    is_monitored = (
        result.scenario.is_monitored
        if result.scenario is not None
        else bool(table.has_status(JobState.SUCCEEDED, JobState.FAILED).any())
    )
    summary = summarise_table(
        table,
        is_monitored=is_monitored,
        environment=result.environment,
        throttles=result.api.throttles if result.api is not None else None,
        clock=result.clock,
        unanswered=result.ledger.unanswered if result.ledger is not None else 0,
    )
    if not result.levels:
        return summary
    # What was said of logs, programs, tasks and attempts when the jobs were still whole.
    kept = result.levels[0]
    return msgspec.structs.replace(
        summary,
        logs=kept.logs,
        programs=kept.programs,
        tasks=kept.tasks,
        retried=kept.retried,
        attempts=kept.attempts,
        by_attempt=kept.by_attempt,
        cost=kept.cost,
    )
