"""What watching a run costs: calls and processor time a job, beside the simple approach (DescribeJobs of everything every 10 s).

    python benchmarks/observing.py [--jobs 10000] [--capacity 2000] [--countdown 30]

In virtual time, with AWS's own rates and start-up times, on Fargate (20 launches a second, so the capacity is never all in use) and on
EC2 (where it is). The processor time is that of everything that a look causes on our side except the model's own answers, whose calls are
timed and taken off; reading an answer off the wire is in `observing_http.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from batch_scenario import START_MS, calls

from batchgauge.batchmodel.boundary import Answer, ModelSettings, Refusal
from batchgauge.core.bound import exactly
from batchgauge.core.journal import EnvironmentFacts, Header, Plan, PlannedJob, Record
from batchgauge.core.progress.snapshot import ProgressSnapshot, RunStage
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.observe import Observer
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.store.journal import encode_line
from batchgauge.virtualaws.account import VirtualAccount
from batchgauge.virtualaws.event_loop import VirtualClock, run_virtually
from batchgauge.virtualaws.gateway import VirtualGateway

SIMPLE_INTERVAL_S = 10.0
FACTS = EnvironmentFacts(region="us-west-2", tool_version="0", is_local=True)


class TimedAccount(VirtualAccount):
    """Counts its calls and times itself."""

    def __init__(self, settings: ModelSettings, clock: VirtualClock) -> None:
        super().__init__(settings, clock)
        self.cpu_s = 0.0
        self.calls: Counter[str] = Counter()

    def call(self, operation: str, arguments: Mapping[str, Any]) -> Answer | Refusal:
        """As it is, with its processor time."""
        begun = time.process_time()
        answer = super().call(operation, arguments)
        self.calls[operation] += 1
        self.cpu_s += time.process_time() - begun
        return answer

    def get_log_events(self, arguments: Mapping[str, Any]) -> Mapping[str, Any] | Refusal:
        """The same for the logs."""
        begun = time.process_time()
        page = super().get_log_events(arguments)
        self.calls["GetLogEvents"] += 1
        self.cpu_s += time.process_time() - begun
        return page


@dataclass
class Encoded:
    """A journal that encodes each record as on the disk, and drops it."""

    records: int = 0
    size: int = 0

    def append(self, record: Record) -> None:
        """Its bytes count."""
        self.records += 1
        self.size += len(encode_line(record))

    async def sync(self) -> None:
        """There is no disk."""


class Nobody:
    """A progress display that nobody looks at."""

    def update(self, snapshot: ProgressSnapshot) -> None:
        """Nothing."""


@dataclass
class Bench:
    """An account in virtual time, and what a measurement in it costs."""

    max_vcpus: int
    is_ec2: bool
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(START_MS))

    def __post_init__(self) -> None:
        self.account = TimedAccount(ModelSettings(emits_events=False), self.clock)
        self.gateway = VirtualGateway(self.account, self.clock)
        self.chance = random.Random(1)
        self.journal = Encoded()
        self._begun_s = 0.0

    def make_seed(self) -> None:
        """Queue, environment, definition; the meters at zero."""
        for operation, parameters in calls(self.max_vcpus):
            if self.is_ec2:
                _make_ec2(operation, parameters)
            answer = self.account.call(operation, parameters)
            assert isinstance(answer, Answer), answer
        self.account.calls.clear()
        self.account.cpu_s = 0.0
        self._begun_s = time.process_time()

    def our_cpu_s(self) -> float:
        """Since the seed, without the model's."""
        return time.process_time() - self._begun_s - self.account.cpu_s


def _make_ec2(operation: str, parameters: dict[str, Any]) -> None:
    if operation == "CreateComputeEnvironment":
        resources = parameters["computeResources"]
        resources |= {"type": "EC2", "minvCpus": 0, "instanceTypes": ["m5.4xlarge"], "instanceRole": "ecsInstanceRole"}
    elif operation == "RegisterJobDefinition":
        parameters["platformCapabilities"] = ["EC2"]
        parameters["containerProperties"].pop("executionRoleArn")


