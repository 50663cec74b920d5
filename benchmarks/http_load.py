"""A small HTTP load generator: signed requests made beforehand, sent over a fixed number of connections, each answer timed."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


@dataclass(frozen=True)
class Signer:
    """Makes whole HTTP requests, ready for the socket."""

    endpoint: str
    access_key_id: str
    secret_access_key: str
    region: str = "us-west-2"

    def batch_request(self, path: str, body: bytes) -> bytes:
        """A POST of the Batch API."""
        request = AWSRequest("POST", self.endpoint + path, {"Content-Type": "application/json"}, body)
        SigV4Auth(Credentials(self.access_key_id, self.secret_access_key), "batch", self.region).add_auth(request)
        headers = {"Host": urlsplit(self.endpoint).netloc, "Content-Length": str(len(body)), **request.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


@dataclass(frozen=True)
class Load:
    """What came of a load."""

    duration_s: float
    latencies_ms: list[float]
    statuses: Counter[int]
    bodies: list[bytes]

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies_ms) / self.duration_s

    def percentile_ms(self, percent: float) -> float:
        """Nearest rank."""
        ordered = sorted(self.latencies_ms)
        return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


class _Connection(asyncio.Protocol):
    """Sends a request, waits for its answer, sends the next; connects anew where the server closes after each."""

    def __init__(self, drive: _Drive) -> None:
        self._drive = drive
        self._buffer = b""
        self._sent_s = 0.0
        self._is_waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = next(self._drive.requests, None)
        if request is None:
            self._transport.close()
            return
        self._sent_s = time.perf_counter()
        self._is_waiting = True
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        if len(self._buffer) < head_end + 4 + length:
            return
        self._is_waiting = False
        self._drive.take(self._sent_s, int(head[9:12]), self._buffer[head_end + 4 :])
        self._buffer = b""
        if b"\r\nconnection: close" in head:
            self._transport.close()
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._drive.lost(error or ConnectionError("closed in the middle") if self._is_waiting else None)


class _Drive:
    def __init__(self, endpoint: str, requests: Sequence[bytes], connections: int, keeps_bodies: bool) -> None:
        self._address = urlsplit(endpoint)
        self._wanted = len(requests)
        self._connections = connections
        self._keeps_bodies = keeps_bodies
        self.requests = iter(requests)
        self._latencies_ms: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._bodies: list[bytes] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> Load:
        self._done = asyncio.get_running_loop().create_future()
        begun_s = time.perf_counter()
        for _ in range(min(self._connections, self._wanted)):
            self._connect()
        await self._done
        return Load(time.perf_counter() - begun_s, self._latencies_ms, self._statuses, self._bodies)

    def _connect(self) -> None:
        task = asyncio.ensure_future(self._open())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open(self) -> None:
        host, port = self._address.hostname, self._address.port
        try:
            await asyncio.get_running_loop().create_connection(lambda: _Connection(self), str(host), int(port or 80))
        except OSError as error:
            self._fail(error)

    def take(self, sent_s: float, status: int, body: bytes) -> None:
        self._latencies_ms.append((time.perf_counter() - sent_s) * 1000)
        self._statuses[status] += 1
        if self._keeps_bodies:
            self._bodies.append(body)
        if len(self._latencies_ms) == self._wanted and not self._done.done():
            self._done.set_result(None)

    def lost(self, error: Exception | None) -> None:
        if error is not None:
            self._fail(error)
        elif not self._done.done():
            self._connect()

    def _fail(self, error: Exception) -> None:
        if not self._done.done():
            self._done.set_exception(error)


def drive(endpoint: str, requests: Sequence[bytes], connections: int, *, keeps_bodies: bool = False) -> Load:
    """Send all requests over so many connections at once, each waiting for its answer."""

    async def run() -> Load:
        return await _Drive(endpoint, requests, connections, keeps_bodies).run()

    return asyncio.run(run())
