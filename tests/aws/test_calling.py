"""One call is one request on the wire, and whatever comes of it is a value with its times."""

from __future__ import annotations

import asyncio
import os
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.exceptions as botocore_errors
import botocore.session
import pytest
from botocore.parsers import ResponseParserError
from botocore.retries.standard import ThrottledRetryableChecker

from batchgauge.aws.calling import THROTTLING_CODES, call
from batchgauge.aws.failures import CREDENTIAL_FAILURES, error_before_calls
from batchgauge.aws.gateway import BotoGateway
from batchgauge.aws.session import AwsSession, Connection, Credentials
from batchgauge.core.journal import CallOutcome
from batchgauge.core.scenario import JobShape
from batchgauge.errors import AwsError
from batchgauge.host.clock import SystemClock
from batchgauge.ports import Reply, SubmittedJob
from tests.aws.conftest import CLOSED_ENDPOINT
from tests.aws.wire import Act, Wire, answer, half_an_answer, hang_up, refusal, reset, rubbish, wire

SHAPE = JobShape(job_queue="queue", job_definition="definition")
TAKEN = answer(200, {"jobId": "id", "jobName": "name", "jobArn": "arn"})
OK, THROTTLED, REFUSED = CallOutcome.OK, CallOutcome.THROTTLED, CallOutcome.REFUSED
UNAVAILABLE, AMBIGUOUS = CallOutcome.UNAVAILABLE, CallOutcome.AMBIGUOUS


def submit(endpoint: str, times: int = 1) -> list[Reply[SubmittedJob]]:
    """Submit to an endpoint, so many times, over one session."""

    async def go() -> list[Reply[SubmittedJob]]:
        return await _submit(endpoint, times)

    return asyncio.run(go())


async def _submit(endpoint: str, times: int = 1, clock: SystemClock | None = None) -> list[Reply[SubmittedJob]]:
    clock = clock or SystemClock()
    connection = Connection("us-west-2", endpoint_url=endpoint, credentials=Credentials("AKID", "secret"))
    async with AwsSession(connection, clock, os.environ) as session:
        gateway = BotoGateway(session, clock)
        return [await gateway.submit_job(f"name{number}", SHAPE) for number in range(times)]


