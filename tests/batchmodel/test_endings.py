"""Cancel and terminate, by AWS's rules."""

from __future__ import annotations

from typing import Any

import pytest

from batchgauge.batchmodel.boundary import SignalProcess

ENDLESS = None, 0


@pytest.mark.parametrize("operation", ["CancelJob", "TerminateJob"])
@pytest.mark.parametrize(("seconds", "state"), [(0, "SUBMITTED"), (0.5, "RUNNABLE")])
def test_a_job_that_has_not_started_ends_at_once(world: Any, operation: str, seconds: float, state: str) -> None:
    job_id = world.submit()
    world.advance(seconds)
    assert world.state(job_id) == state
    world.call(operation, jobId=job_id, reason="enough")
    job = world.job(job_id)
    assert (job["status"], job["statusReason"]) == ("FAILED", "enough")
    assert "startedAt" not in job and "stoppedAt" in job
    assert job.get("isCancelled", False) == (operation == "CancelJob")
    assert job.get("isTerminated", False) == (operation == "TerminateJob")
    world.run()
    assert world.path(job_id)[-1] == "FAILED"


@pytest.mark.parametrize("seconds", [1, 61])
def test_cancel_does_nothing_to_a_job_that_is_starting_or_running(world: Any, seconds: float) -> None:
    job_id = world.submit()
    world.advance(seconds)
    assert world.call("CancelJob", jobId=job_id, reason="late") == {}
    world.run()
    job = world.job(job_id)
    assert job["status"] == "SUCCEEDED"
    assert "isCancelled" not in job


def test_terminate_ends_a_starting_job_and_gives_its_room_back(make_world: Any) -> None:
    world = make_world(max_vcpus=1)
    first, second = world.submit(), world.submit()
    world.advance(30)
    world.call("TerminateJob", jobId=first, reason="enough")
    job = world.job(first)
    assert (job["status"], job["statusReason"], job["isTerminated"]) == ("FAILED", "enough", True)
    assert "startedAt" not in job and "logStreamName" not in job["container"]
    world.run()
    assert world.moments("STARTING")[second] == 30.5
    assert [start.job_id for start in world.of_kind(type(world.process(second)))] == [second]


def test_terminate_signals_a_running_job_and_waits_for_its_end(world: Any) -> None:
    world.behaviour = lambda start: ENDLESS
    job_id = world.submit(retryStrategy={"attempts": 5})
    world.advance(70)
    world.call("TerminateJob", jobId=job_id, reason="enough")
    assert [effect.signal for effect in world.of_kind(SignalProcess)] == ["term"]
    assert world.state(job_id) == "RUNNING"
    world.run()
    job = world.job(job_id)
    assert (job["status"], job["statusReason"], job["container"]["exitCode"]) == ("FAILED", "enough", 143)
    assert len(job["attempts"]) == 1


def test_terminate_kills_what_does_not_listen_after_thirty_seconds(world: Any) -> None:
    world.behaviour = lambda start: ENDLESS
    world.is_stubborn = True
    job_id = world.submit()
    world.advance(70)
    world.call("TerminateJob", jobId=job_id, reason="enough")
    world.advance(10)
    world.call("TerminateJob", jobId=job_id, reason="more than enough")
    world.run()
    assert [effect.signal for effect in world.of_kind(SignalProcess)] == ["term", "kill"]
    assert world.moments("FAILED")[job_id] == 100
    assert world.job(job_id)["statusReason"] == "more than enough"


def test_a_job_that_is_over_or_unknown_is_left_alone(world: Any) -> None:
    job_id = world.submit()
    world.run()
    for operation in ("CancelJob", "TerminateJob"):
        for name in (job_id, "nobody"):
            assert world.call(operation, jobId=name, reason="late") == {}
    assert world.state(job_id) == "SUCCEEDED"


def test_many_are_ended_at_once(world: Any) -> None:
    job_ids = [world.submit() for _ in range(3)]
    world.advance(1)
    assert world.call("CancelJobs", jobs=job_ids, reason="r") == {"successful": job_ids, "errors": []}
    assert {world.state(job_id) for job_id in job_ids} == {"STARTING"}
    assert world.call("TerminateJobs", jobs=job_ids, reason="r") == {"successful": job_ids, "errors": []}
    assert {world.state(job_id) for job_id in job_ids} == {"FAILED"}
    assert "50" in world.message("TerminateJobs", jobs=["x"] * 51, reason="r")


def test_a_pending_job_that_is_cancelled_ends_when_what_it_waits_for_does(world: Any) -> None:
    first = world.submit()
    second = world.submit(dependsOn=[{"jobId": first}])
    world.advance(1)
    world.call("CancelJob", jobId=second, reason="enough")
    assert world.state(second) == "PENDING"
    world.run()
    assert (world.state(first), world.state(second)) == ("SUCCEEDED", "FAILED")
    assert world.job(second)["statusReason"] == "enough"
    assert world.path(second) == ["SUBMITTED", "PENDING", "FAILED"]


