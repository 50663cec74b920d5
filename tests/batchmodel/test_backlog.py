"""Who is next: in the order of submission, and between share identifiers by what they have had."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.batchmodel.backlog import FifoLine
from batchgauge.batchmodel.jobs import Job


@pytest.fixture(scope="module")
def some_job(make_world: Any) -> Job:
    """Any: lines look at numbers and states only."""
    world = make_world()
    found = world.model._store.find(world.submit())
    assert isinstance(found, Job)
    return found


def runnable_job(number: int, like: Job) -> Job:
    """One of this number."""
    job = Job(number, f"job{number}", "job", like.queue, like.specification, created_ms=0.0)
    job.state = "RUNNABLE"
    return job


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["come", "come", "place", "end", "return"]), st.integers(0, 60)), max_size=80
    )
)
def test_a_line_is_in_the_order_of_submission_whoever_comes_late_or_comes_back(
    some_job: Job, steps: list[tuple[str, int]]
) -> None:
    line, waiting, placed = FifoLine(), dict[int, Job](), dict[int, Job]()
    seen = set[int]()  # no two jobs have one number
    for step, number in steps:
        if step == "come" and number not in seen:
            seen.add(number)
            waiting[number] = runnable_job(number, some_job)
            line.push(waiting[number])
        elif step == "return" and placed:
            _, back = placed.popitem()
            back.state = "RUNNABLE"
            waiting[back.number] = back
            line.push(back)
        elif step in ("place", "end") and waiting:
            gone = waiting.pop(min(waiting) if step == "place" else sorted(waiting)[number % len(waiting)])
            gone.state = "STARTING" if step == "place" else "FAILED"
            line.left(gone)
            if step == "place":
                placed[gone.number] = gone
        head = line.head()
        assert (head.number if head else None) == min(waiting, default=None)
        assert [job.number for job in line.front(5)] == sorted(waiting)[:5]


@pytest.fixture
def shared(make_world: Any) -> Any:
    """A fair-share queue ``s`` on four vCPUs; share ``light`` counts a third, ``prefix…`` a half."""
    world = make_world()
    distribution = [
        {"shareIdentifier": "light", "weightFactor": 0.3333},
        {"shareIdentifier": "prefix*", "weightFactor": 0.5},
    ]
    world.policy = world.call("CreateSchedulingPolicy", name="p", fairsharePolicy={"shareDistribution": distribution})
    world.queue("s", "e", schedulingPolicyArn=world.policy["arn"])
    return world


def started(world: Any) -> list[str]:
    return [world.job(job_id)["shareIdentifier"] for job_id in world.moments("STARTING")]


def test_shares_take_turns_whoever_came_first(shared: Any) -> None:
    for share in ("a", "b"):
        for _ in range(6):
            shared.submit(queue="s", shareIdentifier=share)
    shared.run()
    assert Counter(started(shared)[:4]) == {"a": 2, "b": 2}
    assert Counter(started(shared)[:8]) == {"a": 4, "b": 4}


def test_a_lower_weight_gets_more(shared: Any) -> None:
    for share in ("heavy", "light"):
        for _ in range(12):
            shared.submit(queue="s", shareIdentifier=share)
    shared.run()
    assert Counter(started(shared)[:12])["light"] == 9


def test_within_a_share_priority_comes_before_order(make_world: Any) -> None:
    world = make_world(max_vcpus=1)
    arn = world.call("CreateSchedulingPolicy", name="p")["arn"]
    world.queue("s", "e", schedulingPolicyArn=arn)
    low, high, same = (
        world.submit(queue="s", shareIdentifier="a", schedulingPriorityOverride=priority) for priority in (1, 5, 1)
    )
    world.run()
    assert list(world.moments("STARTING")) == [high, low, same]


def test_who_has_used_much_waits(make_world: Any) -> None:
    world = make_world(max_vcpus=1)
    arn = world.call("CreateSchedulingPolicy", name="p", fairsharePolicy={"shareDecaySeconds": 3600})["arn"]
    world.queue("s", "e", schedulingPolicyArn=arn)
    world.submit(queue="s", shareIdentifier="a")
    world.run()
    first = world.submit(queue="s", shareIdentifier="a")
    second = world.submit(queue="s", shareIdentifier="b")
    world.run()
    assert list(world.moments("STARTING"))[1:] == [second, first]


def test_a_reservation_keeps_room_for_shares_that_have_none(make_world: Any) -> None:
    world = make_world(max_vcpus=4)
    world.behaviour = lambda start: (3_600_000.0, 0)
    arn = world.call("CreateSchedulingPolicy", name="p", fairsharePolicy={"computeReservation": 50})["arn"]
    world.queue("s", "e", schedulingPolicyArn=arn)
    for _ in range(4):
        world.submit(queue="s", shareIdentifier="a")
    world.advance(600)
    assert len(world.listed(jobQueue="s")) == 2
    world.submit(queue="s", shareIdentifier="b")
    world.advance(600)
    assert Counter(started(world)) == {"a": 2, "b": 1}


def test_the_snapshot_tells_who_uses_what(shared: Any) -> None:
    shared.behaviour = lambda start: (3_600_000.0, 0)
    for share in ("a", "a", "prefix1", "prefix1", "prefix1"):
        shared.submit(queue="s", shareIdentifier=share)
    shared.advance(100)
    snapshot = shared.call("GetJobQueueSnapshot", jobQueue="s")
    utilization = snapshot["queueUtilization"]["fairshareUtilization"]
    assert utilization["activeShareCount"] == 2
    assert {entry["shareIdentifier"] for entry in utilization["topCapacityUtilization"]} == {"a", "prefix1"}
    assert len(snapshot["frontOfQueue"]["jobs"]) == 1


def test_a_changed_policy_holds_at_once(shared: Any) -> None:
    distribution = [{"shareIdentifier": "b", "weightFactor": 0.3333}]
    shared.call("UpdateSchedulingPolicy", arn=shared.policy["arn"], fairsharePolicy={"shareDistribution": distribution})
    for share in ("a", "b"):
        for _ in range(6):
            shared.submit(queue="s", shareIdentifier=share)
    shared.run()
    assert Counter(started(shared)[:4])["b"] == 3


def test_shares_are_for_fair_share_queues_only_and_needed_there(shared: Any) -> None:
    call = {"jobName": "x", "jobDefinition": "d"}
    assert "shareIdentifier" in shared.message("SubmitJob", jobQueue="s", **call)
    assert "shareIdentifier" in shared.message("SubmitJob", jobQueue="q", shareIdentifier="a", **call)
