"""``jobs.parquet``, read back: the runs from its metadata, their jobs as columns."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import numpy.typing as npt

from batchgauge.core.columns.job_table import ATTEMPT_COLUMNS, NUMBER_COLUMNS, JobTable, Numbers, Rows
from batchgauge.core.job import FAILED_TO_SUBMIT, JobState
from batchgauge.core.result.run_result import RunResult
from batchgauge.errors import NoResultsError

if TYPE_CHECKING:
    import polars as pl

METADATA_KEY: Final = "batchgauge"
"""Where the file keeps its runs; see reports/job_files.py."""

LIKELY: Final = (JobState.SUCCEEDED, JobState.FAILED, FAILED_TO_SUBMIT)
KEPT: Final = 6
"""So many columns of a run are kept in memory after they were asked for: what is read next takes their place, and reading one again costs
less than new memory does."""


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
        names = frozenset(pl.read_parquet_schema(path))
        files = pl.read_parquet(path, columns=["file"])["file"] if len(heads) > 1 else None
        return [(head.file, head.result, _table(_Rows.of(path, names, files, head.file))) for head in heads]
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise NoResultsError(folder=str(path), skipped=1, reasons=((path.name, reason),)) from error


@dataclass(frozen=True)
class _Rows:
    """One run's part of the file; columns are read when they are asked for."""

    path: Path
    names: frozenset[str]
    """The columns that the file has."""
    chosen: tuple[int, int] | Rows | None
    """The first row and how many, where the run's stand together; None for all."""

    @classmethod
    def of(cls, path: Path, names: frozenset[str], files: pl.Series | None, file: str) -> _Rows:
        """The rows that `files` says are the run's; all where there is no other."""
        if files is None:
            return cls(path, names, None)
        rows = np.flatnonzero((files == file).to_numpy())
        if not len(rows) or rows[-1] - rows[0] + 1 == len(rows):
            return cls(path, names, (int(rows[0]) if len(rows) else 0, len(rows)))
        return cls(path, names, rows)

    def column(self, name: str) -> pl.Series:
        """Of all its jobs."""
        import polars as pl  # noqa: PLC0415  (as above)

        if isinstance(self.chosen, tuple):
            return pl.scan_parquet(self.path).select(name).slice(*self.chosen).collect()[name]
        column = pl.read_parquet(self.path, columns=[name])[name]
        return column if self.chosen is None else column.gather(self.chosen)

    def numbers(self, name: str, count: int) -> Numbers:
        """A column of numbers; an older file may lack it."""
        return _numbers(self.column(name)) if name in self.names else np.full(count, np.nan)

    def texts(self, name: str, rows: Rows) -> list[str | None]:
        """Of some of its jobs."""
        return self.column(name).gather(rows).to_list()


class _Numbers(Mapping[str, Numbers]):
    """All columns of numbers, of which few are in memory at a time; several threads may ask."""

    def __init__(self, rows: _Rows, count: int) -> None:
        self._rows = rows
        self._count = count
        self._kept: OrderedDict[str, Numbers] = OrderedDict()
        self._lock = Lock()

    def __getitem__(self, name: str) -> Numbers:
        if name not in NUMBER_COLUMNS:
            raise KeyError(name)
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        column = self._rows.numbers(name, self._count)
        with self._lock:
            self._kept[name] = column
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(NUMBER_COLUMNS)

    def __len__(self) -> int:
        return len(NUMBER_COLUMNS)


def _table(rows: _Rows) -> JobTable:
    statuses, codes = _coded(rows.column("status"))
    lists = rows.column("attempt_started_ms")
    several, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
    if lists.null_count() < len(lists):
        several = np.flatnonzero(lists.is_not_null().to_numpy())
        counts = lists.gather(several).list.len().to_numpy().astype(np.int64)
    return JobTable(
        numbers=_Numbers(rows, len(codes)),
        status_codes=codes,
        statuses=statuses,
        texts=rows.texts,
        attempt_rows=np.repeat(several, counts),
        attempts={name: _attempts(rows, name, several, int(counts.sum())) for name in ATTEMPT_COLUMNS},
    )


def _coded(status: pl.Series) -> tuple[list[str], npt.NDArray[np.uint8]]:
    """The statuses that occur, ascending, and for each job which of them; to look for the likely ones beats sorting them all."""
    where, left = {}, len(status)
    for name in (*LIKELY, *JobState):
        if not left:
            break
        if name not in where and (mask := (status == name).to_numpy()).any():
            where[str(name)] = mask
            left -= int(mask.sum())
    if left:
        where = {name: (status == name).to_numpy() for name in status.unique().to_list()}
    codes = np.zeros(len(status), dtype=np.uint8)
    for code, name in enumerate(sorted(where)):
        codes[where[name]] = code
    return sorted(where), codes


def _attempts(rows: _Rows, name: str, several: Rows, count: int) -> Numbers:
    column = f"attempt_{name}"
    if not count or column not in rows.names:
        return np.full(count, np.nan)
    return _numbers(rows.column(column).gather(several).explode())


def _numbers(series: pl.Series) -> Numbers:
    import polars as pl  # noqa: PLC0415  (as above)

    numbers = np.empty(len(series))
    first = 0
    for (
        chunk
    ) in series.get_chunks():  # one after the other: to join them takes new memory of the column's size once more
        numbers[first : first + len(chunk)] = chunk.cast(pl.Float64).to_numpy()
        first += len(chunk)
    return numbers
