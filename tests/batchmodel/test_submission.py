"""What SubmitJob takes, what it refuses, and in which words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from batchgauge.batchmodel.boundary import TokenBucket, Transition

CALL = {"jobName": "x", "jobQueue": "q", "jobDefinition": "d"}


def test_the_answer_names_the_job(world: Any) -> None:
    answer = world.call("SubmitJob", **CALL)
    assert set(answer) == {"jobArn", "jobId", "jobName"}
    assert answer["jobArn"] == f"arn:aws:batch:us-west-2:123456789012:job/{answer['jobId']}"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer["jobId"])


@pytest.mark.parametrize(
    "definition",
    ["d", "d:1", "arn:aws:batch:us-west-2:123456789012:job-definition/d:1", "arn:aws:batch:x:1:job-definition/d"],
)
def test_queue_and_definition_may_be_named_or_given_as_arns(world: Any, definition: str) -> None:
    queue = "arn:aws:batch:us-west-2:123456789012:job-queue/q"
    job = world.job(world.submit(queue=queue, definition=definition))
    assert job["jobQueue"] == queue
    assert job["jobDefinition"] == "arn:aws:batch:us-west-2:123456789012:job-definition/d:1"


def test_a_name_means_the_newest_active_revision(world: Any) -> None:
    world.definition("d")
    world.definition("d")
    world.call("DeregisterJobDefinition", jobDefinition="d:3")
    assert world.job(world.submit())["jobDefinition"].endswith("/d:2")
    assert "not in ACTIVE status" in world.message("SubmitJob", **{**CALL, "jobDefinition": "d:3"})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"jobQueue": "nowhere"}, "JobQueue nowhere not found."),
        ({"jobDefinition": "none"}, "JobDefinition name none does not exist or is not in ACTIVE status"),
        ({"jobDefinition": "d:2"}, "JobDefinition name d:2 does not exist or is not in ACTIVE status"),
        ({"jobDefinition": "d:x"}, "JobDefinition name d:x does not exist or is not in ACTIVE status"),
        (
            {"jobDefinition": "arn:a:b:c:d:job-definition/n:1"},
            "JobDefinition arn:a:b:c:d:job-definition/n:1 not found.",
        ),
        (
            {"jobDefinition": "c"},
            "Job Queue is attached to Compute Environment that can not run Jobs with capability EC2.",
        ),
        (
            {"jobDefinition": "needy"},
            "Unable to substitute value. No parameter found for reference missing",
        ),
        (
            {"containerOverrides": {"environment": [{"name": "X", "value": "y" * 9000}]}},
            "Container Overrides length must be at most 8192",
        ),
        (
            {"containerOverrides": {"resourceRequirements": [{"type": "MEMORY", "value": "4000"}]}},
            "Fargate resource requirements (1.00 vCPU, 4000 MiB) not valid.",
        ),
        (
            {"containerOverrides": {"vcpus": 2}},
            "vcpus is not applicable for Fargate. Use resource requirements instead.",
        ),
    ],
)
def test_refusals_are_in_awss_words(world: Any, changed: dict[str, Any], message: str) -> None:
    world.definition("c", platform="EC2")
    world.definition("needy", container={"command": ["run", "Ref::missing"]})
    assert world.message("SubmitJob", **{**CALL, **changed}) == message


@pytest.mark.parametrize("name", ["", "-x", "a b", "a" * 129, "a.b", "\u00e9"])
def test_job_names_have_a_pattern(world: Any, name: str) -> None:
    message = world.message("SubmitJob", **{**CALL, "jobName": name})
    pattern = r"Error executing request, Exception : Job name should match valid pattern, RequestId: [0-9a-f-]{36}"
    assert re.fullmatch(pattern, message)


@pytest.mark.parametrize("name", ["a", "9_-", "a" * 128])
def test_good_job_names_are_taken(world: Any, name: str) -> None:
    assert world.job(world.submit(name=name))["jobName"] == name


@pytest.mark.parametrize(
    "changed",
    [
        {"arrayProperties": {"size": 1}},
        {"arrayProperties": {"size": 10_001}},
        {"dependsOn": [{"jobId": "unknown"}]},
        {"dependsOn": [{}]},
        {"dependsOn": [{"type": "SEQUENTIAL"}]},
        {"dependsOn": [{"type": "SEQUENTIAL"}] * 21, "arrayProperties": {"size": 2}},
        {"retryStrategy": {"attempts": 11}},
        {"retryStrategy": {"attempts": 0}},
        {"timeout": {"attemptDurationSeconds": 59}},
        {"schedulingPriorityOverride": 10_000},
        {"nodeOverrides": {"numNodes": 2}},
        {"tags": {"aws:x": "1"}},
        {"tags": {str(number): "" for number in range(51)}},
        {"containerOverrides": {"environment": [{"name": "AWS_BATCH_X", "value": "1"}]}},
        {"containerOverrides": {"resourceRequirements": [{"type": "GPU", "value": "1"}]}},
        {"containerOverrides": {"resourceRequirements": [{"type": "VCPU", "value": "many"}]}},
    ],
)
def test_a_refused_job_leaves_no_trace(world: Any, changed: dict[str, Any]) -> None:
    world.message("SubmitJob", **{**CALL, **changed})
    assert world.of_kind(Transition) == []
    first = world.submit()
    world.run()
    assert set(world.moments("SUBMITTED")) == {first}


def test_pairs_must_be_arrays_of_one_size(world: Any) -> None:
    single, array = world.submit(), world.submit(arrayProperties={"size": 3})
    for target, more in (
        (single, {"arrayProperties": {"size": 3}}),
        (array, {"arrayProperties": {"size": 2}}),
        (array, {}),
    ):
        dependency = {"jobId": target, "type": "N_TO_N"}
        assert "N_TO_N" in world.message("SubmitJob", **CALL, dependsOn=[dependency], **more)


def test_a_disabled_queue_takes_nothing_new_and_finishes_what_it_has(world: Any) -> None:
    job_id = world.submit()
    world.call("UpdateJobQueue", jobQueue="q", state="DISABLED")
    assert "ENABLED" in world.message("SubmitJob", **CALL)
    world.run()
    assert world.state(job_id) == "SUCCEEDED"


def test_the_throttle_comes_before_everything_else(make_world: Any) -> None:
    world = make_world(submit_job_bucket=TokenBucket(2, 1))
    world.submit()
    world.refusal("SubmitJob", **{**CALL, "jobQueue": "nowhere"})
    for call in (CALL, {**CALL, "jobQueue": "nowhere"}):
        refusal = world.refusal("SubmitJob", **call)
        assert (refusal.status, refusal.code) == (429, "TooManyRequestsException")
        assert refusal.message == "Too Many Requests"
    world.advance(1)
    world.submit()
    assert len(world.listed(jobQueue="q", filters=[{"name": "JOB_NAME", "values": ["job"]}])) == 2


def test_a_burst_of_sixty_sees_ten_throttled_and_a_second_later_fifty_more_pass(make_world: Any) -> None:
    world = make_world(submit_job_bucket=TokenBucket(50, 50))

    def accepted(count: int) -> int:
        answers = [effect for number in range(count) for effect in world.model.step(world.now_ms, [call(number)])]
        return sum(type(effect).__name__ == "Answer" for effect in answers)

    def call(number: int) -> Any:
        from batchgauge.batchmodel.boundary import ApiCall

        return ApiCall(number, "SubmitJob", CALL)

    assert accepted(60) == 50
    world.advance(1)
    assert accepted(60) == 50


def test_a_job_may_stay_unseen_for_a_moment(make_world: Any) -> None:
    world = make_world(visibility_delay_ms=2000.0)
    job_id = world.submit()
    assert world.call("DescribeJobs", jobs=[job_id]) == {"jobs": []}
    assert world.listed(jobQueue="q", jobStatus="SUBMITTED") == []
    world.advance(2)
    assert world.state(job_id) == "STARTING"
