"""The embedded AWS's Batch API beside moto's server: calls a second, tail latency, time to the first answer.

    python benchmarks/batch_api.py [--jobs 1000] [--connections 16] [--rounds 3]

Fresh servers, each with the same number of jobs; requests are signed beforehand; ours verifies signatures and validates.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import boto3
from botocore.config import Config

sys.path.insert(0, str(Path(__file__).parent))
from http_load import Load, Signer, drive

QUEUE = "windows-batch-queue"
DEFINITION = "linux-countdown-job"


@dataclass(frozen=True)
class Server:
    """A server under test."""

    name: str
    endpoint: str
    access_key_id: str
    secret_access_key: str
    first_answer_s: float

    def client(self, service: str) -> Any:
        """A boto3 client of it."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            region_name="us-west-2",
            config=Config(retries={"total_max_attempts": 1}),
        )


@contextmanager
def ours() -> Iterator[Server]:
    """The embedded AWS without limits on SubmitJob; jobs never leave RUNNABLE, so that only the API works."""
    command = [sys.executable, "-m", "batchgauge", "local", "serve", "--port", "0", "--json", "--end-with-stdin"]
    unlimited = [f"--{calls}-{limit}=1000000" for calls in ("submit", "api") for limit in ("rate", "burst")]
    begun_s = time.perf_counter()
    with subprocess.Popen(
        [*command, *unlimited, "--time-scale", "100000"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            said = json.loads(process.stdout.readline())
            signer = Signer(said["endpoint"], said["accessKeyId"], said["secretAccessKey"])
            drive(said["endpoint"], [signer.batch_request("/v1/describejobqueues", b"{}")], 1)
            first_s = time.perf_counter() - begun_s
            wait_for_neighbours(said["endpoint"])
            yield Server("batchgauge", said["endpoint"], said["accessKeyId"], said["secretAccessKey"], first_s)
        finally:
            process.terminate()


def wait_for_neighbours(endpoint: str) -> None:
    """They load in the background; what is measured is the API with the neighbours idle."""
    while True:
        with urllib.request.urlopen(endpoint + "/_batchgauge/health") as answer:
            if json.load(answer)["neighboursReady"]:
                return
        time.sleep(0.05)


@contextmanager
def moto() -> Iterator[Server]:
    """moto's own server, told to do without Docker, with a queue and a definition of the same names."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    begun_s = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, "MOTO_ACCOUNT_ID": "123456789012"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        signer = Signer(endpoint, "testing", "testing")
        first_s = first_answer_s(endpoint, signer, begun_s)
        server = Server("moto", endpoint, "testing", "testing", first_s)
        try:
            set_up_moto(server)
            yield server
        finally:
            process.terminate()


def first_answer_s(endpoint: str, signer: Signer, begun_s: float) -> float:
    """Ask until it answers."""
    while True:
        try:
            drive(endpoint, [signer.batch_request("/v1/describejobqueues", b"{}")], 1)
        except OSError:
            time.sleep(0.01)
        else:
            return time.perf_counter() - begun_s


def set_up_moto(server: Server) -> None:
    """What the embedded AWS has from the start."""
    settings = json.dumps({"batch": {"use_docker": False}}).encode()
    urllib.request.urlopen(urllib.request.Request(server.endpoint + "/moto-api/config", settings)).close()
    role = server.client("iam").create_role(RoleName="BatchServiceRole", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    ec2 = server.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = ec2.describe_security_groups()["SecurityGroups"][0]
    batch = server.client("batch")
    environment = batch.create_compute_environment(
        computeEnvironmentName="environment",
        state="ENABLED",
        type="MANAGED",
        serviceRole=role,
        computeResources={
            "type": "FARGATE",
            "maxvCpus": 16,
            "subnets": [subnet["SubnetId"]],
            "securityGroupIds": [group["GroupId"]],
        },
    )["computeEnvironmentArn"]
    batch.create_job_queue(
        jobQueueName=QUEUE,
        state="ENABLED",
        priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment}],
    )
    batch.register_job_definition(
        jobDefinitionName=DEFINITION,
        type="container",
        containerProperties={
            "image": "busybox",
            "command": ["sleep", "1"],
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
        },
    )


@dataclass(frozen=True)
class Figures:
    """What was measured of one server."""

    server: Server
    submit: Load
    describe: Load


def measure(server: Server, jobs: int, describes: int, connections: int) -> Figures:
    """Submit so many jobs, then ask for a hundred of them again and again."""
    signer = Signer(server.endpoint, server.access_key_id, server.secret_access_key)
    bodies = [
        json.dumps({"jobName": f"job-{number}", "jobQueue": QUEUE, "jobDefinition": DEFINITION}).encode()
        for number in range(jobs)
    ]
    requests = [signer.batch_request("/v1/submitjob", body) for body in bodies]
    submit = drive(server.endpoint, requests, connections, keeps_bodies=True)
    ids = [json.loads(body)["jobId"] for body in submit.bodies]
    asked = [json.dumps({"jobs": ids[first : first + 100]}).encode() for first in range(0, len(ids), 100)]
    requests = [signer.batch_request("/v1/describejobs", asked[number % len(asked)]) for number in range(describes)]
    describe = drive(server.endpoint, requests, connections)
    assert set(submit.statuses) == set(describe.statuses) == {200}, (submit.statuses, describe.statuses)
    return Figures(server, submit, describe)


def show(figures: Figures) -> None:
    """Two lines a server."""
    print(f"{figures.server.name}: first answer after {figures.server.first_answer_s:.2f} s")
    for name, load in (("SubmitJob", figures.submit), ("DescribeJobs(100)", figures.describe)):
        tail = f"p50 {load.percentile_ms(50):.2f} ms, p99 {load.percentile_ms(99):.2f} ms"
        print(f"  {name:18} {load.per_second:10,.0f}/s   {tail}   ({len(load.latencies_ms)} calls)")


def main() -> None:
    """Some rounds, then the ratios: the median of them, and each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--describes", type=int, default=3000)
    parser.add_argument("--moto-describes", type=int, default=100)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    rounds = [one_round(given) for _ in range(given.rounds)]
    for name, wanted in (("submit", 20), ("describe", 15)):
        ratios = [getattr(mine, name).per_second / getattr(theirs, name).per_second for mine, theirs in rounds]
        print(
            f"ratio {name:9} median {median(ratios):5.1f} of {[round(ratio, 1) for ratio in ratios]}   (wanted: {wanted})"
        )


def one_round(given: argparse.Namespace) -> tuple[Figures, Figures]:
    """Fresh servers, one after the other."""
    with ours() as server:
        mine = measure(server, given.jobs, given.describes, given.connections)
    show(mine)
    with moto() as server:
        theirs = measure(server, given.jobs, given.moto_describes, given.connections)
    show(theirs)
    return mine, theirs


if __name__ == "__main__":
    main()
