"""ECS tasks: described in full batches while the run goes on, once each, and never a reason for a run to fail."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import pytest

from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, CallOutcome, Sighting, TaskLook, TaskSighting
from batchgauge.core.result.builder import build_result
from batchgauge.measure.harvest_tasks import LONGEST_WAIT_S, TaskHarvester, cluster_of
from batchgauge.measure.interruption import Interruption
from batchgauge.ports import Reply
from tests.measure.conftest import Bench
from tests.measure.virtual_time import EPOCH_MS, VirtualClock, run_virtually


@dataclass
class FakeEcs:
    """`TaskSource` that knows every task of its cluster, unless it is told to refuse."""

    clock: VirtualClock
    refusal: str | None = None
    forgotten: set[str] = field(default_factory=set)
    asked: list[tuple[str, int]] = field(default_factory=list)
    """(cluster, how many)."""

    async def describe_tasks(self, cluster: str, task_arns: Sequence[str]) -> Reply[tuple[TaskSighting, ...]]:
        assert 1 <= len(task_arns) <= 100
        self.asked.append((cluster, len(task_arns)))
        sent_ms = self.clock.now_ms()
        await asyncio.sleep(0.1)
        if self.refusal is not None:
            return Reply(
                "DescribeTasks", sent_ms, self.clock.now_ms(), CallOutcome.REFUSED, status=400, error=self.refusal
            )
        tasks = tuple(TaskSighting(task_arn=arn, created_ms=1.0) for arn in task_arns if arn not in self.forgotten)
        return Reply("DescribeTasks", sent_ms, self.clock.now_ms(), CallOutcome.OK, tasks, status=200)


def arn(job: int, attempt: int = 1, cluster: str = "c") -> str:
    return f"arn:aws:ecs:us-west-2:123456789012:task/{cluster}/{job}-{attempt}"


def ended(job: int, attempts: int = 1, cluster: str = "c") -> Sighting:
    made = tuple(Attempt(task_arn=arn(job, n, cluster)) for n in range(1, attempts + 1))
    return Sighting(job=job, state=JobState.SUCCEEDED, task_arn=arn(job, attempts, cluster), attempts=made)


@dataclass
class Setting:
    bench: Bench

    def __post_init__(self) -> None:
        self.ecs = FakeEcs(self.bench.aws.clock)
        self.recorder = self.bench.recorder()
        self.harvester = TaskHarvester(self.ecs, self.recorder, self.bench.aws.clock, self.bench.chance, Interruption())

    def end(self, jobs: range, attempts: int = 1, cluster: str = "c") -> None:
        for job in jobs:
            self.recorder.saw(ended(job, attempts, cluster))

    def looks(self) -> list[TaskLook]:
        return [record for record in self.bench.journal.records if isinstance(record, TaskLook)]


@pytest.fixture
def setting(bench: Bench) -> Setting:
    return Setting(bench)


def test_full_batches_are_read_at_once_and_the_rest_at_the_end(setting: Setting) -> None:
    async def work() -> None:
        setting.end(range(1, 251))
        harvesting = asyncio.create_task(setting.harvester.harvest())
        await asyncio.sleep(60)
        assert setting.ecs.asked == [("c", 100), ("c", 100)]
        harvesting.cancel()
        await asyncio.gather(harvesting, return_exceptions=True)
        await setting.harvester.finish()

    run_virtually(work())
    assert setting.ecs.asked == [("c", 100), ("c", 100), ("c", 50)]
    seen = [(task.job, task.attempt) for look in setting.looks() for task in look.tasks]
    assert sorted(seen) == [(job, 1) for job in range(1, 251)]


def test_a_batch_that_never_fills_is_read_before_ecs_forgets_it(setting: Setting) -> None:
    async def work() -> None:
        setting.end(range(1, 4))
        harvesting = asyncio.create_task(setting.harvester.harvest())
        await asyncio.sleep(LONGEST_WAIT_S - 30)
        assert setting.ecs.asked == []
        await asyncio.sleep(90)
        harvesting.cancel()
        await asyncio.gather(harvesting, return_exceptions=True)

    run_virtually(work())
    assert setting.ecs.asked == [("c", 3)]


def test_every_attempt_of_a_retried_job_has_its_task_once(setting: Setting) -> None:
    async def work() -> None:
        going = msgspec.structs.replace(ended(1), state=JobState.RUNNABLE)
        setting.recorder.saw(going)
        await setting.harvester.finish()
        setting.end(range(1, 2), attempts=3)
        await setting.harvester.finish()

    run_virtually(work())
    seen = [(task.job, task.attempt) for look in setting.looks() for task in look.tasks]
    assert seen == [(1, 1), (1, 2), (1, 3)]


def test_each_cluster_is_asked_about_its_own(setting: Setting) -> None:
    setting.end(range(1, 3), cluster="a")
    setting.end(range(3, 6), cluster="b")
    run_virtually(setting.harvester.finish())
    assert setting.ecs.asked == [("a", 2), ("b", 3)]


def test_a_missing_permission_is_recorded_once_and_nothing_is_asked_again(setting: Setting) -> None:
    setting.ecs.refusal = "AccessDeniedException"
    setting.end(range(1, 251))
    run_virtually(setting.harvester.finish())
    assert setting.ecs.asked == [("c", 100)]
    [look] = setting.looks()
    assert (look.error, look.tasks) == ("AccessDeniedException", ())
    tasks = build_result(setting.bench.journal.records).tasks
    assert tasks is not None
    assert (tasks.found, tasks.error) == (0, "AccessDeniedException")


def test_tasks_that_ecs_has_forgotten_are_counted(setting: Setting) -> None:
    setting.ecs.forgotten = {arn(1), arn(2)}
    setting.end(range(1, 6))
    run_virtually(setting.harvester.finish())
    assert [(len(look.tasks), look.missing) for look in setting.looks()] == [(3, 2)]


def test_a_job_that_never_had_a_task_is_not_asked_about(setting: Setting) -> None:
    setting.recorder.saw(Sighting(job=1, state=JobState.FAILED, created_ms=EPOCH_MS))
    run_virtually(setting.harvester.finish())
    assert setting.ecs.asked == []


def test_the_cluster_stands_in_the_tasks_arn() -> None:
    assert cluster_of("arn:aws:ecs:us-west-2:123456789012:task/my-cluster/0123") == "my-cluster"
    assert cluster_of("arn:aws:ecs:us-west-2:123456789012:task/0123") is None