def submitted_to(
    *acts: Act, times: int = 1, clock: SystemClock | None = None
) -> tuple[list[Reply[SubmittedJob]], Wire]:
    async def go() -> tuple[list[Reply[SubmittedJob]], Wire]:
        async with wire(*acts) as served:
            return await _submit(served.endpoint, times, clock), served

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("act", "outcome", "status", "error"),
    [
        (TAKEN, OK, 200, None),
        (refusal(429, "TooManyRequestsException", "Too Many Requests"), THROTTLED, 429, "TooManyRequestsException"),
        (refusal(400, "ThrottlingException", "Rate exceeded"), THROTTLED, 400, "ThrottlingException"),
        (refusal(429, "SomethingNew"), THROTTLED, 429, "SomethingNew"),
        (refusal(400, "ClientException"), REFUSED, 400, "ClientException"),
        (refusal(403, "AccessDeniedException"), REFUSED, 403, "AccessDeniedException"),
        (refusal(403, "ExpiredTokenException"), REFUSED, 403, "ExpiredTokenException"),
        (refusal(500, "ServerException"), AMBIGUOUS, 500, "ServerException"),
        (refusal(503, "ServiceUnavailable"), AMBIGUOUS, 503, "ServiceUnavailable"),
        (answer(502, b"<html>Bad Gateway</html>"), AMBIGUOUS, 502, None),
        (answer(404, b"<html>Not Found</html>"), REFUSED, 404, None),
        (answer(200, b"<html>Welcome!</html>"), AMBIGUOUS, None, "ResponseParserError"),
        (answer(200, {"welcome": True}), AMBIGUOUS, None, "ResponseParserError"),
        (hang_up, AMBIGUOUS, None, "ConnectionClosedError"),
        (reset, AMBIGUOUS, None, "ConnectionClosedError"),
        (half_an_answer, AMBIGUOUS, None, None),
        (rubbish, AMBIGUOUS, None, None),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_each_way_that_a_call_can_end_is_one_request_and_one_value(
    act: Act, outcome: CallOutcome, status: int | None, error: str | None
) -> None:
    [reply], served = submitted_to(act)
    assert len(served.requests) == 1, "a retry below us would be a job that we do not know of"
    assert reply.outcome is outcome
    assert reply.status == status
    assert (reply.value is not None) == (outcome is OK)
    assert (reply.error is None) == (outcome is OK)
    if error is not None:
        assert reply.error == error


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (refusal(429, "TooManyRequestsException"), THROTTLED),
        (refusal(500, "ServerException"), AMBIGUOUS),
        (hang_up, AMBIGUOUS),
        (reset, AMBIGUOUS),
        (half_an_answer, AMBIGUOUS),
        (rubbish, AMBIGUOUS),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_calls_that_submit_nothing_go_the_ordinary_way_and_end_in_the_same_ways(act: Act, outcome: CallOutcome) -> None:
    async def go() -> tuple[Reply[Any], Wire]:
        clock = SystemClock()
        async with wire(act) as served:
            connection = Connection("us-west-2", endpoint_url=served.endpoint, credentials=Credentials("AKID", "s"))
            async with AwsSession(connection, clock, os.environ) as session:
                return await BotoGateway(session, clock).describe_job_queue("queue"), served

    reply, served = asyncio.run(go())
    assert (reply.outcome, len(served.requests)) == (outcome, 1)


def test_no_setting_of_the_users_makes_it_more_than_one_request(
    aws_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    monkeypatch.setenv("AWS_RETRY_MODE", "adaptive")
    (aws_home / "config").write_text("[default]\nmax_attempts = 7\nretry_mode = legacy\n")
    _, served = submitted_to(refusal(500, "ServerException"))
    assert len(served.requests) == 1


def test_a_connection_that_is_refused_has_surely_not_arrived() -> None:
    [reply] = submit(CLOSED_ENDPOINT)
    assert (reply.outcome, reply.status, reply.error) == (UNAVAILABLE, None, "EndpointConnectionError")


def test_a_name_that_is_not_resolved_has_surely_not_arrived() -> None:
    [reply] = submit("http://no-such-host.invalid")
    assert reply.outcome is UNAVAILABLE


def test_a_kept_connection_that_the_server_closed_meanwhile_is_not_tried_again_below_us() -> None:
    async def answer_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await TAKEN(reader, writer)
        await reset(reader, writer)

    replies, served = submitted_to(TAKEN, reset, TAKEN, times=3)
    assert [reply.outcome for reply in replies] == [OK, AMBIGUOUS, OK]
    assert len(served.requests) == 3
    replies, served = submitted_to(answer_and_close, TAKEN, times=2)
    assert len(served.requests) <= 2


def test_an_answer_that_does_not_come_is_given_up_and_may_have_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    monkeypatch.setattr("batchgauge.aws.session.READ_TIMEOUT_S", 0.05)
    [reply], served = submitted_to(silence)
    assert (reply.outcome, reply.error) == (AMBIGUOUS, "ReadTimeoutError")
    assert len(served.requests) == 1


def test_stamps_lie_inside_the_call_and_around_the_request() -> None:
    clock = SystemClock()
    seen: list[float] = []

    async def noting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(clock.now_ms())
        await TAKEN(reader, writer)

    begun = clock.now_ms()
    replies, _ = submitted_to(noting, times=3, clock=clock)
    stamps = [
        stamp for reply, at in zip(replies, seen, strict=True) for stamp in (reply.sent_ms, at, reply.received_ms)
    ]
    in_order = [begun, *stamps, clock.now_ms()]
    assert in_order == sorted(in_order)


def test_calls_at_once_keep_their_own_times() -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await both_here.wait()
        await TAKEN(reader, writer)

    both_here = asyncio.Barrier(2)

    async def go() -> list[Reply[SubmittedJob]]:
        clock = SystemClock()
        async with wire(slow) as served:
            connection = Connection("us-west-2", endpoint_url=served.endpoint, credentials=Credentials("AKID", "s"))
            async with AwsSession(connection, clock, os.environ) as session:
                gateway = BotoGateway(session, clock)
                return await asyncio.gather(*(gateway.submit_job(f"n{number}", SHAPE) for number in range(2)))

    first, second = asyncio.run(go())
    assert max(first.sent_ms, second.sent_ms) <= min(first.received_ms, second.received_ms)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("-1", 0.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("nan", None),
        ("inf", 120.0),
        ("999999", 120.0),
    ],
)
def test_a_servers_hint_is_read_where_it_is_a_sensible_number(header: str, seconds: float | None) -> None:
    [reply], _ = submitted_to(refusal(429, "TooManyRequestsException", headers=f"Retry-After: {header}\r\n"))
    assert reply.retry_after_s == seconds


def test_the_request_id_and_aws_own_words_are_kept() -> None:
    [reply], _ = submitted_to(refusal(400, "ClientException", "JobQueue q not found."))
    assert (reply.request_id, reply.message) == ("wire", "JobQueue q not found.")


# --- every error that there is ----------------------------------------------------------------------------------------


def error_shapes() -> Iterator[tuple[str, int]]:
    for service in ("batch", "logs"):
        for shape in botocore.session.get_session().get_service_model(service).error_shapes:
            yield shape.error_code, shape.metadata.get("error", {}).get("httpStatusCode", 400)


@pytest.mark.parametrize(("code", "status"), sorted(set(error_shapes())))
def test_every_error_of_the_service_models_has_an_outcome(code: str, status: int) -> None:
    reply = reply_to(botocore_errors.ClientError(_error(code, status), "SubmitJob"))
    if code in THROTTLING_CODES or status == 429:
        assert reply.outcome is THROTTLED
    else:
        assert reply.outcome is (AMBIGUOUS if status >= 500 else REFUSED)
    assert reply.error == code


def test_what_botocore_knows_as_throttling_we_know_too() -> None:
    assert set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES) <= THROTTLING_CODES