@dataclass(frozen=True)
class Cost:
    """What one measurement took."""

    name: str
    jobs: int
    calls: Mapping[str, int]
    cpu_s: float
    hours: float
    records: int
    bounds: str = ""

    @property
    def beyond_submitting(self) -> float:
        """Calls a job."""
        return (sum(self.calls.values()) - self.calls.get("SubmitJob", 0)) / self.jobs

    def line(self) -> str:
        """One line of the table."""
        made = ", ".join(f"{name} {count:,}" for name, count in sorted(self.calls.items()))
        return (
            f"{self.name:34} {self.beyond_submitting:8.4f} {sum(self.calls.values()) / self.jobs:8.4f}"
            f" {self.cpu_s / self.jobs * 1000:9.3f}  {self.hours * 60:5.1f} min  {made}"
        )


def bounds_line(result: RunResult, account: VirtualAccount) -> str:
    """How wide the bounds of RUNNABLE and STARTING are, and how many hold the truth."""
    truth: dict[tuple[str, str], float] = {}
    for transition in account.transitions:
        truth.setdefault((transition.job_id, transition.to_state), float(int(transition.time_ms)))
    widths: dict[str, list[float]] = {"RUNNABLE": [], "STARTING": []}
    held = total = 0
    for job in result.jobs:
        assert job.instants is not None and job.job_id is not None
        for state, bound in (("RUNNABLE", job.instants.runnable_ms), ("STARTING", job.instants.starting_ms)):
            assert bound is not None and bound.width is not None
            widths[state].append(bound.width / 1000)
            held += not bound.intersect(exactly(truth[job.job_id, state])).is_empty
            total += 1
    medians = ", ".join(f"{state} {median(values):.2f} s" for state, values in widths.items())
    assert result.polling is not None
    shortest, longest = result.polling.shortest_interval_s, result.polling.longest_interval_s
    return (
        f"{held:,} of {total:,} bounds hold the truth; median width: {medians};"
        f" interval {shortest:g} to {longest:g} s, at most {result.polling.most_calls_per_look} calls a look"
    )


def measured(bench: Bench, jobs: int, countdown_s: int, **changed: Any) -> Cost:
    """A whole run as the command makes it."""
    job = JobShape(job_queue="queue", job_definition="definition")
    settings = {"is_interval_planned": True, **changed}
    scenario = Scenario(job=job, num_jobs=jobs, countdown_s=countdown_s, is_monitored=True, **settings)

    async def go() -> RunResult:
        bench.make_seed()
        around = Surroundings(
            bench.gateway, bench.gateway, bench.clock, bench.chance, Nobody(), FACTS, 0, time.process_time
        )
        report = await measure_run("benchmark", scenario, bench.journal, around, Interruption())
        assert report.error is None and report.result.levels[0].succeeded == jobs, report.error
        return report.result

    return _cost("watched", bench, jobs, go)


def array(bench: Bench, jobs: int, countdown_s: int) -> Cost:
    """One array job, its children watched."""
    job = JobShape(job_queue="queue", job_definition="definition")
    scenario = Scenario(job=job, num_jobs=jobs, countdown_s=countdown_s, is_monitored=True)

    async def go() -> None:
        bench.make_seed()
        header = Header(run_id="benchmark", started_ms=START_MS, utc_offset_s=0, scenario=scenario, environment=FACTS)
        recorder = Recorder(header, bench.journal, bench.clock, Nobody())
        recorder.record(Plan(jobs=tuple(PlannedJob(index, f"job{index}", 0.0) for index in range(1, jobs + 1))))
        parameters = {"countdownSeconds": str(countdown_s)}
        body = {"jobName": "array", "jobQueue": "queue", "jobDefinition": "definition", "parameters": parameters}
        answer = bench.account.call("SubmitJob", {**body, "arrayProperties": {"size": jobs}})
        assert isinstance(answer, Answer), answer
        for child in range(jobs):
            recorder.job_ids[child + 1] = f"{answer.body['jobId']}:{child}"
        launched = asyncio.Event()
        launched.set()
        recorder.show(RunStage.OBSERVING)
        observer = Observer(
            bench.gateway, recorder, bench.clock, bench.chance, "", 10.0, queue="queue", is_interval_exact=False
        )
        await observer.observe(launched, Interruption())
        recorder.result()
        assert all(sighting.state == "SUCCEEDED" and sighting.log_stream for sighting in recorder.last_seen.values())
        assert len(recorder.last_seen) == jobs

    return _cost("watched, as one array job", bench, jobs, go)


