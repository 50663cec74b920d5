"""Load shapes: from a submission's number to its intended time, and from a text to a shape."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.schedule import (
    Burst,
    Load,
    Poisson,
    Ramp,
    Rate,
    Workers,
    most_within,
    parse_load,
    with_seed,
)
from batchgauge.errors import InvalidOptionError

RATES = st.floats(0.01, 10_000)
SECONDS = st.floats(0.1, 10_000)
RAMPS = st.builds(Ramp, st.one_of(st.just(0.0), RATES), RATES, SECONDS)
LOADS: st.SearchStrategy[Load] = st.one_of(
    st.just(Workers()),
    st.just(Burst()),
    st.builds(Rate, RATES),
    RAMPS,
    st.builds(Poisson, RATES, st.one_of(st.none(), st.integers(0, 2**63))),
)


@given(LOADS, st.integers(0, 300))
def test_every_submission_has_its_time_and_none_before_the_one_before_it(load: Load, count: int) -> None:
    offsets = load.offsets_ms(count)
    assert len(offsets) == count
    assert all(math.isfinite(offset) and offset >= 0 for offset in offsets)
    assert all(before <= after for before, after in itertools.pairwise(offsets))


@given(LOADS, st.integers(1, 300))
def test_the_first_submissions_do_not_depend_on_how_many_follow(load: Load, count: int) -> None:
    assert list(load.offsets_ms(count + 50))[:count] == list(load.offsets_ms(count))


@given(LOADS | st.just(Rate(0.000001)) | st.just(Ramp(0, 1, 1e23)))
def test_what_is_written_is_read_again(load: Load) -> None:
    assert parse_load(str(load)) == load


@given(RATES, st.integers(2, 1000))
def test_a_rate_is_even_and_is_that_rate(per_s: float, count: int) -> None:
    offsets = Rate(per_s).offsets_ms(count)
    assert offsets[0] == 0
    assert (count - 1) / (offsets[-1] / 1000) == pytest.approx(per_s)
    gaps = [after - before for before, after in itertools.pairwise(offsets)]
    assert max(gaps) == pytest.approx(min(gaps), rel=1e-6)


def integral(ramp: Ramp, until_s: float) -> float:
    """Of the ramp's rate."""
    ramped_s = min(until_s, ramp.seconds)
    growth = (ramp.to_per_s - ramp.from_per_s) / ramp.seconds
    return ramped_s * (ramp.from_per_s + growth * ramped_s / 2) + (until_s - ramped_s) * ramp.to_per_s


@given(RAMPS, st.integers(1, 400))
def test_a_ramps_times_are_where_the_integral_of_its_rate_reaches_each_number(ramp: Ramp, count: int) -> None:
    for number, offset in enumerate(ramp.offsets_ms(count)):
        assert integral(ramp, offset / 1000) == pytest.approx(number, rel=1e-9, abs=1e-6)


def test_a_ramp_by_hand() -> None:
    ramp = Ramp(0, 10, 10)  # 50 by the end, then 10 a second
    offsets = ramp.offsets_ms(71)
    assert offsets[5] == pytest.approx(math.sqrt(10) * 1000)
    assert offsets[50] == pytest.approx(10_000)
    assert offsets[70] == pytest.approx(12_000)
    assert Ramp(10, 10, 5).offsets_ms(100) == pytest.approx(Rate(10).offsets_ms(100))


@pytest.mark.parametrize("per_s", [0.5, 20.0, 900.0])
def test_poisson_arrivals_have_the_rate_in_the_mean_and_exponential_gaps(per_s: float) -> None:
    offsets = [0.0, *Poisson(per_s, seed=7).offsets_ms(20_000)]
    gaps = [(after - before) / 1000 for before, after in itertools.pairwise(offsets)]
    mean = math.fsum(gaps) / len(gaps)
    deviation = math.sqrt(math.fsum((gap - mean) ** 2 for gap in gaps) / len(gaps))
    assert mean == pytest.approx(1 / per_s, rel=0.03), "the mean of 20,000 is within 0.7 % in two of three draws"
    assert deviation == pytest.approx(mean, rel=0.05), "an exponential's deviation is its mean"
    assert sum(gap > mean for gap in gaps) / len(gaps) == pytest.approx(math.exp(-1), abs=0.02)


def test_a_seed_makes_the_same_load_again_and_another_seed_another() -> None:
    assert Poisson(5, 1).offsets_ms(50) == Poisson(5, 1).offsets_ms(50)
    assert Poisson(5, 1).offsets_ms(50) != Poisson(5, 2).offsets_ms(50)


def test_a_seed_is_given_once_and_only_to_what_is_drawn() -> None:
    assert with_seed(Poisson(5), 9) == Poisson(5, 9)
    assert with_seed(Poisson(5, 1), 9) == Poisson(5, 1)
    assert with_seed(Rate(5), 9) == Rate(5)


@pytest.mark.parametrize(
    ("text", "load"),
    [
        ("workers", Workers()),
        ("burst", Burst()),
        ("rate:50", Rate(50)),
        (" rate:0.5 ", Rate(0.5)),
        ("ramp:0..50/60", Ramp(0, 50, 60)),
        ("ramp:50..1.5/0.5", Ramp(50, 1.5, 0.5)),
        ("poisson:20", Poisson(20)),
        ("poisson:20@7", Poisson(20, 7)),
    ],
)
def test_a_load_is_read(text: str, load: Load) -> None:
    assert parse_load(text) == load


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "load"),
        ("all", "load"),
        ("Rate:5", "load"),
        ("workers:5", "load-workers"),
        ("burst:5", "load-burst"),
        ("rate", "load-rate"),
        ("rate:", "load-rate"),
        ("rate:0", "load-rate"),
        ("rate:-5", "load-rate"),
        ("rate:5/s", "load-rate"),
        ("rate:nan", "load-rate"),
        ("rate:1e3", "load-rate"),
        ("rate:٥", "load-rate"),
        ("rate:10001", "load-rate"),
        ("ramp:1..5", "load-ramp"),
        ("ramp:1-5/60", "load-ramp"),
        ("ramp:5..0/60", "load-ramp"),
        ("ramp:0..0/60", "load-ramp"),
        ("ramp:1..5/0", "load-ramp"),
        ("ramp:1...5/9", "load-ramp"),
        ("poisson:0", "load-poisson"),
        ("poisson:5@", "load-poisson"),
        ("poisson:5@x", "load-poisson"),
    ],
)
def test_what_is_no_load_is_refused_with_what_would_be(text: str, expected: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        parse_load(text)
    assert (caught.value.flag, caught.value.value, caught.value.expected) == ("--load", text, expected)


@given(st.text(max_size=30))
def test_whatever_is_written_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        load = parse_load(text)
    except InvalidOptionError:
        return
    assert parse_load(str(load)) == load


def test_the_most_within_a_window() -> None:
    assert most_within([], 1000) == 0
    assert most_within([0.0] * 7, 1000) == 7
    assert most_within(Rate(50).offsets_ms(500), 1000) == 50
    assert most_within(Ramp(0, 10, 10).offsets_ms(100), 1000) == 10
