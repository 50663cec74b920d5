"""A definition and a submission merged."""

from __future__ import annotations

from typing import Any

import pytest


def test_parameters_replace_whole_elements_only(world: Any) -> None:
    command = ["run", "Ref::seconds", "x Ref::seconds", "Ref::seconds.", "--Ref::seconds", "Ref::other"]
    world.definition("p", container={"command": command[:3] + command[4:]}, parameters={"seconds": "30", "other": "o"})
    job_id = world.submit(definition="p", parameters={"seconds": "5", "unused": "u"})
    world.run()
    expected = ["run", "5", "x Ref::seconds", "--Ref::seconds", "o"]
    assert list(world.process(job_id).command) == expected
    job = world.job(job_id)
    assert list(job["container"]["command"]) == expected
    assert job["parameters"] == {"seconds": "5", "other": "o", "unused": "u"}


def test_a_commands_override_replaces_it_and_is_substituted_too(world: Any) -> None:
    world.definition("p", container={"command": ["Ref::missing"]})
    job_id = world.submit(
        definition="p", containerOverrides={"command": ["echo", "Ref::x"]}, parameters={"x": "Ref::y"}
    )
    world.run()
    assert list(world.process(job_id).command) == ["echo", "Ref::y"]


def test_requirements_are_merged_by_type(world: Any) -> None:
    job_id = world.submit(containerOverrides={"resourceRequirements": [{"type": "MEMORY", "value": "4096"}]})
    assert world.job(job_id)["container"]["resourceRequirements"] == [
        {"value": "1", "type": "VCPU"},
        {"value": "4096", "type": "MEMORY"},
    ]


def test_strategy_and_timeout_of_the_submission_come_first(world: Any) -> None:
    world.definition("p", retryStrategy={"attempts": 2}, timeout={"attemptDurationSeconds": 100})
    job = world.job(world.submit(definition="p"))
    assert job["retryStrategy"] == {"attempts": 2, "evaluateOnExit": []}
    assert job["timeout"] == {"attemptDurationSeconds": 100}
    job = world.job(world.submit(definition="p", retryStrategy={"attempts": 3}, timeout={"attemptDurationSeconds": 60}))
    assert job["retryStrategy"] == {"attempts": 3, "evaluateOnExit": []}
    assert job["timeout"] == {"attemptDurationSeconds": 60}


def test_what_is_known_of_a_container_from_the_start(world: Any) -> None:
    container = world.job(world.submit())["container"]
    assert container["image"] == "image"
    assert container["fargatePlatformConfiguration"] == {"platformVersion": "LATEST"}
    for name in ("volumes", "environment", "mountPoints", "ulimits", "secrets", "networkInterfaces"):
        assert container[name] == []


def test_a_revision_that_changes_nothing_of_another_is_not_mixed_up_with_it(world: Any) -> None:
    first = world.submit()
    world.definition("d", vcpus="2", memory="4096")
    second = world.submit()
    assert [world.job(job_id)["jobDefinition"][-1] for job_id in (first, second)] == ["1", "2"]


@pytest.mark.parametrize("length", [199, 200, 201])
def test_the_stream_begins_with_the_definitions_name_or_its_first_200_letters(make_world: Any, length: int) -> None:
    world = make_world(log_stream_prefix_length=10)
    name = "n" * (length - 100)
    world.definition(name)
    job_id = world.submit(definition=name)
    world.run()
    assert world.process(job_id).log_stream.startswith(f"{'n' * 10}/default/")
