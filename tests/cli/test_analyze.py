from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from batchgauge.core.result.run_result import to_document
from tests.cli.conftest import Command
from tests.reports.runs import measured

SPECIFICATION = Path(__file__).parents[1] / "data" / "specification-result.json"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "test-results"
    folder.mkdir()
    for position, level in enumerate((2, 20), start=1):
        (folder / f"test-case-{position}.json").write_bytes(to_document(measured(level)))
    return folder


def test_the_report_and_the_charts_lie_beside_the_results_and_are_the_same_a_second_time(
    results: Path, batchgauge: Command
) -> None:
    done = batchgauge("analyze", "test-results/")
    assert done.returncode == 0
    report = (results / "performance-report.md").read_text(encoding="utf-8")
    assert "![Charts](performance-charts.png)" in report
    assert (results / "performance-charts.png").read_bytes().startswith(b"\x89PNG")
    assert "20/20" in done.stdout
    assert "performance-report.md" in done.stderr
    assert "performance-charts.png" in done.stderr
    assert (results / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "report.html" in done.stderr
    assert not list(results.glob(".*"))
    # A second one does not read what the first has written.
    first = {path.name: path.read_bytes() for path in results.iterdir()}
    assert batchgauge("analyze", results).returncode == 0
    assert {path.name: path.read_bytes() for path in results.iterdir()} == first


def test_the_report_is_japanese_where_the_user_is(results: Path, batchgauge: Command) -> None:
    done = batchgauge("analyze", results, environ={"BATCHGAUGE_LANG": "", "LC_ALL": "", "LANG": "ja_JP.UTF-8"})
    assert "多重度検証レポート" in (results / "performance-report.md").read_text(encoding="utf-8")
    assert "多重度" in done.stdout
    assert "レポート" in done.stderr


def test_the_flag_chooses_the_language(results: Path, batchgauge: Command) -> None:
    batchgauge("analyze", results, "--lang", "ja")
    assert "多重度検証レポート" in (results / "performance-report.md").read_text(encoding="utf-8")


def test_json_is_data_and_nothing_else(results: Path, batchgauge: Command) -> None:
    done = batchgauge("analyze", results, "--json", "--quiet")
    said = json.loads(done.stdout)
    assert [run["statistics"]["level"] for run in said["runs"]] == [2, 20]
    assert said["skipped"] == []
    assert done.stderr == ""


def test_quiet_says_nothing(results: Path, batchgauge: Command) -> None:
    done = batchgauge("analyze", results, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_broken_and_foreign_files_are_named_and_the_rest_is_analysed(results: Path, batchgauge: Command) -> None:
    (results / "broken.json").write_text("{", encoding="utf-8")
    (results / "package.json").write_text('{"name": "x"}', encoding="utf-8")
    done = batchgauge("analyze", results)
    assert done.returncode == 0
    warnings = [line for line in done.stderr.splitlines() if line.startswith("warning:")]
    assert ["broken.json" in warnings[0], "package.json" in warnings[1]] == [True, True]
    assert "`broken.json`" in (results / "performance-report.md").read_text(encoding="utf-8")


def test_a_document_of_the_specification_is_enough(tmp_path: Path, batchgauge: Command) -> None:
    shutil.copy(SPECIFICATION, tmp_path / "s.json")
    done = batchgauge("analyze", tmp_path)
    assert done.returncode == 0
    assert "245 ms" in done.stdout


def test_the_output_may_go_elsewhere(results: Path, tmp_path: Path, batchgauge: Command) -> None:
    assert batchgauge("analyze", results, "--output", "elsewhere/new").returncode == 0
    assert {path.name for path in (tmp_path / "elsewhere" / "new").iterdir()} == {
        "performance-report.md",
        "performance-charts.png",
        "report.html",
    }
    assert not (results / "performance-report.md").exists()


@pytest.mark.parametrize(
    ("given", "code", "named"),
    [("nowhere", 2, "nowhere"), ("empty", 1, "empty"), ("foreign", 1, "foreign"), ("file.json", 2, "file.json")],
)
def test_a_folder_without_results_gets_an_error_and_a_hint(
    tmp_path: Path, batchgauge: Command, given: str, code: int, named: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "package.json").write_text("{}")
    (tmp_path / "file.json").write_text("{}")
    done = batchgauge("analyze", given)
    error, hint = done.stderr.splitlines()[-2:]
    assert done.returncode == code
    assert error.startswith("error: DIR: ")
    assert named in error
    assert hint.startswith("hint: ")
    assert "Traceback" not in done.stderr


def test_an_output_that_cannot_be_written_is_named_with_its_flag(
    results: Path, tmp_path: Path, batchgauge: Command
) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    done = batchgauge("analyze", results, "--output", "taken")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-2].startswith("error: --output: ")


def test_the_report_is_written_where_matplotlib_is_missing(results: Path, tmp_path: Path, batchgauge: Command) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['matplotlib'] = None\n")
    done = batchgauge("analyze", results, environ={"PYTHONPATH": os.pathsep.join([str(hidden), *sys.path[:1]])})
    assert done.returncode == 0
    assert "warning: the charts were not made" in done.stderr
    assert "hint: install it: pip install 'batchgauge[report]'" in done.stderr
    assert "![" not in (results / "performance-report.md").read_text(encoding="utf-8")
    assert not (results / "performance-charts.png").exists()


def test_charts_fall_back_to_english_where_the_font_is_missing(
    results: Path, tmp_path: Path, batchgauge: Command
) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    hook = "import importlib.util as u\nf = u.find_spec\nu.find_spec = lambda n, *a: None if n == 'matplotlib_fontja' else f(n, *a)\n"
    (hidden / "sitecustomize.py").write_text(hook)
    done = batchgauge("analyze", results, "--lang", "ja", environ={"PYTHONPATH": str(hidden)})
    assert done.returncode == 0
    assert "matplotlib-fontja" in done.stderr
    assert (results / "performance-charts.png").exists()


def test_the_other_formats_are_made_where_they_are_asked_for(results: Path, batchgauge: Command) -> None:
    others = ("jobs.csv", "jobs.parquet", "junit.xml", "summary.json")
    batchgauge("analyze", results)
    assert not [name for name in others if (results / name).exists()]
    done = batchgauge("analyze", results, "--format", "csv, junit")
    assert [name for name in others if (results / name).exists()] == ["jobs.csv", "junit.xml"]
    assert "junit.xml" in done.stderr
    batchgauge("analyze", results, "--format", "all")
    assert all((results / name).exists() for name in others)
    again = batchgauge("analyze", results)
    assert "warning" not in again.stderr  # summary.json is not taken for a result


def test_an_unknown_format_is_refused(results: Path, batchgauge: Command) -> None:
    done = batchgauge("analyze", results, "--format", "pdf")
    assert done.returncode == 2
    assert "--format" in done.stderr
