"""DescribeJobs' answers say the same encoded as not, whatever has been kept of the answers before."""

from __future__ import annotations

import json
from typing import Any

from batchgauge.batchmodel.boundary import EncodedJson


def as_seen(world: Any, *job_ids: str) -> Any:
    """What DescribeJobs answers, after a check that both its forms say the same."""
    body = world.call("DescribeJobs", jobs=list(job_ids))
    assert isinstance(body, EncodedJson)
    assert json.loads(body.content) == json.loads(json.dumps(dict(body), default=dict))
    assert len(body) == 1
    return json.loads(body.content)["jobs"]


def test_every_state_of_a_job_is_encoded_as_it_is(world: Any) -> None:
    job_id = world.submit(tags={"ä": '"quoted"'}, retryStrategy={"attempts": 2})
    world.behaviour = lambda start: (1000.0, int(start.attempt == 1))
    seen = [as_seen(world, job_id)[0]]
    while (next_ms := world.next_ms()) is not None:
        world.advance_to(max(next_ms, world.now_ms))
        seen += as_seen(world, job_id)
    states = [job["status"] for job in seen]
    assert set(states) == {"SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"}
    assert [len(job["attempts"]) for job in seen][-1] == 2
    assert seen[-1]["tags"] == {"ä": '"quoted"'}


def test_what_changes_without_a_change_of_state_is_seen(world: Any) -> None:
    job_id = world.submit(definition=world.definition("large", vcpus="16", memory="32768"))
    world.advance_to(world.now_ms + 500)
    while "statusReason" not in as_seen(world, job_id)[0]:
        world.advance_to(world.next_ms())
    waiting = world.submit(dependsOn=[{"jobId": job_id}])
    world.advance(2)
    assert "isCancelled" not in as_seen(world, waiting)[0]
    world.call("CancelJob", jobId=waiting, reason="enough")
    assert (as_seen(world, waiting)[0]["status"], as_seen(world, waiting)[0]["isCancelled"]) == ("PENDING", True)
    assert as_seen(world, job_id)[0]["statusReason"].startswith("MISCONFIGURATION")
    arn = as_seen(world, job_id)[0]["jobArn"]
    world.call("TagResource", resourceArn=arn, tags={"a": "b"})
    assert as_seen(world, job_id)[0]["tags"] == {"a": "b"}


def test_an_array_shows_how_its_children_are_now(world: Any) -> None:
    job_id = world.submit(arrayProperties={"size": 3})
    before = as_seen(world, job_id, f"{job_id}:1")
    world.run()
    after = as_seen(world, job_id, f"{job_id}:1")
    assert len(before) == 1, "it had no children yet"
    assert after[0]["arrayProperties"]["statusSummary"]["SUCCEEDED"] == 3
    assert after[1]["arrayProperties"] == {"index": 1}


def test_an_answer_keeps_what_was_true_when_it_was_given(world: Any) -> None:
    job_id = world.submit()
    body = world.call("DescribeJobs", jobs=[job_id])
    world.run()
    assert json.loads(body.content)["jobs"][0]["status"] == "SUBMITTED"
    assert body["jobs"][0]["status"] == "SUBMITTED"


def test_many_more_jobs_than_are_kept_are_described_all_the_same(world: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("batchgauge.batchmodel.described_jobs.MAX_KEPT", 5)
    job_ids = [world.submit() for _ in range(20)]
    for first in range(0, 20, 4):
        assert [job["jobId"] for job in as_seen(world, *job_ids[first : first + 4])] == job_ids[first : first + 4]
