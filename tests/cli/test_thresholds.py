"""Thresholds on the command line, against the embedded AWS over HTTP."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from batchgauge.core.result.run_result import from_document, to_document
from batchgauge.core.thresholds.thresholds import ThresholdVerdict
from tests.reports.runs import Setting, measured

Command = Callable[..., subprocess.CompletedProcess[str]]

TARGET = ("--job-queue", "windows-batch-queue", "--job-definition", "windows-countdown-job")
QUICK = ("--countdown", 1, "--monitor-interval", 0.2)


def test_a_run_that_meets_them_ends_well_and_shows_what_it_measured(at_server: Command, tmp_path: Path) -> None:
    done = at_server(
        *("run", *TARGET, *QUICK, "--num-jobs", 2, "--monitor", "--output", "result.json"),
        *("--threshold", "max(run_s) < 5min", "--threshold", "success_rate >= 99%"),
    )
    assert done.returncode == 0, done.stderr
    assert "max(run_s) < 5min" in done.stdout
    assert "100 %" in done.stdout
    result = from_document((tmp_path / "result.json").read_bytes())
    assert [judged.verdict for judged in result.thresholds] == [ThresholdVerdict.MET] * 2


def test_a_sweep_that_misses_one_says_so_and_exits_with_4(at_server: Command, tmp_path: Path) -> None:
    done = at_server(
        *("sweep", *TARGET, *QUICK, "--pause", 0, "--levels", "1,2"),
        *("--threshold", "mean(run_s) < 1ms", "--threshold", "max_concurrency >= 2"),
    )
    assert done.returncode == 4
    assert "not met: mean(run_s) < 1ms" in done.stderr
    assert "NOT MET" in done.stdout
    assert "max_concurrency" not in done.stderr
    report = (tmp_path / "test-results" / "performance-report.md").read_text(encoding="utf-8")
    assert "## Thresholds" in report
    assert "it needs 2 jobs" in report


def test_failed_jobs_weigh_more_than_a_threshold(at_server: Command) -> None:
    done = at_server(
        *("run", "--job-queue", "windows-batch-queue", "--job-definition", "linux-countdown-job", "--command", "false"),
        *("--num-jobs", 1, "--monitor", "--monitor-interval", 0.2, "--threshold", "success_rate >= 99%"),
    )
    assert done.returncode == 3


def test_a_run_that_is_aborted_exits_with_4_and_leaves_nothing_running(at_server: Command, tmp_path: Path) -> None:
    done = at_server(
        *("run", *TARGET, "--num-jobs", 2, "--monitor", "--countdown", 300, "--monitor-interval", 0.2),
        *("--threshold", "max(run_s) < 1", "--abort-on-breach", "--abort-grace", "0s", "--output", "result.json"),
    )
    assert done.returncode == 4, done.stderr
    assert "can no longer be met: max(run_s) < 1" in done.stderr
    result = from_document((tmp_path / "result.json").read_bytes())
    assert result.outcome == "breached"
    assert [job.status for job in result.jobs] == ["FAILED"] * 2
    assert "Not enough evidence at 2: the run was ended early." in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--threshold", "p95(queue) < 60"], "from character 5 on"),
        (["--threshold", "p95(wait_s) < 60"], "needs a level of 20 jobs or more"),
        (["--abort-on-breach"], "--threshold"),
        (["--abort-grace", "5s"], "--abort-on-breach"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_started(
    batchgauge: Command, arguments: list[str], said: str
) -> None:
    done = batchgauge("run", "--local", "--num-jobs", 5, *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_what_nobody_would_measure_is_refused_too(batchgauge: Command) -> None:
    done = batchgauge("run", *TARGET, "--threshold", "mean(run_s) < 60")
    assert done.returncode == 2
    assert "--monitor" in done.stderr


def test_submissions_can_be_judged_without_watching_the_jobs(at_server: Command) -> None:
    done = at_server("run", *TARGET, "--num-jobs", 2, "--countdown", 1, "--threshold", "max(submit_s) < 1min")
    assert done.returncode == 0, done.stderr


def kept(tmp_path: Path, *levels: int) -> Path:
    for level in levels:
        (tmp_path / f"test-case-{level}.json").write_bytes(to_document(measured(level, Setting())))
    return tmp_path


def test_analyze_judges_saved_results(batchgauge: Command, tmp_path: Path) -> None:
    folder = kept(tmp_path, 5, 40)
    met = batchgauge("analyze", folder, "--threshold", "p95(wait_s) < 1h", "--json", "--quiet")
    assert met.returncode == 0, met.stderr
    said = [run["thresholds"][0] for run in json.loads(met.stdout)["runs"]]
    assert [judged["verdict"] for judged in said] == ["too-few-jobs", "met"]
    assert batchgauge("analyze", folder, "--threshold", "p95(wait_s) < 1s").returncode == 4
    assert batchgauge("analyze", folder, "--threshold", "p99(wait_s) < 1h").returncode == 4
    assert batchgauge("analyze", folder).returncode == 0


def test_the_words_are_japanese_for_a_japanese_reader(batchgauge: Command, tmp_path: Path) -> None:
    done = batchgauge("analyze", kept(tmp_path, 5), "--threshold", "p95(wait_s) < 1s", "--lang", "ja")
    assert "しきい値を満たしていません: p95(wait_s) < 1s" in done.stderr
    assert "ジョブが 20 件必要です" in done.stdout
