"""When nobody saw anything: between looks, and around a resumption."""

from __future__ import annotations

from batchgauge.core.bound import Bound
from batchgauge.core.submitting.probe import GapCounter


def test_the_longest_gap_is_between_two_looks() -> None:
    gaps = GapCounter()
    for sent_ms in (0.0, 10.0, 50.0, 55.0):
        gaps.look(sent_ms, sent_ms + 1)
    assert gaps.longest_ms == 39.0
    assert gaps.left == ()


def test_a_gap_reaches_from_the_last_sight_before_a_resumption_to_the_first_after_it() -> None:
    gaps = GapCounter()
    gaps.look(0.0, 10.0)
    # Between 10 and 300 every call failed: they are records too, and the last of them is not a sight.
    gaps.resume(since_ms=300.0, at_ms=306.0)
    gaps.look(311.0, 312.0)
    gaps.look(320.0, 321.0)
    assert gaps.left == (Bound(10.0, 311.0),)
    assert gaps.left_ms == 301.0
    assert gaps.longest_ms == 8.0, "the gap is told once"


def test_a_run_that_was_never_looked_at_has_the_gap_of_its_journal() -> None:
    gaps = GapCounter()
    gaps.resume(since_ms=300.0, at_ms=306.0)
    assert gaps.left == (Bound(300.0, 306.0),)


def test_two_resumptions_without_a_look_between_them_are_one_gap() -> None:
    gaps = GapCounter()
    gaps.look(0.0, 10.0)
    gaps.resume(since_ms=20.0, at_ms=30.0)
    gaps.resume(since_ms=31.0, at_ms=40.0)
    gaps.look(45.0, 46.0)
    assert gaps.left == (Bound(10.0, 45.0),)
