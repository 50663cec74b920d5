"""Attempts with processes and without, and how they slow each other."""

from __future__ import annotations

from typing import Any

import pytest

from batchgauge.batchmodel.boundary import (
    Contention,
    ProcessEnded,
    ProcessStarted,
    SignalProcess,
    StartProcess,
    VirtualOutput,
)

VIRTUAL = {"environment": [{"name": "BATCHGAUGE_VIRTUAL", "value": "1"}]}


def countdown(world: Any, seconds: float, virtual: bool = True, **more: Any) -> str:
    """Submit one."""
    overrides = {"command": ["countdown", str(seconds)], **(VIRTUAL if virtual else {})}
    return str(world.submit(containerOverrides=overrides, **more))


def ran_s(world: Any, job_id: str) -> float:
    job = world.job(job_id)
    return float(job["stoppedAt"] - job["startedAt"]) / 1000


def test_a_job_that_asks_for_it_is_virtual_and_the_others_are_not(world: Any) -> None:
    virtual, real = countdown(world, 12), countdown(world, 12, virtual=False)
    world.run()
    assert [start.job_id for start in world.of_kind(StartProcess)] == [real]
    assert world.path(virtual) == world.path(real)
    assert ran_s(world, virtual) == 12
    assert world.job(virtual)["container"]["exitCode"] == 0


def test_a_parameter_asks_for_it_too(world: Any) -> None:
    world.submit(parameters={"BATCHGAUGE_VIRTUAL": "1", "BATCHGAUGE_VIRTUAL_SECONDS": "3"})
    world.run()
    assert world.of_kind(StartProcess) == []


def test_beyond_so_many_processes_jobs_are_virtual(make_world: Any) -> None:
    world = make_world(max_vcpus=10, max_processes=3)
    jobs = [countdown(world, 1, virtual=False) for _ in range(5)]
    world.run()
    assert len(world.of_kind(StartProcess)) == 3
    late = countdown(world, 1, virtual=False)
    world.run()
    assert world.process(late).job_id == late, "the processes before have ended"
    assert {world.state(job_id) for job_id in [*jobs, late]} == {"SUCCEEDED"}


def test_what_a_virtual_job_has_written_is_told_when_it_ends(world: Any) -> None:
    job_id = countdown(world, 2)
    world.run()
    [output] = world.of_kind(VirtualOutput)
    job = world.job(job_id)
    assert (output.log_group, output.log_stream) == ("/aws/batch/job", job["container"]["logStreamName"])
    assert [int(time_ms) - job["startedAt"] for time_ms, _ in output.lines] == [0, 1000, 2000]


def test_a_virtual_job_takes_its_exit_code_and_is_retried(world: Any) -> None:
    job_id = world.submit(
        containerOverrides={"command": ["countdown", "1", "--exit-code", "4"], **VIRTUAL},
        retryStrategy={"attempts": 2},
    )
    world.run()
    job = world.job(job_id)
    assert (job["status"], job["container"]["exitCode"], len(job["attempts"])) == ("FAILED", 4, 2)


def test_a_virtual_job_that_is_terminated_ends_at_once(world: Any) -> None:
    job_id = countdown(world, 1000)
    world.advance(100)
    world.call("TerminateJob", jobId=job_id, reason="enough")
    job = world.job(job_id)
    assert (job["status"], job["statusReason"], job["container"]["exitCode"]) == ("FAILED", "enough", 143)
    assert world.of_kind(SignalProcess) == []
    world.run()
    assert world.path(job_id)[-1] == "FAILED"


def test_a_virtual_job_times_out(world: Any) -> None:
    job_id = countdown(world, 1000, timeout={"attemptDurationSeconds": 60})
    world.run()
    assert ran_s(world, job_id) == 60


@pytest.mark.parametrize(("jobs", "slowdown"), [(1, 1.0), (2, 1.0), (3, 1.5), (4, 2.0)])
def test_jobs_that_run_together_slow_each_other_by_the_law(make_world: Any, jobs: int, slowdown: float) -> None:
    world = make_world(max_vcpus=10, contention=Contention(queueing=0.5, free=2))
    known = [countdown(world, 100) for _ in range(jobs)]
    world.run()
    assert {ran_s(world, job_id) for job_id in known} == {100 * slowdown}


def test_crosstalk_grows_with_the_square() -> None:
    law = Contention(queueing=0.1, crosstalk=0.01, free=1)
    assert [law.slowdown(running) for running in (0, 1, 2, 11)] == pytest.approx([1, 1, 1.11, 3.0])


def test_the_pace_changes_with_every_end(make_world: Any) -> None:
    world = make_world(max_vcpus=10, contention=Contention(queueing=1.0))
    short, long = countdown(world, 10), countdown(world, 20)
    world.run()
    assert (ran_s(world, short), ran_s(world, long)) == (20, 30), "twice as long together, then 10 alone"


def test_real_processes_count_but_are_not_held_back(make_world: Any) -> None:
    world = make_world(max_vcpus=10, contention=Contention(queueing=1.0))
    world.behaviour = lambda start: (10_000.0, 0)
    real, virtual = countdown(world, 10, virtual=False), countdown(world, 10)
    world.run()
    assert (ran_s(world, real), ran_s(world, virtual)) == (10, 15)


def test_a_job_runs_from_the_moment_its_process_does(world: Any) -> None:
    world.is_slow_to_start = True
    job_id = world.submit()
    world.advance(100)
    [start] = world.of_kind(StartProcess)
    assert world.state(job_id) == "STARTING"
    assert "startedAt" not in world.job(job_id)
    world.step(world.now_ms + 250, ProcessStarted(start.task_id))
    started_ms = world.now_ms
    assert world.job(job_id)["startedAt"] == int(started_ms)
    task = world.model.describe_task(world.job(job_id)["container"]["taskArn"])
    assert task["startedAt"] == started_ms / 1000
    world.step(world.now_ms + 1000, ProcessEnded(start.task_id, 0))
    assert world.path(job_id) == ["SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]
    assert world.job(job_id)["stoppedAt"] - world.job(job_id)["startedAt"] == 1000


def test_an_end_that_comes_without_a_start_is_both(world: Any) -> None:
    world.is_slow_to_start = True
    job_id = world.submit()
    world.advance(100)
    world.step(world.now_ms, ProcessEnded(world.process(job_id).task_id, 137))
    assert world.path(job_id) == ["SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "FAILED"]


def test_a_job_terminated_before_its_process_runs_leaves_none_behind(world: Any) -> None:
    world.is_slow_to_start = True
    job_id, other = world.submit(), world.submit()
    world.advance(100)
    task_id = world.process(job_id).task_id
    world.call("TerminateJob", jobId=job_id, reason="enough")
    assert world.of_kind(SignalProcess) == [SignalProcess(task_id, "kill")]
    assert world.path(job_id) == ["SUBMITTED", "RUNNABLE", "STARTING", "FAILED"]
    assert "startedAt" not in world.job(job_id)
    world.step(world.now_ms, ProcessStarted(task_id))
    world.step(world.now_ms, ProcessEnded(task_id, 137))
    assert world.path(job_id)[-1] == "FAILED"
    assert world.state(other) == "STARTING"
