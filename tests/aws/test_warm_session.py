"""Submissions on connections that are open already: signed beforehand, written in one stroke, and never more than once."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from botocore.awsrequest import AWSRequest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from batchgauge.aws import connection_pool
from batchgauge.aws.gateway import BotoGateway
from batchgauge.aws.session import AwsSession, Connection, Credentials
from batchgauge.aws.warm_session import LONGEST_SIGNED_S, request_bytes
from batchgauge.core.journal import CallOutcome
from batchgauge.core.scenario import JobShape
from batchgauge.errors import NoCredentialsError
from batchgauge.host.clock import SystemClock
from tests.aws.conftest import CLOSED_ENDPOINT
from tests.aws.wire import Act, Wire, answer, hang_up, wire

SHAPE = JobShape(job_queue="queue", job_definition="definition")
BODY = b'{"jobId": "id", "jobName": "name", "jobArn": "arn"}'
TAKEN = answer(200, BODY)
PATIENCE_S = 20.0


def raw(data: bytes, *, is_closing: bool = False) -> Act:
    """Exactly these bytes."""

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if is_closing:
            writer.close()

    return act


@asynccontextmanager
async def gateway(endpoint: str, most: int = 500) -> AsyncIterator[BotoGateway]:
    clock = SystemClock()
    keys = Credentials("AKID", "secret")
    connection = Connection("us-west-2", endpoint_url=endpoint, credentials=keys, most_submissions_at_once=most)
    async with AwsSession(connection, clock, os.environ) as session:
        yield BotoGateway(session, clock)


def served(
    work: Callable[[BotoGateway, Wire], Awaitable[None]], *acts: Act, most: int = 500, tls: ssl.SSLContext | None = None
) -> Wire:
    """Do something with a gateway to a server that acts so."""

    async def go() -> Wire:
        async with asyncio.timeout(PATIENCE_S), wire(*acts, tls=tls) as there:
            async with gateway(there.endpoint, most) as batch:
                await work(batch, there)
            return there

    return asyncio.run(go())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  (what it waits for is the event loop's own doing)
        await asyncio.sleep(0.001)


# --- made ready, and sent ---------------------------------------------------------------------------------------------


def test_connections_are_open_before_anything_is_sent_and_all_requests_go_out_on_them() -> None:
    async def work(batch: BotoGateway, there: Wire) -> None:
        await batch.warm_up(20)
        await until(lambda: there.connections == 20)
        ready = [await batch.prepare_submission(f"name{number}", SHAPE) for number in range(20)]
        assert there.requests == [], "what is ready has not been sent"
        replies = await asyncio.gather(*[submission.send() for submission in ready])
        assert {reply.outcome for reply in replies} == {CallOutcome.OK}
        assert {reply.connection_wait_ms for reply in replies} == {0.0}
        sent = [reply.sent_ms for reply in replies]
        assert sent == sorted(sent), "each was stamped, and written, when it was told to go"
        assert max(sent) <= min(reply.received_ms for reply in replies), "no send waited for an answer"

    there = served(work, TAKEN)
    assert (there.connections, len(there.requests)) == (20, 20)


def test_what_is_discarded_is_never_sent_and_costs_no_connection() -> None:
    async def work(batch: BotoGateway, _: Wire) -> None:
        (await batch.prepare_submission("never", SHAPE)).discard()
        assert (await batch.submit_job("name", SHAPE)).outcome is CallOutcome.OK

    there = served(work, TAKEN)
    assert len(there.requests) == 1
    assert b'"name"' in there.bodies[0]


def test_more_than_there_may_be_connections_wait_in_order_and_say_how_long() -> None:
    async def work(batch: BotoGateway, _: Wire) -> None:
        await batch.warm_up(10)
        ready = [await batch.prepare_submission(f"name{number}", SHAPE) for number in range(3)]
        first, second, third = await asyncio.gather(*[submission.send() for submission in ready])
        assert first.connection_wait_ms == 0
        assert 0 < second.connection_wait_ms < third.connection_wait_ms
        assert first.received_ms <= second.sent_ms
        assert second.received_ms <= third.sent_ms

    assert served(work, TAKEN, most=1).connections == 1


def test_without_a_warm_connection_one_is_opened_and_the_wait_for_it_is_not_the_servers() -> None:
    async def work(batch: BotoGateway, _: Wire) -> None:
        reply = await batch.submit_job("name", SHAPE)
        assert reply.outcome is CallOutcome.OK
        assert reply.connection_wait_ms > 0

    served(work, TAKEN)


def test_a_signature_that_has_grown_old_is_made_anew_and_the_request_sent_once() -> None:
    async def work(batch: BotoGateway, there: Wire) -> None:
        await batch.warm_up(1)
        ready = await batch._prepare({"jobName": "n", "jobQueue": "q", "jobDefinition": "d"})
        old = ready._gate
        old._signed_s -= LONGEST_SIGNED_S + 1
        reply = await ready.send()
        assert reply.outcome is CallOutcome.OK
        assert ready._gate is not old
        assert len(there.requests) == 1

    served(work, TAKEN)


def test_an_array_says_its_size() -> None:
    async def work(batch: BotoGateway, _: Wire) -> None:
        await batch.submit_job("name", SHAPE, 7)

    assert b'"arrayProperties": {"size": 7}' in served(work, TAKEN).bodies[0]


def test_without_credentials_nothing_can_be_made_ready() -> None:
    async def go() -> None:
        clock = SystemClock()
        async with AwsSession(Connection(endpoint_url=CLOSED_ENDPOINT), clock, os.environ) as session:
            with pytest.raises(NoCredentialsError):
                await BotoGateway(session, clock).warm_up(1)

    asyncio.run(go())


def test_a_request_that_does_not_fit_the_service_model_is_refused_when_it_is_sent() -> None:
    async def work(batch: BotoGateway, _: Wire) -> None:
        ready = await batch._prepare({"jobName": 5, "jobQueue": "q", "jobDefinition": "d"})
        assert (await ready.send()).outcome is CallOutcome.REFUSED

    assert served(work, TAKEN).requests == []


def test_where_no_connection_can_be_had_every_send_says_so_and_warming_up_does_not() -> None:
    async def go() -> None:
        async with gateway(CLOSED_ENDPOINT, most=2) as batch:
            await batch.warm_up(5)
            replies = await asyncio.gather(*[batch.submit_job(f"name{number}", SHAPE) for number in range(5)])
            assert {(reply.outcome, reply.error) for reply in replies} == {
                (CallOutcome.UNAVAILABLE, "EndpointConnectionError")
            }

    asyncio.run(go())


# --- connections that end ---------------------------------------------------------------------------------------------


def test_a_connection_that_the_server_closed_while_it_was_idle_is_not_used() -> None:
    async def work(batch: BotoGateway, there: Wire) -> None:
        await batch.warm_up(1)
        await until(lambda: there.connections == 1)
        there.writers[0].close()
        await there.writers[0].wait_closed()
        assert batch._pool is not None
        await until(lambda: batch._pool is not None and batch._pool.open_connections == 0)
        reply = await batch.submit_job("name", SHAPE)
        assert reply.outcome is CallOutcome.OK

    there = served(work, TAKEN)
    assert (there.connections, len(there.requests)) == (2, 1)


def test_a_connection_that_was_idle_too_long_is_replaced_and_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(batch: BotoGateway, _: Wire) -> None:
        await batch.submit_job("one", SHAPE)
        monkeypatch.setattr(connection_pool, "LONGEST_IDLE_S", -1.0)
        await batch.submit_job("two", SHAPE)

    there = served(work, TAKEN)
    assert (there.connections, len(there.requests)) == (2, 2)


def test_connections_are_kept_warm_until_they_are_not_wanted_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_pool, "UPKEEP_S", 0.001)

    async def work(batch: BotoGateway, there: Wire) -> None:
        await batch.warm_up(3)
        await until(lambda: there.connections == 3)
        for writer in there.writers[:3]:
            writer.close()
        await until(lambda: there.connections == 6)
        await batch.cool_down()
        assert batch._pool is not None
        await until(lambda: batch._pool is not None and batch._pool.open_connections == 0)

    served(work, TAKEN)


def test_a_cut_connection_fails_its_own_request_only_and_the_next_gets_a_new_one() -> None:
    async def work(batch: BotoGateway, _: Wire) -> None:
        replies = [await batch.submit_job(f"name{number}", SHAPE) for number in range(3)]
        assert [reply.outcome for reply in replies] == [CallOutcome.OK, CallOutcome.AMBIGUOUS, CallOutcome.OK]

    there = served(work, TAKEN, hang_up, TAKEN)
    assert len(there.requests) == 3


def test_whoever_waits_behind_a_connection_that_is_cut_gets_another() -> None:
    async def work(batch: BotoGateway, _: Wire) -> None:
        replies = await asyncio.gather(*[batch.submit_job(f"name{number}", SHAPE) for number in range(4)])
        assert [reply.outcome for reply in replies].count(CallOutcome.AMBIGUOUS) == 1
        assert [reply.outcome for reply in replies].count(CallOutcome.OK) == 3

    served(work, hang_up, TAKEN, most=1)


def test_a_call_that_is_cancelled_leaves_the_others_alone() -> None:
    async def work(batch: BotoGateway, there: Wire) -> None:
        never = asyncio.ensure_future((await batch.prepare_submission("never", SHAPE)).send())
        await until(lambda: len(there.requests) == 1)
        never.cancel()
        assert (await batch.submit_job("name", SHAPE)).outcome is CallOutcome.OK

    async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    served(work, silence, TAKEN)


# --- answers in every shape -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "connections"),
    [
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n33\r\n" + BODY + b"\r\n0\r\n\r\n"), 1),
        (raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 51\r\n\r\n" + BODY), 2),
        (raw(b"HTTP/1.1 200 OK\r\n\r\n" + BODY, is_closing=True), 2),
        (raw(b"HTTP/1.0 200 OK\r\nContent-Length: 51\r\n\r\n" + BODY), 2),
        (raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 51\r\n\r\n" + BODY), 1),
    ],
    ids=["chunked", "closing", "until-the-end", "http-1.0", "interim"],
)
def test_a_whole_answer_is_one_however_it_comes(act: Act, connections: int) -> None:
    assert len(BODY) == 51

    async def work(batch: BotoGateway, _: Wire) -> None:
        for number in range(2):
            reply = await batch.submit_job(f"name{number}", SHAPE)
            assert (reply.outcome, reply.error) == (CallOutcome.OK, None)
            assert reply.value is not None
            assert reply.value.job_id == "id"

    assert served(work, act).connections == connections


@pytest.mark.parametrize(
    "act",
    [
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 51\r\n\r\n" + BODY[:20], is_closing=True),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n33\r\n" + BODY, is_closing=True),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + BODY),
        raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        raw(b"SSH-2.0-OpenSSH_9.0\r\n"),
        raw(b"", is_closing=True),
    ],
    ids=["short", "unfinished", "bad-chunk", "upgrade", "two-lengths", "ssh", "nothing"],
)
def test_half_an_answer_may_have_been_acted_on(act: Act) -> None:
    async def work(batch: BotoGateway, _: Wire) -> None:
        reply = await batch.submit_job("name", SHAPE)
        assert (reply.outcome, reply.value) == (CallOutcome.AMBIGUOUS, None)
        assert reply.error

    assert len(served(work, act).requests) == 1


def test_a_second_answer_to_one_request_is_nobodys() -> None:
    twice = b"HTTP/1.1 200 OK\r\nContent-Length: 51\r\n\r\n" + BODY

    async def work(batch: BotoGateway, _: Wire) -> None:
        for number in range(2):
            assert (await batch.submit_job(f"name{number}", SHAPE)).outcome is CallOutcome.OK

    assert served(work, raw(twice + twice)).connections == 2


def test_a_second_answer_is_not_taken_for_the_one_that_the_next_waits_for() -> None:
    other = b'{"jobId": "no", "jobName": "no__", "jobArn": "no_"}'
    assert len(other) == 51

    async def work(batch: BotoGateway, there: Wire) -> None:
        replies = await asyncio.gather(*[batch.submit_job(f"name{number}", SHAPE) for number in range(3)])
        assert {reply.value.job_id if reply.value else None for reply in replies} == {"id"}
        assert there.connections == 3

    head = b"HTTP/1.1 200 OK\r\nContent-Length: 51\r\n\r\n"
    served(work, raw(head + BODY + head + other), most=1)


def test_a_server_that_hangs_up_on_whoever_connects_is_not_asked_for_ever() -> None:
    async def go() -> None:
        async def hang_up_at_once(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.abort()

        server = await asyncio.start_server(hang_up_at_once, "127.0.0.1", 0)
        async with (
            asyncio.timeout(PATIENCE_S),
            server,
            gateway(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", most=2) as batch,
        ):
            await batch.warm_up(5)
            replies = await asyncio.gather(*[batch.submit_job(f"name{number}", SHAPE) for number in range(5)])
            assert {reply.outcome for reply in replies} <= {CallOutcome.UNAVAILABLE, CallOutcome.AMBIGUOUS}

    asyncio.run(go())


def test_an_answer_that_comes_byte_by_byte_is_received_with_its_last_byte() -> None:
    clock = SystemClock()
    last: list[float] = []

    async def slowly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = b"HTTP/1.1 200 OK\r\nContent-Length: 51\r\n\r\n" + BODY
        for position in range(len(data)):
            last.append(clock.now_ms())
            writer.write(data[position : position + 1])
            await writer.drain()
            await asyncio.sleep(0)

    async def work(batch: BotoGateway, _: Wire) -> None:
        reply = await batch.submit_job("name", SHAPE)
        assert reply.outcome is CallOutcome.OK
        assert reply.received_ms >= last[-1] - 1, "two anchors of one clock agree to that"

    served(work, slowly)


# --- proxies and certificates -----------------------------------------------------------------------------------------


def test_an_endpoint_behind_a_proxy_is_reached_the_ordinary_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> Wire:
        async with wire(TAKEN) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.endpoint)
            async with gateway("http://batch.example.invalid") as batch:
                await batch.warm_up(5)
                ready = await batch.prepare_submission("name", SHAPE)
                assert proxy.requests == []
                reply = await ready.send()
                assert reply.outcome is CallOutcome.OK
                assert reply.sent_ms <= reply.received_ms
            return proxy

    assert asyncio.run(go()).requests[0].startswith(b"POST http://batch.example.invalid/v1/submitjob ")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of this computer's loopback address, signed by itself, and its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.mark.parametrize("is_known", [True, False])
def test_certificates_are_checked_as_botocore_is_told_to(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if is_known:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))

    async def work(batch: BotoGateway, _: Wire) -> None:
        await batch.warm_up(3)
        reply = await batch.submit_job("name", SHAPE)
        if is_known:
            assert reply.outcome is CallOutcome.OK
        else:
            assert (reply.outcome, reply.error) == (CallOutcome.UNAVAILABLE, "SSLError")

    assert len(served(work, TAKEN, tls=context).requests) == (1 if is_known else 0)


# --- the bytes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "line", "host"),
    [
        ("https://batch.us-west-2.amazonaws.com/v1/submitjob", "/v1/submitjob", "batch.us-west-2.amazonaws.com"),
        ("https://batch.example:443/v1/submitjob", "/v1/submitjob", "batch.example"),
        ("http://batch.example:443/v1/submitjob", "/v1/submitjob", "batch.example:443"),
        ("http://LOCALHOST:8080/base/v1/submitjob?a=b", "/base/v1/submitjob?a=b", "localhost:8080"),
        ("http://[::1]:8080/v1/submitjob", "/v1/submitjob", "[::1]:8080"),
    ],
)
def test_a_request_names_its_host_as_it_was_signed(url: str, line: str, host: str) -> None:
    request = AWSRequest("POST", url, {"Authorization": b"signature"}, b'{"jobName": "n"}').prepare()
    head, _, body = request_bytes(request).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == f"POST {line} HTTP/1.1"
    assert f"Host: {host}" in lines
    assert "Authorization: signature" in lines
    assert [text for text in lines if text.lower().startswith("content-length")] == ["Content-Length: 16"]
    assert body == b'{"jobName": "n"}'
