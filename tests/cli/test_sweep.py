"""``batchgauge sweep`` on the embedded AWS, over HTTP."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from batchgauge.core.result.run_result import from_document, to_document
from tests.reports.runs import measured

Command = Callable[..., subprocess.CompletedProcess[str]]

TARGET = ("--job-queue", "windows-batch-queue", "--job-definition", "windows-countdown-job")
QUICK = ("--countdown", 1, "--monitor-interval", 0.2, "--pause", 0)
FILES = {
    "test-case-1-baseline.json": 2,
    "test-case-2-medium.json": 5,
    "test-case-3-high.json": 10,
    "test-case-4-very-high.json": 20,
}


def test_the_specifications_levels_and_files_and_then_the_analysis(at_server: Command, tmp_path: Path) -> None:
    done = at_server("sweep", *TARGET, *QUICK)
    assert done.returncode == 0, done.stderr
    results = tmp_path / "test-results"
    for file, level in FILES.items():
        result = from_document((results / file).read_bytes())
        assert [job.status for job in result.jobs] == ["SUCCEEDED"] * level
        assert (results / "runs" / str(result.run_id) / "result.json").read_bytes() == (results / file).read_bytes()
    assert "performance-report.md" in done.stderr
    assert (results / "performance-report.md").stat().st_size > 1000
    assert (results / "performance-charts.png").read_bytes().startswith(b"\x89PNG")


def test_other_levels_get_names_of_their_own_and_json_puts_the_statistics_on_stdout(
    at_server: Command, tmp_path: Path
) -> None:
    done = at_server("sweep", *TARGET, *QUICK, "--levels", "3,1", "--results", "mine", "--json", "--quiet")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in sorted((tmp_path / "mine").glob("*.json"))] == [
        "test-case-1-level-3.json",
        "test-case-2-level-1.json",
    ]
    assert [run["statistics"]["level"] for run in json.loads(done.stdout)["runs"]] == [1, 3]


def test_an_earlier_sweep_is_guarded_and_set_aside_only_with_force(at_server: Command, tmp_path: Path) -> None:
    arguments = ("sweep", *TARGET, *QUICK, "--levels", "1")
    results = tmp_path / "test-results"
    results.mkdir()
    first = to_document(measured(1))
    (results / "test-case-1-level-1.json").write_bytes(first)
    refused = at_server(*arguments)
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert (results / "test-case-1-level-1.json").read_bytes() == first
    assert at_server(*arguments, "--force").returncode == 0
    [kept] = results.glob("superseded/*/test-case-1-level-1.json")
    assert kept.read_bytes() == first


def test_a_sweep_goes_on_past_failed_jobs(at_server: Command, tmp_path: Path) -> None:
    done = at_server(
        *("sweep", "--job-queue", "windows-batch-queue", "--job-definition", "linux-countdown-job"),
        *("--command", "false", "--levels", "1,2", "--monitor-interval", 0.2, "--pause", 0),
    )
    assert done.returncode == 3
    assert len(list((tmp_path / "test-results").glob("test-case-*.json"))) == 2
    assert (tmp_path / "test-results" / "performance-report.md").exists()
