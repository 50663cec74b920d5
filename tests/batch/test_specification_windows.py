"""The specification's command lines for Windows, run in PowerShell against the embedded AWS.

Apart from what only the reader can know, and from what it says to install. Elsewhere than on Windows a program's arguments keep
their backslashes, so the path of a script that is given to Python is written with the system's own separator.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

PREREQUISITES = (
    "python --version",
    "aws configure list",
    "pip install boto3",
    "pip install matplotlib pandas",
)
QUICK_SETUP = (
    "cd batch",
    ".\\setup.ps1",
    '$env:AWS_REGION = "us-west-2"',
    "bash ./create-job-definition.sh",
)
QUICK_START = ('.\\quickstart.ps1 -JobQueue "your-job-queue" -JobDefinition "windows-countdown-job"',)
BASIC_USE = (
    "python .\\concurrent-job-launcher.py --job-queue YOUR_JOB_QUEUE_NAME --job-definition windows-countdown-job"
    " --num-jobs 5 --countdown 30 --monitor",
)
SCENARIOS = (
    '$env:JOB_QUEUE = "your-windows-batch-queue"',
    '$env:JOB_DEFINITION = "windows-countdown-job"',
    ".\\run-concurrency-tests.ps1",
    '.\\run-concurrency-tests.ps1 -JobQueue "your-queue" -JobDefinition "windows-countdown-job"',
)
ALL = [PREREQUISITES, QUICK_SETUP, QUICK_START, BASIC_USE, SCENARIOS]
ANALYSIS = ("python analyze-test-results.py test-results\\",)
"""Printed among the lines for Linux."""
QUEUES_LEFT_OPEN = ("your-job-queue", "YOUR_JOB_QUEUE_NAME", "your-windows-batch-queue", "your-queue")
LEVELS = {2: "1-baseline", 5: "2-medium", 10: "3-high", 20: "4-very-high"}


@pytest.fixture
def shell(pwsh: None, shell: Any) -> Any:
    """Where there is PowerShell."""
    return shell


def filled(lines: Sequence[str]) -> list[str]:
    said = list(lines)
    for name in QUEUES_LEFT_OPEN:
        said = [line.replace(name, "windows-batch-queue") for line in said]
    return [_for_python(line) if line.startswith("python ") else line for line in said]


def _for_python(line: str) -> str:
    return line.replace("\\", os.sep)


def document(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def assert_is_swept(results: Path, countdown_s: int) -> None:
    for level, name in LEVELS.items():
        saved = document(results / f"test-case-{name}.json")
        assert (saved["totalJobs"], saved["successfulJobs"]) == (level, level)
        assert {job["countdownSeconds"] for job in saved["jobs"]} == {countdown_s}
    assert (results / "performance-report.md").exists()
    assert (results / "performance-charts.png").exists()


def test_the_lines_here_are_the_specifications(chapters: Callable[[str], list[Any]]) -> None:
    assert [chapter.lines for chapter in chapters("powershell")] == ALL


@pytest.mark.usefixtures("aws_cli")
def test_the_prerequisites_can_be_looked_at(shell: Any, project: Any) -> None:
    done = shell.pwsh(project.root, *[line for line in PREREQUISITES if not line.startswith("pip install")])
    assert done.returncode == 0, done.stderr
    assert "access_key" in done.stdout


def test_the_quick_setup_registers_the_job_definition(shell: Any, project: Any) -> None:
    done = shell.pwsh(project.root, *filled(QUICK_SETUP))
    assert done.returncode == 0, done.stderr
    assert "windows-countdown-job:" in done.stdout


def test_the_quick_start_checks_and_measures(shell: Any, project: Any) -> None:
    """Its parameters leave the countdown at 30 seconds."""
    done = shell.pwsh(project.batch, *filled(QUICK_START))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("ok  ") > 4
    assert "failed  " not in done.stderr
    [path] = (project.batch / "test-results" / "quickstart").glob("test-case-1-*.json")
    assert document(path)["successfulJobs"] == 3


@pytest.mark.acceptance
def test_jobs_are_started_at_once_and_watched_to_their_end(shell: Any, project: Any) -> None:
    """The same program as on Linux, where the suite runs it at full length."""
    done = shell.pwsh(project.batch, *filled(BASIC_USE))
    assert done.returncode == 0, done.stderr
    [path] = (project.batch / "test-results").glob("runs/*/result.json")
    assert document(path)["successfulJobs"] == 5


@pytest.mark.parametrize("lines", [SCENARIOS[:3], SCENARIOS[3:]], ids=["environment", "parameters"])
def test_the_scenarios_run_level_by_level(lines: Sequence[str], shell: Any, project: Any) -> None:
    """Shortened by parameters behind the line; scripts/acceptance runs it as it is printed."""
    *settings, sweep = filled(lines)
    done = shell.pwsh(project.batch, *settings, f"{sweep} -Countdown 1 -Pause 0 -MonitorInterval 0.5")
    assert done.returncode == 0, done.stderr
    assert_is_swept(project.batch / "test-results", countdown_s=1)


@pytest.mark.acceptance
@pytest.mark.timeout(600)
@pytest.mark.parametrize("lines", [SCENARIOS[:3], SCENARIOS[3:]], ids=["environment", "parameters"])
def test_the_scenarios_run_as_printed(lines: Sequence[str], shell: Any, project: Any) -> None:
    done = shell.pwsh(project.batch, *filled(lines), limit_s=590)
    assert done.returncode == 0, done.stderr
    assert_is_swept(project.batch / "test-results", countdown_s=30)


def test_results_are_analysed(shell: Any, project: Any, result_example: str) -> None:
    results = project.batch / "test-results"
    results.mkdir()
    (results / "test-case-3-high.json").write_text(result_example, encoding="utf-8")
    done = shell.pwsh(project.batch, *filled(ANALYSIS))
    assert done.returncode == 0, done.stderr
    assert (results / "performance-report.md").exists()
