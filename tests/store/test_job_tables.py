from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from batchgauge import bootstrap
from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.findings.rules import find
from batchgauge.core.result.run_result import RunResult
from batchgauge.errors import NoResultsError
from batchgauge.messages import translator
from batchgauge.reports.charts import performance_charts
from batchgauge.reports.job_files import jobs_csv, jobs_parquet
from batchgauge.reports.markdown import markdown_report
from batchgauge.reports.page_data import page_data
from tests.core.test_table_concurrency import retried
from tests.core.test_table_summary import close
from tests.reports.runs import Setting, measured


def with_its_level(file: str, result: RunResult) -> tuple[str, RunResult]:
    """The statistics in the document are those of its jobs, as the tool writes them."""
    [run] = analyse([(file, result)]).runs
    result.levels = (run.summary,)
    return file, result


RUNS = [
    ("a.json", measured(2)),
    ("b.json", measured(40, Setting(failing=7, refused=11, status_reason="died"))),
    ("c.json", measured(30, Setting(looks=5))),
    with_its_level("d.json", retried(measured(20))),
]


def test_parquet_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "jobs.parquet"
    expected = analyse(RUNS)
    path.write_bytes(jobs_parquet(expected))
    read = bootstrap.read_analysis(path)
    assert [run.file for run in read.runs] == [run.file for run in expected.runs]
    for mine, theirs in zip(read.runs, expected.runs, strict=True):
        assert close(msgspec.to_builtins(mine.summary), msgspec.to_builtins(theirs.summary))
    assert list(find(read)) == list(find(expected))
    assert (read.has_columns, expected.has_columns) == (True, False)
    assert jobs_csv(read) == jobs_csv(expected)
    assert close(page_data(read, translator("ja")), page_data(expected, translator("ja")))


def test_the_same_report_and_charts_come_of_it(tmp_path: Path) -> None:
    path = tmp_path / "jobs.parquet"
    path.write_bytes(jobs_parquet(analyse(RUNS[:2])))
    read = bootstrap.read_analysis(path)
    assert markdown_report(read, translator("en")) == markdown_report(analyse(RUNS[:2]), translator("en"))
    assert performance_charts(read, translator("en")).startswith(b"\x89PNG")
    again = tmp_path / "again.parquet"
    again.write_bytes(jobs_parquet(read))
    assert jobs_csv(bootstrap.read_analysis(again)) == jobs_csv(read)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 20])
def test_what_is_no_parquet_file_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(content)
    with pytest.raises(NoResultsError):
        bootstrap.read_analysis(path)


def test_a_parquet_file_of_something_else_is_said(tmp_path: Path) -> None:
    pl = pytest.importorskip("polars")
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(NoResultsError):
        bootstrap.read_analysis(tmp_path / "x.parquet")
