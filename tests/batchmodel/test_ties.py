"""Arrays and dependencies."""

from __future__ import annotations

from typing import Any

import pytest

SPAWNED = {"SUBMITTED": 0, "PENDING": 0, "RUNNABLE": 0, "STARTING": 0, "RUNNING": 0, "SUCCEEDED": 0, "FAILED": 0}


def test_a_job_waits_for_those_that_it_depends_on(world: Any) -> None:
    first, second = world.submit(), world.submit()
    third = world.submit(dependsOn=[{"jobId": first}, {"jobId": second}])
    assert world.job(third)["dependsOn"] == [{"jobId": first}, {"jobId": second}]
    world.run()
    assert world.path(third) == ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]
    ends = world.moments("SUCCEEDED")
    assert world.moments("RUNNABLE")[third] == max(ends[first], ends[second])


def test_a_job_whose_dependency_fails_fails_with_it(world: Any) -> None:
    world.behaviour = lambda start: (1000.0, 1)
    first = world.submit()
    second = world.submit(dependsOn=[{"jobId": first}])
    third = world.submit(dependsOn=[{"jobId": second}])
    world.run()
    for job_id in (second, third):
        assert world.path(job_id) == ["SUBMITTED", "PENDING", "FAILED"]
        assert world.job(job_id)["statusReason"] == "Dependent Job failed"


@pytest.mark.parametrize(("exit_code", "state"), [(0, "SUCCEEDED"), (1, "FAILED")])
def test_a_dependency_that_is_over_already_counts_too(world: Any, exit_code: int, state: str) -> None:
    world.behaviour = lambda start: (1000.0, exit_code)
    first = world.submit()
    world.run()
    world.behaviour = lambda start: (1000.0, 0)
    second = world.submit(dependsOn=[{"jobId": first}])
    world.run()
    assert world.state(second) == state
    assert "PENDING" not in world.path(second)


def test_an_array_has_children_that_know_their_index(world: Any) -> None:
    parent = world.submit(arrayProperties={"size": 3}, tags={"run": "x"})
    world.run()
    job = world.job(parent)
    assert job["arrayProperties"] == {"statusSummary": {**SPAWNED, "SUCCEEDED": 3}, "size": 3}
    assert (job["status"], "startedAt" in job, "stoppedAt" in job) == ("SUCCEEDED", False, True)
    for index in range(3):
        child = world.job(f"{parent}:{index}")
        assert child["arrayProperties"] == {"index": index}
        assert child["tags"] == {"run": "x"}
        environment = world.process(f"{parent}:{index}").environment
        assert environment["AWS_BATCH_JOB_ARRAY_INDEX"] == str(index)
        assert environment["AWS_BATCH_JOB_ARRAY_SIZE"] == "3"
        assert environment["AWS_BATCH_JOB_ID"] == f"{parent}:{index}"
    assert world.call("DescribeJobs", jobs=[f"{parent}:3", f"{parent}:x", "x:1"]) == {"jobs": []}


def test_a_parent_is_pending_from_its_first_runnable_child_to_its_last_ones_end(world: Any) -> None:
    parent = world.submit(arrayProperties={"size": 6})
    world.run()
    assert world.path(parent) == ["SUBMITTED", "PENDING", "SUCCEEDED"]
    children = [f"{parent}:{index}" for index in range(6)]
    assert world.moments("PENDING")[parent] == min(world.moments("RUNNABLE")[child] for child in children)
    assert world.moments("SUCCEEDED")[parent] == max(world.moments("SUCCEEDED")[child] for child in children)


def test_children_are_created_when_the_parent_spawns_them(world: Any) -> None:
    parent = world.submit(arrayProperties={"size": 2})
    world.run()
    assert world.job(f"{parent}:0")["createdAt"] - world.job(parent)["createdAt"] == 500


