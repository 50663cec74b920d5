"""From a scenario to its submissions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.journal import PlannedJob
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.core.submitting.plan import LARGEST_ARRAY, array_sizes, child_id, plan_submissions, submitted_id

RUN = "concurrent-test-20261122T101500-x7k2"


def scenario(num_jobs: int, *, load: str = "workers", is_array: bool = False) -> Scenario:
    shape = JobShape(job_queue="queue", job_definition="definition")
    return Scenario(job=shape, num_jobs=num_jobs, load=load, is_array=is_array)


def test_each_job_is_a_submission_with_its_own_name_and_time() -> None:
    assert plan_submissions(RUN, scenario(3, load="rate:10")) == (
        PlannedJob(1, f"{RUN}-job001", 0.0),
        PlannedJob(2, f"{RUN}-job002", 100.0),
        PlannedJob(3, f"{RUN}-job003", 200.0),
    )


@pytest.mark.parametrize(
    ("num_jobs", "sizes"),
    [(1, [1]), (2, [2]), (10_000, [10_000]), (10_001, [10_000, 1]), (20_002, [10_000, 10_000, 2])],
)
def test_arrays_are_as_large_as_aws_takes_them_and_one_that_is_left_is_a_plain_job(
    num_jobs: int, sizes: list[int]
) -> None:
    assert list(array_sizes(num_jobs)) == sizes


@given(st.integers(1, 50_000))
def test_whatever_the_number_every_job_is_in_exactly_one_submission(num_jobs: int) -> None:
    plan = plan_submissions(RUN, scenario(num_jobs, is_array=True))
    assert [index for planned in plan for index in planned.indexes] == list(range(1, num_jobs + 1))
    assert all(1 <= planned.size <= LARGEST_ARRAY for planned in plan)
    assert len({planned.name for planned in plan}) == len(plan)


def test_arrays_too_are_sent_as_the_load_says() -> None:
    plan = plan_submissions(RUN, scenario(30_000, load="rate:2", is_array=True))
    assert [(planned.index, planned.offset_ms) for planned in plan] == [(1, 0.0), (10_001, 500.0), (20_001, 1000.0)]


def test_ids_of_children_are_aws_own() -> None:
    array, plain = PlannedJob(11, "name", 0.0, 5), PlannedJob(11, "name", 0.0)
    assert [child_id("parent", array, index) for index in (11, 15)] == ["parent:0", "parent:4"]
    assert child_id("parent", plain, 11) == "parent"
    assert {submitted_id("parent:4"), submitted_id("parent")} == {"parent"}
