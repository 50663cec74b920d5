"""Runs whose jobs are columns, beside those whose jobs are records."""

from __future__ import annotations

from batchgauge.core.analysis import AnalysedRun
from batchgauge.core.job_table import JobTable, table_of


def table_of_run(run: AnalysedRun) -> JobTable:
    """The jobs of a run as columns."""
    return table_of(run.result.jobs)
