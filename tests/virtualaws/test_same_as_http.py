"""The same seed over HTTP and in virtual time: what must be equal is equal.

Over HTTP nobody knows beforehand when a request arrives. So two things are compared:

- the model itself, told the same at the very moments at which the server was told: every transition, to the last bit of its time;
- two measurements of one scenario: which jobs there are, what they draw, how they end and how many run at once; and their waits within
  the scheduler's cycle, which is all that the moments of arrival can change.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batchgauge.aws.batch_shapes import submit_arguments
from batchgauge.aws.gateway import BotoGateway
from batchgauge.aws.session import AwsSession, Connection, Credentials
from batchgauge.batchmodel.boundary import ApiCall, ModelSettings, Transition
from batchgauge.batchmodel.model import BatchModel
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.host.clock import SystemClock
from batchgauge.localaws import seed
from batchgauge.localaws.settings import ServerSettings
from batchgauge.measure.inspect_target import inspect_target
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.surroundings import Surroundings
from tests.conftest import ServerHandle
from tests.virtualaws.conftest import MemoryJournal, Silence

JOBS, COUNTDOWN_S, VCPUS, SEED, TIME_SCALE = 12, 2, 4, 7, 0.02
CYCLE_MS = 500.0
JOB = JobShape(
    job_queue="windows-batch-queue",
    job_definition="linux-countdown-job",
    environment={"BATCHGAUGE_VIRTUAL": "1"},
)
SCENARIO = Scenario(
    job=JOB, num_jobs=JOBS, countdown_s=COUNTDOWN_S, max_workers=1, is_monitored=True, monitor_interval_s=0.5
)


def over_http(server: ServerHandle) -> RunReport:
    async def go() -> RunReport:
        clock, chance = SystemClock(), random.Random(1)
        keys = Credentials(server.announced["accessKeyId"], server.announced["secretAccessKey"])
        connection = Connection("us-west-2", endpoint_url=server.endpoint, credentials=keys)
        async with AwsSession(connection, clock, os.environ) as session:
            gateway = BotoGateway(session, clock)
            facts = EnvironmentFacts(region="us-west-2", tool_version="0", is_local=True)
            facts = await inspect_target(gateway, JOB, facts, clock, chance)
            around = Surroundings(gateway, gateway, clock, chance, Silence(), facts, 0, lambda: 0.0, reads_logs=False)
            return await measure_run("concurrent-test-1", SCENARIO, MemoryJournal(), around, Interruption())

    return asyncio.run(go())


def transitions_in(file: Path) -> list[Transition]:
    """What the server has written down; complete as soon as every job's end is there."""

    def complete() -> list[Transition] | None:
        written, _, _ = file.read_text().rpartition("\n")
        lines = [json.loads(line) for line in written.splitlines()]
        told = [
            Transition(
                line["jobId"], line["timeMs"], line["fromState"], line["toState"], line["attempt"], line["cause"]
            )
            for line in lines
            if "toState" in line
        ]
        return told if sum(one.to_state in ("SUCCEEDED", "FAILED") for one in told) == JOBS else None

    return ServerHandle.until(complete)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunResult, list[Transition]]:
    """The run over HTTP and its ground truth."""
    from tests.conftest import running_server

    file = tmp_path_factory.mktemp("truth") / "truth.jsonl"
    options = ["--ground-truth", str(file), "--seed", str(SEED), "--max-vcpus", str(VCPUS)]
    with running_server(*options, "--time-scale", str(TIME_SCALE)) as server:
        report = over_http(server)
        assert report.error is None
        return report.result, transitions_in(file)


def replayed(truth: list[Transition]) -> list[Transition]:
    """What the model does if it is told the same at the same moments."""
    model = BatchModel(ModelSettings(seed=SEED, time_scale=TIME_SCALE))
    submitted_ms = [one.time_ms for one in truth if one.to_state == "SUBMITTED"]
    arguments = {**submit_arguments("name", JOB), "parameters": {"countdownSeconds": str(COUNTDOWN_S)}}
    calls = seed.batch_calls(ServerSettings(max_vcpus=VCPUS))
    for number, (operation, parameters) in enumerate(calls):
        model.step(submitted_ms[0] - 10_000, (ApiCall(number, operation, parameters),))
    effects: list[Any] = []
    for number, time_ms in enumerate(submitted_ms):
        effects += model.step(time_ms, (ApiCall(number, "SubmitJob", arguments),))
    while (next_ms := model.next_event_ms()) is not None:
        effects += model.step(next_ms)
    return [effect for effect in effects if isinstance(effect, Transition)]


def test_the_model_told_the_same_at_the_same_moments_does_the_same_to_the_last_bit(
    measured: tuple[RunResult, list[Transition]],
) -> None:
    _, truth = measured
    assert replayed(truth) == truth


def by_job(transitions: list[Transition]) -> dict[str, dict[str, float]]:
    entered: dict[str, dict[str, float]] = {}
    for one in transitions:
        entered.setdefault(one.job_id, {})[one.to_state] = one.time_ms
    return entered


def test_both_measurements_say_the_same_of_every_job(
    measured: tuple[RunResult, list[Transition]], make_region: Callable[..., Any]
) -> None:
    real, real_transitions = measured
    region = make_region(max_vcpus=VCPUS, seed=SEED, time_scale=TIME_SCALE)
    virtual = region.run(JOBS, COUNTDOWN_S, job=JOB, max_workers=1, monitor_interval_s=0.5).result

    def facts(result: RunResult) -> list[tuple[Any, ...]]:
        return [(job.job_name, job.job_id, job.status, job.countdown_seconds, len(job.attempts)) for job in result.jobs]

    assert facts(real) == facts(virtual)
    [real_level], [virtual_level] = real.levels, virtual.levels
    for name in ("num_jobs", "accepted", "succeeded", "failed", "max_running", "capacity_jobs"):
        assert getattr(real_level, name, None) == getattr(virtual_level, name, None), name

    real_truth, virtual_truth = by_job(real_transitions), by_job(region.account.transitions)
    assert list(real_truth) == list(virtual_truth), "the same jobs in the same order of submission"
    for job_id, states in real_truth.items():
        others = virtual_truth[job_id]
        assert list(states) == list(others), "the same states in the same order"
        for begin, end in (("STARTING", "RUNNING"), ("RUNNING", "SUCCEEDED")):
            assert states[end] - states[begin] == pytest.approx(others[end] - others[begin], abs=0.01)

    def starts(truth: dict[str, dict[str, float]]) -> list[str]:
        return sorted(truth, key=lambda job_id: (truth[job_id]["STARTING"], list(truth).index(job_id)))

    assert starts(real_truth) == starts(virtual_truth), "the same order of starts"
    # Every wait for room ends with a cycle: a generation of jobs later, the phase may have cost one more or one less each time.
    generations = JOBS // VCPUS
    for job_id, states in real_truth.items():
        wait_ms = states["STARTING"] - states["SUBMITTED"]
        other_ms = virtual_truth[job_id]["STARTING"] - virtual_truth[job_id]["SUBMITTED"]
        assert abs(wait_ms - other_ms) <= (generations + 1) * CYCLE_MS
