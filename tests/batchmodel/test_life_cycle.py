"""A job's life as AWS shows it: states, times, reasons, attempts, signals."""

from __future__ import annotations

from typing import Any

import pytest

from batchgauge.batchmodel.boundary import ProcessEnded, SignalProcess, StartProcess, Transition

WHOLE_LIFE = ["SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]


def test_a_job_goes_through_every_state_at_exact_times(world: Any) -> None:
    job_id = world.submit()
    world.run()
    assert world.path(job_id) == WHOLE_LIFE
    moments = [effect.time_ms - world.of_kind(Transition)[0].time_ms for effect in world.of_kind(Transition)]
    # Noticed at the first cycle, placed at the second, a minute of start-up, a second of run.
    assert moments == [0, 500, 1000, 61_000, 62_000]


def test_what_is_visible_when(world: Any) -> None:
    world.behaviour = lambda start: (5000.0, 0)
    job_id = world.submit()
    seen: dict[str, Any] = {}
    while world.state(job_id) not in ("SUCCEEDED", "FAILED"):
        seen[world.state(job_id)] = world.job(job_id)
        world.advance(0.5)
    seen["SUCCEEDED"] = world.job(job_id)
    assert list(seen) == WHOLE_LIFE
    for state in ("SUBMITTED", "RUNNABLE"):
        assert not {"startedAt", "stoppedAt", "statusReason"} & set(seen[state])
        assert not {"taskArn", "logStreamName", "exitCode"} & set(seen[state]["container"])
    starting, running, ended = seen["STARTING"], seen["RUNNING"], seen["SUCCEEDED"]
    assert "taskArn" in starting["container"] and "logStreamName" not in starting["container"]
    assert "startedAt" not in starting
    assert running["startedAt"] - running["createdAt"] == 61_000
    assert "exitCode" not in running["container"] and "stoppedAt" not in running and running["attempts"] == []
    task_id = running["container"]["taskArn"].rpartition("/")[2]
    assert running["container"]["logStreamName"] == f"d/default/{task_id}"
    assert ended["container"]["exitCode"] == 0 and "reason" not in ended["container"]
    assert ended["statusReason"] == "Essential container in task exited"
    assert ended["stoppedAt"] - ended["startedAt"] == 5000
    [attempt] = ended["attempts"]
    assert attempt == {
        "container": {
            "taskArn": ended["container"]["taskArn"],
            "networkInterfaces": [],
            "logStreamName": ended["container"]["logStreamName"],
            "exitCode": 0,
        },
        "startedAt": ended["startedAt"],
        "stoppedAt": ended["stoppedAt"],
        "statusReason": "Essential container in task exited",
    }


def test_times_are_whole_milliseconds(make_world: Any) -> None:
    world = make_world(start_ms=1_700_000_000_000.75)
    job = world.submit()
    world.run()
    for name in ("createdAt", "startedAt", "stoppedAt"):
        assert isinstance(world.job(job)[name], int)
    assert world.job(job)["createdAt"] == 1_700_000_000_000


def test_an_exit_code_other_than_zero_fails_the_job(world: Any) -> None:
    world.behaviour = lambda start: (10.0, 3221225786)
    job_id = world.submit()
    world.run()
    job = world.job(job_id)
    assert (job["status"], job["container"]["exitCode"]) == ("FAILED", 3221225786)
    assert job["statusReason"] == "Essential container in task exited"


def test_a_container_that_can_not_start_has_no_start(world: Any) -> None:
    world.behaviour = lambda start: (None, 0)
    job_id = world.submit()
    world.advance(70)
    reason = "CannotStartContainerError: " + "x" * 300
    world.step(world.now_ms, ProcessEnded(world.process(job_id).task_id, None, reason))
    job = world.job(job_id)
    assert (job["status"], job["statusReason"]) == ("FAILED", "Task failed to start")
    assert job["container"]["reason"] == reason[:255]
    assert "startedAt" not in job and "stoppedAt" in job
    assert not {"exitCode", "logStreamName"} & set(job["container"])
    assert "startedAt" not in job["attempts"][0]
    [summary] = world.call("ListJobs", jobQueue="q", jobStatus="FAILED")["jobSummaryList"]
    assert "startedAt" not in summary


def test_the_container_is_told_what_it_is(make_world: Any) -> None:
    world = make_world(region="ap-northeast-1")
    world.definition("mine", container={"environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]})
    job_id = world.submit(
        definition="mine", containerOverrides={"environment": [{"name": "B", "value": "3"}, {"name": "C", "value": ""}]}
    )
    world.run()
    start: StartProcess = world.process(job_id)
    assert start.environment == {
        "A": "1",
        "B": "3",
        "C": "",
        "AWS_BATCH_JOB_ID": job_id,
        "AWS_BATCH_JOB_ATTEMPT": "1",
        "AWS_BATCH_JQ_NAME": "q",
        "AWS_BATCH_CE_NAME": "e",
        "AWS_REGION": "ap-northeast-1",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
    }
    assert (start.attempt, start.region, start.operating_system_family) == (1, "ap-northeast-1", "LINUX")
    assert (start.log_group, list(start.command)) == ("/aws/batch/job", ["run"])
    assert start.log_stream == world.job(job_id)["container"]["logStreamName"]


def test_a_definition_may_name_its_log_group_and_stream_prefix(world: Any) -> None:
    options = {"awslogs-group": "/mine", "awslogs-stream-prefix": "before"}
    world.definition("logged", container={"logConfiguration": {"logDriver": "awslogs", "options": options}})
    job_id = world.submit(definition="logged")
    world.run()
    start = world.process(job_id)
    assert start.log_group == "/mine"
    assert start.log_stream.startswith("before/default/")


def test_a_retried_job_goes_back_to_runnable_and_keeps_its_attempts(world: Any) -> None:
    world.behaviour = lambda start: (1000.0, 0 if start.attempt == 3 else start.attempt)
    job_id = world.submit(retryStrategy={"attempts": 5})
    world.run()
    assert world.path(job_id) == [
        "SUBMITTED",
        *["RUNNABLE", "STARTING", "RUNNING"] * 3,
        "SUCCEEDED",
    ]
    job = world.job(job_id)
    assert [attempt["container"]["exitCode"] for attempt in job["attempts"]] == [1, 2, 0]
    assert job["startedAt"] == job["attempts"][-1]["startedAt"] > job["attempts"][0]["startedAt"]
    assert len({attempt["container"]["taskArn"] for attempt in job["attempts"]}) == 3
    starts = world.of_kind(StartProcess)
    assert [start.environment["AWS_BATCH_JOB_ATTEMPT"] for start in starts] == ["1", "2", "3"]


def test_attempts_run_out(world: Any) -> None:
    world.behaviour = lambda start: (1000.0, 1)
    job_id = world.submit(retryStrategy={"attempts": 2})
    world.run()
    assert world.state(job_id) == "FAILED"
    assert len(world.job(job_id)["attempts"]) == 2


def test_a_retried_job_can_not_be_mistaken_for_started(world: Any) -> None:
    world.behaviour = lambda start: (1000.0, 1)
    job_id = world.submit(retryStrategy={"attempts": 2})
    world.advance(62.1)
    job = world.job(job_id)
    assert job["status"] == "RUNNABLE"
    assert "startedAt" not in job and len(job["attempts"]) == 1


def test_a_timeout_signals_politely_then_kills_and_never_retries(world: Any) -> None:
    world.behaviour = lambda start: (None, 0)
    world.is_stubborn = True
    job_id = world.submit(timeout={"attemptDurationSeconds": 60}, retryStrategy={"attempts": 3})
    world.run()
    start = world.moments("RUNNING")[job_id]
    [term, kill] = world.of_kind(SignalProcess)
    assert (term.signal, kill.signal) == ("term", "kill")
    assert world.moments("FAILED")[job_id] == start + 60 + 30
    job = world.job(job_id)
    assert job["statusReason"] == "Job attempt duration exceeded timeout"
    assert (job["container"]["exitCode"], len(job["attempts"])) == (137, 1)


def test_a_timeout_counts_from_each_attempts_own_start(world: Any) -> None:
    world.behaviour = lambda start: (59_000.0, 1) if start.attempt == 1 else (None, 0)
    job_id = world.submit(timeout={"attemptDurationSeconds": 60}, retryStrategy={"attempts": 2})
    world.run()
    job = world.job(job_id)
    assert [attempt["stoppedAt"] - attempt["startedAt"] for attempt in job["attempts"]] == [59_000, 60_000]


def test_a_job_that_ends_in_time_leaves_no_timeout_behind(world: Any) -> None:
    world.submit(timeout={"attemptDurationSeconds": 3600})
    world.run()
    assert world.of_kind(SignalProcess) == []
    assert world.now_ms - world.of_kind(Transition)[0].time_ms < 3_600_000


def test_the_end_of_a_process_that_is_not_known_is_no_error(world: Any) -> None:
    job_id = world.submit()
    world.advance(61)
    task_id = world.process(job_id).task_id
    world.run()
    for name in (task_id, "nobody's"):
        world.step(world.now_ms, ProcessEnded(name, 1))
    assert world.state(job_id) == "SUCCEEDED"


@pytest.mark.parametrize("scale", [1.0, 0.05, 0.0])
def test_the_time_scale_shrinks_start_up_and_nothing_else(make_world: Any, scale: float) -> None:
    world = make_world(time_scale=scale)
    job_id = world.submit()
    world.run()
    assert world.moments("RUNNING")[job_id] - world.moments("STARTING")[job_id] == pytest.approx(60 * scale)
    assert world.moments("SUCCEEDED")[job_id] - world.moments("RUNNING")[job_id] == 1
    assert world.moments("STARTING")[job_id] == 1


def test_every_change_of_state_after_the_submission_is_an_event(world: Any) -> None:
    job_id = world.submit(tags={"run": "x"})
    world.run()
    events = world.events()
    arn = world.job(job_id)["jobArn"]
    assert [event.detail["status"] for event in events] == WHOLE_LIFE[1:]
    for event, transition in zip(events, world.of_kind(Transition)[1:], strict=True):
        assert event.resources == (arn,)
        assert event.time_ms == transition.time_ms
        assert event.detail["tags"] == {"resourceArn": arn, "run": "x"}
    last = dict(events[-1].detail)
    assert {**last, "tags": {"run": "x"}} == world.job(job_id)


def test_an_event_tells_of_its_moment_however_late_it_is_read(make_world: Any) -> None:
    def details(is_read_at_once: bool) -> list[dict[str, Any]]:
        world = make_world()
        world.behaviour = lambda start: (1000.0, start.attempt - 1)
        world.submit(retryStrategy={"attempts": 2})
        world.submit(arrayProperties={"size": 2})
        read: list[dict[str, Any]] = []
        while world.next_ms() is not None:
            count = len(world.events())
            world.advance_to(max(world.next_ms(), world.now_ms))
            if is_read_at_once:
                read += [dict(event.detail) for event in world.events()[count:]]
        return read or [dict(event.detail) for event in world.events()]

    assert details(is_read_at_once=True) == details(is_read_at_once=False)
