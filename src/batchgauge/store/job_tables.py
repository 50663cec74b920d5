"""``jobs.parquet``, read back: the runs from its metadata, their jobs as columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from batchgauge.core.job_table import ATTEMPT_COLUMNS, NUMBER_COLUMNS, JobTable, Numbers, Rows
from batchgauge.core.result import RunResult
from batchgauge.errors import NoResultsError

if TYPE_CHECKING:
    import polars as pl

METADATA_KEY: Final = "batchgauge"
"""Where the file keeps its runs; see reports/job_files.py."""


class Head(msgspec.Struct, frozen=True):
    """One run of the file, without its jobs."""

    file: str
    result: RunResult


def read_job_tables(path: Path) -> list[tuple[str, RunResult, JobTable]]:
    """(file, result without jobs, jobs) of each run.

    Raises:
        NoResultsError: it is no such file.
    """
    import polars as pl  # noqa: PLC0415  (late: only this file needs it)

    try:
        heads = msgspec.json.decode(pl.read_parquet_metadata(path)[METADATA_KEY], type=list[Head])
        frame = pl.read_parquet(path)
        return [(head.file, head.result, _table(_rows_of(frame, head.file))) for head in heads]
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise NoResultsError(folder=str(path), skipped=1, reasons=((path.name, reason),)) from error


def _rows_of(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415  (as above)

    files = frame["file"]
    return frame if files.n_unique() == 1 else frame.filter(pl.col("file") == file)


def _table(frame: pl.DataFrame) -> JobTable:
    import polars as pl  # noqa: PLC0415  (as above)

    statuses = sorted(frame["status"].unique().to_list())
    status = frame["status"].cast(pl.Enum(statuses))
    several = np.flatnonzero(frame["attempt_started_ms"].is_not_null().to_numpy())
    counts = frame["attempt_started_ms"].list.len().to_numpy()[several].astype(np.int64)
    return JobTable(
        numbers={name: _numbers(frame[name]) for name in NUMBER_COLUMNS},
        status_codes=status.to_physical().to_numpy().astype(np.int64),
        statuses=statuses,
        texts=lambda name, rows: frame[name].gather(rows).to_list(),
        attempt_rows=np.repeat(several, counts),
        attempts={name: _attempts(frame, name, several) for name in ATTEMPT_COLUMNS},
    )


def _numbers(series: pl.Series) -> Numbers:
    import polars as pl  # noqa: PLC0415  (as above)

    numbers: Numbers = series.cast(pl.Float64).to_numpy()
    return numbers


def _attempts(frame: pl.DataFrame, name: str, rows: Rows) -> Numbers:
    return _numbers(frame[f"attempt_{name}"].gather(rows).explode()) if len(rows) else np.zeros(0)
