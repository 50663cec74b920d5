"""A full disk, a dead embedded AWS, files that cannot be used: what was measured is kept or handed over, and the trouble has a name."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from batchgauge.core.journal import Header
from batchgauge.core.result.run_result import from_document
from batchgauge.store.journal import read_journal
from tests.faults.conftest import LIMIT_S, TARGET, WATCHED, StartCommand

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and signals of POSIX")
QUICK = ("run", *TARGET, *WATCHED, "--countdown", 1)


def no_file_longer_than(size: int) -> Callable[[], None]:
    import resource

    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_where_the_disk_takes_no_more_the_run_goes_on_and_the_result_is_handed_over(start_at: StartCommand) -> None:
    done = start_at(*QUICK, "--num-jobs", 8, "--json", preexec_fn=no_file_longer_than(6000)).end()
    assert done.exit_code == 1, done.stderr
    error, hint = done.complaint
    assert "journal" in error
    assert "free space" in hint
    assert "the run goes on" in done.stderr, "said at once, not at the end only"
    result = from_document(done.stdout.encode())
    assert [job.status for job in result.jobs] == ["SUCCEEDED"] * 8
    [journal] = done.folder.glob("test-results/runs/*/journal.jsonl")
    assert isinstance(next(iter(read_journal(journal))), Header), "what is on the disk is whole"
    assert not list(done.folder.glob("test-results/runs/*/result.json"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of sixteen pages in the place of the results folder."""
    folder = tmp_path / "test-results"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("nobody here may mount a disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize(("left", "statuses"), [(5000, ["SUCCEEDED"] * 8), (0, None)])
def test_a_disk_that_really_is_full(
    start_at: StartCommand, small_disk: Path, left: int, statuses: list[str] | None
) -> None:
    (small_disk / "of-somebody-else").write_bytes(b"x" * (65536 - 4096 * -(-left // 4096)))
    done = start_at(*QUICK, "--num-jobs", 8, "--json").end()
    assert done.exit_code == 1, done.stderr
    error, hint = done.complaint
    assert "No space left on device" in error
    assert "free space" in hint
    assert ("the run goes on" in done.stderr) is (statuses is not None)
    if statuses is not None:
        assert [job.status for job in from_document(done.stdout.encode()).jobs] == statuses


def test_an_output_on_a_full_disk_leaves_the_runs_own_document(start_at: StartCommand) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    done = start_at(*QUICK, "--num-jobs", 1, "--output", "/dev/full").end()
    assert done.exit_code == 1, done.stderr
    error, hint = done.complaint
    assert "No space left on device" in error
    assert "free space" in hint
    assert [job.status for job in done.result.jobs] == ["SUCCEEDED"]


def test_a_disk_that_is_full_before_anything_starts_stops_the_run(start_at: StartCommand, server: Any) -> None:
    before = len(
        server.patient_batch.list_jobs(jobQueue="windows-batch-queue", jobStatus="SUCCEEDED")["jobSummaryList"]
    )
    done = start_at(*QUICK, "--num-jobs", 8, preexec_fn=no_file_longer_than(500)).end()
    assert done.exit_code == 1
    error, _ = done.complaint
    assert "journal" in error
    assert done.stderr.startswith("error: "), "nothing has begun, and nobody says that it has"
    after = server.patient_batch.list_jobs(jobQueue="windows-batch-queue", jobStatus="SUCCEEDED")["jobSummaryList"]
    assert len(after) == before, "nothing was submitted"


def test_an_embedded_aws_that_dies_in_the_middle_is_named_at_once(start: StartCommand, tmp_path: Path) -> None:
    running = start(
        "run", "--local", "--countdown", 600, "--num-jobs", 2, "--time-scale", 0.001, "--monitor-interval", 0.2
    )
    assert running.process.stderr is not None
    for line in running.process.stderr:
        if "RUNNING" in line:
            break
    [journal] = tmp_path.glob("test-results/runs/*/journal.jsonl")
    header = next(iter(read_journal(journal)))
    assert isinstance(header, Header)
    with urllib.request.urlopen(f"{header.environment.endpoint_url}/_batchgauge/health", timeout=LIMIT_S) as answer:
        os.kill(int(json.load(answer)["pid"]), signal.SIGKILL)
    done = running.end()
    assert done.exit_code == 1, done.stderr
    error, hint = done.complaint
    assert "the embedded AWS has ended in the middle" in error
    assert "what was measured before is kept" in hint
    assert [job.status for job in done.result.jobs] == ["RUNNING", "RUNNING"]
    assert "could not be seen to end" not in done.stderr, "its jobs have ended with it"


@pytest.mark.parametrize(
    ("content", "place"), [('{"requests": [{"fault": "explode"}]}', "$.requests[0].fault"), (None, "No such file")]
)
def test_a_fault_plan_that_cannot_be_used_is_named(
    start: StartCommand, tmp_path: Path, content: str | None, place: str
) -> None:
    if content is not None:
        (tmp_path / "faults.json").write_text(content)
    done = start("local", "serve", "--port", 0, "--faults", "faults.json").end()
    assert done.exit_code == 2
    error, hint = done.complaint
    assert "--faults: faults.json" in error
    assert place in error
    assert "docs/reference/faults.md" in hint


def test_an_endpoint_without_its_scheme_is_told_how_to_be_written(start_at: StartCommand) -> None:
    done = start_at(*QUICK, "--num-jobs", 1, "--endpoint-url", "127.0.0.1:4566").end()
    assert done.exit_code == 2
    error, hint = done.complaint
    assert "127.0.0.1:4566" in error
    assert "http://127.0.0.1:4566" in hint


def test_a_host_that_is_not_resolved_is_named(start_at: StartCommand) -> None:
    done = start_at(*QUICK, "--num-jobs", 1, "--endpoint-url", "http://no-such-host.invalid").end()
    assert done.exit_code == 1
    error, hint = done.complaint
    assert "no-such-host.invalid" in error
    assert "network" in hint


NAMES_VANISH = """
import os, socket
from aiohttp import connector
connector._DNSCacheTable.expired = lambda self, key: True  # nor are names kept for ten seconds
resolve = socket.getaddrinfo
def getaddrinfo(host, *more, **others):
    if host in ("batch.test", b"batch.test"):
        if os.path.exists(os.environ["NAMES_ARE_GONE"]):
            with open(os.environ["NAMES_ARE_GONE"] + ".asked", "w") as file:
                file.write("asked")
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        host = "127.0.0.1"
    return resolve(host, *more, **others)
socket.getaddrinfo = getaddrinfo
"""


def test_names_that_are_not_resolved_for_a_while_cost_precision_only(
    start_at: StartCommand, server: Any, faults: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(NAMES_VANISH)
    gone = tmp_path / "gone"
    port = server.endpoint.rpartition(":")[2]
    environ = {"PYTHONPATH": str(tmp_path), "NAMES_ARE_GONE": str(gone)}
    endpoint = ("--endpoint-url", f"http://batch.test:{port}")
    running = start_at(*QUICK[:-1], 5, "--num-jobs", 2, *endpoint, environ=environ)

    def is_watching() -> bool:
        return any(b'"look"' in path.read_bytes() for path in tmp_path.glob("test-results/runs/*/journal.jsonl"))

    server.until(lambda: True if is_watching() else None)
    gone.touch()
    # Connections are kept: a name is asked for again only where one is cut.
    faults(requests=[{"fault": "cut-before", "count": 4}])
    server.until(lambda: True if gone.with_suffix(".asked").exists() else None)
    gone.unlink()
    faults()
    done = running.end()
    assert done.exit_code == 0, done.stderr
    assert [job.status for job in done.result.jobs] == ["SUCCEEDED"] * 2


@pytest.mark.parametrize("damage", [b"not a journal\n\n", b'{"crc32":"00000000","record":{"type":"header"}}\nmore\n'])
def test_a_journal_that_cannot_be_read_is_named_and_not_believed(
    start: StartCommand, tmp_path: Path, damage: bytes
) -> None:
    run = tmp_path / "test-results" / "runs" / "concurrent-test-20261122T101500-x7k2"
    run.mkdir(parents=True)
    (run / "journal.jsonl").write_bytes(damage)
    done = start("analyze", "test-results").end()
    assert done.exit_code == 1
    error, _ = done.complaint
    assert "test-results" in error
    assert "journal.jsonl" in done.stderr
    assert "damaged" in done.stderr
    again = start("resume", run.name).end()
    assert again.exit_code == 1
    error, _ = again.complaint
    assert "journal.jsonl" in error
    assert (run / "journal.jsonl").read_bytes() == damage, "left as it is"


def test_a_journal_that_cannot_even_be_read_is_named(start: StartCommand, tmp_path: Path) -> None:
    run = tmp_path / "test-results" / "runs" / "concurrent-test-20261122T101500-x7k2"
    (run / "journal.jsonl").mkdir(parents=True)  # a permission would not keep everybody from reading
    for command in (("resume", run.name), ("status", run.name)):
        done = start(*command).end()
        assert done.exit_code == 1, done.stderr
        error, _ = done.complaint
        assert "journal.jsonl" in error
