"""The model as a whole: time, throttles, operations, tags."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from batchgauge.batchmodel.boundary import Answer, ApiCall, ModelSettings, Refusal, TokenBucket, Transition
from batchgauge.batchmodel.model import BatchModel
from batchgauge.localaws.service_model import load_service_model

OUTSIDE = ("Service", "QuotaShare", "ConsumableResource")


def test_time_never_goes_backwards(world: Any) -> None:
    with pytest.raises(ValueError, match="backwards"):
        world.model.step(world.now_ms - 1)


def test_an_idle_model_waits_for_the_world() -> None:
    assert BatchModel(ModelSettings()).next_event_ms() is None


def test_calls_of_one_step_are_answered_in_their_order(world: Any) -> None:
    calls = [ApiCall(number, "DescribeJobQueues", {}) for number in (7, 3, 9)]
    assert [effect.call_id for effect in world.model.step(world.now_ms, calls)] == [7, 3, 9]


def test_every_operation_of_the_api_is_answered_and_those_outside_are_refused_clearly(world: Any) -> None:
    served = set(world.model._handlers)
    for operation in load_service_model().operation_names:
        if operation not in served:
            assert any(word in operation for word in OUTSIDE)
            assert "not supported" in world.message(operation)
    assert served <= load_service_model().operation_names


def test_each_operation_has_its_own_bucket_of_the_common_size(make_world: Any) -> None:
    world = make_world(other_api_bucket=TokenBucket(3, 1))
    for _ in range(3):
        world.call("DescribeJobQueues")
    assert world.refusal("DescribeJobQueues").status == 429
    world.call("ListJobs", jobQueue="q")
    world.submit()


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_and_inputs_give_the_same_run(make_world: Any, seed: int) -> None:
    def run(seed: int) -> list[Any]:
        settings = {name: getattr(ModelSettings(), name) for name in ("linux_start_up", "windows_start_up")}
        world = make_world(seed=seed, **settings)
        for number in range(10):
            world.submit(retryStrategy={"attempts": 2})
            world.advance(number * 3)
        world.run()
        return [effect for effect in world.effects if not isinstance(effect, Refusal)]

    assert run(seed) == run(seed)
    assert run(seed) != run(seed + 1)


def test_a_jobs_start_up_does_not_depend_on_the_others(make_world: Any) -> None:
    def start_ups(max_vcpus: int) -> list[float]:
        world = make_world(max_vcpus=max_vcpus, linux_start_up=ModelSettings().linux_start_up)
        job_ids = [world.submit() for _ in range(6)]
        world.run()
        begun, started = world.moments("STARTING"), world.moments("RUNNING")
        return [round(started[job_id] - begun[job_id], 3) for job_id in job_ids]

    assert start_ups(1) == start_ups(6)
    assert len(set(start_ups(1))) == 6


def test_tags_of_every_kind_of_resource(world: Any) -> None:
    policy = world.call("CreateSchedulingPolicy", name="p")["arn"]
    job = world.job(world.submit(tags={"old": "1"}))["jobArn"]
    environment = world.environment("f", 1)
    queue = "arn:aws:batch:us-west-2:123456789012:job-queue/q"
    for arn in (job, queue, environment, policy, world.definition("n")):
        before = world.call("ListTagsForResource", resourceArn=arn)["tags"]
        world.call("TagResource", resourceArn=arn, tags={"a": "1", "b": "2"})
        world.call("UntagResource", resourceArn=arn, tagKeys=["a", "none"])
        assert world.call("ListTagsForResource", resourceArn=arn)["tags"] == {**before, "b": "2"}
    assert "aws:" in world.message("TagResource", resourceArn=queue, tags={"aws:x": "1"})
    for arn in ("nonsense", queue + "x", job + "x", "arn:aws:batch:us-west-2:1:job-definition/n"):
        assert "not found" in world.message("ListTagsForResource", resourceArn=arn)


def test_ids_of_refused_requests_differ(world: Any) -> None:
    call = {"jobName": "-", "jobQueue": "q", "jobDefinition": "d"}
    assert world.message("SubmitJob", **call) != world.message("SubmitJob", **call)


def test_a_step_says_what_happened_before_what_was_asked(world: Any, plain_settings: ModelSettings) -> None:
    job_id = world.submit()
    effects = world.model.step(world.now_ms + 5000, [ApiCall(99, "DescribeJobs", {"jobs": [job_id]})])
    assert isinstance(effects[-1], Answer)
    assert effects[-1].body["jobs"][0]["status"] == "STARTING"
    transitions = [effect for effect in effects if isinstance(effect, Transition)]
    assert [effect.time_ms - world.now_ms for effect in transitions] == [500, 1000]
    assert replace(plain_settings) == plain_settings
