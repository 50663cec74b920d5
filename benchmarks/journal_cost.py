"""What the journal costs: submissions a second at `rate:500` and in a closed loop, beside a journal that keeps nothing; bytes a job.

    python benchmarks/journal_cost.py [--seconds 10] [--jobs 1000] [--rounds 3]

Submissions go to a plain socket that answers after 20 ms (`request_sink`). The bytes are those of a polled run in virtual time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from batch_scenario import START_MS, calls
from request_sink import sink

from batchgauge.aws.gateway import BotoGateway
from batchgauge.aws.session import AwsSession, Connection, Credentials
from batchgauge.batchmodel.boundary import ModelSettings
from batchgauge.core.journal import EnvironmentFacts, Record
from batchgauge.core.progress.snapshot import ProgressSnapshot
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.host.clock import SystemClock
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.ports import Journal
from batchgauge.store.compact_looks import LookMemory
from batchgauge.store.journal import JournalFile, encode_line
from batchgauge.virtualaws.account import VirtualAccount
from batchgauge.virtualaws.event_loop import VirtualClock, run_virtually
from batchgauge.virtualaws.gateway import VirtualGateway

SHAPE = JobShape(job_queue="queue", job_definition="definition", parameters={"countdownSeconds": "30"})
RUN = "concurrent-test-20261122T101500-x7k2"
ANSWER_S = 0.02


class Nowhere:
    """A journal, and a progress display, that keep nothing."""

    def append(self, record: Record) -> None:
        """Forget it."""

    async def sync(self) -> None:
        """There is no disk."""

    def update(self, snapshot: ProgressSnapshot) -> None:
        """Nobody looks."""


class Kept(Nowhere):
    """A journal in memory, counted by kinds of records."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def append(self, record: Record) -> None:
        """Keep it."""
        self.records.append(record)


async def submissions(endpoint: str, scenario: Scenario, *, has_journal: bool) -> tuple[float, float]:
    """(submissions a second, processor milliseconds a job) of an unmonitored run."""
    clock = SystemClock()
    keys = Credentials("AKIDEXAMPLE", "secret")
    connection = Connection("us-west-2", endpoint_url=endpoint, credentials=keys, most_submissions_at_once=500)
    with tempfile.TemporaryDirectory() as folder:
        async with AwsSession(connection, clock, os.environ) as session:
            gateway = BotoGateway(session, clock)
            facts = EnvironmentFacts(region="us-west-2", tool_version="0")
            around = Surroundings(gateway, gateway, clock, random.Random(1), Nowhere(), facts, 0, time.process_time)

            async def measure(journal: Journal) -> tuple[float, float]:
                cpu_s = time.process_time()
                report = await run(RUN, scenario, journal, around, Interruption())
                cpu_s = time.process_time() - cpu_s
                sent = [job.instants.sent_ms for job in report.result.jobs if job.instants is not None]
                times = sorted(value for value in sent if value is not None)
                per_s = (len(times) - 1) / ((times[-1] - times[0]) / 1000)
                return per_s, cpu_s / len(times) * 1000

            if not has_journal:
                return await measure(Nowhere())
            async with JournalFile(Path(folder) / "run" / "journal.jsonl") as journal:
                return await measure(journal)


def throughput(seconds: int, rounds: int) -> None:
    """Both loads, in turn with and without."""
    loads = {
        "rate:500": Scenario(job=SHAPE, num_jobs=500 * seconds, load="rate:500"),
        "40 workers": Scenario(job=SHAPE, num_jobs=300 * seconds, max_workers=40),
    }
    for name, scenario in loads.items():
        figures: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
        for _ in range(rounds):
            for has_journal in (True, False):
                with sink(ANSWER_S) as server:
                    figures[has_journal].append(
                        asyncio.run(submissions(server.endpoint, scenario, has_journal=has_journal))
                    )
        per_s = {key: statistics.median(value[0] for value in values) for key, values in figures.items()}
        cpu_ms = {key: statistics.median(value[1] for value in values) for key, values in figures.items()}
        cost = 1 - per_s[True] / per_s[False]
        print(
            f"{name}: {per_s[True]:.1f} submissions/s with the journal, {per_s[False]:.1f} without: {cost:.1%} (wanted: at most 5 %);"
            f" processor {cpu_ms[True]:.3f} and {cpu_ms[False]:.3f} ms a job",
            flush=True,
        )


def size(jobs: int) -> None:
    """Bytes a job, by kinds of records."""
    for is_planned in (True, False):
        kept = Kept()
        run_virtually(polled(jobs, kept, is_planned=is_planned))
        sizes: Counter[str] = Counter()
        memory = LookMemory()
        for record in kept.records:
            sizes[type(record).__name__] += len(encode_line(memory.compact(record)))
        apart = sizes.pop("LogLook", 0), sizes.pop("TaskLook", 0)
        whole = sum(sizes.values()) / jobs
        parts = ", ".join(f"{name} {value / jobs:.0f}" for name, value in sizes.most_common(6))
        how = "planned by itself" if is_planned else "every 10 s"
        print(f"{jobs} jobs, polling {how}: {whole:.0f} bytes a job (wanted: at most 1,024): {parts}")
        print(f"  apart: log lines {apart[0] / jobs:.0f}, task details {apart[1] / jobs:.0f}", flush=True)


async def polled(jobs: int, kept: Kept, *, is_planned: bool) -> None:
    """A monitored run at AWS's own start-up times, 256 jobs at once."""
    clock = VirtualClock(START_MS)
    account = VirtualAccount(ModelSettings(), clock)
    for operation, parameters in calls(256):
        account.call(operation, parameters)
    gateway = VirtualGateway(account, clock)
    scenario = Scenario(
        job=SHAPE,
        num_jobs=jobs,
        countdown_s=30,
        is_monitored=True,
        monitor_interval_s=10.0,
        is_interval_planned=is_planned,
    )
    facts = EnvironmentFacts(region="us-west-2", tool_version="0")
    around = Surroundings(
        gateway,
        gateway,
        clock,
        random.Random(1),
        Nowhere(),
        facts,
        0,
        cpu_s=lambda: 0.0,
        reads_logs=False,
        tasks=gateway,
    )
    await run(RUN, scenario, kept, around, Interruption())


def main() -> None:
    """Both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    size(given.jobs)
    throughput(given.seconds, given.rounds)


if __name__ == "__main__":
    main()
