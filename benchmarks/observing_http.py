"""What watching costs over HTTP: processor time and memory of the measuring process alone, the embedded AWS being another one.

    python benchmarks/observing_http.py [--jobs 10000] [--capacity 2000] [--countdown 30]

Three measuring processes at once, each with an embedded AWS of its own (virtual jobs): `batchgauge run` watching, `batchgauge run` not
watching, and the simple approach (ten threads submit; DescribeJobs of everything, ended jobs too, every 10 s). Submissions are not
throttled there, so that the whole takes as long as the jobs do: AWS starts 20 a second on Fargate, ten minutes for 10,000. Processor time
is what the system charged the process for, from its start to its end; what the run that does not watch took is taken off.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import botocore.session

BATCHGAUGE = Path(sys.executable).parent / "batchgauge"
SIMPLE_INTERVAL_S = 10.0
RATES = ["--submit-rate", "5000", "--submit-burst", "5000"]
SERVE = ["local", "serve", "--port", "0", "--max-processes", "0", *RATES, "--json", "--end-with-stdin"]
RUNS = ("watching", "not watching", "simple")


def main() -> None:
    """All three, and the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--capacity", type=int, default=2_000)
    parser.add_argument("--countdown", type=int, default=30)
    parser.add_argument("--simple", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.simple:
        simple(given.jobs, given.countdown)
        return
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(RUNS)) as pool:
        figures = dict(zip(RUNS, pool.map(lambda name: measured(name, given, Path(folder)), RUNS), strict=True))
    base_s = figures["not watching"]["cpu_s"]
    print(f"{given.jobs} jobs of {given.countdown} s, capacity {given.capacity}, over HTTP")
    for name, figure in figures.items():
        watching_ms = (figure["cpu_s"] - base_s) / given.jobs * 1000
        print(
            f"{name:14} {figure['cpu_s']:6.2f} s of CPU, {watching_ms:6.3f} ms a job for watching;"
            f" at most {figure['peak_mib']:5.1f} MiB; {figure['wall_s']:.0f} s; calls {figure['calls']}"
        )


def measured(name: str, given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """One measuring process with a server of its own."""
    # Not a pipe for what it says: nobody would read it while the run lasts.
    with (folder / f"{name}.log").open("w") as log:
        server = subprocess.Popen(
            [BATCHGAUGE, *SERVE, "--max-vcpus", str(given.capacity)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        try:
            assert server.stdout is not None
            aws = json.loads(server.stdout.readline())
            return _charged(_command(name, given, aws, folder / name), aws, folder / name)
        finally:
            assert server.stdin is not None
            server.stdin.close()
            server.wait(30)


def _command(name: str, given: argparse.Namespace, aws: dict[str, Any], results: Path) -> list[str]:
    size = ["--countdown", str(given.countdown)]
    if name == "simple":
        return [sys.executable, __file__, "--simple", "--jobs", str(given.jobs), *size]
    command = [str(BATCHGAUGE), "run", "--num-jobs", str(given.jobs), *size, "--quiet", "--results", str(results)]
    command += ["--job-queue", aws["jobQueue"], "--job-definition", "linux-countdown-job"]
    return [*command, "--monitor"] if name == "watching" else command


def _charged(command: list[str], aws: dict[str, Any], results: Path) -> dict[str, Any]:
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": aws["endpoint"],
        "AWS_ACCESS_KEY_ID": aws["accessKeyId"],
        "AWS_SECRET_ACCESS_KEY": aws["secretAccessKey"],
        "AWS_REGION": aws["region"],
        "BATCHGAUGE_BENCHMARK_QUEUE": aws["jobQueue"],
    }
    begun = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, (command, process.returncode)
    return {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / 1024,
        "wall_s": time.monotonic() - begun,
        "calls": _calls(results) or output.strip(),
    }


def _calls(results: Path) -> dict[str, int]:
    for path in results.glob("runs/*/*.json"):
        operations = json.loads(path.read_bytes())["api"]["operations"]
        return {name: usage["calls"] for name, usage in operations.items()}
    return {}


def simple(jobs: int, countdown_s: int) -> None:
    """Ten threads, and DescribeJobs of everything."""
    client = botocore.session.get_session().create_client("batch", region_name=os.environ["AWS_REGION"])
    shape = {
        "jobQueue": os.environ["BATCHGAUGE_BENCHMARK_QUEUE"],
        "jobDefinition": "linux-countdown-job",
        "parameters": {"countdownSeconds": str(countdown_s)},
    }
    with ThreadPoolExecutor(10) as pool:
        answers = pool.map(lambda number: client.submit_job(jobName=f"simple-{number}", **shape), range(jobs))
        ids = [answer["jobId"] for answer in answers]
    calls = 0
    while True:
        ended = 0
        for first in range(0, jobs, 100):
            described = client.describe_jobs(jobs=ids[first : first + 100])["jobs"]
            calls += 1
            ended += sum(job["status"] in ("SUCCEEDED", "FAILED") for job in described)
        if ended == jobs:
            break
        time.sleep(SIMPLE_INTERVAL_S)
    print({"SubmitJob": jobs, "DescribeJobs": calls})


if __name__ == "__main__":
    main()
