"""DescribeJobs, ListJobs and GetJobQueueSnapshot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def pages(world: Any, **parameters: Any) -> Iterator[list[str]]:
    token: dict[str, str] = {}
    while True:
        answer = world.call("ListJobs", **parameters, **token)
        yield [summary["jobId"] for summary in answer["jobSummaryList"]]
        if "nextToken" not in answer:
            return
        token = {"nextToken": answer["nextToken"]}


def by_filter(world: Any, name: str, value: str, **more: Any) -> list[str]:
    return [
        job_id
        for page in pages(world, jobQueue="q", filters=[{"name": name, "values": [value]}], **more)
        for job_id in page
    ]


def test_jobs_are_described_in_the_order_asked_and_unknown_ones_left_out(world: Any) -> None:
    first, second = world.submit(), world.submit()
    arn = world.job(first)["jobArn"]
    described = world.call("DescribeJobs", jobs=[second, "unknown", arn, "", "a:b:c"])["jobs"]
    assert [job["jobId"] for job in described] == [second, first]


def test_a_hundred_ids_are_the_most(world: Any) -> None:
    assert world.call("DescribeJobs", jobs=["x"] * 100) == {"jobs": []}
    message = world.message("DescribeJobs", jobs=["x"] * 101)
    assert message.endswith("Maximum number of jobs supported is  100")


def test_only_running_jobs_are_listed_where_nothing_is_said(make_world: Any) -> None:
    world = make_world(max_vcpus=2)
    world.behaviour = lambda start: (1e6, 0)
    job_ids = [world.submit() for _ in range(4)]
    world.advance(70)
    assert world.listed(jobQueue="q") == job_ids[1::-1]
    assert world.listed(jobQueue="q", jobStatus="RUNNABLE") == job_ids[:1:-1]
    assert world.listed(jobQueue="q", jobStatus="SUCCEEDED") == []


def test_pages_cover_everything_once_newest_first(world: Any) -> None:
    job_ids = [world.submit() for _ in range(25)]
    world.run()
    found = list(pages(world, jobQueue="q", jobStatus="SUCCEEDED", maxResults=10))
    assert [len(page) for page in found] == [10, 10, 5]
    assert [job_id for page in found for job_id in page] == job_ids[::-1]


def test_pages_do_not_slip_when_new_jobs_come(world: Any) -> None:
    job_ids = [world.submit() for _ in range(6)]
    listing = pages(world, jobQueue="q", jobStatus="SUBMITTED", maxResults=3)
    first = next(listing)
    world.submit()
    assert first + [job_id for page in listing for job_id in page] == job_ids[::-1]


def test_a_summary_has_what_bulk_polling_needs(world: Any) -> None:
    world.behaviour = lambda start: (2000.0, 3)
    job_id = world.submit(tags={"a": "b"})
    world.run()
    [summary] = world.call("ListJobs", jobQueue="q", jobStatus="FAILED")["jobSummaryList"]
    job = world.job(job_id)
    same = ("jobArn", "jobId", "jobName", "createdAt", "startedAt", "stoppedAt", "status", "statusReason")
    assert {name: summary[name] for name in same} == {name: job[name] for name in same}
    assert summary["container"] == {"exitCode": 3}
    assert summary["jobDefinition"] == job["jobDefinition"]
    assert "tags" not in summary


def test_names_are_found_in_any_case_and_by_their_beginning(world: Any) -> None:
    ids = {name: world.submit(name=name) for name in ("Run-b", "run-a", "run-A", "other", "run")}
    assert by_filter(world, "JOB_NAME", "RUN-B") == [ids["Run-b"]]
    assert by_filter(world, "JOB_NAME", "run-a") == [ids["run-A"], ids["run-a"]]
    expected = [ids[name] for name in ("run", "run-A", "run-a", "Run-b")]
    assert by_filter(world, "JOB_NAME", "run*") == expected
    assert by_filter(world, "JOB_NAME", "run*", maxResults=1) == expected
    assert by_filter(world, "JOB_NAME", "run-a", maxResults=1) == [ids["run-A"], ids["run-a"]]
    assert by_filter(world, "JOB_NAME", "ru") == []
    assert len(by_filter(world, "JOB_NAME", "*", maxResults=2)) == 5


def test_a_filter_finds_jobs_in_every_state(world: Any) -> None:
    job_id = world.submit(name="a")
    world.run()
    assert by_filter(world, "JOB_NAME", "a", jobStatus="RUNNING") == [job_id]


def test_jobs_are_found_by_their_definition(world: Any) -> None:
    arn = world.definition("dd")
    world.definition("dd")
    ids = [world.submit(definition=name) for name in ("d", "dd:1", "dd:2", "d")]
    assert by_filter(world, "JOB_DEFINITION", "d") == [ids[3], ids[0]]
    assert by_filter(world, "JOB_DEFINITION", "dd") == [ids[2], ids[1]]
    for size in (1, 100):
        assert by_filter(world, "JOB_DEFINITION", "d*", maxResults=size) == ids[::-1]
    assert by_filter(world, "JOB_DEFINITION", arn) == [ids[1]]


def test_jobs_are_found_by_the_time_of_their_creation(world: Any) -> None:
    ids, times = [], []
    for _ in range(4):
        ids.append(world.submit())
        times.append(world.job(ids[-1])["createdAt"])
        world.advance(1)
    for size in (1, 100):
        assert by_filter(world, "AFTER_CREATED_AT", str(times[1]), maxResults=size) == [ids[3], ids[2]]
        assert by_filter(world, "BEFORE_CREATED_AT", str(times[2]), maxResults=size) == [ids[1], ids[0]]


def test_share_identifier_goes_together_with_a_state(world: Any) -> None:
    arn = world.call("CreateSchedulingPolicy", name="p")["arn"]
    world.queue("s", "e", schedulingPolicyArn=arn)
    done = world.submit(queue="s", shareIdentifier="a")
    world.run()
    fresh = world.submit(queue="s", shareIdentifier="a")
    world.submit(queue="s", shareIdentifier="b")
    filters = [{"name": "SHARE_IDENTIFIER", "values": ["a"]}]
    assert world.listed(jobQueue="s", filters=filters) == [fresh, done]
    assert world.listed(jobQueue="s", filters=filters, jobStatus="SUCCEEDED") == [done]


def test_an_arrays_children_are_listed_by_the_array_and_by_nothing_else(world: Any) -> None:
    parent = world.submit(arrayProperties={"size": 3})
    single = world.submit()
    world.run()
    assert world.listed(jobQueue="q", jobStatus="SUCCEEDED") == [single, parent]
    assert by_filter(world, "JOB_NAME", "job") == [single, parent]
    children = list(pages(world, arrayJobId=parent, jobStatus="SUCCEEDED", maxResults=2))
    assert sorted(job_id for page in children for job_id in page) == [f"{parent}:{index}" for index in range(3)]
    [summary] = world.call("ListJobs", arrayJobId=parent, jobStatus="SUCCEEDED", maxResults=1)["jobSummaryList"]
    assert summary["arrayProperties"] == {"index": 2}
    assert "not found" in world.message("ListJobs", arrayJobId=single)


def test_a_thousand_at_most_by_state_and_a_hundred_by_filter(make_world: Any) -> None:
    world = make_world()
    for _ in range(1001):
        world.submit()
    assert [len(page) for page in pages(world, jobQueue="q", jobStatus="SUBMITTED")] == [1000, 1]
    filters = [{"name": "JOB_NAME", "values": ["job"]}]
    assert [len(page) for page in pages(world, jobQueue="q", filters=filters, maxResults=500)][:2] == [100, 100]


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"jobQueue": "q", "arrayJobId": "x"},
        {"multiNodeJobId": "x"},
        {"jobQueue": "nowhere"},
        {"jobQueue": "q", "jobStatus": "DONE"},
        {"jobQueue": "q", "maxResults": 0},
        {"jobQueue": "q", "nextToken": "nonsense"},
        {"jobQueue": "q", "nextToken": "after-unknown"},
        {"jobQueue": "q", "filters": [{"name": "COLOUR", "values": ["red"]}]},
        {"jobQueue": "q", "filters": [{"name": "JOB_NAME", "values": []}]},
        {"jobQueue": "q", "filters": [{"name": "JOB_NAME", "values": ["a", "b"]}]},
        {"jobQueue": "q", "filters": [{"name": "JOB_NAME", "values": ["a"]}] * 2},
        {"jobQueue": "q", "filters": [{"name": "AFTER_CREATED_AT", "values": ["yesterday"]}]},
    ],
)
def test_what_can_not_be_listed_is_refused(world: Any, parameters: dict[str, Any]) -> None:
    world.message("ListJobs", **parameters)


def test_the_snapshot_shows_the_front_of_the_queue_and_its_use(make_world: Any) -> None:
    world = make_world(max_vcpus=3)
    world.behaviour = lambda start: (1e6, 0)
    job_ids = [world.submit() for _ in range(150)]
    world.advance(70)
    world.call("TerminateJob", jobId=job_ids[4], reason="x")
    snapshot = world.call("GetJobQueueSnapshot", jobQueue="q")
    arns = [entry["jobArn"].rpartition("/")[2] for entry in snapshot["frontOfQueue"]["jobs"]]
    assert arns == [job_ids[3], *job_ids[5:104]]
    assert snapshot["queueUtilization"]["totalCapacityUsage"] == [{"capacityUnit": "VCPU", "quantity": 3.0}]
    assert "not found" in world.message("GetJobQueueSnapshot", jobQueue="nowhere")


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "A", "ab", "B"]), max_size=12), st.integers(1, 4), st.sampled_from(["a*", "A", "*"])
)
def test_any_size_of_page_gives_the_same_list(make_world: Any, names: list[str], size: int, pattern: str) -> None:
    world = make_world()
    for name in names:
        world.submit(name=name)
    assert by_filter(world, "JOB_NAME", pattern, maxResults=size) == by_filter(world, "JOB_NAME", pattern)
