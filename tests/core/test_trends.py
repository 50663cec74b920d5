from __future__ import annotations

import math
import random
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.analysis.analysis import AnalysedRun, analyse
from batchgauge.core.bound import Bound, exactly
from batchgauge.core.findings.kinds import Direction, Phase, Trend
from batchgauge.core.findings.trends import NOISE_FACTOR, direction_between, find_trends, gap_ms
from batchgauge.core.stats.summary import summarise
from tests.reports.runs import measured


def queued(*runs: tuple[int, Sequence[Bound]]) -> Trend:
    """The trend of queueing over runs of (level, its jobs' queueing)."""
    analysed = []
    for level, durations in runs:
        [run] = analyse([("a.json", measured(level))]).runs
        summary = msgspec.structs.replace(run.summary, queue=summarise(durations))
        analysed.append(AnalysedRun(run.file, run.result, summary))
    [trend] = [trend for trend in find_trends(analysed, random.Random(1)) if trend.phase is Phase.QUEUE]
    return trend


def exact(*durations: float) -> list[Bound]:
    return [exactly(duration) for duration in durations]


@pytest.mark.parametrize(
    ("low", "high", "direction"),
    [
        (exactly(100.0), exactly(200.0), Direction.GREW),
        (exactly(200.0), exactly(100.0), Direction.FELL),
        (exactly(1000.0), exactly(1150.0), Direction.STEADY),
        (exactly(1.0), exactly(40.0), Direction.STEADY),
        (exactly(0.0), exactly(0.0), Direction.STEADY),
        (Bound(0.0, 10_000.0), Bound(9_000.0, 20_000.0), Direction.UNCLEAR),
        (Bound(0.0, 1_000.0), Bound(9_000.0, None), Direction.GREW),
        (Bound(0.0, None), Bound(9_000.0, None), Direction.UNCLEAR),
        (Bound(1_000.0, 1_150.0), Bound(1_200.0, 1_500.0), Direction.SLIGHT),
        (Bound(None, None), exactly(1.0), Direction.UNCLEAR),
    ],
)
def test_a_change_is_claimed_only_where_it_is_sure(low: Bound, high: Bound, direction: Direction) -> None:
    assert direction_between(low, high) is direction


def test_submissions_are_told_apart_more_finely_than_phases_that_last_seconds() -> None:
    low, high = exactly(3.03), exactly(12.8)
    assert direction_between(low, high, floor_ms=5.0) is Direction.GREW
    assert direction_between(low, high) is Direction.STEADY


def test_what_chance_may_have_done_is_no_change_and_is_said_to_be_chance() -> None:
    low, high = exactly(4_300.0), exactly(5_910.0)
    assert direction_between(low, high, noise_ms=1_000.0) is Direction.GREW
    assert direction_between(low, high, noise_ms=2_000.0) is Direction.CHANCE


ends = st.floats(0, 1e7)


@given(ends, ends, ends, ends, st.floats(0, 1), st.floats(0, 1))
def test_what_is_claimed_of_bounds_holds_for_every_value_in_them(
    a: float, b: float, c: float, d: float, within_low: float, within_high: float
) -> None:
    low, high = Bound(min(a, b), max(a, b)), Bound(min(c, d), max(c, d))
    claimed = direction_between(low, high)
    one = min(max(a, b), min(a, b) + within_low * abs(a - b))
    other = min(max(c, d), min(c, d) + within_high * abs(c - d))
    if claimed in (Direction.GREW, Direction.FELL, Direction.STEADY):
        assert direction_between(exactly(one), exactly(other)) is claimed


def test_means_that_lie_apart_beyond_doubt_of_measurement_are_left_to_chance_by_name() -> None:
    few = [Bound(0.0, 200.0), Bound(920.0, 1_800.0)]
    many = [Bound(1_400.0 + 80 * n, 1_900.0 + 80 * n) for n in range(20)]
    trend = queued((2, few), (20, many))
    assert trend.direction is Direction.CHANCE
    assert (trend.scarce_levels, trend.jobs) == ((2,), (2,))
    assert trend.needed > 2


def test_as_many_jobs_as_are_said_to_be_needed_do_tell() -> None:
    trend = queued((2, exact(100, 1_900)), (20, exact(*[2_000, 3_000] * 10)))
    assert trend.direction is Direction.CHANCE
    repeats = math.ceil(trend.needed / 2)
    enough = queued(*[(2, exact(100, 1_900))] * repeats, (20, exact(*[2_000, 3_000] * math.ceil(trend.needed / 2))))
    assert enough.direction is Direction.GREW


def test_one_job_alone_is_taken_to_scatter_as_those_of_the_other_level_do() -> None:
    scattered = exact(*[500, 3_500] * 8)
    assert queued((1, exact(1_000)), (16, scattered)).direction is Direction.CHANCE
    assert queued((1, exact(1_000)), (16, exact(*[2_000] * 16))).direction is Direction.GREW
    assert queued((1, exact(1_000)), (2, exact(5_000))).direction is Direction.GREW, "nothing is known of any scatter"


def test_repeats_on_both_sides_of_the_other_level_are_named_as_the_reason() -> None:
    trend = queued((2, exact(100, 100)), (2, exact(9_000, 9_000)), (20, exact(*[3_000] * 20)))
    assert trend.direction is Direction.REPEATS


def test_jobs_that_never_came_so_far_are_named_as_the_reason() -> None:
    trend = queued((2, exact(100, 100)), (20, [*exact(*[50] * 19), Bound(0.0, None)]))
    assert trend.direction is Direction.OPEN


@given(st.lists(st.floats(0, 5_000), min_size=2, max_size=6), st.lists(st.floats(0, 5_000), min_size=2, max_size=6))
def test_chance_is_the_reason_only_where_the_means_lie_apart_and_some_level_has_too_few_jobs(
    low: list[float], high: list[float]
) -> None:
    trend = queued((2, exact(*low)), (20, exact(*high)))
    is_chance = trend.direction is Direction.CHANCE
    assert is_chance == bool(trend.needed) == bool(trend.scarce_levels)
    if is_chance:
        assert gap_ms(trend.low, trend.high) > 0
        assert trend.needed > min(trend.jobs)
        assert NOISE_FACTOR > 0


def test_what_surely_changed_and_is_stamped_says_how_many_times_as_long() -> None:
    runs = analyse([(f"{level}.json", measured(level)) for level in (10, 40)]).runs
    trends = {trend.phase: trend for trend in find_trends(runs, random.Random(1))}
    wait = trends[Phase.WAIT]
    assert wait.direction is Direction.GREW
    assert wait.times is not None
    assert wait.times.low < (wait.high.earliest or 0.0) / (wait.low.earliest or 1.0) < wait.times.high
    # What is known in bounds only has its bounds, and what did not change has no such number.
    assert trends[Phase.QUEUE].times is None
    assert trends[Phase.RUN].times is None
