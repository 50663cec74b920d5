"""Who is placed when and where."""

from __future__ import annotations

from typing import Any

import pytest

from batchgauge.batchmodel.boundary import TokenBucket, Transition


def most_at_once(world: Any) -> int:
    held = most = 0
    for effect in world.of_kind(Transition):
        held += effect.to_state == "STARTING"
        held -= effect.from_state in ("STARTING", "RUNNING") and effect.to_state != "RUNNING"
        most = max(most, held)
    assert held == 0
    return most


def test_no_more_jobs_hold_room_than_there_is(world: Any) -> None:
    for _ in range(11):
        world.submit()
    world.run()
    assert most_at_once(world) == 4


def test_jobs_start_in_the_order_of_their_submission(make_world: Any) -> None:
    world = make_world(max_vcpus=2)
    job_ids = [world.submit() for _ in range(9)]
    world.run()
    started = world.moments("STARTING")
    assert list(started) == job_ids
    assert sorted(started.values()) == list(started.values())


def test_room_is_taken_from_dispatch_to_the_end(make_world: Any) -> None:
    world = make_world(max_vcpus=1)
    first, second = world.submit(), world.submit()
    world.run()
    # The cycle after the first one's end.
    assert world.moments("SUCCEEDED")[first] == 62
    assert world.moments("STARTING")[second] == 62.5


def test_a_head_that_does_not_fit_yet_blocks_those_behind_it(world: Any) -> None:
    world.definition("large", vcpus="4", memory="8192")
    small = world.submit()
    large = world.submit(definition="large")
    behind = world.submit()
    world.run()
    started = world.moments("STARTING")
    assert started[small] == 1
    assert started[large] == world.moments("SUCCEEDED")[small] + 0.5
    assert started[behind] == world.moments("SUCCEEDED")[large] + 0.5


def test_the_queue_of_higher_priority_goes_first(make_world: Any) -> None:
    world = make_world(max_vcpus=1)
    world.queue("urgent", "e", priority=10)
    slow = [world.submit() for _ in range(2)]
    urgent = [world.submit(queue="urgent") for _ in range(2)]
    world.run()
    assert list(world.moments("STARTING")) == [*urgent, *slow]


def test_environments_are_filled_in_their_order(world: Any) -> None:
    world.environment("f", 2)
    world.step(world.now_ms)
    world.queue("both", "f", "e")
    job_ids = [world.submit(queue="both") for _ in range(4)]
    world.run()
    names = [world.process(job_id).environment["AWS_BATCH_CE_NAME"] for job_id in job_ids]
    assert names == ["f", "f", "e", "e"]


