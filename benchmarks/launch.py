"""How close to each other, and to their intended times, submissions reach the server; beside a pool of ten boto3 threads.

    python benchmarks/launch.py [--repeats 20] [--seconds 60] [--only burst|rate]

Everything of ours is the product's own path, from the scenario to the journal on disk; only the server is a plain socket
(`request_sink`), which stamps arrivals and answers after 0 or 100 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import multiprocessing
import os
import random
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import Queue
from pathlib import Path

import boto3
from botocore.config import Config
from request_sink import sink

from batchgauge.aws.gateway import BotoGateway
from batchgauge.aws.session import AwsSession, Connection, Credentials
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.progress.snapshot import ProgressSnapshot
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.host.clock import SystemClock
from batchgauge.host.prompt_turns import ask_for_prompt_turns
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.store.journal import JournalFile

KEYS = Credentials("AKIDEXAMPLE", "secret")
REGION = "us-west-2"
BURST = 100
THREADS = 10
ANSWER_S = 0.033
"""Of the rates: no multiple of the time between two sends, or every answer would come in the very moment of a send."""
SHAPE = JobShape(job_queue="queue", job_definition="definition", parameters={"countdownSeconds": "30"})


class _Silence:
    def update(self, snapshot: ProgressSnapshot) -> None:
        pass


async def ours(endpoint: str, load: str, num_jobs: int) -> RunResult:
    """A run of the product's own, unmonitored."""
    clock = SystemClock()
    scenario = Scenario(job=SHAPE, num_jobs=num_jobs, load=load)
    connection = Connection(REGION, endpoint_url=endpoint, credentials=KEYS, most_submissions_at_once=870)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            AwsSession(connection, clock, os.environ) as session,
            JournalFile(Path(folder) / "run" / "journal.jsonl") as journal,
        ):
            gateway = BotoGateway(session, clock)
            facts = EnvironmentFacts(region=REGION, tool_version="0")
            around = Surroundings(
                gateway=gateway,
                logs=gateway,
                clock=clock,
                chance=random.Random(1),
                progress=_Silence(),
                facts=facts,
                utc_offset_s=0,
                cpu_s=time.process_time,
            )
            report = await run("benchmark", scenario, journal, around, Interruption())
    if report.error is not None:
        raise report.error
    return report.result


def pool_of_threads(endpoint: str) -> None:
    """The simple approach: a thread pool, a client for all."""
    client = boto3.client(
        "batch",
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=KEYS.access_key_id,
        aws_secret_access_key=KEYS.secret_access_key,
        config=Config(max_pool_connections=THREADS, retries={"total_max_attempts": 1}),
    )

    def submit(number: int) -> None:
        client.submit_job(
            jobName=f"job{number:03d}", jobQueue="queue", jobDefinition="definition", parameters=SHAPE.parameters
        )

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(submit, range(BURST)))


def bursts(latency_s: float, repeats: int) -> None:
    """First to last arrival of a hundred jobs that are all meant to go out at once."""
    spans: dict[str, list[float]] = {"batchgauge --load burst": [], f"{THREADS} boto3 threads": []}
    read_spans: list[float] = []
    with sink(latency_s) as server:
        for _ in range(repeats):  # in turn, so that both meet with the same neighbours on the machine
            asyncio.run(ours(server.endpoint, "burst", BURST))
            arrivals = server.take()
            assert len(arrivals.read_ns) == BURST
            spans["batchgauge --load burst"].append(arrivals.span_ms)
            read_spans.append((max(arrivals.read_ns) - min(arrivals.read_ns)) / 1e6)
            pool_of_threads(server.endpoint)
            arrivals = server.take()
            assert len(arrivals.read_ns) == BURST
            spans[f"{THREADS} boto3 threads"].append(arrivals.span_ms)
    print(f"\n{BURST} jobs at once, API latency {latency_s * 1000:g} ms, {repeats} times: first to last arrival in ms")
    print(f"  {'':28}{'best':>9}{'median':>9}{'p95':>9}{'worst':>9}")
    for name, values in spans.items():
        print(f"  {name:28}{_row(values)}")
    print(f"  {'(ours, as the sink read)':28}{_row(read_spans)}", flush=True)


def bare_timer(per_s: int, seconds: int, outcome: Queue[list[float]]) -> None:
    """How late a program is that does nothing but wait for each moment in turn: what the machine grants at that time."""
    late_ms = []
    begun_s = time.monotonic()
    for number in range(per_s * seconds):
        due_s = begun_s + number / per_s
        time.sleep(max(0.0, due_s - time.monotonic()))
        late_ms.append((time.monotonic() - due_s) * 1000)
    outcome.put(late_ms)


def rates(per_s: int, seconds: int) -> None:
    """How far submissions at a steady rate leave after they were meant to, and how far they arrive after."""
    ask_for_prompt_turns()  # as the command does for such a load
    context = multiprocessing.get_context("spawn")
    timed: Queue[list[float]] = context.Queue()
    timer = context.Process(target=bare_timer, args=(50, seconds, timed), daemon=True)
    with sink(ANSWER_S) as server:
        timer.start()
        result = asyncio.run(ours(server.endpoint, f"rate:{per_s}", per_s * seconds))
        arrivals = server.take()
    bare = timed.get()
    timer.join()
    late = result.lateness
    assert late is not None
    intended = sorted(job.instants.intended_ms or 0.0 for job in result.jobs if job.instants)
    arrived = [at / 1e6 - due for at, due in zip(arrivals.stamps_ns, intended, strict=True)]
    sent = [
        job.instants.sent_ms - job.instants.intended_ms
        for job in result.jobs
        if job.instants and job.instants.sent_ms is not None and job.instants.intended_ms is not None
    ]
    span_s = (max(arrivals.stamps_ns) - min(arrivals.stamps_ns)) / 1e9
    assert result.api is not None
    print(f"\nrate:{per_s} for {seconds} s: {len(arrived)} arrivals, {(len(arrived) - 1) / span_s:.2f} a second")
    print(f"  {'ms after the intended time':28}{'median':>9}{'p95':>9}{'p99':>9}{'worst':>9}")
    rows = {"sent (in the result)": sent, "arrived (kernel)": arrived, "bare timer, 50/s, beside it": bare}
    for name, values in rows.items():
        figures = [statistics.median(values), _percentile(values, 95), _percentile(values, 99), max(values)]
        print(f"  {name:28}" + "".join(f"{value:9.2f}" for value in figures))
    print(f"  late by more than {late.tolerance_ms:g} ms: {late.late}, without a free connection: ", end="")
    print(f"{late.waited_for_connection}; processor time {result.api.cpu_s:.1f} s", flush=True)


def _row(values: list[float]) -> str:
    figures = [min(values), statistics.median(values), _percentile(values, 95), max(values)]
    return "".join(f"{value:9.2f}" for value in figures)


def _percentile(values: list[float], percent: float) -> float:
    """Nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--only", choices=["burst", "rate"])
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    if given.only != "rate":
        for latency_s in (0.0, 0.1):
            bursts(latency_s, given.repeats)
    if given.only != "burst":
        for per_s in (50, 500):
            rates(per_s, given.seconds)
    print(f"\nload average at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
