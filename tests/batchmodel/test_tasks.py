"""The ECS task behind an attempt."""

from __future__ import annotations

from typing import Any

from batchgauge.batchmodel.boundary import ProcessEnded

MOMENTS = ("createdAt", "pullStartedAt", "pullStoppedAt", "startedAt", "stoppingAt", "executionStoppedAt", "stoppedAt")


def task(world: Any, job_id: str) -> Any:
    return world.model.describe_task(world.job(job_id)["container"]["taskArn"])


def known(shown: Any) -> dict[str, float]:
    """Moments in seconds since the task's creation."""
    return {name: round(shown[name] - shown["createdAt"], 3) for name in MOMENTS if name in shown}


def test_it_shows_as_much_as_has_happened(world: Any) -> None:
    job_id = world.submit()
    world.advance(1)
    assert known(task(world, job_id)) == {"createdAt": 0}
    assert task(world, job_id)["lastStatus"] == "PROVISIONING"
    world.advance(20)
    assert known(task(world, job_id)) == {"createdAt": 0, "pullStartedAt": 20}
    assert task(world, job_id)["lastStatus"] == "PENDING"
    world.advance(40.5)
    assert known(task(world, job_id)) == {"createdAt": 0, "pullStartedAt": 20, "pullStoppedAt": 50, "startedAt": 60}
    assert task(world, job_id)["lastStatus"] == "RUNNING"
    world.run()
    assert list(known(task(world, job_id)).values()) == [0, 20, 50, 60, 61, 61, 61]


def test_it_agrees_with_the_job(world: Any) -> None:
    job_id = world.submit()
    world.run()
    job, shown = world.job(job_id), task(world, job_id)
    assert shown["taskArn"] == job["container"]["taskArn"]
    assert shown["taskArn"].startswith(shown["clusterArn"].replace(":cluster/", ":task/") + "/")
    assert int(shown["startedAt"] * 1000) == job["startedAt"]
    assert int(shown["stoppedAt"] * 1000) == job["stoppedAt"]
    assert (shown["stopCode"], shown["lastStatus"], shown["desiredStatus"]) == (
        "EssentialContainerExited",
        "STOPPED",
        "STOPPED",
    )
    [container] = shown["containers"]
    assert (container["name"], container["exitCode"], container["lastStatus"]) == ("default", 0, "STOPPED")
    assert (shown["launchType"], shown["cpu"], shown["memory"]) == ("FARGATE", "1024", "2048")


def test_one_that_was_ended_before_its_start_has_none(world: Any) -> None:
    job_id = world.submit()
    world.advance(31)
    world.call("TerminateJob", jobId=job_id, reason="enough")
    world.advance(100)
    assert known(task(world, job_id)) == {"createdAt": 0, "pullStartedAt": 20, "stoppingAt": 30, "stoppedAt": 30}
    assert (task(world, job_id)["stopCode"], task(world, job_id)["stoppedReason"]) == ("UserInitiated", "enough")


def test_one_that_failed_to_start_says_so(world: Any) -> None:
    world.behaviour = lambda start: (None, 0)
    job_id = world.submit()
    world.advance(70)
    world.step(world.now_ms, ProcessEnded(world.process(job_id).task_id, None, "CannotStartContainerError: no"))
    shown = task(world, job_id)
    assert (shown["stopCode"], shown["stoppedReason"]) == ("TaskFailedToStart", "CannotStartContainerError: no")
    assert "startedAt" not in shown and "exitCode" not in shown["containers"][0]


def test_a_stopped_task_is_forgotten_after_an_hour(world: Any) -> None:
    job_id = world.submit()
    world.run()
    arn = world.job(job_id)["container"]["taskArn"]
    world.advance(3599)
    assert world.model.describe_task(arn) is not None
    world.advance(2)
    assert world.model.describe_task(arn) is None
    world.submit()
    world.run()
    assert world.model.describe_task(arn) is None


def test_only_its_own_arn_finds_it(world: Any) -> None:
    job_id = world.submit()
    world.run()
    arn = world.job(job_id)["container"]["taskArn"]
    assert world.model.describe_task(arn.replace("/AWSBatch-e", "/other")) is None
    assert world.model.describe_task("nonsense") is None
