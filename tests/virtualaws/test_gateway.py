"""The measuring code on the model at once: hours of AWS, and what it says holds the ground truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from batchgauge.batchmodel.boundary import ModelFaults, TokenBucket
from batchgauge.core.bound import Bound
from batchgauge.core.journal import CallOutcome
from batchgauge.core.result.run_result import to_document
from batchgauge.core.sweeps.steps import SweepStep, steps_of
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport
from batchgauge.measure.sweep import sweep
from batchgauge.ports import Reply
from batchgauge.virtualaws.event_loop import run_virtually

MakeRegion = Callable[..., Any]


def holds(bound: Bound | None, truth: float) -> bool:
    return bound is not None and (
        (bound.earliest is None or bound.earliest <= truth) and (bound.latest is None or truth <= bound.latest)
    )


def test_hours_of_queueing_are_measured_and_every_bound_holds_the_truth(make_region: MakeRegion) -> None:
    region = make_region(max_vcpus=16)
    report: RunReport = region.run(200, countdown_s=1800, monitor_interval_s=60.0)
    assert report.error is None
    [level] = report.result.levels
    assert (level.succeeded, level.capacity_jobs, level.max_running) == (200, 16, 16)
    truth = region.truth()
    assert len(truth) == 200
    ends = [states["SUCCEEDED"] for states in truth.values()]
    assert max(ends) - min(states["SUBMITTED"] for states in truth.values()) > 6 * 3_600_000
    for job in report.result.jobs:
        states = truth[job.job_id]
        floor = {state: float(int(time_ms)) for state, time_ms in states.items()}
        assert job.instants is not None
        assert job.phases is not None
        assert job.instants.started_ms == floor["RUNNING"]
        assert job.instants.stopped_ms == floor["SUCCEEDED"]
        assert holds(job.instants.runnable_ms, states["RUNNABLE"])
        assert holds(job.instants.starting_ms, states["STARTING"])
        assert job.phases.run_ms is not None
        assert abs(states["SUCCEEDED"] - states["RUNNING"] - 1_800_000) < 0.01
    assert level.logs is not None
    assert level.logs.jobs_without_lines == 0


def test_the_same_seed_gives_the_same_document_to_the_last_byte(make_region: MakeRegion) -> None:
    documents = [to_document(make_region(seed=seed).run(30).result) for seed in (1, 1, 2)]
    assert documents[0] == documents[1]
    assert documents[0] != documents[2]


def test_a_sweep_goes_through_its_levels_and_pauses(make_region: MakeRegion) -> None:
    region = make_region()

    async def go() -> list[tuple[int, int, int | None]]:
        region.make_seed()

        async def run(position: int, step: SweepStep) -> RunReport:
            report: RunReport = await region.measure(f"concurrent-test-{position}", region.scenario(step.level, 300))
            return report

        steps = dict(enumerate(steps_of([2, 5, 10, 20]), start=1))
        reports = sweep(steps.get, run, pause_s=30.0, clock=region.clock, interruption=Interruption())
        return [
            (one.level, one.report.result.levels[0].succeeded, one.report.result.levels[0].max_running)
            async for one in reports
        ]

    assert run_virtually(go()) == [(2, 2, 2), (5, 5, 5), (10, 10, 10), (20, 20, 16)]


def test_a_burst_beyond_the_bucket_is_throttled_and_gets_in_all_the_same(make_region: MakeRegion) -> None:
    region = make_region(submit_job_bucket=TokenBucket(5, 2))
    report = region.run(30, max_workers=30)
    assert report.result.levels[0].succeeded == 30
    assert len({transition.job_id for transition in region.account.transitions}) == 30


@pytest.mark.parametrize(
    ("faults", "outcome"),
    [
        (ModelFaults(throttled={"DescribeJobs": 1.0}), CallOutcome.THROTTLED),
        (ModelFaults(server_errors={"*": 1.0}), CallOutcome.AMBIGUOUS),
    ],
)
def test_faults_of_calls_come_as_outcomes(make_region: MakeRegion, faults: ModelFaults, outcome: CallOutcome) -> None:
    region = make_region()

    async def go() -> CallOutcome:
        region.make_seed()
        region.account.set_faults(faults)
        reply: Reply[Any] = await region.gateway.describe_jobs(["x"])
        return reply.outcome

    assert run_virtually(go()) is outcome


def test_a_call_that_aws_refuses_says_why(make_region: MakeRegion) -> None:
    region = make_region()

    async def go() -> Any:
        return await region.gateway.submit_job("a", region.scenario(1, 30).job)

    reply = run_virtually(go())
    assert (reply.outcome, reply.status, reply.error) == (CallOutcome.REFUSED, 400, "ClientException")
    assert "not found" in reply.message


def test_a_streams_lines_come_with_their_times_and_end_with_the_same_token(make_region: MakeRegion) -> None:
    region = make_region()
    region.run(1, countdown_s=3)

    async def go() -> list[Any]:
        # A loop of its own begins anew: far enough, or the model would be asked about its past.
        await region.clock.sleep(10_000)
        [(group, stream)] = region.account._logs.names()
        first = (await region.gateway.read_log_page(group, stream)).value
        return [first, (await region.gateway.read_log_page(group, stream, first.next_token)).value]

    first, second = run_virtually(go())
    started_ms = next(iter(region.truth().values()))["RUNNING"]
    assert [line.timestamp_ms - int(started_ms) for line in first.lines] == [0, 1000, 2000, 3000]
    assert [line.message.split()[1] for line in first.lines] == ["seq=0", "seq=1", "seq=2", "done"]
    assert {line.ingestion_ms - line.timestamp_ms for line in first.lines} == {1000}
    assert (second.lines, second.next_token) == ((), first.next_token)


def test_the_logs_api_has_a_bucket_of_its_own(make_region: MakeRegion) -> None:
    region = make_region()

    async def go() -> list[CallOutcome]:
        return [(await region.gateway.read_log_page("g", "s")).outcome for _ in range(20)]

    outcomes = run_virtually(go())
    assert outcomes[:10] == [CallOutcome.REFUSED] * 10, "no such stream"
    assert CallOutcome.THROTTLED in outcomes[10:]
