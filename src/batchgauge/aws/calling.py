"""One call on the wire as a value: what was answered, or what went wrong, with its times."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import botocore.exceptions as botocore_errors
from botocore.parsers import ResponseParserError

from batchgauge.aws.call_times import begin_call
from batchgauge.aws.failures import error_before_calls, is_credential_failure, outcome_without_answer, words_of
from batchgauge.aws.secrets import without_secrets
from batchgauge.core.journal import CallOutcome
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
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "EC2ThrottledException",
    }
)
"""As botocore's own retry handlers know them; Batch answers with the first, CloudWatch Logs with the second."""

RETRY_AFTER_LIMIT_S: Final = 120.0
"""No hint of a server's is believed beyond this: it would stop the run."""


async def call(
    clock: Clock, operation: str, request: Callable[[], Awaitable[dict[str, Any]]], read: Callable[[dict[str, Any]], T]
) -> Reply[T]:
    """Make one request and say what came of it.

    Raises:
        NoCredentialsError, CredentialsRejectedError, CredentialsExpiredError: they vanished, could not be refreshed, or have reached
            their end; without them no call can be made at all.
    """
    times = begin_call()
    begun_ms = clock.now_ms()
    try:
        answer = await request()
    except botocore_errors.ClientError as error:
        return _refusal(operation, error.response, times.sent_ms or begun_ms, times.received_ms or clock.now_ms())
    except Exception as error:
        if is_credential_failure(error):
            raise error_before_calls(error, operation) from error
        if not isinstance(error, botocore_errors.BotoCoreError | ResponseParserError):
            raise
        return _no_answer(operation, error, times.sent_ms or begun_ms, clock.now_ms())
    received_ms = times.received_ms or clock.now_ms()
    try:
        value = read(answer)
    except (KeyError, TypeError, ValueError) as error:  # something answers there, and it is not AWS
        parse_error = ResponseParserError(f"{type(error).__name__}: {error}")
        return _no_answer(operation, parse_error, times.sent_ms or begun_ms, received_ms)
    metadata = answer.get("ResponseMetadata", {})
    return Reply(
        operation=operation,
        sent_ms=times.sent_ms or begun_ms,
        received_ms=received_ms,
        outcome=CallOutcome.OK,
        value=value,
        status=metadata.get("HTTPStatusCode"),
        request_id=metadata.get("RequestId"),
    )


def _no_answer(operation: str, error: Exception, sent_ms: float, received_ms: float) -> Reply[Any]:
    return Reply(
        operation=operation,
        sent_ms=sent_ms,
        received_ms=received_ms,
        outcome=outcome_without_answer(error),
        error=type(error).__name__,
        message=words_of(error),
    )


def _refusal(operation: str, answer: dict[str, Any], sent_ms: float, received_ms: float) -> Reply[Any]:
    metadata = answer.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode")
    code = answer.get("Error", {}).get("Code")
    words = answer.get("Error", {}).get("Message")
    return Reply(
        operation=operation,
        sent_ms=sent_ms,
        received_ms=received_ms,
        outcome=_outcome(status, code),
        status=status,
        request_id=metadata.get("RequestId"),
        error=code,
        message=without_secrets(words) if isinstance(words, str) else None,
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
        seconds = float(header) if header is not None else math.nan
    except ValueError:  # a date: nobody promises that the clocks agree
        return None
    return None if math.isnan(seconds) else min(max(0.0, seconds), RETRY_AFTER_LIMIT_S)
