"""Job queues and scheduling policies through the API."""

from __future__ import annotations

from typing import Any

import pytest


def shown(world: Any, name: str) -> Any:
    [queue] = world.call("DescribeJobQueues", jobQueues=[name])["jobQueues"]
    return queue


def test_a_new_one_is_valid_in_a_moment(world: Any) -> None:
    queue = shown(world, "q")
    assert (queue["state"], queue["status"], queue["priority"]) == ("ENABLED", "VALID", 1)
    arn = "arn:aws:batch:us-west-2:123456789012:compute-environment/e"
    assert queue["computeEnvironmentOrder"] == [{"order": 1, "computeEnvironment": arn}]


def test_environments_stand_in_their_order_however_they_were_given(world: Any) -> None:
    for name in ("f", "g"):
        world.environment(name)
    order = [{"order": place, "computeEnvironment": name} for place, name in ((30, "g"), (5, "f"), (7, "e"))]
    world.call("CreateJobQueue", jobQueueName="n", priority=1, computeEnvironmentOrder=order)
    listed = shown(world, "n")["computeEnvironmentOrder"]
    assert [(entry["order"], entry["computeEnvironment"][-1]) for entry in listed] == [(5, "f"), (7, "e"), (30, "g")]


def test_an_update_changes_what_it_names(world: Any) -> None:
    world.environment("f")
    order = [{"order": 1, "computeEnvironment": "f"}]
    world.call("UpdateJobQueue", jobQueue="q", priority=7, computeEnvironmentOrder=order)
    queue = shown(world, "q")
    assert (queue["priority"], queue["state"]) == (7, "ENABLED")
    world.call("UpdateComputeEnvironment", computeEnvironment="e", state="DISABLED")
    world.call("DeleteComputeEnvironment", computeEnvironment="e")


@pytest.mark.parametrize(
    "changed",
    [
        {"computeEnvironmentOrder": []},
        {"computeEnvironmentOrder": [{"order": place, "computeEnvironment": "e"} for place in (1, 2)]},
        {"computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "none"}]},
        {"computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "e"}, {"order": 2, "computeEnvironment": "x"}]},
        {"computeEnvironmentOrder": [{"order": place, "computeEnvironment": "e"} for place in (1, 2, 3, 4)]},
        {"priority": -1},
        {"priority": 1001},
        {"schedulingPolicyArn": "arn:none"},
        {"jobQueueName": "q"},
        {"jobQueueName": "a b"},
        {"jobStateTimeLimitActions": [{"reason": "x", "state": "RUNNABLE", "maxTimeSeconds": 599, "action": "CANCEL"}]},
        {
            "jobStateTimeLimitActions": [
                {"reason": "x", "state": "RUNNABLE", "maxTimeSeconds": 600, "action": "TERMINATE"}
            ]
        },
    ],
)
def test_what_aws_would_not_take_is_refused(world: Any, changed: dict[str, Any]) -> None:
    world.environment("x", kind="EC2")
    world.step(world.now_ms)
    order = [{"order": 1, "computeEnvironment": "e"}]
    world.message("CreateJobQueue", **{"jobQueueName": "n", "priority": 1, "computeEnvironmentOrder": order, **changed})
    assert world.call("DescribeJobQueues", jobQueues=["n"]) == {"jobQueues": []}


def test_a_refused_update_changes_nothing(world: Any) -> None:
    before = shown(world, "q")
    world.message("UpdateJobQueue", jobQueue="q", priority=2000, state="DISABLED")
    assert shown(world, "q") == before


def test_a_deleted_queue_is_gone_and_its_name_free(world: Any) -> None:
    world.call("UpdateJobQueue", jobQueue="q", state="DISABLED")
    world.call("DeleteJobQueue", jobQueue="q")
    assert world.call("DescribeJobQueues") == {"jobQueues": []}
    assert world.call("DeleteJobQueue", jobQueue="q") == {}
    world.queue("q", "e")


def test_policies_come_and_go(world: Any) -> None:
    policy = {"shareDecaySeconds": 60, "shareDistribution": [{"shareIdentifier": "a", "weightFactor": 2.0}]}
    arn = world.call("CreateSchedulingPolicy", name="p", fairsharePolicy=policy, tags={"x": "y"})["arn"]
    assert arn == "arn:aws:batch:us-west-2:123456789012:scheduling-policy/p"
    described = world.call("DescribeSchedulingPolicies", arns=[arn, "none"])["schedulingPolicies"]
    assert described == [{"name": "p", "arn": arn, "fairsharePolicy": policy, "tags": {"x": "y"}}]
    assert world.call("ListSchedulingPolicies") == {"schedulingPolicies": [{"arn": arn}]}
    world.queue("s", "e", schedulingPolicyArn=arn)
    assert shown(world, "s")["schedulingPolicyArn"] == arn
    assert "relationship" in world.message("DeleteSchedulingPolicy", arn=arn)
    assert world.message("CreateSchedulingPolicy", name="p") == "Object already exists"
    world.call("UpdateJobQueue", jobQueue="s", state="DISABLED")
    world.call("DeleteJobQueue", jobQueue="s")
    world.step(world.now_ms)
    world.call("DeleteSchedulingPolicy", arn=arn)
    assert "does not exist" in world.message("UpdateSchedulingPolicy", arn=arn)


@pytest.mark.parametrize(
    "changed",
    [
        {"fairsharePolicy": {"shareDecaySeconds": 604_801}},
        {"fairsharePolicy": {"computeReservation": 100}},
        {"fairsharePolicy": {"shareDistribution": [{"shareIdentifier": "a", "weightFactor": 1000.0}]}},
        {"quotaSharePolicy": {"idleResourceAssignmentStrategy": "FIFO"}},
        {"name": "a b"},
    ],
)
def test_policies_have_their_limits(world: Any, changed: dict[str, Any]) -> None:
    world.message("CreateSchedulingPolicy", **{"name": "p", **changed})


def test_a_queue_stays_what_it_was_made(world: Any) -> None:
    arn = world.call("CreateSchedulingPolicy", name="p")["arn"]
    assert "without" in world.message("UpdateJobQueue", jobQueue="q", schedulingPolicyArn=arn)
