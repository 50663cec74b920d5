"""``jobs.parquet``, read back: the runs from its metadata, their jobs as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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

LATE: Final = frozenset(
    {
        "index",
        "submit_tries",
        "exit_code",
        "countdown_seconds",
        "attempts",
        "is_contradicted",
        "intended_ms",
        "seen_done_ms",
        "runnable_earliest_ms",
        "runnable_latest_ms",
    }
)
EAGER: Final = tuple(name for name in NUMBER_COLUMNS if name not in LATE)
"""What the statistics need."""


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
        lists = [f"attempt_{name}" for name in ATTEMPT_COLUMNS]
        frame = pl.read_parquet(path, columns=["file", "status", *EAGER, *lists])
        return [(head.file, head.result, _table(_rows_of(frame, head.file), _Later(path, head.file))) for head in heads]
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise NoResultsError(folder=str(path), skipped=1, reasons=((path.name, reason),)) from error


@dataclass(frozen=True)
class _Later:
    """Columns of one run that are read when they are asked for."""

    path: Path
    file: str

    def column(self, name: str) -> pl.Series:
        """All of its jobs."""
        import polars as pl  # noqa: PLC0415  (as above)

        return _rows_of(pl.read_parquet(self.path, columns=["file", name]), self.file)[name]

    def texts(self, name: str, rows: Rows) -> list[str | None]:
        """Some of its jobs."""
        return self.column(name).gather(rows).to_list()


class _Numbers(Mapping[str, Numbers]):
    """All columns of numbers; those that the statistics do not need are read when something else does."""

    def __init__(self, known: dict[str, Numbers], later: _Later) -> None:
        self._known = known
        self._later = later

    def __getitem__(self, name: str) -> Numbers:
        if name not in self._known:
            if name not in NUMBER_COLUMNS:
                raise KeyError(name)
            self._known[name] = _numbers(self._later.column(name))
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(NUMBER_COLUMNS)

    def __len__(self) -> int:
        return len(NUMBER_COLUMNS)


def _rows_of(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415  (as above)

    files = frame["file"]
    return frame if files.n_unique() == 1 else frame.filter(pl.col("file") == file)


def _table(frame: pl.DataFrame, later: _Later) -> JobTable:
    import polars as pl  # noqa: PLC0415  (as above)

    statuses = sorted(frame["status"].unique().to_list())
    status = frame["status"].cast(pl.Enum(statuses))
    several = np.flatnonzero(frame["attempt_started_ms"].is_not_null().to_numpy())
    counts = frame["attempt_started_ms"].list.len().to_numpy()[several].astype(np.int64)
    return JobTable(
        numbers=_Numbers({name: _numbers(frame[name]) for name in EAGER}, later),
        status_codes=status.to_physical().to_numpy().astype(np.int64),
        statuses=statuses,
        texts=later.texts,
        attempt_rows=np.repeat(several, counts),
        attempts={name: _attempts(frame, name, several) for name in ATTEMPT_COLUMNS},
    )


def _numbers(series: pl.Series) -> Numbers:
    import polars as pl  # noqa: PLC0415  (as above)

    numbers: Numbers = series.cast(pl.Float64).to_numpy()
    return numbers


def _attempts(frame: pl.DataFrame, name: str, rows: Rows) -> Numbers:
    return _numbers(frame[f"attempt_{name}"].gather(rows).explode()) if len(rows) else np.zeros(0)
