"""Imitated accounts with one known limit each, or none, and sweeps over them in virtual time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from batch_scenario import START_MS, calls

from batchgauge.batchmodel.boundary import (
    Answer,
    Contention,
    Distribution,
    ModelFaults,
    ModelSettings,
    TokenBucket,
)
from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.journal import EnvironmentFacts, Record
from batchgauge.core.progress.snapshot import ProgressSnapshot
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.measure.inspect_target import inspect_target
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.virtualaws.account import GET_LOG_EVENTS, VirtualAccount
from batchgauge.virtualaws.event_loop import VirtualClock, run_virtually
from batchgauge.virtualaws.rough_gateway import RoughGateway, Roughness

PLENTY = TokenBucket(100_000, 100_000)
"""No limit, where another one is looked for."""
IMAGE_MIB = 250.0


@dataclass(frozen=True)
class Known:
    """An account, the sweep over it, and what must come out."""

    kind: str
    levels: tuple[int, ...]
    repeats: int
    settings: ModelSettings
    max_vcpus: int = 1_000
    max_workers: int = 25
    log_bucket: TokenBucket = GET_LOG_EVENTS
    mean_way_ms: float = 20.0
    truth: Callable[[Analysis], dict[str, float]] = field(default=lambda _: {})
    """The limit's numbers, by the field of the verdict that must show them."""
    seed: int = 0


class Nowhere:
    """A journal and a progress display that keep nothing."""

    def append(self, record: Record) -> None:
        """Drop it."""

    async def sync(self) -> None:
        """There is no disk."""

    def update(self, snapshot: ProgressSnapshot) -> None:
        """Nobody looks."""


def sweep(known: Known) -> Analysis:
    """Every level, every repeat, each on a fresh account."""
    documents = []
    for level in known.levels:
        for repeat in range(known.repeats):
            seed = known.seed * 1_000 + level * 10 + repeat
            documents.append((f"level-{level}-{repeat}.json", _measure(known, level, seed)))
    return analyse(documents)


def _measure(known: Known, level: int, seed: int) -> RunResult:
    chance, nowhere = random.Random(seed), Nowhere()
    clock = VirtualClock(START_MS + chance.uniform(0, 500))
    faults = known.settings.faults
    account = VirtualAccount(_seeded(known.settings, seed), clock, log_bucket=known.log_bucket)
    gateway = RoughGateway(account, clock, Roughness(mean_way_ms=known.mean_way_ms, seed=seed))
    scenario = Scenario(
        job=JobShape(job_queue="queue", job_definition="definition"),
        num_jobs=level,
        countdown_s=None,
        max_workers=known.max_workers,
        is_monitored=True,
    )

    async def go() -> RunResult:
        for operation, parameters in calls(known.max_vcpus):
            if operation == "RegisterJobDefinition":
                # A command without a number: how long it takes is drawn.
                parameters["containerProperties"]["command"] = ["work"]
                parameters.pop("parameters")
            account.set_faults(ModelFaults())
            assert isinstance(account.call(operation, parameters), Answer)
        facts = EnvironmentFacts(region="us-west-2", tool_version="0", is_local=True)
        facts = await inspect_target(gateway, scenario.job, facts, clock, chance)
        account.set_faults(faults)
        around = Surroundings(gateway, gateway, clock, chance, nowhere, facts, 0, lambda: 0.0, tasks=gateway)
        report = await measure_run(f"concurrent-test-{level}", scenario, nowhere, around, Interruption())
        assert report.error is None, report.error
        return report.result

    return run_virtually(go())


def _seeded(settings: ModelSettings, seed: int) -> ModelSettings:
    return replace(settings, seed=seed, faults=ModelFaults())


def draw(kind: str, seed: int) -> Known:
    """A configuration of a kind."""
    return KINDS[kind](random.Random(f"{kind}/{seed}"), seed)


