"""Many jobs at once on the embedded AWS: real processes, and virtual jobs. Does each end within 1 % of its time?

    python benchmarks/executions.py [--real 1000] [--virtual 10000] [--seconds 120]

EC2 capacity, so that nothing but the machine bounds how many start together (Fargate launches 20 a second); the start-up is scaled to a
thousandth. A job's time is stoppedAt - startedAt as DescribeJobs shows it, and for real processes also what countdown measured itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ENVIRONMENT, QUEUE, DEFINITION = "many-environment", "many-queue", "many-definition"
CLOCK_TICKS_A_SECOND = 100


@contextmanager
def served(*options: str) -> Iterator[tuple[dict[str, Any], Any]]:
    """A server and a Batch client of it."""
    command = [sys.executable, "-m", "batchgauge", "local", "serve", "--port", "0", "--json", "--end-with-stdin"]
    unlimited = [f"--{calls}-{limit}=1000000" for calls in ("submit", "api") for limit in ("rate", "burst")]
    with subprocess.Popen([*command, *unlimited, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            said = json.loads(process.stdout.readline())
            yield (
                said,
                boto3.client(
                    "batch",
                    endpoint_url=said["endpoint"],
                    aws_access_key_id=said["accessKeyId"],
                    aws_secret_access_key=said["secretAccessKey"],
                    region_name=said["region"],
                    config=Config(retries={"total_max_attempts": 1}),
                ),
            )
        finally:
            process.terminate()


def set_up(batch: Any, at_once: int) -> None:
    """Room for all of them."""
    [seeded] = batch.describe_compute_environments()["computeEnvironments"]
    resources = seeded["computeResources"]
    batch.create_compute_environment(
        computeEnvironmentName=ENVIRONMENT,
        type="MANAGED",
        serviceRole=seeded["serviceRole"],
        computeResources={
            "type": "EC2",
            "minvCpus": 0,
            "maxvCpus": at_once + 512,
            "instanceTypes": ["c5.24xlarge"],
            "instanceRole": "arn:aws:iam::123456789012:instance-profile/BatchInstanceRole",
            "subnets": resources["subnets"],
            "securityGroupIds": resources["securityGroupIds"],
        },
    )
    until(lambda: batch.describe_compute_environments(computeEnvironments=[ENVIRONMENT])["computeEnvironments"])
    batch.create_job_queue(
        jobQueueName=QUEUE,
        priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": ENVIRONMENT}],
    )
    until(lambda: batch.describe_job_queues(jobQueues=[QUEUE])["jobQueues"])
    batch.register_job_definition(
        jobDefinitionName=DEFINITION,
        type="container",
        platformCapabilities=["EC2"],
        containerProperties={
            "image": "busybox",
            "command": ["countdown", "Ref::seconds"],
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}],
        },
    )


def until(resources: Any) -> None:
    """Wait until it is VALID."""
    while resources()[0]["status"] != "VALID":
        time.sleep(0.05)


def cpu_s(pid: int) -> float:
    """Processor time of the server so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS_A_SECOND


def children(batch: Any, array_id: str, size: int) -> list[dict[str, Any]]:
    """All of them, whole."""
    ids = [f"{array_id}:{index}" for index in range(size)]
    found: list[dict[str, Any]] = []
    for first in range(0, size, 100):
        found += batch.describe_jobs(jobs=ids[first : first + 100])["jobs"]
    return found


def most_at_once(jobs: list[dict[str, Any]]) -> int:
    """Of all moments."""
    changes = sorted([(job["startedAt"], 1) for job in jobs] + [(job["stoppedAt"], -1) for job in jobs])
    running = most = 0
    for _, change in changes:
        running += change
        most = max(most, running)
    return most


def measure(name: str, at_once: int, seconds: int, parameters: dict[str, str]) -> None:
    """One array, from its submission to its end."""
    with served("--time-scale", "0.001", "--max-processes", str(at_once)) as (said, batch):
        set_up(batch, at_once)
        begun_s = time.perf_counter()
        array = batch.submit_job(
            jobName=name,
            jobQueue=QUEUE,
            jobDefinition=DEFINITION,
            arrayProperties={"size": at_once},
            parameters={"seconds": str(seconds), **parameters},
        )["jobId"]
        accepted_ms = (time.perf_counter() - begun_s) * 1000
        while batch.describe_jobs(jobs=[array])["jobs"][0]["status"] not in ("SUCCEEDED", "FAILED"):
            time.sleep(1)
        wall_s, used_s = time.perf_counter() - begun_s, cpu_s(said["pid"])
        jobs = children(batch, array, at_once)
        failed = sum(job["status"] != "SUCCEEDED" for job in jobs)
        over = sorted((job["stoppedAt"] - job["startedAt"]) / 1000 / seconds - 1 for job in jobs)
        started = [job["startedAt"] for job in jobs]
    print(f"{name}: {at_once} jobs of {seconds} s, accepted in {accepted_ms:.0f} ms, {failed} failed")
    print(f"  at once: {most_at_once(jobs)}; all started within {(max(started) - min(started)) / 1000:.2f} s")
    print(f"  beyond their time: median {over[len(over) // 2]:.3%}, worst {over[-1]:.3%} (wanted: within 1 %)")
    print(f"  the server took {used_s:.1f} s of processor time in {wall_s:.0f} s ({used_s / wall_s:.0%} of a core)")


def main() -> None:
    """Real ones, then virtual ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=int, default=1000)
    parser.add_argument("--virtual", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=120)
    given = parser.parse_args()
    if given.virtual:
        measure("virtual", given.virtual, given.seconds, {"BATCHGAUGE_VIRTUAL": "1"})
    if given.real:
        measure("real", given.real, given.seconds, {})


if __name__ == "__main__":
    main()
