"""A small HTTP load generator: signed requests made beforehand, sent over a fixed number of connections, each answer timed."""

from __future__ import annotations

import math
import select
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

READ_BYTES = 1024 * 1024


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


class _Connection:
    """Sends a request, waits for its answer, sends the next; connects anew where the server closes after each."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(self._address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def send(self, request: bytes) -> None:
        self.sent_s = time.perf_counter()
        self.socket.sendall(request)

    def answer(self) -> tuple[bytes, bytes] | None:
        """Head and body, once they are whole."""
        data = self.socket.recv(READ_BYTES)
        if not data:
            raise ConnectionError("closed in the middle")
        buffer = self._buffer = self._buffer + data if self._buffer else data
        head_end = buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return None
        head = buffer[:head_end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 : at + 28].split(b"\r\n", 1)[0])
        if len(buffer) < head_end + 4 + length:
            return None
        self._buffer = b""
        return head, buffer[head_end + 4 :]


def drive(endpoint: str, requests: Sequence[bytes], connections: int, *, keeps_bodies: bool = False) -> Load:
    """Send all requests over so many connections at once, each waiting for its answer.

    One thread and a poller, no event loop: what the generator spends, the server on the same machine lacks.
    """
    url = urlsplit(endpoint)
    address = (str(url.hostname), int(url.port or 80))
    latencies_ms: list[float] = []
    statuses: Counter[int] = Counter()
    bodies: list[bytes] = []
    left = iter(requests)
    poller = select.poll()
    open_connections: dict[int, _Connection] = {}

    def go_on(connection: _Connection) -> None:
        request = next(left, None)
        if request is not None:
            open_connections[connection.socket.fileno()] = connection
            poller.register(connection.socket, select.POLLIN)
            connection.send(request)

    begun_s = time.perf_counter()
    idle = [_Connection(address) for _ in range(min(connections, len(requests)))]
    for connection in idle:
        go_on(connection)
    while len(latencies_ms) < len(requests):
        for descriptor, _ in poller.poll():
            connection = open_connections[descriptor]
            answer = connection.answer()
            if answer is None:
                continue
            head, body = answer
            latencies_ms.append((time.perf_counter() - connection.sent_s) * 1000)
            statuses[int(head[9:12])] += 1
            if keeps_bodies:
                bodies.append(body)
            if b"\r\nconnection: close" in head:
                poller.unregister(descriptor)
                connection.socket.close()
                connection.connect()
            go_on(connection)
    duration_s = time.perf_counter() - begun_s
    for connection in idle:
        connection.socket.close()
    return Load(duration_s, latencies_ms, statuses, bodies)
