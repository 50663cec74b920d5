"""One call on the wire as a value: what was answered, or what went wrong, with its times."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import botocore.exceptions as botocore_errors

from batchgauge.aws.session import begin_call
from batchgauge.core.journal import CallOutcome
from batchgauge.errors import NoCredentialsError
from batchgauge.ports import Clock, Reply

T = TypeVar("T")

THROTTLING_CODES: Final = frozenset(
    {
        "TooManyRequestsException",
        "ThrottlingException",
        "ThrottledException",
        "Throttling",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "LimitExceededException",
        "SlowDown",
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
    }
)
"""As botocore's own retry handlers know them; Batch answers with the first, CloudWatch Logs with the second."""


async def call(
    clock: Clock, operation: str, request: Callable[[], Awaitable[dict[str, Any]]], read: Callable[[dict[str, Any]], T]
) -> Reply[T]:
    """Make one request and say what came of it.

    Raises:
        NoCredentialsError: they vanished or could not be refreshed; without them no call can be made at all.
    """
    times = begin_call()
    begun_ms = clock.now_ms()
    try:
        answer = await request()
    except botocore_errors.ClientError as error:
        return _refusal(operation, error.response, times.sent_ms or begun_ms, times.received_ms or clock.now_ms())
    except (botocore_errors.NoCredentialsError, botocore_errors.CredentialRetrievalError) as error:
        raise NoCredentialsError() from error
    except (botocore_errors.ConnectionError, botocore_errors.HTTPClientError) as error:
        return Reply(
            operation=operation,
            sent_ms=times.sent_ms or begun_ms,
            received_ms=clock.now_ms(),
            outcome=_without_answer(error),
            error=type(error).__name__,
            message=str(error),
        )
    metadata = answer.get("ResponseMetadata", {})
    return Reply(
        operation=operation,
        sent_ms=times.sent_ms or begun_ms,
        received_ms=times.received_ms or clock.now_ms(),
        outcome=CallOutcome.OK,
        value=read(answer),
        status=metadata.get("HTTPStatusCode"),
        request_id=metadata.get("RequestId"),
    )


def _without_answer(error: Exception) -> CallOutcome:
    """Whether the request may have arrived: not where no connection came about, possibly wherever one did."""
    if isinstance(error, botocore_errors.ConnectionError) and not isinstance(error, botocore_errors.ReadTimeoutError):
        return CallOutcome.UNAVAILABLE
    return CallOutcome.AMBIGUOUS


def _refusal(operation: str, answer: dict[str, Any], sent_ms: float, received_ms: float) -> Reply[Any]:
    metadata = answer.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode")
    code = answer.get("Error", {}).get("Code")
    return Reply(
        operation=operation,
        sent_ms=sent_ms,
        received_ms=received_ms,
        outcome=_outcome(status, code),
        status=status,
        request_id=metadata.get("RequestId"),
        error=code,
        message=answer.get("Error", {}).get("Message"),
        retry_after_s=_retry_after(metadata.get("HTTPHeaders", {}).get("retry-after")),
    )


def _outcome(status: int | None, code: str | None) -> CallOutcome:
    if status == 429 or code in THROTTLING_CODES:
        return CallOutcome.THROTTLED
    if status is None or status >= 500:
        return CallOutcome.AMBIGUOUS
    return CallOutcome.REFUSED


def _retry_after(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header is not None else None
    except ValueError:
        return None
