"""Token buckets from the outside, the degenerate ones first."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchgauge.core.stats.token_bucket import estimate_bucket


def asked(depth: float, rate: float, moments_ms: list[float]) -> tuple[list[float], list[float]]:
    """What a bucket gives and refuses."""
    tokens, before = depth, moments_ms[0]
    taken, refused = [], []
    for moment in moments_ms:
        tokens = min(depth, tokens + (moment - before) * rate / 1000)
        before = moment
        if tokens >= 1:
            tokens -= 1
            taken.append(moment)
        else:
            refused.append(moment)
    return taken, refused


@pytest.mark.parametrize(
    ("taken", "refused"), [([], []), ([1.0], []), ([], [1.0, 2.0]), ([1.0], [2.0]), ([1.0, 1.0], [1.0, 1.0])]
)
def test_too_little_tells_nothing(taken: list[float], refused: list[float]) -> None:
    assert estimate_bucket(taken, refused) is None


@settings(deadline=None, max_examples=60)
@given(depth=st.integers(5, 200), rate=st.floats(1, 100), seed=st.integers(0, 10_000))
def test_a_bucket_under_pressure_is_found(depth: int, rate: float, seed: int) -> None:
    chance = random.Random(seed)
    moments: list[float] = []
    now = 0.0
    while len(moments) < 4 * depth + 400:
        now += chance.expovariate(4 * rate / 1000)
        moments.append(now)
    found = estimate_bucket(*asked(depth, rate, moments))
    assert found is not None
    assert found.refill_per_s.low <= rate <= found.refill_per_s.high
    assert found.depth.low <= depth <= found.depth.high
    assert found.refill_per_s.value == pytest.approx(rate, rel=0.1)


def test_a_pause_in_which_it_ran_over_does_not_slow_it_down() -> None:
    moments = [float(moment) for moment in range(0, 10_000, 20)] + [float(m) for m in range(60_000, 70_000, 20)]
    found = estimate_bucket(*asked(20, 10, moments))
    assert found is not None
    assert found.refill_per_s.value == pytest.approx(10, rel=0.1)
    assert found.depth.value == pytest.approx(20, abs=2)
