"""Looks in a journal: shorter, and the same when they are read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, Look, Sighting
from batchgauge.store.compact_looks import LookMemory
from batchgauge.store.journal import encode_line

maybe_ms = st.none() | st.sampled_from([0.0, 5.0, 7.5])
texts = st.none() | st.sampled_from(["", "a", "b"])
attempts = st.builds(Attempt, started_ms=maybe_ms, exit_code=st.none() | st.sampled_from([0, 1]), task_arn=texts)
sightings = st.builds(
    Sighting,
    job=st.integers(1, 3),
    state=st.sampled_from(list(JobState)),
    status_reason=texts,
    created_ms=maybe_ms,
    started_ms=maybe_ms,
    stopped_ms=maybe_ms,
    exit_code=st.none() | st.sampled_from([0, 1]),
    reason=texts,
    log_stream=texts,
    log_group=texts,
    task_arn=texts,
    attempts=st.lists(attempts, max_size=2).map(tuple),
)
looks = st.builds(
    Look,
    operation=st.just("DescribeJobs"),
    sent_ms=st.just(1.0),
    received_ms=st.just(2.0),
    covered=st.just("1-3"),
    changed=st.lists(sightings, max_size=4).map(tuple),
)


@given(st.lists(looks, max_size=6))
def test_whatever_was_seen_is_read_as_it_was_seen(seen: list[Look]) -> None:
    writer, reader = LookMemory(), LookMemory()
    assert [reader.whole(writer.compact(look)) for look in seen] == seen


def test_what_is_as_it_was_is_not_written_again() -> None:
    arn = "arn:aws:ecs:us-west-2:123456789012:task/cluster/9c5353cccc4a00da4f6523d37c64fb1e"
    running = Sighting(job=1, state=JobState.RUNNING, created_ms=1.0, started_ms=2.0, task_arn=arn)
    attempt = Attempt(started_ms=2.0, stopped_ms=3.0, exit_code=0, task_arn=arn)
    ended = Sighting(
        job=1,
        state=JobState.SUCCEEDED,
        created_ms=1.0,
        started_ms=2.0,
        stopped_ms=3.0,
        exit_code=0,
        task_arn=arn,
        attempts=(attempt,),
    )
    memory = LookMemory()
    lines = []
    for sighting in (running, ended):
        look = Look(operation="DescribeJobs", sent_ms=1.0, received_ms=2.0, covered="1", changed=(sighting,))
        lines.append(encode_line(memory.compact(look)))
    assert arn.encode() in lines[0]
    assert arn.encode() not in lines[1]
