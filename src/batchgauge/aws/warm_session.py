"""botocore's HTTP session with a way past it: a prepared request waits at a gate, and goes out on a connection that is open already.

Everything but the transport stays botocore's: parameters, endpoint, credentials, signature, the parsing of the answer, the errors. It is
handed to the client by aiobotocore's own setting for that (``http_session_cls``), with the settings of the user's for certificates,
proxies and timeouts. A request without a gate goes the ordinary way; so does one to an endpoint behind a proxy, once its gate is open.
"""

from __future__ import annotations

import asyncio
import contextvars
import ssl
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.httpsession import AIOHTTPSession
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, SSLError
from botocore.httpsession import ProxyConfiguration, create_urllib3_context, get_cert_path

from batchgauge.aws.call_times import CallTimes, current_call
from batchgauge.aws.connection_pool import ConnectionPool
from batchgauge.aws.http_connection import Answer, HttpConnection

LONGEST_SIGNED_S: Final = 60.0
"""No request goes out with an older signature (AWS takes them for five minutes): it is signed anew instead."""
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class SignatureTooOldError(Exception):
    """The request was not sent: its signature is too old by now."""


class Gate:
    """Where one request waits, signed and written out, until it is told to go."""

    def __init__(self, now_ms: Callable[[], float], most_connections: int) -> None:
        self._loop = asyncio.get_running_loop()
        self.now_ms = now_ms
        self.most_connections = most_connections
        self.request = b""
        self.answer: asyncio.Future[Answer] = self._loop.create_future()
        self.reached: asyncio.Future[None] = self._loop.create_future()
        self.opened: asyncio.Future[None] = self._loop.create_future()
        self.pool: ConnectionPool | None = None
        """None for a request that goes the ordinary way."""
        self.opened_ms: float | None = None
        """None where the request was written at once."""
        self.sent_ms: float | None = None
        self._has_waited = False
        self._signed_s = 0.0

    @property
    def waited_ms(self) -> float:
        """From the opening to the write; 0 where a connection was free."""
        if not self._has_waited or self.sent_ms is None or self.opened_ms is None:
            return 0.0
        return self.sent_ms - self.opened_ms

    def open(self) -> None:
        """Let the request go: it is written before this returns, if a connection is free."""
        if self.pool is not None and self.pool.start(self):
            return
        self.opened_ms = self.now_ms()
        self._has_waited = self.pool is not None
        self.opened.set_result(None)

    def may_begin(self) -> bool:
        """Whether the request is still to be sent; stamps the moment: the write comes next."""
        if self.answer.done():
            return False
        if self._loop.time() - self._signed_s > LONGEST_SIGNED_S:
            self.answer.set_exception(SignatureTooOldError())
            return False
        self.sent_ms = self.now_ms()
        return True

    def reach(self, request: bytes, pool: ConnectionPool | None) -> None:
        """The request is ready."""
        self.request, self.pool = request, pool
        self._signed_s = self._loop.time()
        self.reached.set_result(None)


gate_of_task: contextvars.ContextVar[Gate | None] = contextvars.ContextVar("gate", default=None)
"""The gate of the call that this task makes."""


class WarmSession(AIOHTTPSession):  # type: ignore[misc]
    """aiobotocore's session, with pools of open connections for requests that have a gate."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._settings = settings
        self._proxies = ProxyConfiguration(settings.get("proxies"), settings.get("proxies_config"))
        self._pools: dict[tuple[str, str, int], ConnectionPool] = {}
        self._tls: asyncio.Future[ssl.SSLContext] | None = None

    async def send(self, request: Any) -> AioAWSResponse:
        """Send a request and return its answer; through its gate, if it has one."""
        gate = gate_of_task.get()
        if gate is None:
            return await super().send(request)
        times = current_call() or CallTimes()
        if self._proxies.proxy_url_for(request.url):
            gate.reach(b"", None)
            await gate.opened
            times.sent_ms = gate.opened_ms
            return await super().send(request)
        gate.reach(request_bytes(request), self._pool(request.url, gate))
        try:
            answer = await gate.answer
        finally:
            times.sent_ms = gate.sent_ms or gate.opened_ms
        times.received_ms = answer.received_ms
        return AioAWSResponse(request.url, answer.status, answer.headers, _Body(answer.body))

    async def __aexit__(self, *error: object) -> None:
        """Close everything."""
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.close()
        await super().__aexit__(*error)

    def _pool(self, url: str, gate: Gate) -> ConnectionPool:
        parts = urlsplit(url)
        origin = (parts.scheme, parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme])
        if origin not in self._pools:

            async def connect(
                on_free: Callable[[HttpConnection], None], on_lost: Callable[[HttpConnection], None]
            ) -> HttpConnection:
                return await self._connect(origin, url, gate.now_ms, on_free, on_lost)

            self._pools[origin] = ConnectionPool(connect, gate.most_connections)
        return self._pools[origin]

    async def _connect(
        self,
        origin: tuple[str, str, int],
        url: str,
        now_ms: Callable[[], float],
        on_free: Callable[[HttpConnection], None],
        on_lost: Callable[[HttpConnection], None],
    ) -> HttpConnection:
        scheme, host, port = origin
        connect_timeout_s, read_timeout_s = self._settings["timeout"]
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(connect_timeout_s):
                tls = await self._tls_context() if scheme == "https" else None
                _, connection = await loop.create_connection(
                    lambda: HttpConnection(url, read_timeout_s, now_ms, on_free, on_lost), host, port, ssl=tls
                )
                if not connection.is_usable:  # it was closed before anything could be sent on it
                    raise ConnectionResetError
                return connection
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=url, error=error) from error
        except ssl.SSLError as error:
            raise SSLError(endpoint_url=url, error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=url, error=error) from error

    async def _tls_context(self) -> ssl.SSLContext:
        """One for all connections; reading the certificates takes too long for the event loop."""
        if self._tls is None:
            self._tls = asyncio.ensure_future(asyncio.to_thread(self._new_tls_context))
        return await asyncio.shield(self._tls)

    def _new_tls_context(self) -> ssl.SSLContext:
        """As botocore and aiobotocore make it from the same settings."""
        verify, certificate = self._settings.get("verify", True), self._settings.get("client_cert")
        context: ssl.SSLContext = create_urllib3_context()
        if verify:
            context.check_hostname = True
            context.load_verify_locations(get_cert_path(verify))
        else:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate is not None:
            context.load_cert_chain(*([certificate] if isinstance(certificate, str) else certificate))
        return context


class _Body:
    """The raw side of a response, as aiobotocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self) -> bytes:
        return self._body


def request_bytes(request: Any) -> bytes:
    """A prepared request of botocore's as HTTP/1.1 writes it."""
    parts = urlsplit(request.url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    if parts.port not in (None, DEFAULT_PORTS[parts.scheme]):  # as it was signed
        host = f"{host}:{parts.port}"
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else bytes(body)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": host, "Accept-Encoding": "identity", "Content-Length": str(len(body))}
    taken = {name.lower() for name in headers}
    lines = [f"{request.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    lines += [f"{name}: {_text(value)}" for name, value in request.headers.items() if name.lower() not in taken]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