def test_the_end_of_an_array_is_the_end_of_its_children(world: Any) -> None:
    world.behaviour = lambda start: ENDLESS
    parent = world.submit(arrayProperties={"size": 6})
    world.advance(70)
    world.call("TerminateJob", jobId=parent, reason="enough")
    world.run()
    job = world.job(parent)
    assert (job["status"], job["statusReason"]) == ("FAILED", "enough")
    assert job["arrayProperties"]["statusSummary"]["FAILED"] == 6
    assert world.job(f"{parent}:5")["statusReason"] == "enough"
    assert "startedAt" in world.job(f"{parent}:0") and "startedAt" not in world.job(f"{parent}:5")


def test_cancelling_an_array_leaves_what_has_started(world: Any) -> None:
    parent = world.submit(arrayProperties={"size": 6})
    world.advance(10)
    world.call("CancelJob", jobId=parent, reason="enough")
    world.run()
    assert [world.state(f"{parent}:{index}") for index in range(6)] == ["SUCCEEDED"] * 4 + ["FAILED"] * 2
    assert (world.state(parent), world.job(parent)["statusReason"]) == ("FAILED", "enough")


def test_an_array_that_has_no_children_yet_ends_alone(world: Any) -> None:
    parent = world.submit(arrayProperties={"size": 3})
    world.call("CancelJob", jobId=parent, reason="enough")
    world.run()
    assert world.path(parent) == ["SUBMITTED", "FAILED"]
    assert world.call("DescribeJobs", jobs=[f"{parent}:0"]) == {"jobs": []}


def test_a_deleted_queue_takes_its_jobs_along(world: Any) -> None:
    world.behaviour = lambda start: ENDLESS
    running = world.submit()
    world.advance(70)
    parent = world.submit(arrayProperties={"size": 5})
    world.advance(10)
    waiting, fresh = world.submit(dependsOn=[{"jobId": running}]), world.submit()
    world.advance(0.6)
    assert "state must be DISABLED" in world.message("DeleteJobQueue", jobQueue="q")
    world.call("UpdateJobQueue", jobQueue="q", state="DISABLED")
    world.call("DeleteJobQueue", jobQueue="q")
    world.run()
    for job_id in (running, parent, f"{parent}:0", f"{parent}:4", waiting, fresh):
        assert (world.state(job_id), world.job(job_id)["statusReason"]) == ("FAILED", "JobQueue deleted")
    assert world.call("DescribeJobQueues", jobQueues=["q"]) == {"jobQueues": []}
    world.call("UpdateComputeEnvironment", computeEnvironment="e", state="DISABLED")
    world.call("DeleteComputeEnvironment", computeEnvironment="e")


def test_a_large_arrays_children_are_ended_a_few_at_a_time(make_world: Any) -> None:
    world = make_world(max_vcpus=2)
    parent = world.submit(arrayProperties={"size": 1200})
    world.advance(10)
    world.call("TerminateJob", jobId=parent, reason="enough")
    assert world.job(parent)["arrayProperties"]["statusSummary"]["FAILED"] == 500
    world.advance(0.02)
    job = world.job(parent)
    assert (job["status"], job["statusReason"]) == ("FAILED", "enough")
    assert job["arrayProperties"]["statusSummary"]["FAILED"] == 1200
    assert job["isTerminated"] is True


def test_a_queue_with_very_many_jobs_is_deleted_a_few_at_a_time(make_world: Any) -> None:
    world = make_world(max_vcpus=2)
    parent = world.submit(arrayProperties={"size": 800})
    singles = [world.submit() for _ in range(500)]
    world.advance(10)
    world.call("UpdateJobQueue", jobQueue="q", state="DISABLED")
    world.call("DeleteJobQueue", jobQueue="q")
    world.step(world.now_ms)
    assert world.job(parent)["arrayProperties"]["statusSummary"]["RUNNABLE"] == 301
    [queue] = world.call("DescribeJobQueues", jobQueues=["q"])["jobQueues"]
    assert queue["status"] == "DELETING"
    assert world.message("UpdateJobQueue", jobQueue="q", state="ENABLED") == "Cannot update, resource is being modified"
    assert world.call("DeleteJobQueue", jobQueue="q") == {}
    world.run()
    assert {world.state(job_id) for job_id in (parent, *singles)} == {"FAILED"}
    assert world.job(parent)["arrayProperties"]["statusSummary"]["FAILED"] == 800
    assert world.job(parent)["statusReason"] == "JobQueue deleted"
    assert world.call("DescribeJobQueues", jobQueues=["q"]) == {"jobQueues": []}


def test_nothing_more_of_a_queue_is_placed_while_it_is_being_deleted(make_world: Any) -> None:
    world = make_world(max_vcpus=1, scheduler_cycle_ms=1.0)
    first = world.submit()
    world.advance(10)
    others = [world.submit() for _ in range(1200)]
    world.advance(0.1)
    world.call("UpdateJobQueue", jobQueue="q", state="DISABLED")
    world.call("DeleteJobQueue", jobQueue="q")
    world.run()
    assert world.job(first)["statusReason"] == "JobQueue deleted"
    assert set(world.moments("STARTING")) == {first}
    assert {world.state(job_id) for job_id in others} == {"FAILED"}
