"""``batchgauge cleanup``: what runs have left, from any machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.cli.terminal import at_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

QUEUE = "windows-batch-queue"
RUN = ("run", "--job-queue", QUEUE, "--job-definition", "windows-countdown-job", "--countdown", "600")
RUN_ID = "concurrent-test-20261122T101500-x7k2"
OTHER_ID = "concurrent-test-20261122T101500-y7k2"


def live(server: Any) -> list[str]:
    """In the order of their lives, so that no job is missed that goes on between two pages; such a one is on both."""
    batch, found = server.patient_batch, set[str]()
    for status in ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"):
        page = batch.list_jobs(jobQueue=QUEUE, jobStatus=status)
        found |= {job["jobId"] for job in page["jobSummaryList"]}
    return sorted(found)


def submit(server: Any, run: str, *, name: str = "job001", is_tagged: bool = True, **more: Any) -> str:
    tags = {"tags": {"batchgauge:run": run}} if is_tagged else {}
    answer = server.patient_batch.submit_job(
        jobName=f"{run}-{name}",
        jobQueue=QUEUE,
        jobDefinition="windows-countdown-job",
        parameters={"countdownSeconds": "600"},
        **tags,
        **more,
    )
    return str(answer["jobId"])


def pointing(server: Any) -> dict[str, str]:
    return {name: value for name, value in server.environment.items() if name.startswith("AWS_")}


def until(is_so: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def delete_queue(server: Any) -> None:
    """The seed's queue, and its jobs with it."""
    batch = server.client("batch")
    batch.update_job_queue(jobQueue=QUEUE, state="DISABLED")
    batch.delete_job_queue(jobQueue=QUEUE)

    def is_gone() -> bool | None:
        queues = batch.describe_job_queues(jobQueues=[QUEUE])["jobQueues"]
        return True if not queues or queues[0]["status"] == "DELETED" else None

    server.until(is_gone)


@pytest.fixture(autouse=True)
def _nothing_is_left_for_the_next(server: Any) -> Any:
    yield
    for job in live(server):
        server.client("batch").terminate_job(jobId=job, reason="over")
    server.until(lambda: True if not live(server) else None)


