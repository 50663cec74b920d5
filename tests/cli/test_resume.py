"""``batchgauge resume`` after a real kill."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from batchgauge.core.journal import RunOutcome
from batchgauge.core.result.run_result import from_document
from tests.cli.conftest import Command
from tests.cli.test_cleanup import delete_queue, pointing
from tests.cli.test_interruption import start

JOB = ("--job-queue", "windows-batch-queue", "--job-definition", "linux-countdown-job", "--countdown", "2")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def kill_when_known(server: Any, arguments: tuple[str, ...], folder: Path, environ: dict[str, str], jobs: int) -> None:
    """Kill a run once AWS knows so many of its jobs."""
    before = len(names_of(server))
    process = start(arguments, folder, {**environ, **server.environment})
    server.until(lambda: True if len(names_of(server)) >= before + jobs else None)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)


def names_of(server: Any) -> list[str]:
    filters = [{"name": "JOB_NAME", "values": ["concurrent-test*"]}]
    pages = server.patient_batch.get_paginator("list_jobs").paginate(jobQueue="windows-batch-queue", filters=filters)
    return [job["jobName"] for page in pages for job in page["jobSummaryList"]]


def test_a_killed_run_is_gone_on_with_and_no_job_is_made_twice(
    server: Any, tmp_path: Path, bare_environment: dict[str, str], at_server: Command
) -> None:
    run = ("run", *JOB, "--num-jobs", "12", "--load", "rate:5", "--monitor", "--monitor-interval", "0.2")
    kill_when_known(server, run, tmp_path, bare_environment, jobs=4)
    done = at_server("resume", "latest")
    assert done.returncode == 0, done.stderr
    [document] = tmp_path.glob("test-results/runs/*/result.json")
    result = from_document(document.read_bytes())
    assert [job.status for job in result.jobs] == ["SUCCEEDED"] * 12
    assert result.outcome is RunOutcome.COMPLETE
    assert len(result.gaps) == 1
    ours = [name for name in names_of(server) if name.startswith(str(result.run_id))]
    assert sorted(ours) == sorted(job.job_name for job in result.jobs)
    again = at_server("resume", str(result.run_id)[-4:])
    assert again.returncode == 0
    assert "is complete" in again.stderr


def test_a_killed_sweep_goes_on_at_its_level_and_with_those_after_it(
    server: Any, tmp_path: Path, bare_environment: dict[str, str], at_server: Command
) -> None:
    sweep = ("sweep", *JOB, "--levels", "2,6,3", "--pause", "0", "--load", "rate:5", "--monitor-interval", "0.2")
    kill_when_known(server, sweep, tmp_path, bare_environment, jobs=4)
    done = at_server("resume", "sweep-")
    assert done.returncode == 0, done.stderr
    documents = sorted(tmp_path.glob("test-results/test-case-*.json"))
    results = [from_document(document.read_bytes()) for document in documents]
    assert [len(result.jobs) for result in results] == [2, 6, 3]
    assert [len(result.gaps) for result in results] == [0, 1, 0]
    assert {job.status for result in results for job in result.jobs} == {"SUCCEEDED"}
    assert (tmp_path / "test-results" / "performance-report.md").exists()
    assert len(list(tmp_path.glob("test-results/runs/*"))) == 3


def test_a_run_whose_own_embedded_aws_is_gone_is_not_resumed(
    tmp_path: Path, bare_environment: dict[str, str], batchgauge: Command, server: Any
) -> None:
    process = start(("run", "--local", "--num-jobs", "3", "--countdown", "60"), tmp_path, bare_environment)
    server.until(lambda: True if _plan_is_written(tmp_path) else None)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    done = batchgauge("resume", "latest")
    assert done.returncode == 2
    assert "has ended" in done.stderr
    assert "hint:" in done.stderr


def test_a_run_that_still_goes_on_is_left_alone(
    server: Any, tmp_path: Path, bare_environment: dict[str, str], at_server: Command
) -> None:
    run = ("run", *JOB[:-1], "600", "--num-jobs", "1", "--monitor", "--monitor-interval", "0.2")
    process = start(run, tmp_path, {**bare_environment, **server.environment})
    try:
        server.until(lambda: True if _plan_is_written(tmp_path) else None)
        done = at_server("resume", "latest")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert done.returncode == 1
    assert "another process" in done.stderr


def test_a_run_of_another_queue_of_the_same_name_is_not_submitted_there(
    server: Any, tmp_path: Path, bare_environment: dict[str, str], at_server: Command
) -> None:
    run = ("run", *JOB, "--num-jobs", "5", "--load", "rate:5", "--monitor", "--monitor-interval", "0.2")
    kill_when_known(server, run, tmp_path, bare_environment, jobs=1)
    [journal] = tmp_path.glob("test-results/runs/*/journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    rewrite_header(journal, lines, b"123456789012", b"999999999999")
    done = at_server("resume", "latest")
    assert done.returncode == 2
    assert "999999999999" in done.stderr


def test_a_run_whose_queue_was_deleted_meanwhile_is_brought_to_its_end(
    start_server: Any, tmp_path: Path, bare_environment: dict[str, str], batchgauge: Command
) -> None:
    server = start_server()
    run = ("run", *JOB[:-1], "600", "--num-jobs", "12", "--load", "rate:5", "--monitor", "--monitor-interval", "0.2")
    kill_when_known(server, run, tmp_path, bare_environment, jobs=3)
    delete_queue(server)
    [journal] = tmp_path.glob("test-results/runs/*/journal.jsonl")
    whole = journal.read_bytes()
    rewrite_header(journal, whole.splitlines(keepends=True), b"123456789012", b"999999999999")
    elsewhere = batchgauge("resume", "latest", environ=pointing(server))
    assert elsewhere.returncode == 2, "another account's word is not believed"
    assert "123456789012" in elsewhere.stderr
    journal.write_bytes(whole)
    done = batchgauge("resume", "latest", environ=pointing(server))
    assert done.returncode == 3, done.stderr
    assert "warning: the queue windows-batch-queue was deleted" in done.stderr
    [document] = tmp_path.glob("test-results/runs/*/result.json")
    result = from_document(document.read_bytes())
    taken = [job for job in result.jobs if job.is_accepted]
    # How many answers had reached the disk, the kill decides.
    assert {job.status_reason for job in taken} == {"JobQueue deleted"}
    assert {job.status for job in result.jobs if not job.is_accepted} == {"FAILED_TO_SUBMIT"}


def rewrite_header(journal: Path, lines: list[bytes], old: bytes, new: bytes) -> None:
    import zlib

    record = lines[0].partition(b'"record":')[2].rstrip(b"\n")[:-1].replace(old, new)
    journal.write_bytes(b'{"crc32":"%08x","record":%s}\n' % (zlib.crc32(record), record) + b"".join(lines[1:]))


def _plan_is_written(folder: Path) -> bool:
    return any(b'"started"' in path.read_bytes() for path in folder.glob("test-results/runs/*/journal.jsonl"))
