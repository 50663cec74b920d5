"""What goes wrong on purpose: what AWS shows of it, and what the ground truth says."""

from __future__ import annotations

from typing import Any

import pytest

from batchgauge.batchmodel.boundary import (
    Distribution,
    FaultInjected,
    ModelFaults,
    SetFaults,
    SignalProcess,
    StartProcess,
    Transition,
)


def told(world: Any) -> list[tuple[str, str | None]]:
    return [(effect.kind, effect.job_id) for effect in world.of_kind(FaultInjected)]


def causes(world: Any, job_id: str) -> list[str]:
    return [effect.cause for effect in world.of_kind(Transition) if effect.job_id == job_id]


def test_calls_are_throttled_by_operation(make_world: Any) -> None:
    world = make_world()
    world.step(world.now_ms, SetFaults(ModelFaults(throttled={"SubmitJob": 1.0})))
    refusal = world.refusal("SubmitJob", jobName="a", jobQueue="q", jobDefinition="d")
    assert (refusal.status, refusal.code, refusal.message) == (429, "TooManyRequestsException", "Too Many Requests")
    world.call("DescribeJobs", jobs=["x"])
    assert [effect.subject for effect in world.of_kind(FaultInjected)] == ["SubmitJob"]
    assert world.of_kind(Transition) == [], "no job was made"


def test_calls_fail_with_500_but_for_those_that_are_named_otherwise(make_world: Any) -> None:
    world = make_world()
    world.step(world.now_ms, SetFaults(ModelFaults(server_errors={"*": 1.0, "SubmitJob": 0.0})))
    world.submit()
    refusal = world.refusal("DescribeJobs", jobs=["x"])
    assert (refusal.status, refusal.code) == (500, "ServerException")
    world.step(world.now_ms, SetFaults(ModelFaults()))
    world.call("DescribeJobs", jobs=["x"])


def test_a_share_of_calls_is_a_share(make_world: Any) -> None:
    world = make_world(faults=ModelFaults(throttled={"DescribeJobs": 0.25}))
    for _ in range(400):
        try:
            world.call("DescribeJobs", jobs=["x"])
        except Exception as error:
            assert str(error) == "Too Many Requests"
    assert 70 <= len(told(world)) <= 130


def test_withheld_capacity_blocks_the_queue_until_it_is_there_again(make_world: Any) -> None:
    world = make_world(max_vcpus=4, faults=ModelFaults(withheld_vcpus={"e": 3.0}))
    jobs = [world.submit() for _ in range(3)]
    world.behaviour = lambda start: (None, 0)
    world.advance(100)
    assert [world.state(job_id) for job_id in jobs] == ["RUNNING", "RUNNABLE", "RUNNABLE"]
    reason = world.job(jobs[1])["statusReason"]
    assert reason.startswith("CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - ")
    assert len(world.events("Batch Job Queue Blocked")) == 1
    assert told(world) == [("withheld", jobs[1])]
    world.step(world.now_ms, SetFaults(ModelFaults()))
    world.advance(100)
    assert {world.state(job_id) for job_id in jobs} == {"RUNNING"}
    assert "statusReason" not in world.job(jobs[1])


def test_a_queue_goes_on_to_an_environment_that_has_capacity(make_world: Any) -> None:
    world = make_world(faults=ModelFaults(withheld_vcpus={"e": 100.0}))
    world.environment("f")
    world.queue("both", "e", "f")
    job_id = world.submit(queue="both")
    world.run()
    assert "placed in f" in causes(world, job_id)


def test_a_time_limit_action_ends_what_capacity_blocks(make_world: Any) -> None:
    world = make_world(faults=ModelFaults(withheld_vcpus={"e": 100.0}))
    code = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"
    action = {"reason": code, "state": "RUNNABLE", "maxTimeSeconds": 600, "action": "CANCEL"}
    world.queue("limited", "e", jobStateTimeLimitActions=[action])
    job_id = world.submit(queue="limited")
    world.run()
    job = world.job(job_id)
    assert job["status"] == "FAILED"
    assert job["statusReason"] == f"Canceled by JobStateTimeLimit action due to reason: {code}"
    assert world.moments("FAILED")[job_id] == pytest.approx(601, abs=0.6)


def test_a_head_that_was_blocked_for_a_while_only_is_not_ended(make_world: Any) -> None:
    world = make_world(max_vcpus=1, faults=ModelFaults(withheld_vcpus={"e": 1.0}))
    action = {
        "reason": "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
        "state": "RUNNABLE",
        "maxTimeSeconds": 600,
        "action": "CANCEL",
    }
    world.queue("limited", "e", priority=0, jobStateTimeLimitActions=[action])
    waiting = world.submit(queue="limited")
    world.advance(300)
    world.behaviour = lambda start: (3_000_000.0, 0)
    world.submit()  # takes the only vCPU, at a higher priority, once it is there
    world.advance(5)
    world.step(world.now_ms, SetFaults(ModelFaults()))
    world.advance(1000)
    assert world.state(waiting) == "RUNNABLE"
    assert "statusReason" not in world.job(waiting)


