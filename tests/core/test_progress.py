"""An estimate of what is left: none rather than a wild one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.progress import estimate_remaining_s


def test_nothing_is_left_where_all_have_ended() -> None:
    assert estimate_remaining_s(total=5, finished=5, first_finished_s=1.0, elapsed_s=9.0) == 0.0


def test_no_estimate_before_the_first_end_nor_at_its_very_moment() -> None:
    assert estimate_remaining_s(total=5, finished=0, first_finished_s=None, elapsed_s=9.0) is None
    assert estimate_remaining_s(total=5, finished=1, first_finished_s=9.0, elapsed_s=9.0) is None


@given(st.integers(2, 1000), st.floats(0.1, 1e5), st.floats(0.001, 1e5))
def test_the_more_have_ended_by_now_the_less_is_left(total: int, first_s: float, more_s: float) -> None:
    estimates = [
        estimate_remaining_s(total=total, finished=done, first_finished_s=first_s, elapsed_s=first_s + more_s)
        for done in (1, total // 2 + 1, total)
    ]
    assert all(estimate is not None and estimate >= 0 for estimate in estimates)
    assert sorted(estimates, reverse=True) == estimates  # type: ignore[type-var]