def simple(bench: Bench, jobs: int, countdown_s: int) -> Cost:
    """Ten workers submit; DescribeJobs of all jobs, the ended ones too, every 10 s until all have ended."""
    job = JobShape(job_queue="queue", job_definition="definition", parameters={"countdownSeconds": str(countdown_s)})

    async def go() -> None:
        bench.make_seed()
        ids: list[str] = []
        numbers = iter(range(jobs))

        async def work() -> None:
            for number in numbers:
                while True:
                    reply = await bench.gateway.submit_job(f"job{number}", job)
                    if reply.value is not None:
                        ids.append(reply.value.job_id)
                        break
                    await bench.clock.sleep(bench.chance.uniform(0, 2))

        submitting = asyncio.gather(*(work() for _ in range(10)))
        while True:
            is_complete = submitting.done()
            known = list(ids)
            ended = 0
            for first in range(0, len(known), 100):
                while (reply := await bench.gateway.describe_jobs(known[first : first + 100])).value is None:
                    await bench.clock.sleep(bench.chance.uniform(0, 2))
                ended += sum(job.sighting.state.is_terminal for job in reply.value)
            if is_complete and ended == jobs:
                return
            await bench.clock.sleep(SIMPLE_INTERVAL_S)

    return _cost("simple: all, every 10 s", bench, jobs, go)


def submitted_only(bench: Bench, jobs: int, countdown_s: int) -> Cost:
    """The same run, not watched: what submitting and the result take."""
    job = JobShape(job_queue="queue", job_definition="definition")
    scenario = Scenario(job=job, num_jobs=jobs, countdown_s=countdown_s, is_monitored=False)

    async def go() -> None:
        bench.make_seed()
        around = Surroundings(
            bench.gateway, bench.gateway, bench.clock, bench.chance, Nobody(), FACTS, 0, time.process_time
        )
        await measure_run("benchmark", scenario, bench.journal, around, Interruption())

    return _cost("not watched", bench, jobs, go)


def _cost(name: str, bench: Bench, jobs: int, work: Callable[[], Awaitable[RunResult | None]]) -> Cost:
    async def go() -> tuple[RunResult | None, float]:
        result = await work()
        return result, (bench.clock.now_ms() - START_MS) / 3_600_000

    result, hours = run_virtually(go())
    cpu_s = bench.our_cpu_s()
    bounds = bounds_line(result, bench.account) if result is not None and result.polling is not None else ""
    return Cost(name, jobs, dict(bench.account.calls), cpu_s, hours, bench.journal.records, bounds)


def main() -> None:
    """All of them, beside each other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--capacity", type=int, default=2_000)
    parser.add_argument("--countdown", type=int, default=30)
    given = parser.parse_args()
    works = (simple, submitted_only, measured, array)
    for is_ec2 in (True, False):
        print(f"{given.jobs} jobs of {given.countdown} s, capacity {given.capacity}, {'EC2' if is_ec2 else 'Fargate'}")
        print(f"{'':34} {'calls a job':>17} {'CPU ms':>9}")
        print(f"{'':34} {'watching':>8} {'in all':>8} {'a job':>9}  duration  calls")
        costs = []
        for work in works:
            costs.append(work(Bench(given.capacity, is_ec2), given.jobs, given.countdown))
            print(costs[-1].line(), flush=True)
            if costs[-1].bounds:
                print(f"    {costs[-1].bounds}")
        print(f"watching alone: {(costs[2].cpu_s - costs[1].cpu_s) / given.jobs * 1000:.3f} ms of CPU a job")


if __name__ == "__main__":
    main()
