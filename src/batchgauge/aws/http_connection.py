"""One HTTP/1.1 connection: a whole request written in one stroke, its answer parsed as it comes.

A client library's connection makes its request piece by piece when it is sent, through queues and tasks of its own. Here the bytes are
made beforehand, so that a send is a stamp and a system call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import httptools
from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError

NO_BODY_STATUSES: Final = (204, 304)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    received_ms: float


class Exchange(Protocol):
    """A request that waits for a connection, and then for its answer."""

    request: bytes
    answer: asyncio.Future[Answer]

    def may_begin(self) -> bool:
        """Whether it is still to be sent; stamps the moment: the write comes next."""
        ...


class HttpConnection(asyncio.Protocol):
    """Takes one exchange at a time; `on_free` is told when it may take the next, `on_lost` when it never will."""

    def __init__(
        self,
        url: str,
        read_timeout_s: float,
        now_ms: Callable[[], float],
        on_free: Callable[[HttpConnection], None],
        on_lost: Callable[[HttpConnection], None],
    ) -> None:
        self._url = url
        self._read_timeout_s = read_timeout_s
        self._now_ms = now_ms
        self._on_free = on_free
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._exchange: Exchange | None = None
        self._timeout: asyncio.TimerHandle | None = None
        self.is_usable = False
        self.idle_since_s = self._loop.time()
        self._parser = httptools.HttpResponseParser(self)
        self._status: int | None = None
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    def begin(self, exchange: Exchange) -> bool:
        """Write a request, unless it is not to be sent any more; only while the connection is free."""
        assert self._transport is not None  # noqa: S101 - a connection is handed out once it is made
        if not exchange.may_begin():
            return False
        self._transport.write(exchange.request)
        self._exchange = exchange
        self._timeout = self._loop.call_later(self._read_timeout_s, self._time_out)
        return True

    def close(self) -> None:
        """Close at once, whatever is under way."""
        self.is_usable = False
        if self._transport is not None:
            self._transport.abort()

    # --- what the event loop calls ------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It can be used."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport
        self.is_usable = True

    def data_received(self, data: bytes) -> None:
        """Part of an answer; anything else than one is the end of the connection."""
        if self._exchange is None:
            self.close()
            return
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = self._loop.call_later(self._read_timeout_s, self._time_out)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(HTTPClientError(error=error))
        # Only now: what came behind an answer must not be taken for the next one's.
        if not self._is_waiting():
            self._become_free()

    def eof_received(self) -> None:
        """The server sends nothing more: a request written from now on might be lost without a trace."""
        self.is_usable = False

    def connection_lost(self, error: Exception | None) -> None:
        """Closed, by whomever."""
        self.is_usable = False
        if self._exchange is not None:
            if error is None and self._ends_with_the_connection():
                self._complete()
            else:
                # The request was written: whether it arrived nobody knows.
                self._fail(ConnectionClosedError(endpoint_url=self._url, error=error))
        self._on_lost(self)

    # --- what the parser calls ----------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """An answer begins; where none is waited for, whatever speaks there is not to be trusted any more."""
        if self._exchange is None:
            self.is_usable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("utf-8", "replace")

    def on_headers_complete(self) -> None:
        """The status is known."""
        self._status = self._parser.get_status_code()

    def on_body(self, part: bytes) -> None:
        """Part of the body."""
        self._body.append(part)

    def on_message_complete(self) -> None:
        """The last byte was read."""
        if self._status is not None and self._status < 200:  # an interim answer; the real one follows
            self._forget_message()
            return
        self.is_usable = self.is_usable and bool(self._parser.should_keep_alive())
        self._complete()

    # ------------------------------------------------------------------------------------------------------------------

    def _forget_message(self) -> None:
        self._status, self._headers, self._body = None, {}, []

    def _ends_with_the_connection(self) -> bool:
        """Whether the answer under way has no other end: neither a length nor chunks."""
        return self._status is not None and not self._headers.keys() & {"content-length", "transfer-encoding"}

    def _complete(self) -> None:
        exchange = self._take()
        if exchange is None or self._status is None:  # two answers to one request
            self.close()
            return
        answer = Answer(self._status, self._headers, b"".join(self._body), self._now_ms())
        if not exchange.answer.done():
            exchange.answer.set_result(answer)
        self._forget_message()

    def _is_waiting(self) -> bool:
        return self._exchange is not None

    def _become_free(self) -> None:
        if self.is_usable:
            self.idle_since_s = self._loop.time()
            self._on_free(self)
        else:
            self.close()

    def _fail(self, error: Exception) -> None:
        exchange = self._take()
        if exchange is not None and not exchange.answer.done():
            exchange.answer.set_exception(error)
        self.close()

    def _time_out(self) -> None:
        self._fail(ReadTimeoutError(endpoint_url=self._url))

    def _take(self) -> Exchange | None:
        exchange, self._exchange = self._exchange, None
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None
        return exchange
