"""A running embedded AWS, started as a user starts it: ``batchgauge local serve`` in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import boto3
import pytest
from botocore.config import Config
from hypothesis import settings

# How long an example takes on a busy machine says nothing of what is tested.
settings.register_profile("whatever the machine does", deadline=None)
settings.load_profile("whatever the machine does")

LIMIT_S = 60.0
T = TypeVar("T")


@dataclass(frozen=True)
class ServerHandle:
    """A server, its process, and how to reach it."""

    process: subprocess.Popen[str]
    announced: dict[str, Any] = field(repr=False)
    _clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """Those of plain settings, by service: to make one costs twenty times as much as to call with it."""

    @property
    def endpoint(self) -> str:
        return str(self.announced["endpoint"])

    @property
    def pid(self) -> int:
        return int(self.announced["pid"])

    def client(self, service: str, **changed: Any) -> Any:
        """A boto3 client; one attempt on the wire, so that a refusal is seen."""
        if not changed and service in self._clients:
            return self._clients[service]
        settings: dict[str, Any] = {
            "endpoint_url": self.endpoint,
            "aws_access_key_id": self.announced["accessKeyId"],
            "aws_secret_access_key": self.announced["secretAccessKey"],
            "region_name": self.announced["region"],
            "config": Config(retries={"total_max_attempts": 1}),
        }
        client = boto3.session.Session().client(service, **{**settings, **changed})
        if not changed:
            self._clients[service] = client
        return client

    @property
    def patient_batch(self) -> Any:
        """For what is only to be there, or is looked at until it is: tried again where it is throttled."""
        if "patient" not in self._clients:
            retries = {"mode": "standard", "total_max_attempts": 10}
            self._clients["patient"] = self.client("batch", config=Config(retries=retries))
        return self._clients["patient"]

    @property
    def environment(self) -> dict[str, str]:
        """For the AWS CLI: what `serve` prints, and nothing of this machine's own configuration."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.announced["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self.announced["secretAccessKey"],
            "AWS_REGION": self.announced["region"],
            "AWS_DEFAULT_REGION": self.announced["region"],
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_PAGER": "",
        }

    @staticmethod
    def until(found: Callable[[], T | None]) -> T:
        """Ask until there is an answer; so seldom that the calls are left to what is tested."""
        deadline_s = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline_s:
            answer = found()
            if answer is not None:
                return answer
            time.sleep(0.1)
        raise TimeoutError(found)

    def finished_job(self, job_id: str) -> dict[str, Any]:
        """The job, once it has ended."""
        batch = self.patient_batch

        def ended() -> dict[str, Any] | None:
            [job] = batch.describe_jobs(jobs=[job_id])["jobs"]
            return dict(job) if job["status"] in ("SUCCEEDED", "FAILED") else None

        return self.until(ended)

    def submit(self, definition: str = "linux-countdown-job", **more: Any) -> str:
        """Submit a job to the seed's queue; its id."""
        answer = self.client("batch").submit_job(
            jobName="test", jobQueue="windows-batch-queue", jobDefinition=definition, **more
        )
        return str(answer["jobId"])

    def lines_of(self, job: dict[str, Any], group: str = "/aws/batch/job") -> list[str]:
        """What a job that has ended has said."""
        stream = job["container"]["logStreamName"]
        events = self.client("logs").get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)[
            "events"
        ]
        return [event["message"] for event in events]


@contextmanager
def running_server(*options: str, environment: Mapping[str, str] | None = None) -> Iterator[ServerHandle]:
    """A server with these options of ``local serve``, quick to start its jobs; `environment` is added to ours."""
    command = [sys.executable, "-m", "batchgauge", "local", "serve", "--port", "0", "--json", "--end-with-stdin"]
    process = subprocess.Popen(
        [*command, "--time-scale", "0.0005", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    try:
        assert process.stdout is not None
        yield ServerHandle(process, json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(LIMIT_S)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture(scope="module")
def server() -> Iterator[ServerHandle]:
    """One server for a module's tests: what they leave in it must not disturb the others."""
    with running_server() as handle:
        # Whether an image or a log group is there, the server cannot say before Batch's neighbours are loaded: this waits for them.
        handle.client("sts").get_caller_identity()
        yield handle


@pytest.fixture
def start_server() -> Iterator[Callable[..., ServerHandle]]:
    """Servers for one test alone, with options of its own."""
    with ExitStack() as stack:
        yield lambda *options, **more: stack.enter_context(running_server(*options, **more))
