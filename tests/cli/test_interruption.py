"""Ctrl-C in the middle of a run."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.journal import RunOutcome
from batchgauge.core.limits.judging import judge_limits
from batchgauge.core.result.run_result import from_document
from batchgauge.core.verdict import MaxVcpusLimit
from tests.cli.terminal import at_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

RUN = (
    *("run", "--job-queue", "windows-batch-queue", "--job-definition", "windows-countdown-job", "--countdown", "600"),
    *("--num-jobs", "20", "--monitor", "--monitor-interval", "0.2"),
)


ON_ITS_TERMINAL = """
import fcntl, runpy, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.argv[0] = "batchgauge"
runpy.run_module("batchgauge", run_name="__main__")
"""
"""The terminal is its own, so that it is told when that is closed."""


def start(arguments: tuple[str, ...], folder: Path, environ: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "batchgauge", *arguments],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def running_jobs(server: Any) -> list[str]:
    page = server.patient_batch.list_jobs(jobQueue="windows-batch-queue", jobStatus="RUNNING")
    return [job["jobId"] for job in page["jobSummaryList"]]


def test_ends_the_runs_jobs_and_keeps_what_was_measured(
    server: Any, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    process = start(RUN, tmp_path, {**bare_environment, **server.environment})
    server.until(lambda: True if len(running_jobs(server)) == 16 else None)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    [document] = tmp_path.glob("test-results/runs/*/result.json")
    result = from_document(document.read_bytes())
    assert result.outcome is RunOutcome.INTERRUPTED
    assert {job.status for job in result.jobs} == {"FAILED"}
    assert {job.status_reason for job in result.jobs} == {"batchgauge: the run was interrupted"}
    assert isinstance(judge_limits(analyse([("run", result)])).overall, MaxVcpusLimit)
    assert running_jobs(server) == []


def test_says_that_nothing_is_left(server: Any, tmp_path: Path, bare_environment: dict[str, str]) -> None:
    process = start(RUN, tmp_path, {**bare_environment, **server.environment})
    server.until(lambda: True if len(running_jobs(server)) == 16 else None)
    os.killpg(process.pid, signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert "by its listing, nothing of the run is left on AWS" in said
    [document] = tmp_path.glob("test-results/runs/*/result.json")
    result = from_document(document.read_bytes())
    assert result.jobs_ended is not None
    assert (result.jobs_ended.asked, result.jobs_ended.left, result.jobs_ended.is_proven) == (20, (), True)
    assert result.api is not None
    assert result.api.operations["TerminateJobs"].calls == 1
    assert "TerminateJob" not in result.api.operations


def test_where_it_was_said_so_beforehand_jobs_are_left_and_the_command_that_ends_them_does(
    server: Any, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    environ = {**bare_environment, **server.environment}
    process = start((*RUN, "--on-interrupt", "leave"), tmp_path, environ)
    server.until(lambda: True if len(running_jobs(server)) == 16 else None)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "20 jobs were left running, as you said" in said
    assert len(running_jobs(server)) == 16
    end_with_the_command_in(said, environ, tmp_path)
    assert running_jobs(server) == []


def test_a_second_time_leaves_at_once_and_prints_the_command_that_cleans_up(
    server: Any, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    environ = {**bare_environment, **server.environment}
    with at_terminal(RUN, tmp_path, environ) as seen:
        server.until(lambda: True if len(running_jobs(server)) == 16 else None)
        seen.interrupt()
        seen.until_said("jobs go on. Type c (cancel)")
        seen.type("l\x03")  # as the terminal shows it
        seen.until_said("^C")
        seen.interrupt()
        assert seen.ended() == 130, seen.said
        said, screen = seen.said, seen.screen
    assert "^C" not in screen
    assert len(running_jobs(server)) == 16
    end_with_the_command_in(said, environ, tmp_path)
    assert running_jobs(server) == []


@pytest.mark.parametrize(("columns", "language"), [(80, "en"), (200, "en"), (80, "ja")])
def test_what_was_said_while_the_view_was_held_stays_on_the_screen(
    server: Any, tmp_path: Path, bare_environment: dict[str, str], columns: int, language: str
) -> None:
    environ = {**bare_environment, **server.environment}
    with at_terminal((*RUN, "--lang", language), tmp_path, environ, columns) as seen:
        server.until(lambda: True if len(running_jobs(server)) == 16 else None)
        seen.interrupt()
        seen.until_said("c (cancel)")
        question = seen.screen.splitlines()[-1]
        seen.interrupt()
        assert seen.ended() == 130, seen.said
        lines, said = seen.screen, seen.said
    end_with_the_command_in(said, environ, tmp_path)
    assert question[:30] in lines
    assert "cleanup--run-id" in "".join(lines.split()), lines


@pytest.mark.parametrize(("answer", "running"), [("c\n", 0), ("l\n", 16), ("what?\ncancel\n", 0), ("\x04", 0)])
def test_whoever_sits_there_is_asked(
    server: Any, tmp_path: Path, bare_environment: dict[str, str], answer: str, running: int
) -> None:
    environ = {**bare_environment, **server.environment}
    with at_terminal(RUN, tmp_path, environ) as seen:
        server.until(lambda: True if len(running_jobs(server)) == 16 else None)
        seen.interrupt()
        seen.until_said("jobs go on. Type c (cancel)")
        seen.type(answer)
        assert seen.ended() == 130, seen.said
        said = seen.said
    assert len(running_jobs(server)) == running
    if running:
        end_with_the_command_in(said, environ, tmp_path)


def test_a_terminal_that_is_closed_ends_the_runs_jobs(
    server: Any, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", ON_ITS_TERMINAL, *RUN],
        cwd=tmp_path,
        env={**bare_environment, **server.environment, "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.set_blocking(ours, False)

    def are_running() -> bool | None:
        with suppress(BlockingIOError):
            os.read(ours, 65_536)
        return True if len(running_jobs(server)) == 16 else None

    server.until(are_running)
    os.close(ours)
    assert process.wait(60) == 130
    [document] = tmp_path.glob("test-results/runs/*/result.json")
    result = from_document(document.read_bytes())
    assert result.outcome is RunOutcome.INTERRUPTED
    assert result.jobs_ended is not None
    assert result.jobs_ended.is_proven
    assert running_jobs(server) == []


def end_with_the_command_in(said: str, environ: dict[str, str], folder: Path) -> None:
    """Type what it says."""
    command = re.search(r"batchgauge (cleanup --run-id .* --yes.*)", said)
    assert command is not None, said
    done = subprocess.run(
        [sys.executable, "-m", "batchgauge", *shlex.split(command.group(1))],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "20 jobs were ended" in done.stderr


def test_a_sweep_that_is_interrupted_keeps_its_finished_levels_and_analyses_them(
    server: Any, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    arguments = ("sweep", *RUN[1:5], *("--countdown", "1", "--levels", "2,3", "--pause", "600"))
    process = start((*arguments, "--monitor-interval", "0.2"), tmp_path, {**bare_environment, **server.environment})
    first = tmp_path / "test-results" / "test-case-1-baseline.json"
    server.until(lambda: True if first.exists() else None)
    os.killpg(process.pid, signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert (tmp_path / "test-results" / "performance-report.md").exists()
    assert not list(tmp_path.glob("test-results/test-case-2-*"))


def test_leaves_no_embedded_aws_behind(tmp_path: Path, bare_environment: dict[str, str]) -> None:
    arguments = ("run", "--local", "--countdown", "600", "--num-jobs", "1", "--time-scale", "0.001")
    process = start((*arguments, "--monitor-interval", "0.2"), tmp_path, bare_environment)
    assert process.stderr is not None
    for line in process.stderr:
        if "RUNNABLE" in line or "STARTING" in line or "RUNNING" in line:
            break
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    [document] = tmp_path.glob("test-results/runs/*/result.json")
    environment = from_document(document.read_bytes()).environment
    assert environment is not None
    assert environment.endpoint_url is not None
    port = int(environment.endpoint_url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        _connect(port)


def test_what_only_watches_saves_what_it_saw_and_ends_no_job(
    server: Any, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    job = server.submit(parameters={"countdownSeconds": "600"})
    server.until(lambda: True if running_jobs(server) == [job] else None)
    arguments = ("observe", "--job-queue", "windows-batch-queue", "--name-prefix", "test", "--monitor-interval", "0.2")
    process = start(arguments, tmp_path, {**bare_environment, **server.environment})
    assert process.stderr is not None
    for line in process.stderr:
        if "RUNNING" in line:
            break
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    [document] = tmp_path.glob("test-results/runs/*/result.json")
    assert from_document(document.read_bytes()).outcome is RunOutcome.INTERRUPTED
    assert running_jobs(server) == [job]
    server.client("batch").terminate_job(jobId=job, reason="over")


def _connect(port: int) -> None:
    import socket

    socket.create_connection(("127.0.0.1", port), timeout=5).close()
