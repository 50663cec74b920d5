"""An estimate of what is left: none rather than a wild one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.job import JobState
from batchgauge.core.journal import Sighting
from batchgauge.core.progress.snapshot import estimate_remaining_s

NOW_MS = 100_000.0


def seen(
    state: JobState, created_s: float = 60, started_s: float | None = None, ran_s: float | None = None
) -> Sighting:
    started_ms = None if started_s is None else started_s * 1000
    return Sighting(
        job=1,
        state=state,
        created_ms=created_s * 1000,
        started_ms=started_ms,
        stopped_ms=None if started_ms is None or ran_s is None else started_ms + ran_s * 1000,
    )


def estimate(*sightings: Sighting, not_seen: int = 0, expected_run_s: float | None = None) -> Any:
    return estimate_remaining_s(sightings, not_seen=not_seen, now_ms=NOW_MS, expected_run_s=expected_run_s)


def test_nothing_is_left_where_all_have_ended() -> None:
    assert estimate(seen(JobState.SUCCEEDED, started_s=70, ran_s=10), seen(JobState.FAILED)) == 0.0


def test_a_running_job_runs_as_long_as_those_before_it() -> None:
    assert estimate(seen(JobState.SUCCEEDED, started_s=70, ran_s=20), seen(JobState.RUNNING, started_s=95)) == 15


def test_a_length_that_is_known_does_where_none_has_ended_yet() -> None:
    assert estimate(seen(JobState.RUNNING, started_s=95), expected_run_s=30) == 25


def test_a_job_that_runs_longer_than_expected_has_nothing_left_and_never_less() -> None:
    assert estimate(seen(JobState.RUNNING, started_s=65), expected_run_s=30) == 0


def test_a_starting_job_needs_the_start_up_of_the_quickest() -> None:
    running = seen(JobState.RUNNING, created_s=60, started_s=90)
    assert estimate(running, seen(JobState.STARTING, created_s=85), expected_run_s=30) == 15 + 30


def test_those_that_wait_for_a_place_come_in_waves() -> None:
    running = [seen(JobState.RUNNING, created_s=80, started_s=90)] * 4
    waiting = [seen(JobState.RUNNABLE, created_s=80)] * 3
    assert estimate(*running, *waiting, not_seen=3, expected_run_s=30) == 20 + 2 * (10 + 30)


@pytest.mark.parametrize(
    "sightings",
    [(seen(JobState.RUNNING, started_s=95),), (seen(JobState.STARTING),), (seen(JobState.RUNNABLE),)],
)
def test_no_estimate_where_nothing_carries_one(sightings: tuple[Sighting, ...]) -> None:
    assert estimate(*sightings) is None


def test_no_estimate_while_none_has_started_that_still_has_to() -> None:
    assert estimate(seen(JobState.STARTING), expected_run_s=30) is None


lives = st.builds(
    seen,
    st.sampled_from(list(JobState)),
    st.floats(0, 100),
    st.none() | st.floats(0, 100),
    st.none() | st.floats(0, 100),
)


@given(st.lists(lives, max_size=20), st.integers(0, 20), st.none() | st.floats(0, 1e5))
def test_an_estimate_is_never_negative_and_more_that_wait_never_shorten_it(
    sightings: list[Sighting], not_seen: int, expected_run_s: float | None
) -> None:
    fewer = estimate(*sightings, not_seen=not_seen, expected_run_s=expected_run_s)
    more = estimate(*sightings, not_seen=not_seen + 1, expected_run_s=expected_run_s)
    assert fewer is None or fewer >= 0
    if fewer is not None and more is not None:
        assert more >= fewer
