"""A run against the fake AWS, in virtual time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest

from batchgauge.core.journal import EnvironmentFacts, Header, Record
from batchgauge.core.progress.snapshot import ProgressSnapshot
from batchgauge.core.result.builder import build_result
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.run import RunReport
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.surroundings import Surroundings
from tests.measure.fake_aws import FakeAws
from tests.measure.virtual_time import EPOCH_MS, run_virtually

FACTS = EnvironmentFacts(region="us-west-2", tool_version="0", endpoint_url="http://fake")
RUN = "concurrent-test-20261122T101500-x7k2"


@dataclass
class MemoryJournal:
    """`Journal` that remembers what was synced when."""

    records: list[Record] = field(default_factory=list)
    synced: int = 0
    """How many of them are on the disk."""

    def append(self, record: Record) -> None:
        self.records.append(record)

    async def sync(self) -> None:
        self.synced = len(self.records)

    def of(self, kind: type[Record]) -> list[Record]:
        return [record for record in self.records if isinstance(record, kind)]


@dataclass
class Watcher:
    """`Progress` that remembers."""

    snapshots: list[ProgressSnapshot] = field(default_factory=list)

    def update(self, snapshot: ProgressSnapshot) -> None:
        self.snapshots.append(snapshot)


@dataclass
class Bench:
    """Everything that a run needs, and what it leaves."""

    aws: FakeAws = field(default_factory=FakeAws)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    watcher: Watcher = field(default_factory=Watcher)
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    breaches: list[tuple[list[str], float]] = field(default_factory=list)

    def scenario(self, num_jobs: int = 3, *, is_monitored: bool = True, max_workers: int = 10, **more: Any) -> Scenario:
        return Scenario(
            job=JobShape(job_queue="queue", job_definition="definition"),
            num_jobs=num_jobs,
            max_workers=max_workers,
            is_monitored=is_monitored,
            **more,
        )

    def surroundings(self) -> Surroundings:
        return Surroundings(
            gateway=self.aws,
            logs=self.aws,
            clock=self.aws.clock,
            chance=self.chance,
            progress=self.watcher,
            facts=FACTS,
            utc_offset_s=0,
            cpu_s=lambda: 0.0,
            on_breach=lambda thresholds, grace_s: self.breaches.append((list(thresholds), grace_s)),
        )

    def recorder(self, scenario: Scenario | None = None) -> Recorder:
        header = Header(
            run_id=RUN,
            started_ms=EPOCH_MS,
            utc_offset_s=0,
            scenario=scenario or self.scenario(),
            environment=FACTS,
        )
        return Recorder(header, self.journal, self.aws.clock, self.watcher)

    async def run_now(self, scenario: Scenario, interruption: Interruption | None = None) -> RunReport:
        return await measure_run(RUN, scenario, self.journal, self.surroundings(), interruption or Interruption())

    def run(self, scenario: Scenario, meanwhile: Callable[[Interruption], Awaitable[None]] | None = None) -> RunReport:
        """A whole run in virtual time; checks that its result can be made again from its journal."""

        async def both() -> RunReport:
            interruption = Interruption()
            if meanwhile is None:
                return await self.run_now(scenario, interruption)
            other = asyncio.ensure_future(meanwhile(interruption))
            report = await self.run_now(scenario, interruption)
            await other
            return report

        report = run_virtually(both())
        assert build_result(self.journal.records) == report.result
        assert self.journal.synced == len(self.journal.records), "the journal's end is on the disk"
        return report


class MakeBench(Protocol):
    def __call__(self, **settings: object) -> Bench: ...


@pytest.fixture
def make_bench() -> MakeBench:
    """A bench with an AWS of its own; settings are `FakeAws`'s."""
    return lambda **settings: Bench(FakeAws(**settings))


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()
