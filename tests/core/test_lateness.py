"""How late submissions were sent."""

from __future__ import annotations

from batchgauge.core.journal import Call, CallOutcome
from batchgauge.core.submitting.lateness import TOLERANCE_MS, LatenessTally


def call(job: int, sent_ms: float, attempt: int = 1, connection_wait_ms: float = 0.0) -> Call:
    return Call(
        operation="SubmitJob",
        sent_ms=sent_ms,
        received_ms=sent_ms + 50,
        outcome=CallOutcome.THROTTLED,
        job=job,
        attempt=attempt,
        connection_wait_ms=connection_wait_ms,
    )


def test_only_the_first_try_of_each_counts_and_the_tolerance_is_stated() -> None:
    tally = LatenessTally()
    for made in (call(1, 100.0), call(2, 107.5, connection_wait_ms=7.0), call(1, 900.0, attempt=2), call(3, 105.0)):
        tally.add(made)
    late = tally.lateness(dict.fromkeys((1, 2, 3, 4), 100.0))
    assert late is not None
    assert (late.submissions, late.late, late.waited_for_connection) == (3, 1, 1)
    assert late.tolerance_ms == TOLERANCE_MS
    assert late.lateness_ms.maximum.latest == 7.5
    assert late.lateness_ms.percentile(50) is not None
    assert late.lateness_ms.percentile(99) is None, "three are too few to carry it"


def test_where_nothing_was_sent_nothing_was_late() -> None:
    assert LatenessTally().lateness({1: 0.0}) is None
