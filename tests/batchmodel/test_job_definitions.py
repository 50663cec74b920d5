"""Job definitions: revisions, look-ups, and what may not be registered."""

from __future__ import annotations

from typing import Any

import pytest

WINDOWS = {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE", "cpuArchitecture": "X86_64"}}


def names(answer: Any) -> list[str]:
    return [definition["jobDefinitionArn"].rpartition("/")[2] for definition in answer["jobDefinitions"]]


def test_revisions_count_up_even_past_inactive_ones(world: Any) -> None:
    world.definition("n")
    world.call("DeregisterJobDefinition", jobDefinition="n:1")
    assert world.definition("n").endswith("job-definition/n:2")
    answer = world.call("DescribeJobDefinitions", jobDefinitionName="n")
    assert [(one["revision"], one["status"]) for one in answer["jobDefinitions"]] == [(2, "ACTIVE"), (1, "INACTIVE")]


def test_they_are_described_by_id_name_status_and_arn(world: Any) -> None:
    for name in ("a", "a", "b"):
        arn = world.definition(name)
    world.call("DeregisterJobDefinition", jobDefinition="a:1")
    describe = world.call
    assert names(describe("DescribeJobDefinitions", jobDefinitions=["a:2", arn, "none", "a:9"])) == ["a:2", "b:1"]
    assert names(describe("DescribeJobDefinitions", jobDefinitionName="a", status="ACTIVE")) == ["a:2"]
    assert names(describe("DescribeJobDefinitions", status="INACTIVE")) == ["a:1"]
    assert names(describe("DescribeJobDefinitions", jobDefinitionName="none")) == []
    assert names(describe("DescribeJobDefinitions")) == ["d:1", "a:2", "a:1", "b:1"]


def test_pages_follow_each_other(world: Any) -> None:
    for _ in range(5):
        world.definition("n")
    first = world.call("DescribeJobDefinitions", jobDefinitionName="n", maxResults=2)
    second = world.call("DescribeJobDefinitions", jobDefinitionName="n", maxResults=2, nextToken=first["nextToken"])
    third = world.call("DescribeJobDefinitions", jobDefinitionName="n", maxResults=2, nextToken=second["nextToken"])
    assert names(first) + names(second) + names(third) == ["n:5", "n:4", "n:3", "n:2", "n:1"]
    assert "nextToken" not in third
    for token in ("nonsense", "page-xyz", "page--1"):
        assert "nextToken" in world.message("DescribeJobDefinitions", nextToken=token)


def test_what_was_registered_is_shown_with_awss_empty_lists(world: Any) -> None:
    world.definition("n", retryStrategy={"attempts": 2}, tags={"a": "b"}, parameters={"p": "1"})
    [shown] = world.call("DescribeJobDefinitions", jobDefinitions=["n:1"])["jobDefinitions"]
    assert shown["retryStrategy"] == {"attempts": 2}
    assert (shown["tags"], shown["parameters"]) == ({"a": "b"}, {"p": "1"})
    assert shown["containerProperties"]["mountPoints"] == []
    assert shown["platformCapabilities"] == ["FARGATE"]


@pytest.mark.parametrize("given", ["n", "n:2", "none:1", "n:x"])
def test_deregistering_needs_a_revision_that_is_there(world: Any, given: str) -> None:
    world.definition("n")
    assert world.message("DeregisterJobDefinition", jobDefinition=given) == f"JobDefinition {given} not found."


def test_a_bad_name_is_refused_in_awss_words(world: Any) -> None:
    message = world.message("RegisterJobDefinition", jobDefinitionName="a b", type="container", containerProperties={})
    assert message == "Provided name a b is not supported pattern[a-zA-Z_0-9-]{1,128}"


@pytest.mark.parametrize(
    ("vcpus", "memory", "is_valid"),
    [
        ("0.25", "512", True),
        ("0.25", "4096", False),
        ("1", "1024", False),
        ("1", "8192", True),
        ("3", "8192", False),
        ("4", "30720", True),
        ("16", "122880", True),
        ("16", "33000", False),
    ],
)
def test_fargate_has_its_sizes(world: Any, vcpus: str, memory: str, is_valid: bool) -> None:
    if is_valid:
        world.definition("n", vcpus=vcpus, memory=memory)
    else:
        with pytest.raises(Exception, match=r"Fargate resource requirements \(\d+\.\d\d vCPU, \d+ MiB\) not valid\."):
            world.definition("n", vcpus=vcpus, memory=memory)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"executionRoleArn": None}, "executionRoleArn"),
        ({"image": ""}, "image"),
        ({"vcpus": 1}, "vcpus is not applicable for Fargate"),
        ({"privileged": True}, "privileged is not applicable for Fargate"),
        ({"resourceRequirements": [{"type": "MEMORY", "value": "2048"}]}, "vCPU is not provided."),
        ({"resourceRequirements": [{"type": "VCPU", "value": "1"}]}, "Memory is not provided."),
        ({"environment": [{"name": "AWS_BATCH_X", "value": ""}]}, "AWS_BATCH"),
        ({**WINDOWS, "linuxParameters": {"initProcessEnabled": True}}, "Windows"),
        ({**WINDOWS, "readonlyRootFilesystem": True}, "Windows"),
        ({**WINDOWS, "user": "me"}, "Windows"),
        ({**WINDOWS, "volumes": [{"efsVolumeConfiguration": {"fileSystemId": "x"}}]}, "Windows"),
        ({**WINDOWS, "fargatePlatformConfiguration": {"platformVersion": "1.4.0"}}, "Windows"),
        ({"runtimePlatform": {**WINDOWS["runtimePlatform"], "cpuArchitecture": "ARM64"}}, "Windows"),
        ({"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2016"}}, "operating system family"),
        (
            {**WINDOWS, "resourceRequirements": [{"type": "VCPU", "value": "8"}, {"type": "MEMORY", "value": "16384"}]},
            "not valid",
        ),
    ],
)
def test_what_fargate_and_windows_do_not_take(world: Any, more: dict[str, Any], message: str) -> None:
    with pytest.raises(Exception) as caught:
        world.definition("n", container=more)
    assert message in str(caught.value)
    assert world.call("DescribeJobDefinitions", jobDefinitionName="n") == {"jobDefinitions": []}


def test_windows_is_for_fargate_only(world: Any) -> None:
    with pytest.raises(Exception, match="FARGATE"):
        world.definition("n", platform="EC2", container=WINDOWS)


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "multinode", "nodeProperties": {"numNodes": 2}},
        {"eksProperties": {"podProperties": {}}},
        {"containerProperties": None},
        {"timeout": {"attemptDurationSeconds": 1}},
        {"schedulingPriority": -1},
        {"platformCapabilities": ["EC2", "FARGATE"]},
    ],
)
def test_what_is_outside_is_refused(world: Any, changed: dict[str, Any]) -> None:
    call = {
        "jobDefinitionName": "n",
        "type": "container",
        "containerProperties": {"image": "i", "vcpus": 1, "memory": 128},
        **changed,
    }
    world.message("RegisterJobDefinition", **{key: value for key, value in call.items() if value is not None})


def test_the_older_fields_do_for_ec2(world: Any) -> None:
    properties = {"image": "i", "vcpus": 2, "memory": 128, "command": ["x"]}
    world.call("RegisterJobDefinition", jobDefinitionName="n", type="container", containerProperties=properties)
    [shown] = world.call("DescribeJobDefinitions", jobDefinitions=["n"])["jobDefinitions"]
    assert (shown["containerProperties"]["vcpus"], shown["containerProperties"]["memory"]) == (2, 128)
