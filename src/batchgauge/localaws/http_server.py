"""HTTP/1.1 as this server needs it: whole requests in, whole answers out, an answer that is there at once written at once.

Every request must be read whole, since its signature covers the body, and nearly every answer is ready when its request is. So there is
no task, no queue and no message object for each of them, as ASGI has (docs/decisions/0006): httptools parses, the application answers,
the answer is written.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Awaitable
from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol, TypeAlias

import httptools

from batchgauge.localaws.http_messages import Request, Response

LOG = logging.getLogger(__name__)
MAX_HEAD_BYTES = 64 * 1024
MAX_PIPELINED = 16
"""Requests of one connection that wait for the answer of an earlier one; with more its socket is not read."""
KEEP_ALIVE_S = 75.0
"""Longer than a client's pause between two polls, so that its next one does not meet a closing connection."""
SWEEP_INTERVAL_S = 5.0
LINGER_S = 1.0
"""How long a client that is refused in the middle of its body may take to read the refusal."""
BACKLOG = 4096
RESET_AT_CLOSE = struct.pack("ii" if sys.platform != "win32" else "hh", 1, 0)
STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

Outcome: TypeAlias = Response | None
"""None: the connection is cut without an answer."""


class Application(Protocol):
    """Who answers."""

    def respond(self, request: Request) -> Outcome | Awaitable[Outcome]:
        """The answer, or the promise of one; neither raises."""
        ...

    def too_large(self, request: Request) -> Response:
        """The refusal of a request whose body is longer than the limit (and is not there)."""
        ...


class HttpServer:
    """Accepts connections on a bound socket."""

    def __init__(self, application: Application, max_body_bytes: int) -> None:
        self.application = application
        self.max_body_bytes = max_body_bytes
        self.connections: set[HttpConnection] = set()
        self.answering: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._sweep: asyncio.TimerHandle | None = None
        self._date_s = 0
        self._date_line = b""

    async def start(self, listener: socket.socket) -> None:
        """Accept from now on."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: HttpConnection(self), sock=listener, backlog=BACKLOG)
        self._sweep_later()

    def date_line(self) -> bytes:
        """The Date header with its line's end; made once a second."""
        now_s = int(time.time())
        if now_s != self._date_s:
            self._date_s = now_s
            self._date_line = f"date: {formatdate(now_s, usegmt=True)}\r\n".encode()
        return self._date_line

    def _sweep_later(self) -> None:
        self._sweep = asyncio.get_running_loop().call_later(SWEEP_INTERVAL_S, self._close_idle)

    def _close_idle(self) -> None:
        """One look at all of them now and then costs less than a timer for every answer."""
        earliest_s = asyncio.get_running_loop().time() - KEEP_ALIVE_S
        for connection in list(self.connections):
            connection.close_if_idle_since(earliest_s)
        self._sweep_later()

    async def stop(self, patience_s: float) -> None:
        """Accept nothing more, let answers under way go out for so long, then cut every connection."""
        if self._sweep is not None:
            self._sweep.cancel()
        if self._server is not None:
            self._server.close()
        if self.answering:
            await asyncio.wait(self.answering, timeout=patience_s)
        for connection in list(self.connections):
            connection.close()
        for task in self.answering:
            task.cancel()