def test_one_failed_child_fails_the_parent_when_all_are_over(world: Any) -> None:
    world.behaviour = lambda start: (1000.0, int(start.job_id.endswith(":0")))
    parent = world.submit(arrayProperties={"size": 6})
    world.run()
    job = world.job(parent)
    assert (job["status"], job["statusReason"]) == ("FAILED", "Array Child Job failed")
    assert job["arrayProperties"]["statusSummary"] == {**SPAWNED, "SUCCEEDED": 5, "FAILED": 1}
    assert world.moments("FAILED")[parent] == max(world.moments("SUCCEEDED").values())


def test_children_are_retried_each_for_itself(world: Any) -> None:
    world.behaviour = lambda start: (1000.0, int(start.job_id.endswith(":1") and start.attempt == 1))
    parent = world.submit(arrayProperties={"size": 2}, retryStrategy={"attempts": 2})
    world.run()
    assert world.state(parent) == "SUCCEEDED"
    assert [len(world.job(f"{parent}:{index}")["attempts"]) for index in range(2)] == [1, 2]


def test_sequential_children_run_one_after_the_other(world: Any) -> None:
    parent = world.submit(arrayProperties={"size": 3}, dependsOn=[{"type": "SEQUENTIAL"}])
    world.run()
    for before, after in (("0", "1"), ("1", "2")):
        ended = world.moments("SUCCEEDED")[f"{parent}:{before}"]
        assert world.moments("RUNNABLE")[f"{parent}:{after}"] == ended
    assert world.path(f"{parent}:1")[:2] == ["SUBMITTED", "PENDING"]


def test_a_break_in_a_long_chain_fails_the_rest_of_it(make_world: Any) -> None:
    world = make_world()
    world.behaviour = lambda start: (1000.0, 1)
    parent = world.submit(arrayProperties={"size": 10_000}, dependsOn=[{"type": "SEQUENTIAL"}])
    world.run()
    job = world.job(parent)
    assert job["status"] == "FAILED"
    assert job["arrayProperties"]["statusSummary"]["FAILED"] == 10_000
    assert world.job(f"{parent}:9999")["statusReason"] == "Dependent Job failed"


def test_pairs_wait_index_by_index(make_world: Any) -> None:
    world = make_world(max_vcpus=16)
    world.behaviour = lambda start: (1000.0 * (1 + int(start.environment["AWS_BATCH_JOB_ARRAY_INDEX"])), 0)
    first = world.submit(arrayProperties={"size": 3})
    second = world.submit(arrayProperties={"size": 3}, dependsOn=[{"jobId": first, "type": "N_TO_N"}])
    world.run()
    for index in range(3):
        ended = world.moments("SUCCEEDED")[f"{first}:{index}"]
        assert world.moments("RUNNABLE")[f"{second}:{index}"] == ended
    assert world.state(second) == "SUCCEEDED"


def test_a_failed_half_fails_the_other_half_of_its_pair_only(make_world: Any) -> None:
    world = make_world(max_vcpus=16)
    first: str = world.submit(arrayProperties={"size": 3})
    world.behaviour = lambda start: (1000.0, int(start.job_id == f"{first}:1"))
    second = world.submit(arrayProperties={"size": 3}, dependsOn=[{"jobId": first, "type": "N_TO_N"}])
    world.run()
    assert [world.state(f"{second}:{index}") for index in range(3)] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]


def test_pairs_are_made_also_when_the_first_array_comes_late(world: Any) -> None:
    gate = world.submit()
    first = world.submit(arrayProperties={"size": 2}, dependsOn=[{"jobId": gate}])
    second = world.submit(arrayProperties={"size": 2}, dependsOn=[{"jobId": first, "type": "N_TO_N"}])
    world.advance(5)
    assert world.state(f"{second}:1") == "PENDING"
    assert world.call("DescribeJobs", jobs=[f"{first}:1"]) == {"jobs": []}
    world.run()
    assert world.state(second) == "SUCCEEDED"
    for index in range(2):
        assert world.moments("RUNNABLE")[f"{second}:{index}"] == world.moments("SUCCEEDED")[f"{first}:{index}"]


