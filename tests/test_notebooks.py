"""The Python API: frames of both libraries, and the examples of its page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

import batchgauge
from batchgauge import analyze, load_results, notebooks
from batchgauge.core.result.run_result import to_document
from batchgauge.core.thresholds.statistic import FIGURES, FUNCTIONS, PHASES
from batchgauge.errors import FolderNotFoundError, InvalidExpressionError, MissingExtraError
from tests.reports.runs import Setting, measured

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "python-api.md"
SPECIFICATION = Path(__file__).parent / "data" / "specification-result.json"


@pytest.fixture(params=["polars", "pandas"])
def library(request: pytest.FixtureRequest) -> Any:
    pytest.importorskip(request.param)
    return request.param


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    results = tmp_path / "test-results"
    results.mkdir()
    for level in (5, 20):
        (results / f"test-case-{level}.json").write_bytes(to_document(measured(level, Setting())))
    warm = msgspec.structs.replace(measured(2, Setting()), is_warm_up=True)
    (results / "test-case-0-warm-up-1.json").write_bytes(to_document(warm))
    (results / "notes.json").write_text("{}")
    return results


def column(frame: Any, name: str) -> list[Any]:
    return list(frame[name])


def test_a_row_for_every_job(folder: Path, library: Any) -> None:
    results = load_results(folder)
    assert (len(results), [entry.file for entry in results.skipped]) == (3, ["notes.json"])
    jobs = results.jobs(library)
    assert len(jobs) == 27
    assert sum(column(jobs, "is_warm_up")) == 2
    by_hand = [
        job.phases.wait_ms.earliest for result in results for job in result.jobs if job.phases and job.phases.wait_ms
    ]
    assert column(jobs, "wait_least_ms") == by_hand
    assert set(column(jobs, "status")) == {"SUCCEEDED"}


def test_levels_and_statistics_leave_the_warm_up_out(folder: Path, library: Any) -> None:
    analysis = analyze(load_results(folder))
    assert column(analysis.levels(library), "level") == [5, 20]
    statistics = analysis.statistics(library)
    assert len(statistics) == 2 * (len(PHASES) * (len(FUNCTIONS) - 1) + len(FIGURES))
    rows = zip(*(column(statistics, name) for name in ("level", "statistic", "least", "jobs_needed")), strict=True)
    found = {(level, name): (least, needed) for level, name, least, needed in rows}
    assert found[20, "p95(wait_s)"][0] > 0
    refused, needed = found[5, "p95(wait_s)"]
    assert needed == 20
    assert refused is None or refused != refused


def test_thresholds_are_judged_anew(folder: Path, library: Any) -> None:
    analysis = analyze(folder, thresholds=["max(wait_s)<1s", "success_rate >= 99%"])
    assert column(analysis.thresholds(library), "verdict") == ["not-met", "met"] * 2
    assert analysis.not_met == ("max(wait_s) < 1s",)
    assert len(analyze(folder).thresholds(library)) == 0


def test_a_job_that_had_not_ended_has_no_most(library: Any, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(to_document(measured(20, Setting(looks=2))))
    most = column(load_results(path).jobs(library), "wait_most_ms")
    assert any(value is None or value != value for value in most)


def test_a_file_of_the_specifications_own_shape_is_read(library: Any) -> None:
    results = load_results(SPECIFICATION)
    assert len(results.jobs(library)) == sum(len(result.jobs) for result in results)


def test_the_report_is_the_commands(folder: Path) -> None:
    assert analyze(folder).report("ja").startswith("# ")
    assert "test-case-0-warm-up-1.json" in analyze(folder).report()


def test_what_is_wrong_is_an_error_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    with pytest.raises(FolderNotFoundError):
        load_results(tmp_path / "nowhere")
    with pytest.raises(InvalidExpressionError):
        analyze(folder, thresholds=["p95"])
    monkeypatch.setattr(notebooks, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError):
        load_results(folder).jobs()


def test_importing_the_package_stays_light_and_offers_what_it_says() -> None:
    program = (
        "import batchgauge, sys; print(sorted(set(sys.modules) & {'msgspec', 'polars', 'pandas', 'numpy', 'asyncio'}))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    for name in batchgauge.__all__:
        assert getattr(batchgauge, name) is not None
    with pytest.raises(AttributeError):
        _ = batchgauge.no_such_name


def test_the_verdict_is_a_value(folder: Path) -> None:
    [verdicts] = analyze(folder).verdicts.values()
    assert verdicts.overall is not None
    assert [level.level for level in verdicts.levels] == sorted({run.summary.level for run in analyze(folder).runs})


def test_every_example_of_the_page_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("polars")
    monkeypatch.chdir(folder.parent)
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    assert names["analysis"].runs