def test_an_image_that_cannot_be_pulled(make_world: Any) -> None:
    world = make_world(faults=ModelFaults(image_pull_failures=1.0))
    job_id = world.submit(retryStrategy={"attempts": 2})
    world.run()
    job = world.job(job_id)
    assert (job["status"], job["statusReason"]) == ("FAILED", "Task failed to start")
    assert job["container"]["reason"].startswith("CannotPullContainerError: ")
    assert "startedAt" not in job
    assert "stoppedAt" in job
    assert world.path(job_id) == ["SUBMITTED", "RUNNABLE", "STARTING", "RUNNABLE", "STARTING", "FAILED"]
    assert told(world) == [("image-pull", job_id)] * 2
    assert causes(world, job_id)[-1] == "fault image-pull"
    assert world.of_kind(StartProcess) == []
    task = world.model.describe_task(job["container"]["taskArn"])
    assert (task["stopCode"], "pullStartedAt" in task, "pullStoppedAt" in task) == ("TaskFailedToStart", True, False)


@pytest.mark.parametrize("max_processes", [None, 0])
def test_a_crash_is_a_kill_for_memory(make_world: Any, max_processes: int | None) -> None:
    faults = ModelFaults(crashes=1.0, crash_after=Distribution(4_000))
    world = make_world(faults=faults, max_processes=max_processes)
    world.behaviour = lambda start: (30_000.0, 0)
    job_id = world.submit()
    world.run()
    job = world.job(job_id)
    assert (job["status"], job["container"]["exitCode"]) == ("FAILED", 137)
    assert job["container"]["reason"] == "OutOfMemoryError: Container killed due to memory usage"
    assert job["statusReason"] == "Essential container in task exited"
    assert job["stoppedAt"] - job["startedAt"] == 4_000
    assert told(world) == [("crash", job_id)]
    assert causes(world, job_id)[-1] == "fault crash"


def test_a_short_job_gets_away(make_world: Any) -> None:
    world = make_world(faults=ModelFaults(crashes=1.0, crash_after=Distribution(4_000)))
    job_id = world.submit()
    world.run()
    assert (world.state(job_id), told(world)) == ("SUCCEEDED", [])


@pytest.mark.parametrize("max_processes", [None, 0])
def test_a_vanished_task_never_reports_its_end(make_world: Any, max_processes: int | None) -> None:
    world = make_world(faults=ModelFaults(vanishing=1.0), max_processes=max_processes)
    job_id = world.submit(timeout={"attemptDurationSeconds": 120})
    world.advance(150)
    assert world.state(job_id) == "RUNNING"
    assert told(world) == [("vanished", job_id)]
    world.run()
    job = world.job(job_id)
    assert (job["statusReason"], "exitCode" in job["container"]) == ("Job attempt duration exceeded timeout", False)
    assert job["stoppedAt"] - job["startedAt"] == 150_000, "SIGKILL comes 30 s after the time-out"


def test_a_hanging_container_does_nothing_until_it_is_killed(make_world: Any) -> None:
    world = make_world(faults=ModelFaults(hanging=1.0))
    job_id = world.submit()
    world.advance(100_000)
    assert (world.state(job_id), told(world)) == ("RUNNING", [("hanging", job_id)])
    assert world.of_kind(StartProcess) == []
    world.call("TerminateJob", jobId=job_id, reason="enough")
    assert world.state(job_id) == "RUNNING", "it takes no notice of SIGTERM"
    world.run()
    assert (world.state(job_id), world.job(job_id)["container"]["exitCode"]) == ("FAILED", 137)
    assert world.of_kind(SignalProcess) == []


def test_who_is_met_depends_on_the_seed_and_on_nothing_else(make_world: Any) -> None:
    def met(seed: int, others: int) -> list[bool]:
        world = make_world(seed=seed, max_vcpus=100, faults=ModelFaults(crashes=0.3, image_pull_failures=0.2))
        world.behaviour = lambda start: (60_000.0, 0)
        jobs = [world.submit() for _ in range(40 + others)]
        world.run()
        victims = {job_id for _, job_id in told(world)}
        return [job_id in victims for job_id in jobs[:40]]

    assert met(1, 0) == met(1, 20) != met(2, 0)
    assert 8 <= sum(met(1, 0)) <= 32
