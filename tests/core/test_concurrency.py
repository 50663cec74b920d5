"""How many ran at once, against counting by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.concurrency import concurrency_over_time

times = st.integers(0, 30).map(float)
intervals = st.tuples(times, st.one_of(times, st.none()))


def running_at(moment: float, spans: list[tuple[float, float | None]]) -> int:
    return sum(started <= moment and (stopped is None or moment < stopped) for started, stopped in spans)


@given(st.lists(intervals, max_size=25))
def test_the_series_is_what_counting_gives_at_every_moment(spans: list[tuple[float, float | None]]) -> None:
    series = concurrency_over_time(spans)
    assert list(series.times_ms) == sorted(set(series.times_ms))
    for tick in range(62):
        moment = tick / 2
        steps = [running for time, running in zip(series.times_ms, series.running, strict=True) if time <= moment]
        assert (steps[-1] if steps else 0) == running_at(moment, spans)


@given(st.lists(intervals, max_size=25))
def test_the_maximum_is_the_most_that_counting_ever_gives(spans: list[tuple[float, float | None]]) -> None:
    counted = max((running_at(tick / 2, spans) for tick in range(62)), default=0)
    assert concurrency_over_time(spans).maximum == counted


def test_one_that_stops_as_another_starts_makes_room_for_it() -> None:
    assert concurrency_over_time([(0, 10), (10, 20)]).maximum == 1


def test_nothing_ran_at_once_where_nothing_ran() -> None:
    series = concurrency_over_time([])
    assert series.maximum == 0
    assert series.times_ms == ()
