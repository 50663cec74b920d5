"""``batchgauge resume`` keeps to what a run was asked to do with its document, and asks before it undoes somebody's cancellation."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.cli.test_interruption import start
from tests.cli.test_resume import JOB, kill_when_known, names_of, rewrite_header

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

WATCHED = ("--load", "rate:5", "--monitor-interval", "0.2")
NAMES = ("windows-batch-queue", "linux-countdown-job", "123456789012", "the-owner-of-it")
"""What nobody is to read in what is shared."""


def names_nobody(text: str) -> bool:
    return not [name for name in NAMES if name in text]


def test_a_run_is_redacted_and_written_where_it_was_asked_to_be(
    server: Any, tmp_path: Path, bare_environment: dict[str, str], at_server: Command
) -> None:
    asked = ("--environment", "WHO=the-owner-of-it", "--redact", "--output", "shared.json")
    kill_when_known(
        server, ("run", *JOB, "--num-jobs", "8", *WATCHED, "--monitor", *asked), tmp_path, bare_environment, 2
    )
    done = at_server("resume", "latest", "--json")
    assert done.returncode == 0, done.stderr
    [document] = tmp_path.glob("test-results/runs/*/result.json")
    shared = (tmp_path / "shared.json").read_text()
    assert shared == document.read_text() == done.stdout
    assert names_nobody(shared)
    assert json.loads(shared)["jobQueue"] == "queue-1"


def test_what_a_killed_process_had_left_to_write_is_redacted_too(
    server: Any, tmp_path: Path, at_server: Command
) -> None:
    run = ("run", *JOB[:-1], "0", "--num-jobs", "1", *WATCHED[2:], "--monitor")
    assert at_server(*run, "--redact", "--output", "shared.json").returncode == 0
    written = (tmp_path / "shared.json").read_bytes()
    (tmp_path / "shared.json").unlink()
    assert at_server("resume", "latest").returncode == 0
    assert (tmp_path / "shared.json").read_bytes() == written
    assert at_server(*run).returncode == 0
    assert at_server("resume", "latest", "--redact").returncode == 0
    *_, document = sorted(tmp_path.glob("test-results/runs/*/result.json"))
    assert names_nobody(document.read_text())


@pytest.mark.parametrize("is_asked_before", [True, False])
def test_a_sweeps_documents_and_report_are_redacted_alike(
    server: Any, tmp_path: Path, bare_environment: dict[str, str], at_server: Command, is_asked_before: bool
) -> None:
    wish = ("--redact",)
    sweep = ("sweep", *JOB[:-1], "0", "--levels", "1,4", "--pause", "0", *WATCHED)
    kill_when_known(server, (*sweep, *wish) if is_asked_before else sweep, tmp_path, bare_environment, jobs=3)
    done = at_server("resume", "latest", *(() if is_asked_before else wish))
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "test-results"
    files = [*folder.glob("test-case-*.json"), *folder.glob("runs/*/result.json"), folder / "performance-report.md"]
    assert len(files) == 5
    for path in [*files, folder / "report.html"]:
        assert names_nobody(path.read_text(encoding="utf-8")), path
    assert names_nobody(done.stdout)
    [record] = folder.glob("sweeps/*.json")
    assert json.loads(record.read_text())["delivery"] == {"isRedacted": True}
    assert at_server("resume", "latest", "--output", "x.json").returncode == 2


def test_a_file_of_another_kind_that_only_the_journal_names_is_left_alone(
    server: Any, tmp_path: Path, bare_environment: dict[str, str], at_server: Command
) -> None:
    run = ("run", *JOB[:-1], "0", "--num-jobs", "3", *WATCHED, "--monitor", "--output", "shared.json")
    kill_when_known(server, run, tmp_path, bare_environment, jobs=1)
    [journal] = tmp_path.glob("test-results/runs/*/journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    rewrite_header(journal, lines, b"shared.json", b".bashrc")
    done = at_server("resume", "latest")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / ".bashrc").exists()
    assert "is not written" in done.stderr
    assert "--output FILE" in done.stderr
    again = at_server("resume", "latest", "--output", "here.json")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "here.json").exists(), "where to is said anew"


def test_a_run_whose_jobs_somebody_had_ended_is_gone_on_with_only_where_that_is_meant(
    server: Any, tmp_path: Path, bare_environment: dict[str, str], at_server: Command
) -> None:
    run = ("run", *JOB[:-1], "3", "--num-jobs", "10", "--load", "rate:2", "--monitor", "--monitor-interval", "0.2")
    before = len(names_of(server))
    process = start(run, tmp_path, {**bare_environment, **server.environment})
    server.until(lambda: True if len(names_of(server)) >= before + 2 else None)
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=60)
    known = len(names_of(server))
    refused = at_server("resume", "latest")
    assert refused.returncode == 2
    assert "were to be ended when it was interrupted" in refused.stderr
    assert "hint: --yes" in refused.stderr
    assert len(names_of(server)) == known
    done = at_server("resume", "latest", "--yes")
    assert "were ended when it was interrupted" in done.stderr
    assert len(names_of(server)) == before + 10
