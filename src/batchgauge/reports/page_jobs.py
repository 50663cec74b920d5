"""What the page shows of single jobs: all of them up to a number, beyond it a choice that is said."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from batchgauge.core.columns.job_table import PHASES, JobTable, Numbers, Rows
from batchgauge.core.observed.clock_offset import ClockOffset

MAX_JOBS: Final = 5_000
"""Jobs that a page holds, over all its runs: some 200 bytes each."""
MIN_JOBS: Final = 100
"""Of a run, however many there are; so long as there are not more than `MAX_JOBS / MIN_JOBS` of them the page keeps its size."""
MAX_TEXT: Final = 300
PHASE_DECIMALS: Final = 3
"""Of milliseconds: submissions take one or two, and the page shows them with three digits, as the tables do."""
SHOWN_PHASES: Final = ("submit", "queue", "start_up", "wait", "run")
BAD: Final = ("FAILED", "FAILED_TO_SUBMIT")


def chosen_rows(table: JobTable, most: int) -> tuple[Rows, Rows]:
    """Rows in the order of the table, and which of them were chosen evenly.

    Half of the places go to every k-th job, the first and the last always; a quarter to those that failed, a quarter to those that waited
    longest. Where all have room, all are chosen evenly.
    """
    if len(table) <= most:
        rows = np.arange(len(table))
        return rows, np.ones(len(rows), dtype=np.int64)
    even = np.unique(np.linspace(0, len(table) - 1, most // 2).round().astype(np.int64))
    bad = np.flatnonzero(table.has_status(*BAD))[: most // 4]
    waits = np.nan_to_num(table.numbers["wait_least_ms"], nan=-1.0)
    slow = np.argpartition(waits, -(most // 4))[-(most // 4) :]
    rows = np.unique(np.concatenate([even, bad, slow]))
    return rows, np.isin(rows, even).astype(np.int64)


def jobs_of(table: JobTable, clock: ClockOffset | None, most: int) -> dict[str, Any]:
    """The columns of the chosen jobs; times in milliseconds since `base_ms`, on AWS's clock."""
    rows, even = chosen_rows(table, most)
    created = table.numbers["created_ms"]
    base_ms = float(np.nanmin(created)) if not np.isnan(created).all() else None
    columns: dict[str, Any] = {
        "index": _rounded(table.numbers["index"][rows], 0),
        "even": even.tolist(),
        "status": [table.statuses[code] for code in table.status_codes[rows]],
        "attempts": _rounded(table.numbers["attempts"][rows], 0),
        "exitCode": _rounded(table.numbers["exit_code"][rows], 0),
    }
    for name in ("job_name", "job_id"):
        columns[name] = [_cut(text) for text in table.texts(name, rows)]
    said = zip(*(table.texts(name, rows) for name in ("error", "reason", "status_reason")), strict=True)
    columns["said"] = [_cut(next((text for text in texts if text), None)) for texts in said]
    for phase in (name for name in SHOWN_PHASES if name in PHASES):
        columns[phase] = [
            _rounded(table.numbers[f"{phase}_{end}_ms"][rows], PHASE_DECIMALS) for end in ("least", "most")
        ]
    if base_ms is not None:
        columns |= _times(table, rows, clock, base_ms)
    return {"base": base_ms, "total": len(table), "columns": columns}


def _times(table: JobTable, rows: Rows, clock: ClockOffset | None, base_ms: float) -> dict[str, Any]:
    numbers = table.numbers
    names = ("created", "starting_earliest", "starting_latest", "started", "stopped")
    times = {name: _rounded(numbers[f"{name}_ms"][rows] - base_ms, 0) for name in names}
    for name, column in (("sent", "sent_ms"), ("seen", "last_seen_ms")):
        on_aws = [_middle(clock, moment) for moment in numbers[column][rows].tolist()]
        times[name] = _rounded(np.array(on_aws, dtype=np.float64) - base_ms, 0)
    return times


def _middle(clock: ClockOffset | None, moment: float) -> float:
    """A moment of our clock on AWS's, for drawing: the middle of where it may be."""
    if clock is None or np.isnan(moment):
        return float("nan")
    bound = clock.to_aws(moment)
    return float("nan") if bound.earliest is None or bound.latest is None else (bound.earliest + bound.latest) / 2


def _rounded(values: Numbers, decimals: int) -> list[float | int | None]:
    shown = np.round(values, decimals).tolist()
    return [None if math.isnan(value) else int(value) if decimals == 0 else value for value in shown]


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
