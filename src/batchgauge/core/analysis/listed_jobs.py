"""The jobs of a run one by one, also where they are columns: as far as statistics of single jobs ask for them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.bound import Bound
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.timeline import Instants, Phases

if TYPE_CHECKING:
    from batchgauge.core.columns.job_table import JobTable

MOST_ROWS: Final = 10_000
"""Of more columns no records are made: what is said of a million jobs must not take a minute."""


def listed_jobs(run: AnalysedRun) -> Sequence[JobResult]:
    """As they are in the result; of columns with what they hold of instants and phases, or nothing where they are too many."""
    if run.table is None:
        return run.result.jobs
    return tuple(_rows(run.table)) if len(run.table) <= MOST_ROWS else ()


def _rows(table: JobTable) -> Iterator[JobResult]:
    import numpy as np  # noqa: PLC0415  (only for columns)

    every = np.arange(len(table), dtype=np.int64)
    numbers = {
        name: [None if math.isnan(value) else value for value in column.tolist()]
        for name, column in table.numbers.items()
    }
    ids, names, statuses = (table.texts(name, every) for name in ("job_id", "job_name", "status"))
    submitted = table.texts("submission_time", every)
    for row in range(len(table)):

        def number(name: str, row: int = row) -> float | None:
            return numbers[name][row]

        def bound(name: str, ends: tuple[str, str], row: int = row) -> Bound | None:
            low, high = (numbers[f"{name}_{end}_ms"][row] for end in ends)
            return None if low is None and high is None else Bound(low, high)

        array_index = number("array_index")
        yield JobResult(
            job_id=ids[row],
            job_name=names[row] or "",
            submission_time=submitted[row] or "",
            submit_duration=number("submit_duration_s"),
            status=statuses[row] or "",
            array_index=None if array_index is None else int(array_index),
            instants=Instants(
                created_ms=number("created_ms"),
                starting_ms=bound("starting", ("earliest", "latest")),
                started_ms=number("started_ms"),
                stopped_ms=number("stopped_ms"),
                last_seen_ms=number("last_seen_ms"),
            ),
            phases=Phases(
                submit_ms=bound("submit", ("least", "most")),
                queue_ms=bound("queue", ("least", "most")),
                start_up_ms=bound("start_up", ("least", "most")),
                wait_ms=bound("wait", ("least", "most")),
                run_ms=bound("run", ("least", "most")),
            ),
        )
