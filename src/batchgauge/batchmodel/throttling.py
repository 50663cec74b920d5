"""Request rates: a token bucket an operation, as AWS throttles its APIs."""

from __future__ import annotations

from collections.abc import Callable

from batchgauge.batchmodel.boundary import TokenBucket


class Bucket:
    """A token bucket in model time; starts full."""

    __slots__ = ("_at_ms", "_depth", "_rate_per_ms", "_tokens")

    def __init__(self, bucket: TokenBucket) -> None:
        self._depth = float(bucket.depth)
        self._rate_per_ms = bucket.rate_per_s / 1000
        self._tokens = self._depth
        self._at_ms = 0.0

    def has_token(self, now_ms: float) -> bool:
        """Whether `take` would give one."""
        self._tokens = min(self._depth, self._tokens + (now_ms - self._at_ms) * self._rate_per_ms)
        self._at_ms = now_ms
        return self._tokens >= 1

    def take(self, now_ms: float) -> bool:
        """Take a token if there is one."""
        tokens = self._tokens + (now_ms - self._at_ms) * self._rate_per_ms
        self._at_ms = now_ms
        tokens = min(tokens, self._depth)
        if tokens < 1:
            self._tokens = tokens
            return False
        self._tokens = tokens - 1
        return True


class Throttle:
    """One bucket for each operation of the API."""

    def __init__(self, bucket_of: Callable[[str], TokenBucket]) -> None:
        self._bucket_of = bucket_of
        self._buckets: dict[str, Bucket] = {}

    def admits(self, operation: str, now_ms: float) -> bool:
        """Whether a call may pass now; if so, its token is taken."""
        bucket = self._buckets.get(operation)
        if bucket is None:
            bucket = self._buckets[operation] = Bucket(self._bucket_of(operation))
        return bucket.take(now_ms)
