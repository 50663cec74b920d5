"""A server that goes on from its folder: the same objects, the same jobs, and what was running declared ended."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from batchgauge.batchmodel.boundary import (
    Answer,
    ApiCall,
    ModelFaults,
    ModelSettings,
    ProcessEnded,
    ProcessStarted,
    SetFaults,
    StartProcess,
)
from batchgauge.batchmodel.model import BatchModel
from batchgauge.localaws import seed
from batchgauge.localaws.settings import Credentials, ServerSettings
from batchgauge.localaws.state import StateError, StateFolder

SETTINGS = ModelSettings(time_scale=0.01, seed=3)
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def test_what_was_noted_comes_back_and_reads_are_left_out(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "state", SETTINGS)
    assert folder.is_new
    call = ApiCall(7, "SubmitJob", {"jobName": "n", "é": ["x"]})
    faults = SetFaults(ModelFaults(hanging=0.5, withheld_vcpus={"e": 2.0}))
    folder.note(1.5, call)
    folder.note(1.6, ApiCall(8, "DescribeJobs", {"jobs": []}))
    folder.note_started(2.0, "task")
    folder.note(2.5, ProcessStarted("task"))
    folder.note(3.0, ProcessEnded("task", None, "why"))
    folder.note(4.0, faults)
    folder.close()
    again = StateFolder(tmp_path / "state", SETTINGS)
    assert not again.is_new
    assert list(again.replay()) == [
        (1.5, call),
        (2.0, "task"),
        (2.5, ProcessStarted("task")),
        (3.0, ProcessEnded("task", None, "why")),
        (4.0, faults),
    ]
    again.close()


def test_a_line_that_a_sudden_end_has_cut_is_written_over(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, SETTINGS)
    folder.note_started(1.0, "one")
    folder.close()
    with (tmp_path / "inputs.jsonl").open("ab") as file:
        file.write(b'{"t":2.0,"star')
    again = StateFolder(tmp_path, SETTINGS)
    again.note_started(3.0, "three")
    again.close()
    assert list(StateFolder(tmp_path, SETTINGS).replay()) == [(1.0, "one"), (3.0, "three")]


def test_one_server_at_a_time_has_a_folder(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, SETTINGS)
    with pytest.raises(StateError, match="another server"):
        StateFolder(tmp_path, SETTINGS)
    folder.note_started(1.0, "one")
    folder.close()
    assert list(StateFolder(tmp_path, SETTINGS).replay()) == [(1.0, "one")]


def test_a_broken_line_is_named_and_nothing_is_begun(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, SETTINGS)
    folder.note_started(1.0, "one")
    folder.close()
    inputs = tmp_path / "inputs.jsonl"
    with inputs.open("ab") as file:
        file.write(b'{"t":2.0{"t":3.0,"started":"two"}\n')
    kept = inputs.read_bytes()
    with pytest.raises(StateError, match=r"line 3 of inputs\.jsonl"):
        StateFolder(tmp_path, SETTINGS)
    assert inputs.read_bytes() == kept


def test_another_servers_folder_is_refused(tmp_path: Path) -> None:
    StateFolder(tmp_path, SETTINGS).close()
    with pytest.raises(StateError, match="other settings: seed, time_scale"):
        StateFolder(tmp_path, replace(SETTINGS, seed=4, time_scale=1.0))
    (tmp_path / "inputs.jsonl").write_text('{"version":99}\n')
    with pytest.raises(StateError, match="version 99"):
        StateFolder(tmp_path, SETTINGS)


def test_credentials_stay_and_nobody_else_may_read_them(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, SETTINGS)
    first = folder.credentials(Credentials("one", "secret"))
    assert folder.credentials(Credentials("two", "other")) == first
    if sys.platform != "win32":
        for name in ("credentials.json", "inputs.jsonl"):
            assert (tmp_path / name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("chance_seed", range(5))
def test_a_model_that_is_told_again_is_what_it_was(tmp_path: Path, chance_seed: int) -> None:
    """Reads and idle steps between the inputs make no difference."""
    chance = random.Random(chance_seed)
    folder = StateFolder(tmp_path, SETTINGS)
    model, now_ms, call_id = BatchModel(SETTINGS), 1e12, 0
    running: list[str] = []

    def tell(given: Any) -> Any:
        folder.note(now_ms, given)
        effects = model.step(now_ms, (given,))
        running.extend(effect.task_id for effect in effects if isinstance(effect, StartProcess))
        return effects

    for operation, parameters in seed.batch_calls(ServerSettings()):
        call_id += 1
        tell(ApiCall(call_id, operation, parameters))
    tell(SetFaults(ModelFaults(image_pull_failures=0.2, throttled={"SubmitJob": 0.1})))
    for _ in range(200):
        now_ms += chance.expovariate(1 / 200)
        call_id += 1
        kind = chance.random()
        if kind < 0.5:
            body = {"jobName": "n", "jobQueue": seed.JOB_QUEUE, "jobDefinition": seed.LINUX_JOB_DEFINITION}
            tell(ApiCall(call_id, "SubmitJob", body))
        elif kind < 0.7:
            model.step(now_ms, (ApiCall(call_id, "ListJobs", {"jobQueue": seed.JOB_QUEUE}),))
        elif kind < 0.8:
            running.extend(each.task_id for each in model.step(now_ms) if isinstance(each, StartProcess))
        elif running:
            tell(ProcessEnded(running.pop(chance.randrange(len(running))), chance.choice([0, 1])))
    folder.close()

    again = BatchModel(SETTINGS)
    for time_ms, given in StateFolder(tmp_path, SETTINGS).replay():
        assert not isinstance(given, str)
        again.step(time_ms, (given,))
    now_ms += 10_000
    assert everything(again, now_ms) == everything(model, now_ms)


def everything(model: BatchModel, now_ms: float) -> list[Any]:
    found = []
    for status in ("SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"):
        asked = ApiCall(0, "ListJobs", {"jobQueue": seed.JOB_QUEUE, "jobStatus": status})
        found += [effect.body for effect in model.step(now_ms, (asked,)) if isinstance(effect, Answer)]
        now_ms += 1000
    return [dict(body) for body in found]


@posix_only
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_restarted_server_knows_its_jobs(start_server: Callable[..., Any], tmp_path: Path, number: int) -> None:
    options = ("--state", str(tmp_path / "state"), "--max-vcpus", "2")
    first = start_server(*options)
    batch = first.client("batch")
    batch.create_scheduling_policy(name="mine", fairsharePolicy={"shareDecaySeconds": 60})
    done = first.finished_job(first.submit(parameters={"countdownSeconds": "0"}))
    running = first.submit(containerOverrides={"command": ["sleep", "30"]})
    virtual = first.submit(parameters={"countdownSeconds": "3", "BATCHGAUGE_VIRTUAL": "1"})
    for job_id in (running, virtual):
        first.until(lambda job_id=job_id: state_of(batch, job_id) == "RUNNING" or None)
    waiting = first.submit(parameters={"countdownSeconds": "0"})
    os.kill(first.pid, number)
    first.process.wait(60)

    second = start_server(*options)
    assert second.announced["accessKeyId"] == first.announced["accessKeyId"]
    batch = second.client("batch")
    [again] = batch.describe_jobs(jobs=[done["jobId"]])["jobs"]
    assert again == done
    assert second.finished_job(running)["status"] == "FAILED"
    assert "embedded AWS ended" in second.finished_job(running)["container"]["reason"]
    assert second.finished_job(virtual)["status"] == "SUCCEEDED"
    assert second.finished_job(waiting)["status"] == "SUCCEEDED"
    assert [policy["arn"].rpartition("/")[2] for policy in batch.list_scheduling_policies()["schedulingPolicies"]] == [
        "mine"
    ]


def state_of(batch: Any, job_id: str) -> str:
    return str(batch.describe_jobs(jobs=[job_id])["jobs"][0]["status"])
