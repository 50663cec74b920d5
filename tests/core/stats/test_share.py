"""Shares of a few."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.stats.share import share_interval


def test_none_and_all_keep_their_ends() -> None:
    assert (share_interval(0, 10).low, share_interval(10, 10).high) == (0, 1)
    assert share_interval(0, 10).high == pytest.approx(0.2775, abs=1e-4)  # Wilson's, as published tables have it


@given(st.integers(1, 10_000), st.data())
def test_the_interval_holds_the_share(of: int, data: st.DataObject) -> None:
    met = data.draw(st.integers(0, of))
    found = share_interval(met, of)
    assert 0 <= found.low <= found.value <= found.high <= 1
