"""Start-up, where pulls share a registry's bandwidth."""

from __future__ import annotations

from typing import Any

import pytest

from batchgauge.batchmodel.boundary import Distribution, StartUp

PULL_OF_100_MIB_IN_10_S = StartUp(Distribution(1_000), Distribution(10_000), Distribution(2_000), image_mib=100.0)


@pytest.mark.parametrize(
    ("mib_per_s", "jobs", "start_up_s"),
    [(None, 4, 13), (10.0, 1, 13), (40.0, 4, 13), (20.0, 4, 23), (10.0, 4, 43)],
)
def test_pulls_are_slowed_while_they_want_more_than_there_is(
    make_world: Any, mib_per_s: float | None, jobs: int, start_up_s: float
) -> None:
    world = make_world(linux_start_up=PULL_OF_100_MIB_IN_10_S, registry_mib_per_s=mib_per_s)
    known = [world.submit() for _ in range(jobs)]
    world.run()
    starting, running = world.moments("STARTING"), world.moments("RUNNING")
    assert {running[job_id] - starting[job_id] for job_id in known} == {start_up_s}


def test_the_time_scale_shrinks_pulls_and_not_how_they_slow_each_other(make_world: Any) -> None:
    world = make_world(linux_start_up=PULL_OF_100_MIB_IN_10_S, registry_mib_per_s=20.0, time_scale=0.1)
    job_id = [world.submit() for _ in range(4)][-1]
    world.run()
    assert world.moments("RUNNING")[job_id] - world.moments("STARTING")[job_id] == pytest.approx(2.3)


def test_a_pull_that_is_cut_short_leaves_its_bandwidth_to_the_others(make_world: Any) -> None:
    world = make_world(linux_start_up=PULL_OF_100_MIB_IN_10_S, registry_mib_per_s=10.0)
    first, second = world.submit(), world.submit()
    world.advance(7)  # a second of cycles, one of provisioning, and 5 of pulling, which is 2.5 of each one's 10
    world.call("TerminateJob", jobId=first, reason="enough")
    world.run()
    assert world.path(first)[-2:] == ["STARTING", "FAILED"]
    assert world.moments("RUNNING")[second] - world.moments("STARTING")[second] == pytest.approx(1 + 5 + 7.5 + 2)


def test_the_task_shows_when_its_pull_really_ended(make_world: Any) -> None:
    world = make_world(linux_start_up=PULL_OF_100_MIB_IN_10_S, registry_mib_per_s=5.0)
    job_id = world.submit()
    world.run()
    task = world.model.describe_task(world.job(job_id)["container"]["taskArn"])
    assert task["pullStoppedAt"] - task["pullStartedAt"] == pytest.approx(20)
    assert task["startedAt"] - task["pullStoppedAt"] == pytest.approx(2)
