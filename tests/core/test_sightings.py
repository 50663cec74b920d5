"""ListJobs shows less of a job than DescribeJobs has, and takes nothing away."""

from __future__ import annotations

import msgspec
from hypothesis import given, strategies

from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, Sighting
from batchgauge.core.observed.sightings import with_summary

STAMPS = strategies.none() | strategies.floats(1, 1e12)
TEXTS = strategies.none() | strategies.text(min_size=1, max_size=3)
SUMMARIES = strategies.builds(
    Sighting,
    job=strategies.just(0),
    state=strategies.sampled_from(JobState),
    status_reason=TEXTS,
    created_ms=STAMPS,
    started_ms=STAMPS,
    stopped_ms=STAMPS,
    exit_code=strategies.none() | strategies.integers(0, 255),
    reason=TEXTS,
)
DETAILS = strategies.builds(
    lambda summary, stream, task, attempts: msgspec.structs.replace(
        summary, job=7, log_stream=stream, log_group=stream, task_arn=task, attempts=attempts
    ),
    SUMMARIES,
    TEXTS,
    TEXTS,
    strategies.lists(strategies.builds(Attempt, started_ms=STAMPS), max_size=2).map(tuple),
)


@given(DETAILS, SUMMARIES)
def test_what_only_details_show_stays(before: Sighting, summary: Sighting) -> None:
    merged = with_summary(before, summary, 7)
    assert (merged.log_stream, merged.log_group, merged.task_arn, merged.attempts) == (
        before.log_stream,
        before.log_group,
        before.task_arn,
        before.attempts,
    )
    assert (merged.job, merged.state) == (7, summary.state)


@given(DETAILS, SUMMARIES)
def test_what_a_summary_shows_is_taken_over_and_the_same_again_is_nothing_new(
    before: Sighting, summary: Sighting
) -> None:
    merged = with_summary(before, summary, 7)
    for name in ("status_reason", "created_ms", "started_ms", "stopped_ms", "exit_code", "reason"):
        shown = getattr(summary, name)
        assert shown is None or getattr(merged, name) == shown
    assert with_summary(merged, summary, 7) is merged


def test_a_retried_job_that_waits_again_has_no_end() -> None:
    ran = Sighting(job=7, state=JobState.RUNNING, created_ms=1.0, started_ms=2.0, exit_code=3)
    waits = with_summary(ran, Sighting(job=0, state=JobState.RUNNABLE, created_ms=1.0), 7)
    assert waits == Sighting(job=7, state=JobState.RUNNABLE, created_ms=1.0)


def test_the_first_that_is_seen_of_a_job_is_what_was_shown() -> None:
    assert with_summary(None, Sighting(job=0, state=JobState.RUNNABLE), 7) == Sighting(job=7, state=JobState.RUNNABLE)
