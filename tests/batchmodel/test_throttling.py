"""Token buckets never let through more than their rate and depth allow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.batchmodel.boundary import TokenBucket
from batchgauge.batchmodel.throttling import Bucket, Throttle


@given(
    st.floats(1, 100),
    st.floats(0.1, 100),
    st.lists(st.floats(0, 5000), min_size=1, max_size=200),
)
def test_no_interval_sees_more_than_rate_times_its_length_plus_depth(
    depth: float, rate_per_s: float, times: list[float]
) -> None:
    bucket = Bucket(TokenBucket(depth, rate_per_s))
    passed = [time_ms for time_ms in sorted(times) if bucket.take(time_ms)]
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            length_s = (passed[last] - passed[first]) / 1000
            assert last - first + 1 <= depth + rate_per_s * length_s + 1e-6


def test_a_bucket_fills_up_again() -> None:
    bucket = Bucket(TokenBucket(2, 10))
    assert [bucket.take(1000.0) for _ in range(3)] == [True, True, False]
    assert [bucket.take(1100.0) for _ in range(2)] == [True, False]
    assert [bucket.take(99_000.0) for _ in range(3)] == [True, True, False]


def test_asking_takes_nothing() -> None:
    bucket = Bucket(TokenBucket(1, 1))
    assert bucket.has_token(0) and bucket.has_token(0) and bucket.take(0)
    assert not bucket.has_token(0)


def test_each_operation_has_a_bucket_of_its_own() -> None:
    throttle = Throttle(lambda operation: TokenBucket(1, 1))
    assert throttle.admits("ListJobs", 0)
    assert throttle.admits("SubmitJob", 0)
    assert not throttle.admits("ListJobs", 0)