def killed_run(server: Any, folder: Path, environ: dict[str, str], *more: str) -> str:
    """A run that was killed while its jobs ran; its id."""
    process = subprocess.Popen(
        [sys.executable, "-m", "batchgauge", *RUN, "--monitor", "--monitor-interval", "0.2", *more],
        cwd=folder,
        env={**environ, **server.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    server.until(lambda: True if len(live(server)) >= 3 else None)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)
    [run] = (folder / "test-results" / "runs").iterdir()
    return run.name


def test_ends_what_a_killed_run_has_left_and_says_that_nothing_is_left(
    server: Any, at_server: Command, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    run = killed_run(server, tmp_path, bare_environment, "--num-jobs", "3")
    shown = at_server("cleanup", run[-4:], "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert f"{run} in {QUEUE}: 3 jobs" in shown.stdout
    assert len(live(server)) == 3
    done = at_server("cleanup", run, "--yes")
    assert done.returncode == 0, done.stderr
    assert "3 jobs were ended; by its listing, none of them is left on AWS" in done.stderr
    assert live(server) == []
    again = at_server("cleanup", "latest", "--yes")
    assert again.returncode == 0, again.stderr
    assert f"no job of {run} is left" in again.stderr


def test_a_run_whose_journal_is_damaged_can_still_be_ended_by_the_end_of_its_id(
    server: Any, at_server: Command, tmp_path: Path
) -> None:
    job = submit(server, RUN_ID)
    folder = tmp_path / "test-results" / "runs" / RUN_ID
    folder.mkdir(parents=True)
    (folder / "journal.jsonl").write_text("no record\n{}\n")
    shown = at_server("resume", RUN_ID[-4:])
    assert shown.returncode == 1
    assert f"batchgauge cleanup --run-id {RUN_ID}" in shown.stderr
    done = at_server("cleanup", RUN_ID[-4:], "--yes")
    assert done.returncode == 0, done.stderr
    assert server.finished_job(job)["status"] == "FAILED"


def test_from_a_machine_that_knows_nothing_of_the_run_all_queues_are_looked_through(
    server: Any, at_server: Command
) -> None:
    job = submit(server, RUN_ID)
    done = at_server("cleanup", "--run-id", RUN_ID, "--yes")
    assert done.returncode == 0, done.stderr
    ended = server.finished_job(job)
    assert (ended["status"], ended["statusReason"]) == ("FAILED", "batchgauge cleanup")
    assert at_server("cleanup", RUN_ID, "--yes").returncode == 0, "a whole id needs no folder"


def test_only_what_is_tagged_as_the_runs_is_ended(server: Any, at_server: Command) -> None:
    mine = submit(server, RUN_ID)
    untagged = submit(server, RUN_ID, name="job002", is_tagged=False)
    other = submit(server, OTHER_ID)
    done = at_server("cleanup", "--run-id", RUN_ID, "--job-queue", QUEUE, "--yes")
    assert done.returncode == 0, done.stderr
    assert "1 job was ended" in done.stderr
    assert set(live(server)) == {untagged, other}
    server.finished_job(mine)


def test_an_array_is_ended_as_one(server: Any, at_server: Command) -> None:
    parent = submit(server, RUN_ID, arrayProperties={"size": 4})
    server.until(
        lambda: (
            True if server.patient_batch.list_jobs(arrayJobId=parent, jobStatus="RUNNING")["jobSummaryList"] else None
        )
    )
    done = at_server("cleanup", "--run-id", RUN_ID, "--yes")
    assert done.returncode == 0, done.stderr
    assert server.finished_job(parent)["status"] == "FAILED"


def test_more_than_fifty_are_ended_in_a_few_calls(server: Any, at_server: Command) -> None:
    for number in range(1, 61):
        submit(server, RUN_ID, name=f"job{number:03d}")
    done = at_server("cleanup", "--run-id", RUN_ID, "--yes")
    assert done.returncode == 0, done.stderr
    assert "60 jobs were ended" in done.stderr
    assert live(server) == []


def test_only_jobs_that_are_old_enough_are_ended_by_their_age(server: Any, at_server: Command) -> None:
    job = submit(server, RUN_ID)
    young = at_server("cleanup", "--older-than", "2h", "--yes")
    assert young.returncode == 0, young.stderr
    assert live(server) == [job]
    server.until(lambda: True if "1 job " in at_server("cleanup", "--older-than", "1s", "--dry-run").stdout else None)
    old = at_server("cleanup", "--older-than", "1s", "--yes")
    assert "; its newest job was made " in old.stdout
    assert "AWS does not show whether another machine still measures a run" in old.stderr
    assert "1 job was ended" in old.stderr
    assert live(server) == []


def test_takes_away_the_rule_and_the_queue_of_a_run_that_followed_events(
    server: Any, at_server: Command, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    run = killed_run(server, tmp_path, bare_environment, "--num-jobs", "3", "--events")
    assert server.client("events").list_rules(NamePrefix=f"batchgauge-{run}")["Rules"]
    done = at_server("cleanup", run, "--yes")
    assert done.returncode == 0, done.stderr
    assert f"batchgauge-{run}" in done.stderr
    assert not server.client("events").list_rules(NamePrefix=f"batchgauge-{run}")["Rules"]
    assert not server.client("sqs").list_queues(QueueNamePrefix=f"batchgauge-{run}").get("QueueUrls")


def test_where_nobody_can_be_asked_nothing_is_ended_without_yes(server: Any, at_server: Command) -> None:
    job = submit(server, RUN_ID)
    refused = at_server("cleanup", "--run-id", RUN_ID)
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert live(server) == [job]


@pytest.mark.parametrize(("answer", "code"), [("yes\n", 0), ("\n", 2)])
def test_at_a_terminal_it_asks(
    server: Any, bare_environment: dict[str, str], tmp_path: Path, answer: str, code: int
) -> None:
    submit(server, RUN_ID)
    arguments = ("cleanup", "--run-id", RUN_ID)
    with at_terminal(arguments, tmp_path, {**bare_environment, **server.environment}) as seen:
        seen.until_said("End 1 job of 1 run?")
        seen.type(answer)
        assert seen.ended() == code, seen.said
    assert len(live(server)) == (0 if code == 0 else 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "RUN is missing"),
        (("--run-id", "x"), "--run-id cannot be"),
        (("x7k2", "--run-id", RUN_ID), "--run-id"),
        (("--older-than", "0"), "--older-than cannot be"),
        (("--older-than", "yesterday"), "--older-than cannot be"),
        (("nothing-like-it",), "there is no folder test-results"),
    ],
)
def test_what_is_not_clear_is_refused(batchgauge: Command, arguments: tuple[str, ...], said: str) -> None:
    refused = batchgauge("cleanup", *arguments)
    assert refused.returncode == 2, refused.stderr
    assert said in refused.stderr


@contextmanager
def measured_run(server: Any, folder: Path, environ: dict[str, str]) -> Iterator[str]:
    """A run that goes on meanwhile; its id."""
    process = subprocess.Popen(
        [sys.executable, "-m", "batchgauge", *RUN, "--num-jobs", "1", "--monitor"],
        cwd=folder,
        env={**environ, **server.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        server.until(lambda: True if live(server) else None)
        [run] = (folder / "test-results" / "runs").iterdir()
        yield run.name
    finally:
        process.kill()
        process.wait(60)


def test_what_another_process_measures_is_left_out_by_age_and_said_by_name(
    server: Any, at_server: Command, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    with measured_run(server, tmp_path, bare_environment) as run:
        mine = live(server)
        left = submit(server, OTHER_ID)
        server.until(
            lambda: True if OTHER_ID in at_server("cleanup", "--older-than", "1s", "--dry-run").stdout else None
        )
        by_age = at_server("cleanup", "--older-than", "1s", "--yes")
        assert by_age.returncode == 0, by_age.stderr
        assert f"left out, since another process measures them just now: {run}" in by_age.stderr
        assert live(server) == mine
        server.finished_job(left)
        server.until(lambda: True if live(server) == mine else None)
        nothing = at_server("cleanup", "--older-than", "1s", "--yes")
        assert nothing.returncode == 0, nothing.stderr
        assert "besides those, AWS shows no job of a run that is so old" in nothing.stderr
        assert "*" not in nothing.stderr
        by_name = at_server("cleanup", run)
        assert by_name.returncode == 2
        assert f"warning: another process measures {run} just now" in by_name.stderr
        assert live(server) == mine


def test_a_run_whose_queue_is_gone_has_nothing_left(
    start_server: Any, batchgauge: Command, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    server = start_server()
    run = killed_run(server, tmp_path, bare_environment, "--num-jobs", "3")
    delete_queue(server)
    done = batchgauge("cleanup", run, "--yes", environ=pointing(server))
    assert done.returncode == 0, done.stderr
    assert f"warning: there is no queue {QUEUE} in us-west-2" in done.stderr
    assert f"no job of {run} is left" in done.stderr
    by_age = batchgauge("cleanup", "--older-than", "1s", "--job-queue", QUEUE, "--yes", environ=pointing(server))
    assert by_age.returncode == 1, "a queue that is not there is no reason to look into all others"


def test_a_run_on_an_embedded_aws_of_its_own_has_nothing_left(
    batchgauge: Command, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "batchgauge", "run", "--local", "--countdown", "600", "--num-jobs", "1"],
        cwd=tmp_path,
        env=bare_environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    journals = tmp_path / "test-results" / "runs"
    until(
        lambda: any(
            b"job-id" in path.read_bytes() or b"jobId" in path.read_bytes() for path in journals.rglob("*.jsonl")
        )
    )
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)
    done = batchgauge("cleanup", "latest", "--yes")
    assert done.returncode == 0, done.stderr
    assert "was measured on an embedded AWS of its own, which has ended" in done.stderr


def test_a_run_that_only_watched_has_nothing_of_its_own(server: Any, at_server: Command) -> None:
    submit(server, OTHER_ID)
    watched = at_server("observe", "--job-queue", QUEUE, "--name-prefix", OTHER_ID, "--deadline", "1s")
    assert watched.returncode == 5, watched.stderr
    refused = at_server("cleanup", "latest", "--yes")
    assert refused.returncode == 2
    assert "only watched jobs that others submitted" in refused.stderr
    assert len(live(server)) == 1
