"""Time-outs of attempts come at their time, whichever of a length began first or has ended before."""

from __future__ import annotations

from typing import Any

TIMED_OUT = "Job attempt duration exceeded timeout"


def test_each_runs_out_at_its_own_time(make_world: Any) -> None:
    world = make_world(max_vcpus=100)
    world.behaviour = lambda start: (None, 0)
    jobs = []
    for seconds in (300, 60, 120, 60):
        jobs.append((seconds, world.submit(timeout={"attemptDurationSeconds": seconds})))
        world.advance(7)
    world.run()
    for seconds, job_id in jobs:
        assert world.job(job_id)["statusReason"] == TIMED_OUT
        assert world.moments("FAILED")[job_id] - world.moments("RUNNING")[job_id] == seconds


def test_those_that_end_in_time_are_passed_over(make_world: Any) -> None:
    world = make_world(max_vcpus=100)
    jobs: list[str] = []
    world.behaviour = lambda start: (None if start.job_id in jobs[::3] else 10_000.0, 0)
    for _ in range(12):
        jobs.append(world.submit(timeout={"attemptDurationSeconds": 60}))
        world.advance(3)
    world.run()
    assert [world.state(job_id) for job_id in jobs] == ["FAILED", "SUCCEEDED", "SUCCEEDED"] * 4


def test_a_second_attempt_has_its_own_time(make_world: Any) -> None:
    world = make_world()
    world.behaviour = lambda start: (50_000.0, 1) if start.attempt == 1 else (None, 0)
    job_id = world.submit(timeout={"attemptDurationSeconds": 60}, retryStrategy={"attempts": 2})
    world.run()
    job = world.job(job_id)
    assert len(job["attempts"]) == 2
    assert job["stoppedAt"] - job["startedAt"] == 60_000
