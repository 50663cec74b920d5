"""The journal's records: written and read again, nothing changes."""

from __future__ import annotations

import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.job import JobState
from batchgauge.core.journal import (
    Attempt,
    Call,
    CallOutcome,
    ComputeEnvironmentFacts,
    Ended,
    EnvironmentFacts,
    Found,
    Header,
    Interrupted,
    LogLook,
    Look,
    Plan,
    PlannedJob,
    Record,
    RunOutcome,
    Sighting,
    Started,
    from_ranges,
    to_ranges,
)
from batchgauge.core.scenario import JobShape, Scenario

texts = st.text(max_size=20)
times = st.floats(0, 2e12)
indexes = st.integers(1, 10_000)
maybe = {kind: st.one_of(st.none(), kind) for kind in (texts, times)}

attempts = st.builds(Attempt, started_ms=maybe[times], stopped_ms=maybe[times], exit_code=st.integers(0, 2**32 - 1))
sightings = st.builds(
    Sighting,
    job=indexes,
    state=st.sampled_from(JobState),
    status_reason=maybe[texts],
    created_ms=maybe[times],
    started_ms=maybe[times],
    stopped_ms=maybe[times],
    exit_code=st.one_of(st.none(), st.integers(-(2**31), 2**32 - 1)),
    attempts=st.lists(attempts, max_size=3).map(tuple),
)
records: st.SearchStrategy[Record] = st.one_of(
    st.builds(
        Header,
        run_id=texts,
        started_ms=times,
        utc_offset_s=st.integers(-43_200, 50_400),
        scenario=st.builds(
            Scenario,
            job=st.builds(
                JobShape,
                job_queue=texts,
                job_definition=texts,
                parameters=st.dictionaries(texts, texts, max_size=3),
                command=st.one_of(st.none(), st.lists(texts, max_size=3).map(tuple)),
            ),
            countdown_s=st.one_of(st.none(), st.integers(0, 100)),
        ),
        environment=st.builds(
            EnvironmentFacts,
            region=texts,
            tool_version=texts,
            compute_environments=st.lists(st.builds(ComputeEnvironmentFacts, name=texts), max_size=2).map(tuple),
        ),
    ),
    st.builds(Plan, jobs=st.lists(st.builds(PlannedJob, indexes, texts, times), max_size=5).map(tuple)),
    st.builds(Started, at_ms=times),
    st.builds(
        Call,
        operation=texts,
        sent_ms=times,
        received_ms=times,
        outcome=st.sampled_from(CallOutcome),
        message=maybe[texts],
        job=st.one_of(st.none(), indexes),
        attempt=st.integers(1, 30),
        back_off_ms=times,
    ),
    st.builds(Found, job=indexes, job_id=texts, at_ms=times),
    st.builds(
        Look,
        operation=texts,
        sent_ms=times,
        received_ms=times,
        covered=st.sets(indexes, max_size=20).map(to_ranges),
        attempt=st.integers(1, 6),
        changed=st.lists(sightings, max_size=3).map(tuple),
        missing=st.sets(indexes, max_size=5).map(to_ranges),
    ),
    st.builds(
        LogLook,
        job=indexes,
        log_group=texts,
        log_stream=texts,
        sent_ms=times,
        received_ms=times,
        lines=st.lists(st.tuples(st.integers(0, 2**43), st.integers(0, 2**43)), max_size=3).map(tuple),
        error=maybe[texts],
    ),
    st.builds(Interrupted, at_ms=times, cause=texts),
    st.builds(Ended, at_ms=times, outcome=st.sampled_from(RunOutcome), cpu_s=times),
)


@given(records)
def test_a_record_that_was_written_is_read_as_it_was(record: Record) -> None:
    text = msgspec.json.encode(record)
    again: Record = msgspec.json.decode(text, type=Record)
    assert again == record
    assert type(again) is type(record)
    assert msgspec.json.encode(again) == text


@given(st.sets(indexes, max_size=300))
def test_ranges_hold_exactly_the_indexes_that_they_were_made_of(chosen: set[int]) -> None:
    assert from_ranges(to_ranges(chosen)) == sorted(chosen)


@given(st.sets(indexes, max_size=300))
def test_ranges_are_as_short_as_can_be(chosen: set[int]) -> None:
    gaps = sum(index - 1 not in chosen for index in chosen)
    assert len(to_ranges(chosen).split(",")) == max(1, gaps)
    assert set(to_ranges(chosen)) <= set(string.digits + "-,")


@pytest.mark.parametrize(
    ("indexes", "ranges"),
    [([], ""), ([7], "7"), ([1, 2], "1-2"), ([3, 1, 2, 7], "1-3,7"), ([5, 5, 5], "5"), ([0, 2, 4], "0,2,4")],
)
def test_ranges_read_like_a_person_would_write_them(indexes: list[int], ranges: str) -> None:
    assert to_ranges(indexes) == ranges
