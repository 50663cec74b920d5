"""EC2 capacity: it comes late, in whole instances, and goes when it is idle."""

from __future__ import annotations

from typing import Any

import pytest

from batchgauge.batchmodel.boundary import Transition
from batchgauge.batchmodel.instance_types import choose_type, instance_type, instance_types
from batchgauge.core.cost.instance_list import BUNDLES


@pytest.fixture
def ec2(make_world: Any) -> Any:
    """A queue ``x`` on instances of 4 vCPUs, 8 at most, and a definition ``c`` of 2 vCPUs."""
    world = make_world()
    world.environment("i", 8, kind="EC2")
    world.step(world.now_ms)
    world.queue("x", "i")
    world.definition("c", vcpus="2", memory="2048", platform="EC2", container={"executionRoleArn": None})
    return world


def test_the_first_job_waits_for_an_instance_and_the_next_does_not(ec2: Any) -> None:
    first = ec2.submit(queue="x", definition="c")
    ec2.advance(300)
    second = ec2.submit(queue="x", definition="c")
    ec2.run()
    started = ec2.moments("STARTING")
    assert started[first] == 1 + 120 + 0.5
    assert started[second] == 301


def test_jobs_share_instances_and_never_hold_more_than_there_are(ec2: Any) -> None:
    for _ in range(10):
        ec2.submit(queue="x", definition="c")
    ec2.run()
    held = most = 0
    for effect in ec2.of_kind(Transition):
        held += 2 * (effect.to_state == "STARTING") - 2 * (effect.from_state == "RUNNING")
        most = max(most, held)
    assert most == 8


def test_memory_limits_too(ec2: Any) -> None:
    ec2.definition("fat", vcpus="1", memory="9000", platform="EC2", container={"executionRoleArn": None})
    ec2.behaviour = lambda start: (3_600_000.0, 0)
    for _ in range(3):
        ec2.submit(queue="x", definition="fat")
    ec2.advance(1000)
    # 16 GiB an instance: one job each, two instances.
    assert len(ec2.listed(jobQueue="x", jobStatus="RUNNING")) == 2


def test_idle_instances_go_after_a_while(ec2: Any) -> None:
    ec2.submit(queue="x", definition="c")
    ec2.run()
    again = ec2.submit(queue="x", definition="c")
    submitted = ec2.moments("SUBMITTED")[again]
    ec2.run()
    assert ec2.moments("STARTING")[again] - submitted > 120


def test_minimum_capacity_is_there_from_the_start(make_world: Any) -> None:
    world = make_world()
    world.environment("i", 8, kind="EC2", minvCpus=4)
    world.step(world.now_ms)
    world.queue("x", "i")
    world.definition("c", vcpus="2", platform="EC2", container={"executionRoleArn": None})
    world.advance(3600)
    job_id = world.submit(queue="x", definition="c")
    world.advance(1)
    assert world.state(job_id) == "STARTING"


def test_no_cluster_has_more_than_5000_instances(make_world: Any) -> None:
    world = make_world()
    world.environment("i", 2**31 - 1, kind="EC2", minvCpus=2**31 - 1)
    world.step(world.now_ms)
    assert len(world.model._environments.find("i").capacity._instances) == 5000


def test_a_job_that_fits_on_no_instance_blocks_the_queue(ec2: Any) -> None:
    ec2.definition("huge", vcpus="8", memory="2048", platform="EC2", container={"executionRoleArn": None})
    job_id = ec2.submit(queue="x", definition="huge")
    ec2.advance(1000)
    assert ec2.job(job_id)["statusReason"].startswith("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT")


def test_an_unmanaged_environment_runs_nothing(make_world: Any) -> None:
    world = make_world()
    world.call("CreateComputeEnvironment", computeEnvironmentName="mine", type="UNMANAGED", unmanagedvCpus=4)
    world.step(world.now_ms)
    world.queue("x", "mine")
    world.definition("c", vcpus="2", platform="EC2", container={"executionRoleArn": None})
    job_id = world.submit(queue="x", definition="c")
    world.advance(1000)
    assert world.state(job_id) == "RUNNABLE"


@pytest.mark.parametrize(
    ("name", "vcpus", "gib"), [("m5.large", 2, 8), ("c6i.xlarge", 4, 8), ("r5.24xlarge", 96, 768), ("t3.micro", 2, 8)]
)
def test_types_are_known_by_their_names(name: str, vcpus: int, gib: int) -> None:
    kind = instance_type(name)
    assert kind is not None
    assert (kind.vcpus, kind.memory_mib) == (vcpus, gib * 1024 - 256)


def test_families_stand_for_their_sizes() -> None:
    assert instance_type("nonsense") is None
    assert instance_type("m5.odd") is None
    assert [kind.vcpus for kind in instance_types(["m5"])] == [2, 4, 8, 16, 32, 48, 64, 96]


@pytest.mark.parametrize("bundle", BUNDLES)
def test_a_bundle_stands_for_the_families_that_prices_are_asked_for(bundle: str) -> None:
    assert {kind.name.partition(".")[0] for kind in instance_types([bundle])} == set(BUNDLES[bundle])


def test_the_largest_type_that_demand_fills_is_started() -> None:
    types = instance_types(["m5"])
    for demand, vcpus in ((1, 2), (5, 4), (1000, 96)):
        chosen = choose_type(types, 1, 1024, demand)
        assert chosen is not None and chosen.vcpus == vcpus
    assert choose_type(types, 97, 1024, 1000) is None
    fat = choose_type(types, 1, 100_000, 1)
    assert fat is not None and fat.vcpus == 32


@pytest.mark.parametrize("time_scale", [0.0, 0.0005])
def test_an_instance_stays_until_the_scheduler_has_looked_at_it_however_small_the_time_scale(
    make_world: Any, time_scale: float
) -> None:
    world = make_world(time_scale=time_scale)
    world.environment("i", 8, kind="EC2")
    world.step(world.now_ms)
    world.queue("x", "i")
    world.definition("c", vcpus="2", memory="2048", platform="EC2", container={"executionRoleArn": None})
    job_ids = [world.submit(queue="x", definition="c") for _ in range(10)]
    world.advance(60)
    assert [world.state(job_id) for job_id in job_ids] == ["SUCCEEDED"] * 10
    world.advance(60)
    assert not world.model._environments.find("i").capacity._instances