def test_windows_jobs_skip_spot(world: Any) -> None:
    world.environment("spot", 4, kind="FARGATE_SPOT")
    world.step(world.now_ms)
    world.queue("both", "spot", "e")
    family = {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE", "cpuArchitecture": "X86_64"}}
    world.definition("windows", container=family)
    windows, linux = world.submit(queue="both", definition="windows"), world.submit(queue="both")
    world.run()
    assert world.process(windows).environment["AWS_BATCH_CE_NAME"] == "e"
    assert world.process(windows).operating_system_family == "WINDOWS_SERVER_2022_CORE"
    assert world.process(linux).environment["AWS_BATCH_CE_NAME"] == "spot"


def test_a_disabled_environment_takes_no_new_jobs(world: Any) -> None:
    first = world.submit()
    world.advance(2)
    world.call("UpdateComputeEnvironment", computeEnvironment="e", state="DISABLED")
    second = world.submit()
    world.advance(200)
    assert (world.state(first), world.state(second)) == ("SUCCEEDED", "RUNNABLE")
    world.call("UpdateComputeEnvironment", computeEnvironment="e", state="ENABLED")
    world.run()
    assert world.state(second) == "SUCCEEDED"


def test_more_room_lets_waiting_jobs_start(make_world: Any) -> None:
    world = make_world(max_vcpus=1)
    world.behaviour = lambda start: (1_000_000.0, 0)
    job_ids = [world.submit() for _ in range(3)]
    world.advance(10)
    world.call("UpdateComputeEnvironment", computeEnvironment="e", computeResources={"maxvCpus": 3})
    world.advance(1)
    assert [world.state(job_id) for job_id in job_ids] == ["STARTING"] * 3


def test_fargate_launches_no_faster_than_its_bucket_allows(make_world: Any) -> None:
    world = make_world(max_vcpus=1000, fargate_launch_bucket=TokenBucket(10, 2))
    for _ in range(30):
        world.submit()
    world.run()
    started = sorted(world.moments("STARTING").values())
    assert started[:10] == [1.0] * 10
    for place in range(10, 30):
        assert started[place] == pytest.approx(1 + (place - 9) * 0.5)


def test_the_accounts_vcpu_quota_holds_for_all_environments_together(make_world: Any) -> None:
    world = make_world(max_vcpus=4, fargate_vcpu_quota=6.0)
    world.environment("f", 4)
    world.step(world.now_ms)
    world.queue("other", "f")
    for _ in range(5):
        world.submit()
        world.submit(queue="other")
    world.run()
    assert most_at_once(world) == 6


def test_the_scheduler_may_have_a_rate_of_its_own(make_world: Any) -> None:
    world = make_world(max_vcpus=100, dispatch_bucket=TokenBucket(1, 1))
    for _ in range(4):
        world.submit()
    world.run()
    assert sorted(world.moments("STARTING").values()) == [1, 2, 3, 4]


def test_cycles_come_at_their_own_times_and_only_when_needed(make_world: Any) -> None:
    world = make_world(scheduler_cycle_ms=700.0)
    world.advance(3600)
    assert world.model.next_event_ms() is None
    world.submit()
    assert 0 < world.model.next_event_ms() - world.now_ms <= 700
    assert world.model.next_event_ms() % 700 == pytest.approx(0, abs=1e-3)


BLOCKED = "Batch Job Queue Blocked"


def test_a_job_larger_than_its_environments_blocks_the_queue_and_says_so(world: Any) -> None:
    world.definition("large", vcpus="8", memory="16384")
    large = world.submit(definition="large")
    behind = world.submit()
    world.advance(100)
    assert (world.state(large), world.state(behind)) == ("RUNNABLE", "RUNNABLE")
    reason = world.job(large)["statusReason"]
    assert reason.startswith("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - ")
    [event] = world.events(BLOCKED)
    assert event.resources == (world.job(large)["jobArn"], "arn:aws:batch:us-west-2:123456789012:job-queue/q")
    assert event.detail["statusReason"] == reason
    world.call("UpdateComputeEnvironment", computeEnvironment="e", computeResources={"maxvCpus": 8})
    world.advance(1)
    assert "statusReason" not in world.job(large)
    world.run()
    assert (world.state(large), world.state(behind)) == ("SUCCEEDED", "SUCCEEDED")


def test_a_windows_job_on_spot_only_blocks_the_queue(world: Any) -> None:
    world.environment("spot", 4, kind="FARGATE_SPOT")
    world.step(world.now_ms)
    world.queue("cheap", "spot")
    world.definition("windows", container={"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2019_FULL"}})
    job_id = world.submit(queue="cheap", definition="windows")
    world.advance(100)
    assert world.job(job_id)["statusReason"].startswith("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - ")
    assert len(world.events(BLOCKED)) == 1


def test_waiting_for_room_is_not_being_blocked(make_world: Any) -> None:
    world = make_world(max_vcpus=1)
    for _ in range(3):
        world.submit()
    world.run()
    assert world.events(BLOCKED) == []


def test_a_time_limit_action_cancels_the_blocking_head(world: Any) -> None:
    code = "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE"
    action = {"reason": code, "state": "RUNNABLE", "maxTimeSeconds": 600, "action": "CANCEL"}
    world.call("UpdateJobQueue", jobQueue="q", jobStateTimeLimitActions=[action])
    world.definition("large", vcpus="8", memory="16384")
    large = world.submit(definition="large")
    behind = world.submit()
    world.run()
    job = world.job(large)
    assert (job["status"], world.moments("FAILED")[large]) == ("FAILED", 601)
    assert job["statusReason"] == f"Canceled by JobStateTimeLimit action due to reason: {code}"
    assert world.state(behind) == "SUCCEEDED"
