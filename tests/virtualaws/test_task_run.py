"""The start-up split of whole runs in virtual time, against what the model knows of each attempt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from batchgauge.batchmodel.boundary import ModelFaults
from batchgauge.core.bound import Bound
from batchgauge.measure.inspect_target import inspect_target
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.virtualaws.event_loop import run_virtually
from tests.virtualaws.conftest import FACTS, Silence

MakeRegion = Callable[..., Any]


def run_with_tasks(region: Any, num_jobs: int, countdown_s: int) -> RunReport:
    async def go() -> RunReport:
        region.make_seed()
        scenario = region.scenario(num_jobs, countdown_s)
        facts = await inspect_target(region.gateway, scenario.job, FACTS, region.clock, region.chance)
        around = Surroundings(
            region.gateway,
            region.gateway,
            region.clock,
            region.chance,
            Silence(),
            facts,
            0,
            cpu_s=lambda: 0.0,
            reads_logs=False,
            tasks=region.gateway,
        )
        return await measure_run("concurrent-test-1", scenario, region.journal, around, Interruption())

    return run_virtually(go())


def test_every_attempt_is_split_although_ecs_forgets_within_the_hour(make_region: MakeRegion) -> None:
    region = make_region(16)
    report = run_with_tasks(region, 200, countdown_s=1800)
    assert report.error is None
    [level] = report.result.levels
    assert (level.makespan_ms or 0) > 6 * 3_600_000
    assert level.tasks is not None
    assert level.tasks.attempts == 200
    assert report.result.tasks is not None
    assert (report.result.tasks.found, report.result.tasks.missing) == (200, 0)
    truth = region.truth()
    for job in report.result.jobs:
        [task] = job.tasks
        entered = truth[job.job_id]
        assert task.started_ms is not None
        assert task.created_ms is not None
        assert abs(task.started_ms - entered["RUNNING"]) < 0.01
        assert abs(task.created_ms - entered["STARTING"]) < 0.01
        assert job.phases is not None
        assert job.phases.wait_ms is not None
        steps = (task.dispatch_ms, task.provisioning_ms, task.image_pull_ms, task.container_start_ms)
        total = sum(step.earliest or 0.0 for step in steps if step is not None)
        assert total == pytest.approx(job.phases.wait_ms.earliest, abs=1.0)


def test_an_image_that_cannot_be_pulled_is_seen_as_a_pull_that_never_ended(make_region: MakeRegion) -> None:
    region = make_region(16, faults=ModelFaults(image_pull_failures=1.0))
    report = run_with_tasks(region, 5, countdown_s=5)
    [level] = report.result.levels
    assert level.failed == 5
    for job in report.result.jobs:
        [task] = job.tasks
        assert task.container_start_ms is None or task.container_start_ms == Bound(0.0, None)
        assert task.started_ms is None
