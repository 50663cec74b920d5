"""A measurement in virtual time: the measuring code on the model, with the resources that the embedded AWS begins with."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from batchgauge.batchmodel.boundary import Answer, ModelSettings
from batchgauge.core.journal import EnvironmentFacts, Record
from batchgauge.core.progress.snapshot import ProgressSnapshot
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.localaws import seed
from batchgauge.localaws.settings import ServerSettings
from batchgauge.measure.inspect_target import inspect_target
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.virtualaws.account import VirtualAccount
from batchgauge.virtualaws.event_loop import VirtualClock, run_virtually
from batchgauge.virtualaws.gateway import VirtualGateway

START_MS = 1_790_000_000_000.0
FACTS = EnvironmentFacts(region="us-west-2", tool_version="0", is_local=True)


@dataclass
class MemoryJournal:
    """`Journal` that remembers."""

    records: list[Record] = field(default_factory=list)

    def append(self, record: Record) -> None:
        self.records.append(record)

    async def sync(self) -> None:
        """Nothing is lost here."""


class Silence:
    """`Progress` for nobody."""

    def update(self, snapshot: ProgressSnapshot) -> None:
        """Say nothing."""


class VirtualRegion:
    """An account in virtual time, from its seed on; use it within one `run_virtually`."""

    def __init__(self, max_vcpus: int = 16, **changed: Any) -> None:
        self.clock = VirtualClock(START_MS)
        self.account = VirtualAccount(ModelSettings(**changed), self.clock)
        self.gateway = VirtualGateway(self.account, self.clock)
        self.journal = MemoryJournal()
        self.chance = random.Random(1)
        self._max_vcpus = max_vcpus

    def make_seed(self) -> None:
        for operation, parameters in seed.batch_calls(ServerSettings(max_vcpus=self._max_vcpus)):
            assert isinstance(self.account.call(operation, parameters), Answer)

    def scenario(self, num_jobs: int, countdown_s: int, **changed: Any) -> Scenario:
        job = JobShape(job_queue="windows-batch-queue", job_definition="linux-countdown-job")
        plain = Scenario(job=job, num_jobs=num_jobs, countdown_s=countdown_s, is_monitored=True)
        return msgspec.structs.replace(plain, **changed)

    async def measure(self, run_id: str, scenario: Scenario) -> RunReport:
        facts = await inspect_target(self.gateway, scenario.job, FACTS, self.clock, self.chance)
        around = Surroundings(
            self.gateway, self.gateway, self.clock, self.chance, Silence(), facts, 0, cpu_s=lambda: 0.0
        )
        return await measure_run(run_id, scenario, self.journal, around, Interruption())

    def run(self, num_jobs: int, countdown_s: int = 30, **changed: Any) -> RunReport:
        async def go() -> RunReport:
            self.make_seed()
            return await self.measure("concurrent-test-1", self.scenario(num_jobs, countdown_s, **changed))

        return run_virtually(go())

    def truth(self) -> dict[str, dict[str, float]]:
        """Job id → state → when it was last entered."""
        entered: dict[str, dict[str, float]] = {}
        for transition in self.account.transitions:
            entered.setdefault(transition.job_id, {})[transition.to_state] = transition.time_ms
        return entered


@pytest.fixture(scope="session")
def make_region() -> Callable[..., VirtualRegion]:
    """Regions: ``make_region(max_vcpus, **model settings)``."""
    return VirtualRegion
