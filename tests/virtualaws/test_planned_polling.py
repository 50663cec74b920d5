"""Planned polling against the model's own truth: pages of ListJobs, throttles, jobs that are not visible yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from batchgauge.batchmodel.boundary import ModelFaults, TokenBucket
from batchgauge.core.bound import exactly
from tests.virtualaws.conftest import VirtualRegion

JOBS = 700
MODELS: dict[str, dict[str, Any]] = {
    "plain": {},
    "throttled": {"faults": ModelFaults(throttled={"ListJobs": 0.3, "DescribeJobs": 0.3})},
    "little room for calls": {"other_api_bucket": TokenBucket(3, 0.5)},
    "seen late": {"visibility_delay_ms": 4_000.0},
    "pulls that fail": {"faults": ModelFaults(image_pull_failures=0.2)},
}


@pytest.mark.parametrize("model", MODELS)
def test_every_bound_holds_the_truth(make_region: Callable[..., VirtualRegion], model: str) -> None:
    region = make_region(200, time_scale=0.05, **MODELS[model])
    result = region.run(JOBS, 20, is_interval_planned=True).result
    assert result.polling is not None
    assert result.polling.listed_statuses
    level = result.levels[0]
    assert level.succeeded + level.failed == JOBS
    truth = region.truth()
    for job in result.jobs:
        assert job.instants is not None
        entered = truth[job.job_id or ""]
        for state, bound in (("RUNNABLE", job.instants.runnable_ms), ("STARTING", job.instants.starting_ms)):
            assert bound is not None
            assert not bound.intersect(exactly(float(int(entered[state])))).is_empty, (job.index, state, bound)
        assert job.log_stream or job.status == "FAILED"


def test_watching_costs_a_fifth_of_a_call_a_job_at_the_most(make_region: Callable[..., VirtualRegion]) -> None:
    region = make_region(200, time_scale=0.05)
    result = region.run(JOBS, 20, is_interval_planned=True).result
    assert result.api is not None
    watching = [result.api.operations[name].calls for name in ("ListJobs", "DescribeJobs")]
    assert sum(watching) <= 0.2 * JOBS
