"""What start-up was made of, from ECS's tasks."""

from __future__ import annotations

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.journal import TaskSighting
from batchgauge.core.observed.task_times import summarise_tasks, task_times

WHOLE = TaskSighting(
    task_arn="arn:task/c/1",
    job=1,
    attempt=1,
    created_ms=2_000.0,
    pull_started_ms=5_000.5,
    pull_stopped_ms=9_000.0,
    started_ms=9_700.0,
    stopped_ms=40_000.0,
)


def test_the_steps_add_up_to_the_time_from_creation_to_start() -> None:
    [task] = task_times([WHOLE], 1_000.0)
    steps = (task.dispatch_ms, task.provisioning_ms, task.image_pull_ms, task.container_start_ms)
    assert steps == (exactly(1_000.0), exactly(3_000.5), exactly(3_999.5), exactly(700.0))
    assert sum(step.earliest or 0 for step in steps if step is not None) == 9_700.0 - 1_000.0


def test_an_image_that_could_not_be_pulled_leaves_an_open_end() -> None:
    failed = TaskSighting(task_arn="a", job=1, attempt=1, created_ms=0.0, pull_started_ms=3.0, stopped_ms=9.0)
    [task] = task_times([failed], 0.0)
    assert task.provisioning_ms == exactly(3.0)
    assert task.image_pull_ms == Bound(0.0, None)
    assert task.container_start_ms is None


def test_only_a_first_attempt_was_dispatched_right_after_its_jobs_creation() -> None:
    second = TaskSighting(task_arn="b", job=1, attempt=2, created_ms=60_000.0)
    tasks = task_times([second, WHOLE], 1_000.0)
    assert [task.attempt for task in tasks] == [1, 2]
    assert [task.dispatch_ms for task in tasks] == [exactly(1_000.0), None]


def test_a_level_counts_a_step_as_often_as_it_began() -> None:
    failed = TaskSighting(task_arn="a", job=2, attempt=1, created_ms=0.0, pull_started_ms=3.0)
    summary = summarise_tasks([*task_times([WHOLE], 1_000.0), *task_times([failed], None)])
    assert summary is not None
    counts = [s.count for s in (summary.dispatch, summary.provisioning, summary.image_pull, summary.container_start)]
    assert (summary.attempts, counts) == (2, [1, 2, 2, 1])
    assert summary.image_pull.censored == 1
    assert summarise_tasks([]) is None