@pytest.mark.parametrize("seconds", [0, 5])
def test_pairs_fail_with_an_array_that_never_comes(world: Any, seconds: float) -> None:
    world.behaviour = lambda start: (1000.0, 1)
    gate = world.submit()
    first = world.submit(arrayProperties={"size": 2}, dependsOn=[{"jobId": gate}])
    world.advance(seconds)
    second = world.submit(arrayProperties={"size": 2}, dependsOn=[{"jobId": first, "type": "N_TO_N"}])
    world.run()
    assert (world.state(first), world.state(second)) == ("FAILED", "FAILED")
    assert world.job(f"{second}:0")["statusReason"] == "Dependent Job failed"


def test_an_array_may_wait_for_an_array_as_a_whole_and_a_job_for_a_child(world: Any) -> None:
    first = world.submit(arrayProperties={"size": 5})
    second = world.submit(arrayProperties={"size": 2}, dependsOn=[{"jobId": first}])
    world.advance(1)
    third = world.submit(dependsOn=[{"jobId": f"{first}:0"}])
    world.run()
    assert world.job(f"{second}:0")["createdAt"] == world.job(first)["stoppedAt"]
    assert world.moments("RUNNABLE")[third] == world.moments("SUCCEEDED")[f"{first}:0"]


def test_an_array_stands_in_line_where_it_was_submitted(make_world: Any) -> None:
    world = make_world(max_vcpus=1)
    parent = world.submit(arrayProperties={"size": 2})
    single = world.submit()
    world.run()
    started = world.moments("STARTING")
    assert started[f"{parent}:0"] < started[f"{parent}:1"] < started[single]


@pytest.fixture
def spawning(make_world: Any) -> tuple[Any, str]:
    """A world in which the first 500 of an array's 1,200 children are there, and the others on their way."""
    world = make_world(max_vcpus=2)
    parent = world.submit(arrayProperties={"size": 1200})
    world.advance(0.5)
    return world, parent


def counted(world: Any, parent: str) -> dict[str, int]:
    summary: dict[str, int] = world.job(parent)["arrayProperties"]["statusSummary"]
    return {state: number for state, number in summary.items() if number}


def test_a_large_arrays_children_come_a_few_at_a_time(spawning: tuple[Any, str]) -> None:
    world, parent = spawning
    assert counted(world, parent) == {"RUNNABLE": 500}
    world.advance(0.01)
    assert counted(world, parent) == {"RUNNABLE": 1000}
    world.advance(0.01)
    assert counted(world, parent) == {"RUNNABLE": 1200}
    assert len(world.listed(arrayJobId=parent, jobStatus="RUNNABLE")) == 1000, "a page"


@pytest.mark.parametrize(("operation", "flag"), [("CancelJob", "isCancelled"), ("TerminateJob", "isTerminated")])
def test_an_array_that_is_ended_while_its_children_come_ends_with_all_of_them(
    spawning: tuple[Any, str], operation: str, flag: str
) -> None:
    world, parent = spawning
    world.call(operation, jobId=parent, reason="enough")
    assert counted(world, parent) == {"FAILED": 500}
    world.run()
    job = world.job(parent)
    assert (job["status"], job["statusReason"], job[flag]) == ("FAILED", "enough", True)
    assert counted(world, parent) == {"FAILED": 1200}
    assert world.job(f"{parent}:1199")["statusReason"] == "enough"


def test_chains_and_pairs_hold_across_the_slices(make_world: Any) -> None:
    world = make_world(max_vcpus=5000)
    first = world.submit(arrayProperties={"size": 700})
    second = world.submit(arrayProperties={"size": 700}, dependsOn=[{"jobId": first, "type": "N_TO_N"}])
    chain = world.submit(arrayProperties={"size": 502}, dependsOn=[{"type": "SEQUENTIAL"}])
    world.behaviour = lambda start: (1000.0, int(start.job_id in (f"{first}:3", f"{first}:650", f"{chain}:0")))
    world.run()
    assert counted(world, first) == counted(world, second) == {"SUCCEEDED": 698, "FAILED": 2}
    assert [world.state(f"{second}:{index}") for index in (3, 4, 650, 651)] == ["FAILED", "SUCCEEDED"] * 2
    assert counted(world, chain) == {"FAILED": 502}
