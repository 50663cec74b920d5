"""The list of kept runs, for the terminal."""

from __future__ import annotations

from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from batchgauge.core.naming import RUN_ID_PREFIX
from batchgauge.core.result.kept_run import KeptRun, Standing
from batchgauge.messages import Translator, plain
from batchgauge.reports.quantities import NOT_MEASURED, count

LEFT: Final = ("run", "began", "standing", "queue")
COLUMNS: Final = ("run", "began", "level", "jobs", "standing", "size", "queue")
STYLES: Final = {
    Standing.GOING_ON: "bold blue",
    Standing.COMPLETE: "green",
    Standing.INTERRUPTED: "yellow",
    Standing.DEADLINE: "yellow",
    Standing.BREACHED: "yellow",
    Standing.CUT_OFF: "red",
    Standing.FAILED: "red",
    Standing.BROKEN: "red",
}
UNITS: Final = ("B", "kB", "MB", "GB")


def runs_table(runs: tuple[KeptRun, ...], translate: Translator) -> Table:
    """A row a run; what fits least into a terminal of 80 columns stands last and is cut there."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    rows = [_row(run, translate) for run in runs]
    for position, column in enumerate(COLUMNS):
        header = Text(translate(f"runs.column.{column}"))
        is_last = column == COLUMNS[-1]
        table.add_column(
            header,
            justify="left" if column in LEFT else "right",
            # rich takes width from the columns that may wrap, and else from all alike, down to none of the narrow ones. The name of a
            # queue has no place to wrap at, so it is cut.
            no_wrap=not is_last,
            overflow="ellipsis",
            min_width=None if is_last else max(text.cell_len for text in (header, *(row[position] for row in rows))),
        )
    for row in rows:
        table.add_row(*row)
    return table


def short_id(run_id: str) -> str:
    """An id without the part that all have in common; its end alone names a run too."""
    return run_id.removeprefix(f"{RUN_ID_PREFIX}-")


def size(bytes_: int) -> str:
    """``1.2 MB``; decimal, as disks count."""
    value = float(bytes_)
    for unit in UNITS[:-1]:
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} {UNITS[-1]}"


def _row(run: KeptRun, translate: Translator) -> list[Text]:
    # Without the year: the run's id has it.
    began = plain(run.timestamp[5:16]).replace("T", " ") if run.timestamp else NOT_MEASURED
    return [
        Text(plain(short_id(run.run_id))),
        Text(began),
        Text(NOT_MEASURED if run.level is None else count(run.level)),
        Text(NOT_MEASURED if run.level is None else "/".join(_shown(n) for n in _numbers(run))),
        Text(translate(f"standing.{run.standing}"), style=STYLES[run.standing]),
        Text(size(run.size_bytes)),
        Text(plain(run.job_queue or NOT_MEASURED)),
    ]


def _numbers(run: KeptRun) -> tuple[int | None, int | None, int | None]:
    """Refused jobs count as failed, as the result document has it."""
    failed = run.failed if not run.refused else (run.failed or 0) + run.refused
    return run.succeeded, failed, run.unfinished


def _shown(number: int | None) -> str:
    return NOT_MEASURED if number is None else count(number)
