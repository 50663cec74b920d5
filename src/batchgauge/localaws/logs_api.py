"""What stands before moto's CloudWatch Logs: the request rates of AWS, and lines that are written only once somebody looks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from batchgauge.localaws.aws_errors import WireProtocol, error_response, operation_of
from batchgauge.localaws.http_messages import Request, Response

DEFAULT_RATES_PER_S: Mapping[str, float] = {
    "GetLogEvents": 25,
    "FilterLogEvents": 10,
    "CreateLogStream": 50,
    "PutLogEvents": 5000,
}
"""An account's quotas, as field reports give them; the buckets are a second deep (an inference)."""
RATES_OF_REGION: Mapping[str, Mapping[str, float]] = {"us-west-2": {"GetLogEvents": 10}}

Materialise = Callable[[str | None, str | None], None]
"""Write what waits for this group and stream; None: all of them."""


class _Bucket:
    def __init__(self, rate_per_s: float, now_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._depth = self._tokens = max(1.0, rate_per_s)
        self._at_s = now_s

    def takes(self, now_s: float) -> bool:
        self._tokens = min(self._depth, self._tokens + (now_s - self._at_s) * self._rate_per_s)
        self._at_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class LogsApi:
    """Refuses what comes too fast; lets the rest through to moto."""

    def __init__(
        self, region: str, materialise: Materialise, scale: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`scale` multiplies the rates; 0: no limit."""
        rates = {**DEFAULT_RATES_PER_S, **RATES_OF_REGION.get(region, {})} if scale > 0 else {}
        self._clock = clock
        self._materialise = materialise
        self._buckets = {name: _Bucket(rate * scale, clock()) for name, rate in rates.items()}

    def respond(self, request: Request) -> Response | None:
        """The refusal; None: it may pass, and what it may look at is there."""
        operation = operation_of(request)
        bucket = self._buckets.get(operation)
        if bucket is not None and not bucket.takes(self._clock()):
            return error_response(request, WireProtocol.JSON, 400, "ThrottlingException", "Rate exceeded")
        if operation != "PutLogEvents":
            self._materialise(*_looked_at(request.body))
        return None


def _looked_at(body: bytes) -> tuple[str | None, str | None]:
    """Group and stream that a request names; None where it names none, or more than one."""
    try:
        asked: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None, None
    if not isinstance(asked, dict):
        return None, None
    group = asked.get("logGroupName") or asked.get("logGroupIdentifier")
    stream = asked.get("logStreamName")
    if not isinstance(group, str):
        return None, None
    return group.removesuffix(":*").rpartition(":")[2], stream if isinstance(stream, str) else None