class HttpConnection(asyncio.Protocol):
    """One client's connection; answers go out in the order of their requests."""

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._is_answering = False
        self._is_blocked = False
        self._is_refusing = False
        self._is_in_body = False
        self._head_bytes = 0
        self._active_s = self._loop.time()
        self._transport: asyncio.Transport
        self.on_message_begin()

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_server gives
        self._transport = transport
        self._address: tuple[str, int] = transport.get_extra_info("sockname")[:2]
        self._server.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """It has gone; what is being answered for it goes on, its answer is dropped."""
        self._server.connections.discard(self)
        self._waiting.clear()

    def pause_writing(self) -> None:
        """The client does not read its answers: it gets no more of them."""
        self._is_blocked = True

    def resume_writing(self) -> None:
        """It reads again."""
        self._is_blocked = False
        self._answer_waiting()

    def data_received(self, data: bytes) -> None:
        """Parse; each whole request is answered out of `on_message_complete`."""
        if self._is_refusing:
            return
        if not self._is_in_body:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._is_refusing = True  # no other protocol is spoken here; the request itself has been answered
        except httptools.HttpParserError:
            self._refuse(Response(400, b"Invalid HTTP request", [(b"content-type", b"text/plain")]))
        if not self._is_in_body and self._head_bytes > MAX_HEAD_BYTES:
            self._transport.close()

    # the parser's side

    def on_message_begin(self) -> None:
        """The head of a request begins."""
        self._target = b""
        self._headers: dict[str, str] = {}
        self._chunks: list[bytes] = []
        self._body_bytes = 0

    def on_url(self, url: bytes) -> None:
        """The request's target, or a part of it."""
        self._target += url

    def on_header(self, raw_name: bytes, raw_value: bytes) -> None:
        """A header; latin-1 keeps every byte as it came. Trailers behind a chunked body are not headers."""
        if self._is_in_body:
            return
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers = self._headers
        headers[name] = f"{headers[name]},{value}" if name in headers else value

    def on_headers_complete(self) -> None:
        """The head is whole: a body that is announced as too long is not waited for."""
        self._is_in_body = True
        headers = self._headers
        announced = headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > self._server.max_body_bytes:
            self._refuse_body()
        elif "expect" in headers and headers["expect"].lower() == "100-continue":
            self._transport.write(CONTINUE)

    def on_body(self, chunk: bytes) -> None:
        """A part of the body."""
        self._body_bytes += len(chunk)
        if self._body_bytes > self._server.max_body_bytes:
            self._refuse_body()
        elif not self._is_refusing:
            self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._is_in_body = False
        self._head_bytes = 0
        if self._is_refusing:
            return
        is_kept_alive = self._parser.should_keep_alive() and not self._parser.should_upgrade()
        self._waiting.append((self._request(), is_kept_alive))
        if not self._is_answering:
            self._answer_waiting()
        elif len(self._waiting) >= MAX_PIPELINED:
            self._transport.pause_reading()

    def _request(self) -> Request:
        chunks = self._chunks
        raw_path, query_string = _split(self._target)
        return Request(
            method=self._parser.get_method().decode("latin-1"),
            raw_path=raw_path,
            query_string=query_string,
            headers=self._headers,
            body=chunks[0] if len(chunks) == 1 else b"".join(chunks),
            server=self._address,
        )

    # answers

    def _answer_waiting(self) -> None:
        """Answer what waits, until an answer is not there yet or the client does not read."""
        while self._waiting and not self._is_answering and not self._is_blocked:
            request, is_kept_alive = self._waiting.popleft()
            outcome = self._server.application.respond(request)
            if isinstance(outcome, Response):
                self._write(request, outcome, is_kept_alive)
            elif outcome is None:
                self._cut()
            else:
                self._is_answering = True
                task = self._loop.create_task(self._answer_later(request, outcome, is_kept_alive))
                self._server.answering.add(task)
                task.add_done_callback(self._server.answering.discard)
        if len(self._waiting) < MAX_PIPELINED and not self._transport.is_closing():
            self._transport.resume_reading()

    async def _answer_later(self, request: Request, promised: Awaitable[Outcome], is_kept_alive: bool) -> None:
        try:
            outcome = await promised
        except Exception:
            LOG.exception("%s %s: no answer", request.method, request.raw_path)
            outcome = None
        self._is_answering = False
        if outcome is None:
            self._cut()
        else:
            self._write(request, outcome, is_kept_alive)
        self._answer_waiting()

    def _write(self, request: Request | None, response: Response, is_kept_alive: bool) -> None:
        if self._transport.is_closing():
            return
        self._active_s = self._loop.time()
        lines = [STATUS_LINES.get(response.status) or b"HTTP/1.1 %d Unknown\r\n" % response.status]
        lines += [b"%b: %b\r\n" % pair for pair in response.headers]
        if not any(name == b"content-length" for name, _ in response.headers):
            lines.append(b"content-length: %d\r\n" % len(response.body))
        lines.append(self._server.date_line())
        if not is_kept_alive:
            lines.append(b"connection: close\r\n")
        lines.append(b"\r\n")
        if request is None or request.method != "HEAD":
            lines.append(response.body)
        self._transport.write(b"".join(lines))
        if not is_kept_alive and not self._is_refusing:
            self._transport.close()

    def _refuse_body(self) -> None:
        if not self._is_refusing:
            self._chunks = []
            self._refuse(self._server.application.too_large(self._request()))

    def _refuse(self, response: Response) -> None:
        """Answer, hear no more, and hang up once the client has had the time to read why."""
        self._is_refusing = True
        self._write(None, response, is_kept_alive=False)
        self._loop.call_later(LINGER_S, self._transport.close)

    def _cut(self) -> None:
        self._waiting.clear()
        connected: socket.socket = self._transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        self._transport.abort()

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def close_if_idle_since(self, earliest_s: float) -> None:
        """Hang up where nothing is being answered and the last answer is older."""
        if not self._is_answering and not self._is_in_body and self._active_s < earliest_s:
            self._transport.close()


def _split(target: bytes) -> tuple[str, str]:
    """Path and query as sent, percent-encoding kept; a proxy's client sends the whole URL."""
    if not target.startswith(b"/") or b"#" in target:
        try:
            url = httptools.parse_url(target)
        except httptools.HttpParserInvalidURLError:
            return target.decode("latin-1"), ""
        return (url.path or b"/").decode("latin-1"), (url.query or b"").decode("latin-1")
    path, _, query = target.decode("latin-1").partition("?")
    return path, query
