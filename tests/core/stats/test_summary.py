"""Statistics of bounded samples, the degenerate ones first."""

from __future__ import annotations

import math
import statistics
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import UNKNOWN, Bound, exactly
from batchgauge.core.stats.summary import PERCENTILES, quantile, sample_needed, summarise

values = st.floats(0, 1e8)


@st.composite
def bounded_samples(draw: st.DrawFn, min_size: int = 1) -> tuple[list[Bound], list[float]]:
    """Durations as measured, and what they truly were."""
    truths = draw(st.lists(values, min_size=min_size, max_size=130))
    bounds = []
    for truth in truths:
        kind = draw(st.integers(0, 5))
        low = None if kind == 0 else truth - (0.0 if kind > 3 else draw(values))
        high = None if kind == 1 else truth + (0.0 if kind > 3 else draw(values))
        bounds.append(Bound(low, high))
    return bounds, truths


def holds(bound: Bound | None, truth: float) -> bool:
    slack = 1e-9 * (1 + abs(truth)) + 1e-6
    return bound is not None and (
        (bound.earliest is None or bound.earliest <= truth + slack)
        and (bound.latest is None or truth <= bound.latest + slack)
    )


@given(bounded_samples())
def test_every_statistic_holds_that_of_the_true_durations(sample: tuple[list[Bound], list[float]]) -> None:
    bounds, truths = sample
    summary = summarise(bounds)
    assert holds(summary.mean, statistics.fmean(truths))
    assert holds(summary.minimum, min(truths))
    assert holds(summary.maximum, max(truths))
    for entry in summary.percentiles:
        if entry.value is not None:
            assert holds(entry.value, float(np.percentile(truths, entry.percent)))


@given(bounded_samples())
def test_no_statistic_is_empty_and_they_stand_in_order(sample: tuple[list[Bound], list[float]]) -> None:
    summary = summarise(sample[0])
    given_percentiles = [entry.value for entry in summary.percentiles if entry.value is not None]
    ordered = [summary.minimum, *given_percentiles, summary.maximum]
    assert not any(bound.is_empty for bound in [*ordered, summary.mean])
    for ends in ([b.earliest for b in ordered], [b.latest for b in ordered]):
        known = [end for end in ends if end is not None]
        assert all(low <= high + 1e-6 for low, high in pairwise(known))


@given(st.lists(values, min_size=2, max_size=150))
def test_an_exact_sample_has_the_statistics_that_numpy_gives(sample: list[float]) -> None:
    summary = summarise([exactly(value) for value in sample])
    assert summary.inexact == summary.censored == 0
    assert summary.standard_deviation == pytest.approx(float(np.std(sample, ddof=1)), rel=1e-6, abs=1e-4)
    assert summary.mean.earliest == pytest.approx(float(np.mean(sample)))
    for entry in summary.percentiles:
        if entry.value is not None:
            assert entry.value.is_exact
            assert entry.value.earliest == pytest.approx(float(np.percentile(sample, entry.percent)))


@given(bounded_samples())
def test_the_order_of_the_sample_does_not_matter(sample: tuple[list[Bound], list[float]]) -> None:
    bounds, _ = sample
    forwards, backwards = summarise(bounds), summarise(bounds[::-1])
    assert forwards.mean == backwards.mean  # fsum: exactly
    assert forwards.percentiles == backwards.percentiles
    assert (forwards.count, forwards.censored, forwards.inexact) == (
        backwards.count,
        backwards.censored,
        backwards.inexact,
    )


def test_a_sample_of_none_knows_nothing_and_refuses_every_percentile() -> None:
    summary = summarise([])
    assert summary.count == summary.censored == summary.inexact == 0
    assert summary.mean == summary.minimum == summary.maximum == UNKNOWN
    assert summary.standard_deviation is None
    assert all(summary.percentile(percent) is None for percent in PERCENTILES)


def test_a_sample_of_one_has_a_mean_but_neither_a_spread_nor_a_percentile() -> None:
    summary = summarise([exactly(5)])
    assert summary.mean == summary.minimum == summary.maximum == exactly(5)
    assert summary.standard_deviation is None
    assert all(summary.percentile(percent) is None for percent in PERCENTILES)


def test_a_sample_of_equals_is_that_one_number_throughout() -> None:
    summary = summarise([exactly(5)] * 100)
    assert summary.standard_deviation == 0
    assert {summary.percentile(percent) for percent in PERCENTILES} == {exactly(5)}


def test_a_censored_sample_keeps_its_count_and_opens_only_what_depends_on_it() -> None:
    durations = [exactly(1), exactly(2), exactly(3), Bound(2.5, None)]
    summary = summarise(durations)
    assert (summary.count, summary.censored, summary.inexact) == (4, 1, 1)
    assert summary.mean == Bound(2.125, None)
    assert summary.minimum == exactly(1)
    assert summary.maximum == Bound(3, None)
    assert summary.percentile(50) == Bound(2.25, 2.5)
    assert summary.standard_deviation == 1.0


def test_a_sample_of_only_censored_durations_has_no_upper_end_anywhere() -> None:
    summary = summarise([Bound(float(n), None) for n in range(10)])
    assert summary.mean == Bound(4.5, None)
    assert summary.percentile(90) == Bound(pytest.approx(8.1), None)  # type: ignore[arg-type]
    assert summary.standard_deviation is None


@pytest.mark.parametrize(("percent", "needed"), [(50, 2), (90, 10), (95, 20), (99, 100)])
def test_a_percentile_is_refused_below_the_sample_that_carries_it(percent: int, needed: int) -> None:
    assert sample_needed(percent) == needed
    assert summarise([exactly(1)] * (needed - 1)).percentile(percent) is None
    assert summarise([exactly(1)] * needed).percentile(percent) == exactly(1)
    refused = summarise([exactly(1)], [percent]).percentiles[0]
    assert (refused.percent, refused.value, refused.needed) == (percent, None, needed)


@given(st.lists(values, min_size=1), st.integers(0, 100))
def test_a_quantile_is_never_outside_of_its_neighbours(sample: list[float], percent: int) -> None:
    ordered = sorted(sample)
    found = quantile(ordered, percent / 100)
    position = (len(ordered) - 1) * percent / 100
    assert ordered[math.floor(position)] - 1e-6 <= found <= ordered[math.ceil(position)] + 1e-6


def test_a_quantile_between_a_number_and_the_unknown_is_unknown() -> None:
    assert quantile([1.0, math.inf], 0.5) == math.inf
    assert quantile([-math.inf, 1.0], 0.5) == -math.inf
    assert quantile([1.0, 2.0, math.inf], 0.5) == 2.0
