"""Ends of several kinds, the degenerate samples first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.stats.incidence import incidence_of
from batchgauge.core.stats.share import share_interval
from batchgauge.core.stats.turnbull import distribution_of

ends = st.lists(
    st.tuples(st.integers(0, 9).map(float), st.sampled_from(["good", "bad", None])), min_size=1, max_size=40
)


def test_of_nothing_nothing_is_known() -> None:
    made = incidence_of("good", [])
    assert (made.final.value, made.final.low, made.final.high) == (0, 0, 1)
    assert made.time_of(0.5) is None


def test_of_jobs_that_have_not_ended_nothing_is_known() -> None:
    made = incidence_of("good", [(3.0, None), (4.0, None)])
    assert (made.final.value, made.final.low, made.final.high) == (0, 0, 1)


def test_one_that_succeeded_is_one_of_one() -> None:
    made = incidence_of("good", [(3.0, "good")])
    assert made.final.value == 1
    assert made.final.low == pytest.approx(share_interval(1, 1).low)
    assert made.time_of(0.5) == 3.0


@given(ends)
def test_without_censoring_it_is_the_share_with_wilsons_interval(sample: list[tuple[float, str | None]]) -> None:
    ended = [(time, end or "bad") for time, end in sample]
    made = incidence_of("good", ended)
    good = sum(end == "good" for _, end in ended)
    wilson = share_interval(good, len(ended))
    assert made.final.value == pytest.approx(wilson.value)
    if 0 < good < len(ended):
        assert made.final.low == pytest.approx(wilson.low)
        assert made.final.high == pytest.approx(wilson.high)


@given(ends)
def test_all_kinds_together_are_kaplan_and_meiers(sample: list[tuple[float, str | None]]) -> None:
    whole = distribution_of([exactly(time) if end is not None else Bound(time, None) for time, end in sample])
    assert whole is not None
    parts = [incidence_of(cause, sample) for cause in ("good", "bad")]
    for place, step in enumerate(parts[0].steps):
        together = step.reached + parts[1].steps[place].reached
        assert together == pytest.approx(sum(mass for _, high, mass in whole.masses if high <= step.time))


def test_a_job_that_still_runs_counts_as_one_that_may_do_either() -> None:
    """By hand: 1/4 good, then of the 2 left of 3 that were there one more: 1/4 + 3/4 · 1/2."""
    made = incidence_of("good", [(1.0, "good"), (2.0, None), (3.0, "good"), (4.0, "bad")])
    assert made.final.value == pytest.approx(1 / 4 + 3 / 4 / 2)
    assert incidence_of("bad", [(1.0, "good"), (2.0, None), (3.0, "good"), (4.0, "bad")]).final.value == pytest.approx(
        3 / 8
    )
