"""Compute environments through the API."""

from __future__ import annotations

from typing import Any

import pytest


def shown(world: Any, name: str) -> Any:
    [environment] = world.call("DescribeComputeEnvironments", computeEnvironments=[name])["computeEnvironments"]
    return environment


def test_a_new_one_is_valid_in_a_moment(world: Any) -> None:
    arn = world.environment("f", 8)
    assert shown(world, arn)["status"] == "VALID"  # the next step has come with the question
    environment = shown(world, "f")
    assert environment["computeEnvironmentArn"] == arn
    assert environment["ecsClusterArn"].startswith("arn:aws:ecs:us-west-2:123456789012:cluster/AWSBatch-f-")
    assert environment["computeResources"]["maxvCpus"] == 8
    assert (environment["type"], environment["state"]) == ("MANAGED", "ENABLED")


def test_they_are_described_in_pages_and_unknown_ones_left_out(world: Any) -> None:
    for name in ("f", "g"):
        world.environment(name)
    first = world.call("DescribeComputeEnvironments", maxResults=2)
    second = world.call("DescribeComputeEnvironments", maxResults=2, nextToken=first["nextToken"])
    assert [len(page["computeEnvironments"]) for page in (first, second)] == [2, 1]
    assert world.call("DescribeComputeEnvironments", computeEnvironments=["none"]) == {"computeEnvironments": []}


def test_deleting_needs_it_disabled_and_unused(world: Any) -> None:
    delete = {"computeEnvironment": "e"}
    assert world.message("DeleteComputeEnvironment", **delete) == "Cannot delete, state must be DISABLED"
    world.call("UpdateComputeEnvironment", computeEnvironment="e", state="DISABLED")
    assert world.message("DeleteComputeEnvironment", **delete) == "Cannot delete, found existing JobQueue relationship"
    world.environment("f")
    world.call("UpdateComputeEnvironment", computeEnvironment="f", state="DISABLED")
    world.call("DeleteComputeEnvironment", computeEnvironment="f")
    assert world.call("DescribeComputeEnvironments", computeEnvironments=["f"]) == {"computeEnvironments": []}
    assert world.call("DeleteComputeEnvironment", computeEnvironment="f") == {}
    world.environment("f")


def test_a_name_is_taken_once(world: Any) -> None:
    resources = {"type": "FARGATE", "maxvCpus": 1, "subnets": ["s"], "securityGroupIds": ["g"]}
    call = {"computeEnvironmentName": "e", "type": "MANAGED", "computeResources": resources}
    assert world.message("CreateComputeEnvironment", **call) == "Object already exists"


def test_there_are_at_most_fifty(world: Any) -> None:
    for number in range(49):
        world.environment(f"n{number}")
    resources = {"type": "FARGATE", "maxvCpus": 1, "subnets": ["s"], "securityGroupIds": ["g"]}
    call = {"computeEnvironmentName": "more", "type": "MANAGED", "computeResources": resources}
    assert "50" in world.message("CreateComputeEnvironment", **call)


@pytest.mark.parametrize(
    "changed",
    [
        {"maxvCpus": 0},
        {"subnets": []},
        {"securityGroupIds": []},
        {"instanceTypes": ["m5"]},
        {"minvCpus": 1},
        {"type": "EC2"},
        {"type": "EC2", "instanceRole": "R", "minvCpus": 99},
        {"bidPercentage": 50},
    ],
)
def test_what_does_not_fit_together_is_refused(world: Any, changed: dict[str, Any]) -> None:
    resources = {"type": "FARGATE", "maxvCpus": 1, "subnets": ["s"], "securityGroupIds": ["g"], **changed}
    world.message("CreateComputeEnvironment", computeEnvironmentName="f", type="MANAGED", computeResources=resources)


def test_a_refused_update_changes_nothing(world: Any) -> None:
    before = shown(world, "e")
    world.message(
        "UpdateComputeEnvironment", computeEnvironment="e", state="DISABLED", computeResources={"maxvCpus": 0}
    )
    world.message("UpdateComputeEnvironment", computeEnvironment="none")
    assert shown(world, "e") == before


def test_managed_and_unmanaged_have_their_own_parameters(world: Any) -> None:
    world.message("CreateComputeEnvironment", computeEnvironmentName="f", type="MANAGED")
    world.message("CreateComputeEnvironment", computeEnvironmentName="f", type="UNMANAGED", computeResources={"x": 1})
    world.message("CreateComputeEnvironment", computeEnvironmentName="f", type="UNMANAGED", eksConfiguration={"x": 1})
    world.call("CreateComputeEnvironment", computeEnvironmentName="f", type="UNMANAGED", unmanagedvCpus=3)
    assert shown(world, "f")["unmanagedvCpus"] == 3
