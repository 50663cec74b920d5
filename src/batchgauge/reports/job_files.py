"""``jobs.csv`` and ``jobs.parquet``: every job of every run with its times, a row each."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.analysis.of_tables import table_of_run
from batchgauge.core.columns.job_table import ATTEMPT_COLUMNS, COUNTS, NUMBER_COLUMNS, TEXTS, JobTable
from batchgauge.messages.plain import plain

if TYPE_CHECKING:
    import polars as pl

RUN_COLUMNS: Final = ("run_id", "file", "level")
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection")."""
INTEGERS: Final = frozenset({*COUNTS, "attempts"})
METADATA_KEY: Final = "batchgauge"
"""Of the Parquet file: the runs, without their jobs, in the format of a result document."""


def jobs_csv(analysis: Analysis) -> bytes:
    """RFC 4180 in UTF-8. A text that a spreadsheet would compute is set after an apostrophe; control codes are shown as text."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*RUN_COLUMNS, *TEXTS, *NUMBER_COLUMNS])
    for run in analysis.runs:
        writer.writerows(_rows(run))
    return text.getvalue().encode()


def jobs_parquet(analysis: Analysis) -> bytes:
    """The same, and the attempts of jobs that were tried again; `analyze` reads it back."""
    import polars as pl  # noqa: PLC0415  (late: only who wants this file needs it)

    frame = pl.concat([_frame(run) for run in analysis.runs], how="vertical")
    heads = [{"file": run.file, "result": msgspec.structs.replace(run.result, jobs=())} for run in analysis.runs]
    file = io.BytesIO()
    # LZ4: twice the size of Zstandard, and read several times faster.
    frame.write_parquet(file, compression="lz4", metadata={METADATA_KEY: msgspec.json.encode(heads).decode()})
    return file.getvalue()


def _rows(run: AnalysedRun) -> Iterator[list[Any]]:
    table = table_of_run(run)
    rows = np.arange(len(table))
    texts = [[_harmless(text) for text in table.texts(name, rows)] for name in TEXTS]
    numbers = [_column(table, name) for name in NUMBER_COLUMNS]
    head = [_harmless(run.result.run_id), _harmless(run.file), run.summary.level]
    for values in zip(*texts, *numbers, strict=True):
        yield [*head, *values]


def _column(table: JobTable, name: str) -> list[Any]:
    values: list[float] = table.numbers[name].tolist()
    if name == "is_contradicted":
        return [bool(value) for value in values]
    whole = name in INTEGERS
    return [None if math.isnan(value) else int(value) if whole else value for value in values]


def _harmless(text: str | None) -> str | None:
    if text is None:
        return None
    shown = plain(text)
    # Leading blanks do not keep a spreadsheet from computing what follows them.
    return f"'{shown}" if text.lstrip().startswith(FORMULA_STARTS) or text.startswith(FORMULA_STARTS) else shown


def _frame(run: AnalysedRun) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415  (as above)

    table = table_of_run(run)
    rows = np.arange(len(table))
    columns: list[pl.Series] = [
        pl.Series("run_id", [run.result.run_id] * len(table), dtype=pl.String),
        pl.Series("file", [run.file] * len(table), dtype=pl.String),
        pl.Series("level", [run.summary.level] * len(table), dtype=pl.Int64),
        *(pl.Series(name, table.texts(name, rows), dtype=pl.String) for name in TEXTS),
        *(_series(table, name) for name in NUMBER_COLUMNS),
        *(_attempts(table, name) for name in ATTEMPT_COLUMNS),
    ]
    return pl.DataFrame(columns)


def _series(table: JobTable, name: str) -> pl.Series:
    import polars as pl  # noqa: PLC0415  (as above)

    series = pl.Series(name, table.numbers[name], dtype=pl.Float64, nan_to_null=True)
    if name == "is_contradicted":
        return series.cast(pl.Boolean)
    return series.cast(pl.Int64) if name in INTEGERS else series


def _attempts(table: JobTable, name: str) -> pl.Series:
    """A list a job; null for one whose own row says all."""
    import polars as pl  # noqa: PLC0415  (as above)

    lists: list[list[float | None] | None] = [None] * len(table)
    for row, value in zip(table.attempt_rows.tolist(), table.attempts[name].tolist(), strict=True):
        known = lists[row] = lists[row] or []
        known.append(None if math.isnan(value) else value)
    return pl.Series(f"attempt_{name}", lists, dtype=pl.List(pl.Float64))