def _settings(chance: random.Random, **changed: object) -> ModelSettings:
    """Everything that is no limit varies from configuration to configuration."""
    values: dict[str, object] = {
        "submit_job_bucket": PLENTY,
        "fargate_launch_bucket": PLENTY,
        "virtual_duration": Distribution(chance.uniform(20_000, 90_000), chance.choice((0.0, 0.02, 0.1, 0.2))),
        "scheduler_cycle_ms": chance.choice((250.0, 500.0, 1_000.0)),
    }
    return ModelSettings(**{**values, **changed})  # type: ignore[arg-type]


def _submit_rate(chance: random.Random, seed: int) -> Known:
    depth, rate = chance.randint(5, 60), chance.uniform(3, 50)
    top = depth + int(rate * chance.uniform(4, 8)) + 10
    bucket = TokenBucket(depth, rate)
    return Known(
        "submit-rate",
        (max(2, depth // 3), depth + 10, top),
        2,
        _settings(chance, submit_job_bucket=bucket),
        truth=lambda _: {"refill_per_s": rate, "depth": depth},
        seed=seed,
    )


def _launch_rate(chance: random.Random, seed: int) -> Known:
    depth, rate = chance.choice((100, 100, 150, 200)), chance.choice((20.0, 20.0, 25.0, 30.0, 40.0))
    return Known(
        "launch-rate",
        (20, depth // 2, depth + int(rate * chance.uniform(3, 8))),
        2,
        _settings(chance, fargate_launch_bucket=TokenBucket(depth, rate)),
        truth=lambda _: {"refill_per_s": rate, "depth": depth},
        seed=seed,
    )


def _dispatch(chance: random.Random, seed: int) -> Known:
    rate = chance.uniform(0.5, 10)
    # A bucket that is shallower than what flows in between two looks at the queue would only ever show its depth.
    depth = chance.randint(math.ceil(rate), 12)
    return Known(
        "dispatch",
        (2, depth + 5, depth + int(rate * chance.uniform(6, 15)) + 20),
        2,
        _settings(chance, dispatch_bucket=TokenBucket(depth, rate)),
        truth=lambda _: {"refill_per_s": rate, "depth": depth},
        seed=seed,
    )


def _max_vcpus(chance: random.Random, seed: int) -> Known:
    places = chance.choice((2, 4, 8, 12, 16, 24, 32, 50, 64, 100))
    return Known(
        "max-vcpus",
        (max(1, places // 2), places + max(2, places // 4), int(places * chance.uniform(1.5, 3)) + 2),
        chance.randint(1, 3),
        _settings(chance),
        max_vcpus=places,
        truth=lambda _: {"jobs": places},
        seed=seed,
    )


def _vcpu_quota(chance: random.Random, seed: int) -> Known:
    places = chance.choice((2, 4, 6, 6, 10, 16, 20, 32, 50, 64))
    return Known(
        "vcpu-quota",
        (max(1, places // 2), places + max(2, places // 4), int(places * chance.uniform(1.5, 3)) + 2),
        chance.randint(1, 3),
        _settings(chance, fargate_vcpu_quota=float(places)),
        max_vcpus=places * chance.randint(4, 8),
        truth=lambda _: {"jobs": places},
        seed=seed,
    )


def _no_capacity(chance: random.Random, seed: int) -> Known:
    places, withheld = chance.choice((4, 8, 16, 32)), chance.choice((4, 16, 64))
    return Known(
        "no-capacity",
        (places // 2, places * 2, places * 3),
        2,
        _settings(
            chance,
            faults=ModelFaults(withheld_vcpus={"environment": float(withheld)}),
            virtual_duration=Distribution(chance.uniform(150_000, 300_000), 0.05),
        ),
        max_vcpus=places + withheld,
        truth=lambda _: {"jobs": places},
        seed=seed,
    )


def _image_pull(chance: random.Random, seed: int) -> Known:
    per_s = chance.uniform(0.2, 1.2)
    # Alone a pull takes 12 s: so many go on at full speed.
    full = per_s * 12
    top = max(10, int(full * chance.uniform(2, 5)))
    return Known(
        "image-pull",
        (2, max(3, int(full / 2)), max(4, int(full)), top),
        3,
        _settings(chance, registry_mib_per_s=per_s * IMAGE_MIB),
        truth=lambda _: {"images_per_s": per_s},
        seed=seed,
    )


def _contention(chance: random.Random, seed: int) -> Known:
    law = Contention(
        queueing=chance.uniform(0.01, 0.08),
        crosstalk=chance.choice((0.0, 0.0, 0.0005, 0.001)),
        free=chance.choice((1, 1, 4, 8)),
    )
    noise = chance.choice((0.0, 0.02, 0.1))

    def truth(analysis: Analysis) -> dict[str, float]:
        most = max(run.summary.max_running or 0 for run in analysis.runs)
        slowdown = law.slowdown(most)
        return {"slowdown": slowdown, "per_added_job": (slowdown - 1) / (most - 1)}

    return Known(
        "contention",
        (1, 5, 10, 20, 40),
        chance.randint(2, 3),
        _settings(chance, contention=law, virtual_duration=Distribution(chance.uniform(60_000, 200_000), noise)),
        truth=truth,
        seed=seed,
    )


def _failures(chance: random.Random, seed: int) -> Known:
    share = chance.uniform(0.12, 0.6)
    faults = chance.choice(
        (ModelFaults(crashes=share, crash_after=Distribution(2_000, 0.5)), ModelFaults(image_pull_failures=share))
    )

    def truth(analysis: Analysis) -> dict[str, float]:
        # What was injected into this level's jobs, in the middle of its repeats: of so few jobs the drawn share says less.
        top = max(run.summary.level for run in analysis.runs)
        shares = sorted(
            sum(job.status == "FAILED" for job in run.result.jobs) / top
            for run in analysis.runs
            if run.summary.level == top
        )
        return {"share": shares[len(shares) // 2]}

    return Known("failures", (5, 20, 50), 3, _settings(chance, faults=faults), truth=truth, seed=seed)


def _log_delivery(chance: random.Random, seed: int) -> Known:
    rate = chance.uniform(1.0, 5.0)
    return Known(
        "log-delivery",
        (5, 20, 40),
        2,
        _settings(chance),
        log_bucket=TokenBucket(chance.randint(2, 10), rate),
        truth=lambda _: {"refill_per_s": rate},
        seed=seed,
    )


def _client(chance: random.Random, seed: int) -> Known:
    workers, way_ms = chance.randint(1, 6), chance.uniform(60, 250)
    per_s = workers / (2 * way_ms / 1000)
    return Known(
        "client",
        (workers, max(20, int(per_s * 2)), max(40, int(per_s * chance.uniform(3, 6)))),
        2,
        _settings(chance),
        max_workers=workers,
        mean_way_ms=way_ms,
        truth=lambda _: {"rate_per_s": per_s},
        seed=seed,
    )


def _none(chance: random.Random, seed: int) -> Known:
    top = chance.randint(10, 45)
    changed: dict[str, object] = {}
    if chance.random() < 0.5:  # AWS's own rates, which so few jobs do not meet
        changed = {"submit_job_bucket": TokenBucket(50, 50), "fargate_launch_bucket": TokenBucket(100, 20)}
    if chance.random() < 0.3:
        changed["contention"] = Contention(queueing=0.05, free=top + 5)
    return Known(
        "none",
        (chance.randint(1, 3), max(4, top // 2), top),
        chance.randint(1, 3),
        _settings(chance, **changed),
        max_vcpus=top + chance.randint(0, 60),
        max_workers=chance.randint(8, 40),
        mean_way_ms=chance.uniform(10, 60),
        seed=seed,
    )


KINDS: dict[str, Callable[[random.Random, int], Known]] = {
    "client": _client,
    "submit-rate": _submit_rate,
    "launch-rate": _launch_rate,
    "dispatch": _dispatch,
    "max-vcpus": _max_vcpus,
    "vcpu-quota": _vcpu_quota,
    "no-capacity": _no_capacity,
    "image-pull": _image_pull,
    "contention": _contention,
    "log-delivery": _log_delivery,
    "failures": _failures,
    "none": _none,
}
