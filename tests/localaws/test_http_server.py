"""HTTP as clients really send it: in pieces, in a pipeline, with bodies too long, and with nobody to read the answers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchgauge.localaws.http_messages import Request, Response
from batchgauge.localaws.http_server import HttpServer, Outcome

MAX_BODY_BYTES = 1000
POST = b"POST /path?query=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"


class Application:
    """Answers with the request's path and body; notes what it was asked."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.is_asked = asyncio.Event()
        self.answer: Response | None = None
        self.promised: dict[str, asyncio.Future[Outcome]] = {}

    def respond(self, request: Request) -> Outcome | Awaitable[Outcome]:
        self.requests.append(request)
        self.is_asked.set()
        if request.raw_path in self.promised:
            return self.promised[request.raw_path]
        if request.raw_path == "/cut":
            return None
        if self.answer is not None:
            return self.answer
        return Response(200, request.raw_path.encode() + b" " + request.body)

    def too_large(self, request: Request) -> Response:
        return Response(413, b"too large")


@asynccontextmanager
async def served(application: Application) -> AsyncIterator[Callable[[], Awaitable[tuple[Any, Any]]]]:
    """A server on a free port; gives what opens a connection to it."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = HttpServer(application, MAX_BODY_BYTES)
    await server.start(listener)
    port = listener.getsockname()[1]
    try:
        yield lambda: asyncio.open_connection("127.0.0.1", port)
    finally:
        await server.stop(0)


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:-2])
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers.get("content-length", 0)))


def exchange(sent: bytes, application: Application | None = None) -> bytes:
    """Everything that comes back until the server hangs up."""

    async def run() -> bytes:
        async with served(application or Application()) as connect:
            reader, writer = await connect()
            writer.write(sent)
            try:
                return bytes(await reader.read())
            finally:
                writer.close()

    return asyncio.run(run())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, len(POST) - 1), max_size=6))
def test_a_request_arrives_whole_however_it_is_cut(places: list[int]) -> None:
    async def run() -> None:
        application = Application()
        async with served(application) as connect:
            reader, writer = await connect()
            edges = [0, *sorted(set(places)), len(POST)]
            for begin, end in pairwise(edges):
                writer.write(POST[begin:end])
                await writer.drain()
                await asyncio.sleep(0)
            status, headers, body = await answer_of(reader)
            assert (status, body) == (200, b"/path body")
            assert "date" in headers
            [request] = application.requests
            assert (request.method, request.query_string, request.headers["host"]) == ("POST", "query=1", "h")
            writer.close()

    asyncio.run(run())


def test_pipelined_answers_keep_the_order_of_their_requests() -> None:
    async def run() -> None:
        application = Application()
        late: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        application.promised["/late"] = late
        async with served(application) as connect:
            reader, writer = await connect()
            count = 40
            writer.write(b"GET /late HTTP/1.1\r\n\r\n" + b"GET /soon HTTP/1.1\r\n\r\n" * count)
            await application.is_asked.wait()
            assert [request.raw_path for request in application.requests] == ["/late"]
            late.set_result(Response(200, b"late"))
            assert (await answer_of(reader))[2] == b"late"
            assert [(await answer_of(reader))[2] for _ in range(count)] == [b"/soon "] * count
            writer.close()

    asyncio.run(run())


def test_a_chunked_body_is_put_together_and_its_trailers_are_no_headers() -> None:
    application = Application()
    chunked = b"4\r\nbody\r\n5\r\n more\r\n0\r\nX-Amz-Trailer: 1\r\n\r\n"
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\nX: 1\r\nx: 2\r\n\r\n"
    assert exchange(head + chunked, application).endswith(b"/ body more")
    [request] = application.requests
    assert request.headers["x"] == "1,2"
    assert "x-amz-trailer" not in request.headers


def test_one_who_asks_before_sending_a_body_is_told_to_go_on() -> None:
    head = b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\nConnection: close\r\n\r\n"
    assert exchange(head + b"x").startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "sent",
    [
        b"POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001,
        b"POST / HTTP/1.1\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n",
    ],
)
def test_a_body_that_is_too_long_is_refused_without_being_kept(sent: bytes) -> None:
    application = Application()
    assert exchange(sent, application).startswith(b"HTTP/1.1 413 ")
    assert application.requests == []


def test_a_head_of_the_answer_has_no_body() -> None:
    answer = exchange(b"HEAD /path HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert b"content-length: 6\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("sent", [b"\x16\x03\x01 not http\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"])
def test_what_is_not_http_is_refused_and_hung_up_on(sent: bytes) -> None:
    assert exchange(sent).startswith(b"HTTP/1.1 400 ")


def test_no_other_protocol_is_spoken() -> None:
    answer = exchange(b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nmore")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in answer


def test_a_head_without_end_is_hung_up_on() -> None:
    assert exchange(b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000) == b""


def test_the_whole_url_of_a_proxys_client_is_taken_apart() -> None:
    application = Application()
    exchange(b"GET http://h:1/a%20b?c=d HTTP/1.1\r\nConnection: close\r\n\r\n", application)
    [request] = application.requests
    assert (request.raw_path, request.query_string) == ("/a%20b", "c=d")


def test_a_cut_connection_has_no_answer() -> None:
    with pytest.raises(ConnectionResetError):
        exchange(b"GET /cut HTTP/1.1\r\n\r\n")


def test_a_client_that_does_not_read_gets_no_more_answers() -> None:
    async def run() -> None:
        application = Application()
        big = Response(200, b"x" * 4_000_000)
        application.answer = big
        async with served(application) as connect:
            reader, writer = await connect()
            writer.write(b"GET / HTTP/1.1\r\n\r\n" * 100)
            await application.is_asked.wait()
            for _ in range(100):
                await asyncio.sleep(0)
            assert len(application.requests) < 20
            for _ in range(100):
                assert len((await answer_of(reader))[2]) == 4_000_000
            writer.close()

    asyncio.run(run())


def test_the_end_waits_for_answers_under_way() -> None:
    async def run() -> None:
        application = Application()
        late: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        application.promised["/late"] = late
        listener = socket.create_server(("127.0.0.1", 0))
        server = HttpServer(application, MAX_BODY_BYTES)
        await server.start(listener)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.getsockname()[1])
        writer.write(b"GET /late HTTP/1.1\r\n\r\n")
        await application.is_asked.wait()
        end = asyncio.create_task(server.stop(60))
        await asyncio.sleep(0)
        late.set_result(Response(200, b"late"))
        await end
        assert (await answer_of(reader))[2] == b"late"
        assert await reader.read() == b""
        writer.close()

    asyncio.run(run())


def test_idle_connections_are_closed_and_busy_ones_are_not() -> None:
    async def run() -> None:
        application = Application()
        application.promised["/late"] = asyncio.get_running_loop().create_future()
        listener = socket.create_server(("127.0.0.1", 0))
        server = HttpServer(application, MAX_BODY_BYTES)
        await server.start(listener)
        port = listener.getsockname()[1]
        reader, idle = await asyncio.open_connection("127.0.0.1", port)
        _, busy = await asyncio.open_connection("127.0.0.1", port)
        busy.write(b"GET /late HTTP/1.1\r\n\r\n")
        await application.is_asked.wait()
        for connection in list(server.connections):
            connection.close_if_idle_since(float("inf"))
        assert await reader.read() == b""
        assert len(server.connections) == 1
        await server.stop(0)
        idle.close()
        busy.close()

    asyncio.run(run())