def botocore_exceptions() -> list[type[Exception]]:
    found: list[type[Exception]] = [ResponseParserError]
    for value in vars(botocore_errors).values():
        if isinstance(value, type) and issubclass(value, botocore_errors.BotoCoreError):
            found.append(value)
    return found


def example_of(kind: type[Exception]) -> Exception:
    """An instance with something for each of its fields."""
    fields = {name: "x" for _, name, _, _ in string.Formatter().parse(getattr(kind, "fmt", "")) if name}
    if kind is botocore_errors.WaiterError:
        return botocore_errors.WaiterError("name", "reason", {})
    if kind is ResponseParserError:
        return ResponseParserError("x")
    return kind(**fields)


@pytest.mark.parametrize("kind", botocore_exceptions(), ids=lambda kind: kind.__name__)
def test_every_exception_of_botocore_is_an_error_of_ours_or_a_reply(kind: type[Exception]) -> None:
    error = example_of(kind)
    try:
        reply = reply_to(error)
    except AwsError as ours:
        assert isinstance(error, CREDENTIAL_FAILURES)
        assert ours.__cause__ is error
        return
    assert reply.outcome in (UNAVAILABLE, AMBIGUOUS, REFUSED)
    assert reply.error == kind.__name__
    assert reply.status is None
    assert isinstance(error_before_calls(error, "endpoint"), AwsError), "the same, raised before any call"


@pytest.mark.parametrize(
    "kind",
    [
        botocore_errors.HTTPClientError,
        botocore_errors.ReadTimeoutError,
        botocore_errors.ConnectionClosedError,
        botocore_errors.ResponseStreamingError,
        botocore_errors.IncompleteReadError,
        botocore_errors.EndpointConnectionError,
        ResponseParserError,
    ],
)
def test_what_may_have_arrived_is_never_called_safe_to_repeat(kind: type[Exception]) -> None:
    assert reply_to(example_of(kind)).outcome is AMBIGUOUS


@pytest.mark.parametrize("kind", [botocore_errors.ConnectTimeoutError, botocore_errors.ProxyConnectionError])
def test_what_never_connected_is_safe_to_repeat(kind: type[Exception]) -> None:
    assert reply_to(example_of(kind)).outcome is UNAVAILABLE


def reply_to(error: Exception) -> Reply[None]:
    async def fail() -> dict[str, Any]:
        raise error

    return asyncio.run(call(SystemClock(), "SubmitJob", fail, lambda _: None))


def _error(code: str, status: int) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "r"}}
