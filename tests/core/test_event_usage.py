"""How events came: how many, how late, doubled or out of order."""

from __future__ import annotations

from batchgauge.core.bound import Bound
from batchgauge.core.job import JobState
from batchgauge.core.journal import EventBatch, EventRouteChange, EventRouteStage, EventSighting, Sighting
from batchgauge.core.observed.clock_offset import ClockOffset
from batchgauge.core.observed.event_usage import EventCounter

SAME_CLOCK = ClockOffset(offset_ms=Bound(0.0, 0.0), jobs=0)


def batch(received_ms: float, *told: tuple[int, str, float]) -> EventBatch:
    events = tuple(
        EventSighting(job=job, event_id=name, time_ms=at_ms, sighting=Sighting(job=job, state=JobState.RUNNING))
        for job, name, at_ms in told
    )
    return EventBatch(sent_ms=received_ms - 10, received_ms=received_ms, events=events)


def test_where_no_event_was_watched_nothing_is_said() -> None:
    assert EventCounter().usage(SAME_CLOCK) is None


def test_duplicates_and_disorder_are_counted_apart() -> None:
    counter = EventCounter()
    counter.add(batch(5_000.0, (1, "a", 4_000.0), (1, "b", 3_000.0), (2, "c", 3_000.0)))
    counter.add(batch(6_000.0, (1, "a", 4_000.0)))
    usage = counter.usage(SAME_CLOCK)
    assert usage is not None
    assert (usage.events, usage.duplicates, usage.disordered, usage.jobs) == (3, 1, 1, 2)
    assert usage.delay.count == 3


def test_a_delay_is_known_within_the_envelopes_second_and_the_clocks_offset() -> None:
    counter = EventCounter()
    counter.add(batch(5_500.0, (1, "a", 4_000.0)))
    exact = counter.usage(SAME_CLOCK)
    assert exact is not None
    assert exact.delay.mean == Bound(500.0, 1_500.0)
    uncertain = counter.usage(ClockOffset(offset_ms=Bound(-900.0, 100.0), jobs=0))
    assert uncertain is not None
    assert uncertain.delay.mean == Bound(0.0, 1_600.0), "not less than nothing, which no delay is"


def test_a_contradiction_is_shown_and_not_mended() -> None:
    counter = EventCounter()
    counter.add(batch(3_000.0, (1, "a", 4_000.0)))
    usage = counter.usage(SAME_CLOCK)
    assert usage is not None
    assert usage.delay.mean == Bound(-2_000.0, -1_000.0)


def test_what_became_of_rule_and_queue_is_kept() -> None:
    counter = EventCounter()
    for stage in (EventRouteStage.MAKING, EventRouteStage.LEFT):
        counter.change_route(EventRouteChange(at_ms=1.0, stage=stage, rule="r", queue="q"))
    usage = counter.usage(SAME_CLOCK)
    assert usage is not None
    assert (usage.route, usage.events) == (EventRouteStage.LEFT, 0)
