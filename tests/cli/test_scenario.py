"""``--scenario`` and ``init``: every flag has its field, and flags are stronger."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from batchgauge.cli.run import run
from batchgauge.cli.sweep import sweep
from batchgauge.core.result.run_result import from_document
from batchgauge.core.sweeps.scenario_file import FIELDS

Command = Callable[..., subprocess.CompletedProcess[str]]

FIELDLESS = {"--scenario", "--dry-run", "--yes"}
"""Of a call, and not of what it measures: who says yes beforehand says it each time, and not in a file that others take over."""
QUICK = """
levels: [1, 2]
pause: 0
job:
  queue: windows-batch-queue
  definition: windows-countdown-job
  countdown: 1
watching:
  interval: 0.2
  logs: false
"""


def flags_of(command: click.Command) -> set[str]:
    return {flag for parameter in command.params for flag in parameter.opts if flag.startswith("--")}


@pytest.mark.parametrize("command", [run, sweep], ids=["run", "sweep"])
def test_every_flag_has_its_field(command: click.Command) -> None:
    assert flags_of(command) - {field.flag for field in FIELDS.values()} - FIELDLESS == set()


def test_every_field_has_its_flag() -> None:
    assert {field.flag for field in FIELDS.values()} <= flags_of(run) | flags_of(sweep)


def test_an_example_that_is_the_default_says_so_truly() -> None:
    """Where a flag has a default, the example of its field is that default, or switches something on."""
    shown = {field.flag: field.example for field in FIELDS.values()}
    for parameter in (*run.params, *sweep.params):
        default = parameter.default
        if isinstance(default, int | float) and not isinstance(default, bool):
            assert float(shown[parameter.opts[0]]) == default, parameter.opts[0]


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sweep_by_a_file_with_repeats_and_a_warm_up(at_server: Command, tmp_path: Path) -> None:
    path = write(tmp_path, QUICK + "repeats: 2\nwarm_up: 1\nthresholds: ['success_rate >= 99%']\n")
    done = at_server("sweep", "--scenario", path)
    assert done.returncode == 0, done.stderr
    results = tmp_path / "test-results"
    assert sorted(file.name for file in results.glob("*.json")) == [
        "test-case-0-warm-up-1.json",
        "test-case-1-level-1-repeat-2.json",
        "test-case-1-level-1.json",
        "test-case-2-baseline-repeat-2.json",
        "test-case-2-baseline.json",
    ]
    warm = from_document((results / "test-case-0-warm-up-1.json").read_bytes())
    assert warm.is_warm_up
    assert warm.thresholds == ()
    report = (results / "performance-report.md").read_text(encoding="utf-8")
    assert "Warm-up runs, left out of everything below: 1 (`test-case-0-warm-up-1.json`)." in report
    assert done.stderr.count("Only warms up") == 1
    again = at_server("analyze", results, "--json", "--quiet")
    assert [entry["statistics"]["level"] for entry in json.loads(again.stdout)["runs"]] == [1, 1, 2, 2]


def test_flags_are_stronger_than_the_file(at_server: Command, tmp_path: Path) -> None:
    path = write(tmp_path, QUICK + "num_jobs: 3\noutput: { json: true, quiet: true }\n")
    done = at_server("run", "--scenario", path, "--num-jobs", 1, "--monitor")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)["totalJobs"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("levels: [1]\nlevel: 2\n", "scenario.yaml:2: there is no field"),
        ("job:\n  countdown: soon\n", 'scenario.yaml:2: job.countdown cannot be "soon"'),
        ("thresholds: ['p95 < 3']\n", "scenario.yaml:1"),
        ("levels: [\n", "scenario.yaml:2:1"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_line(
    batchgauge: Command, tmp_path: Path, text: str, said: str
) -> None:
    done = batchgauge("run", "--local", "--scenario", write(tmp_path, text))
    assert done.returncode == 2
    assert said in done.stderr
    assert "hint: " in done.stderr


def test_the_files_language_is_spoken_unless_a_flag_says_another(batchgauge: Command, tmp_path: Path) -> None:
    path = write(tmp_path, "output: { lang: ja }\nlocal: { enabled: true }\nload: burst\nmax_workers: 3\n")
    assert "どちらか" in batchgauge("run", "--scenario", path).stderr
    assert "leave one of" in batchgauge("run", "--scenario", path, "--lang", "en").stderr


def test_init_writes_a_file_that_a_sweep_takes(batchgauge: Command, at_server: Command, tmp_path: Path) -> None:
    done = batchgauge("init", "mine.yaml")
    assert done.returncode == 0, done.stderr
    assert "batchgauge sweep --scenario mine.yaml" in done.stderr
    assert json.loads((tmp_path / "batchgauge-scenario.schema.json").read_bytes())["title"] == "batchgauge scenario"
    measured = at_server(
        *("sweep", "--scenario", "mine.yaml", "--job-queue", "windows-batch-queue", "--levels", 20, "--countdown", 1),
        *("--threshold", "success_rate >= 99%", "--monitor-interval", 0.5),
    )
    assert measured.returncode == 0, measured.stderr


def test_init_overwrites_only_with_force_and_speaks_the_readers_language(batchgauge: Command, tmp_path: Path) -> None:
    assert batchgauge("init", "--lang", "ja").returncode == 0
    first = (tmp_path / "scenario.yaml").read_text(encoding="utf-8")
    assert "同時に起動するジョブ数" in first
    refused = batchgauge("init")
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert batchgauge("init", "--force").returncode == 0
    assert (tmp_path / "scenario.yaml").read_text(encoding="utf-8") != first
