"""Runs of the command against an embedded AWS on which things go wrong."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from batchgauge.core.result.run_result import RunResult, from_document

LIMIT_S = 120
TARGET = ("--job-queue", "windows-batch-queue", "--job-definition", "windows-countdown-job")
WATCHED = ("--monitor", "--monitor-interval", "0.2")


def set_faults(server: Any, **plan: Any) -> None:
    """Replace the server's fault plan."""
    path, body = "/_batchgauge/faults", json.dumps(plan).encode()
    request = AWSRequest("POST", server.endpoint + path, data=body)
    keys = Credentials(server.announced["accessKeyId"], server.announced["secretAccessKey"])
    SigV4Auth(keys, "batchgauge", "us-west-2").add_auth(request)
    url = urlsplit(server.endpoint)
    link = http.client.HTTPConnection(url.hostname or "", url.port, timeout=60)
    link.request("POST", path, body, dict(request.headers))
    answer = link.getresponse()
    said = answer.read()
    assert answer.status == 200, said


@dataclass(frozen=True)
class Ended:
    """A command that is over."""

    exit_code: int
    stdout: str
    stderr: str
    folder: Path

    @property
    def result(self) -> RunResult:
        """The only run's document."""
        [document] = self.folder.glob("test-results/runs/*/result.json")
        return from_document(document.read_bytes())

    @property
    def complaint(self) -> tuple[str, str]:
        """The error and its hint, and that nothing worse was said."""
        assert "Traceback" not in self.stderr
        lines = self.stderr.splitlines()
        [position] = [number for number, line in enumerate(lines) if line.startswith("error: ")]
        assert lines[position + 1].startswith("hint: "), self.stderr
        return lines[position], lines[position + 1]


class Started:
    """A command under way."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder

    def end(self) -> Ended:
        """What came of it."""
        stdout, stderr = self.process.communicate(timeout=LIMIT_S)
        return Ended(self.process.returncode, stdout, stderr, self.folder)


StartCommand = Callable[..., Started]


@pytest.fixture
def bare_environment(tmp_path: Path) -> dict[str, str]:
    """An English user with an empty home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BATCHGAUGE_"))}
    return {
        **kept,
        "BATCHGAUGE_LANG": "en",
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture
def start(tmp_path: Path, bare_environment: dict[str, str]) -> Iterator[StartCommand]:
    """Starts ``batchgauge ARGUMENTS`` in the test's folder; `environ` is added to the environment."""
    started: list[Started] = []

    def begin(*arguments: object, environ: dict[str, str] | None = None, **more: Any) -> Started:
        process = subprocess.Popen(
            [sys.executable, "-m", "batchgauge", *map(str, arguments)],
            cwd=tmp_path,
            env={**bare_environment, **(environ or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
            **more,
        )
        started.append(Started(process, tmp_path))
        return started[-1]

    yield begin
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate(timeout=LIMIT_S)


@pytest.fixture
def start_at(server: Any, start: StartCommand) -> StartCommand:
    """The same, pointed at the module's server."""
    pointing = {name: value for name, value in server.environment.items() if name.startswith("AWS_")}

    def begin(*arguments: object, environ: dict[str, str] | None = None, **more: Any) -> Started:
        return start(*arguments, environ={**pointing, **(environ or {})}, **more)

    return begin


@pytest.fixture
def faults(server: Any) -> Iterator[Callable[..., None]]:
    """Sets the server's faults; a good day again afterwards."""
    yield lambda **plan: set_faults(server, **plan)
    set_faults(server)


@pytest.fixture
def until_running(server: Any) -> Callable[[int], list[str]]:
    """Waits for so many RUNNING jobs in the seed's queue, by whoever; their ids."""

    def running(count: int) -> list[str]:
        page = server.patient_batch.list_jobs(jobQueue="windows-batch-queue", jobStatus="RUNNING")
        ids = [job["jobId"] for job in page["jobSummaryList"]]
        return ids if len(ids) >= count else []

    return lambda count: list(server.until(lambda: running(count) or None))


@pytest.fixture
def no_jobs_left(server: Any) -> Iterator[None]:
    """Whatever a test leaves running is ended after it."""
    yield
    batch = server.client("batch")
    for status in ("RUNNABLE", "STARTING", "RUNNING"):
        for job in batch.list_jobs(jobQueue="windows-batch-queue", jobStatus=status)["jobSummaryList"]:
            batch.terminate_job(jobId=job["jobId"], reason="the test is over")
