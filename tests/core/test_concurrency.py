"""How many ran at once, against counting by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.concurrency.over_time import Span, bracket_over_time, concurrency_over_time

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


@st.composite
def uncertain_spans(draw: st.DrawFn) -> tuple[list[Span], list[tuple[float, float]]]:
    """Spans with their true ends within the uncertain ones."""
    spans, truths = [], []
    for _ in range(draw(st.integers(0, 15))):
        begun, length = draw(times), draw(times)
        slack = [draw(st.integers(0, 5)) for _ in range(4)]
        ended = begun + length
        is_seen_to_end = draw(st.booleans())
        spans.append(
            Span(
                Bound(begun - slack[0], begun + slack[1]),
                Bound(ended - slack[2], ended + slack[3] if is_seen_to_end else None),
            )
        )
        truths.append((begun, ended))
    return spans, truths


@given(uncertain_spans())
def test_the_truth_lies_between_surely_and_possibly_at_every_moment(
    drawn: tuple[list[Span], list[tuple[float, float]]],
) -> None:
    spans, truths = drawn
    bracket = bracket_over_time(spans)
    for tick in range(-12, 140):
        moment = tick / 2
        before = [
            row for row in zip(bracket.times_ms, bracket.surely, bracket.possibly, strict=True) if row[0] <= moment
        ]
        _, surely, possibly = before[-1] if before else (0.0, 0.0, 0.0)
        true = sum(begun <= moment < ended for begun, ended in truths)
        assert surely <= true <= possibly
    most = max((sum(b <= t / 2 < e for b, e in truths) for t in range(-12, 140)), default=0)
    low, high = bracket.maximum.earliest, bracket.maximum.latest
    assert low is not None and high is not None and low <= most <= high


def test_an_average_counts_the_time_outside_all_spans_as_nothing() -> None:
    bracket = bracket_over_time([Span(exactly(10), exactly(20), weight=4)])
    assert bracket.mean(Bound(0, 40)) == Bound(1, 1)
    assert bracket_over_time([]).mean(Bound(0, 40)) == Bound(0, 0)
    assert bracket.mean(Bound(5, 5)) is None
