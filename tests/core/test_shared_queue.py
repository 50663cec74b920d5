"""What others had in the queue, as the result says it."""

from __future__ import annotations

from batchgauge.core.journal import ForeignJobs
from batchgauge.core.observed.shared_queue import SharedQueueTally
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.validity import Doubt
from tests.core.journals import header, plan_of


def count(at_ms: float, *, before: bool = False, error: str | None = None, **states: int) -> ForeignJobs:
    return ForeignJobs(at_ms=at_ms, is_before_start=before, states=states, error=error)


def test_where_nobody_counted_nothing_is_said() -> None:
    assert SharedQueueTally().summary() is None
    assert build_result([header(1), plan_of(1)]).shared_queue is None


def test_the_most_at_once_counts_and_the_count_before_stands_apart() -> None:
    result = build_result([header(1), plan_of(1), count(1, before=True, RUNNING=2), count(2, RUNNING=1, RUNNABLE=4)])
    shared = result.shared_queue
    assert shared is not None
    assert (shared.counts, shared.before, shared.most, shared.states) == (2, 2, 5, {"RUNNING": 1, "RUNNABLE": 4})
    assert result.validity is not None
    [doubt] = [finding for finding in result.validity.findings if finding.doubt is Doubt.SHARED_QUEUE]
    assert doubt.jobs == 5


def test_an_empty_queue_is_no_doubt() -> None:
    result = build_result([header(1), plan_of(1), count(1, before=True), count(2)])
    assert result.shared_queue is not None
    assert result.shared_queue.was_empty
    assert result.validity is not None
    assert Doubt.SHARED_QUEUE not in {finding.doubt for finding in result.validity.findings}


def test_what_could_never_be_counted_says_why() -> None:
    shared = build_result([header(1), plan_of(1), count(1, before=True, error="AccessDeniedException")]).shared_queue
    assert shared is not None
    assert (shared.counts, shared.before, shared.error) == (0, None, "AccessDeniedException")


def test_a_count_that_fails_later_does_not_hide_the_others() -> None:
    shared = build_result([header(1), plan_of(1), count(1, before=True, RUNNING=1), count(2, error="X")]).shared_queue
    assert shared is not None
    assert (shared.counts, shared.most, shared.error) == (1, 1, None)
