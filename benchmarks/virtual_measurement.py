"""The whole measuring code through hours of AWS: how long a measurement takes in virtual time, and how far it is from the truth.

    python benchmarks/virtual_measurement.py [--jobs 10000] [--vcpus 1000] [--countdown 600]

One run as the command makes it (submission at AWS's rate with back-off, DescribeJobs every 10 s, log streams afterwards), at AWS's own
start-up times.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from batch_scenario import START_MS, calls

from batchgauge.batchmodel.boundary import Answer, ModelSettings
from batchgauge.core.journal import EnvironmentFacts, Record
from batchgauge.core.progress.snapshot import ProgressSnapshot
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.measure.inspect_target import inspect_target
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.virtualaws.account import VirtualAccount
from batchgauge.virtualaws.event_loop import VirtualClock, run_virtually
from batchgauge.virtualaws.gateway import VirtualGateway


class Nowhere:
    """A journal and a progress display that keep nothing."""

    records = 0

    def append(self, record: Record) -> None:
        """Count it."""
        self.records += 1

    async def sync(self) -> None:
        """There is no disk."""

    def update(self, snapshot: ProgressSnapshot) -> None:
        """Nobody looks."""


def main() -> None:
    """One run, and what it cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--vcpus", type=int, default=1_000)
    parser.add_argument("--countdown", type=int, default=600)
    given = parser.parse_args()
    clock, chance, nowhere = VirtualClock(START_MS), random.Random(1), Nowhere()
    account = VirtualAccount(ModelSettings(), clock)
    gateway = VirtualGateway(account, clock)
    job = JobShape(job_queue="queue", job_definition="definition")
    scenario = Scenario(job=job, num_jobs=given.jobs, countdown_s=given.countdown, is_monitored=True)

    async def measure() -> tuple[RunReport, float]:
        for operation, parameters in calls(given.vcpus):
            assert isinstance(account.call(operation, parameters), Answer)
        facts = EnvironmentFacts(region="us-west-2", tool_version="0", is_local=True)
        facts = await inspect_target(gateway, job, facts, clock, chance)
        around = Surroundings(gateway, gateway, clock, chance, nowhere, facts, 0, time.process_time)
        report = await measure_run("benchmark", scenario, nowhere, around, Interruption())
        return report, (clock.now_ms() - START_MS) / 3_600_000

    begun_s = time.perf_counter()
    report, hours = run_virtually(measure())
    seconds = time.perf_counter() - begun_s
    [level] = report.result.levels
    assert report.error is None and level.succeeded == given.jobs, (report.error, level.succeeded)
    print(
        f"{given.jobs} jobs of {given.countdown} s on {given.vcpus} vCPUs: {hours:.2f} hours of AWS in {seconds:.1f} s"
    )
    print(
        f"{hours * 3600 / seconds:,.0f} times as fast; at most {level.max_running} ran at once; {nowhere.records} records"
    )


if __name__ == "__main__":
    main()
