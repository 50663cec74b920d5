"""A server in a process of its own that does nothing but note when requests arrive, and answers SubmitJob as AWS would.

Arrivals are stamped by the kernel where it does that for TCP (Linux, SO_TIMESTAMPNS), so that neither this process's own work nor the
scheduler is in them; elsewhere when they are read.
"""

from __future__ import annotations

import heapq
import multiprocessing
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

SO_TIMESTAMPNS = 35
"""Linux's number; Python's socket module does not name it."""
BODY = b'{"jobArn":"arn:aws:batch:us-west-2:123456789012:job/%d","jobId":"%d","jobName":"name"}'
LISTEN_BACKLOG = 1024


@dataclass(frozen=True)
class Arrivals:
    """When requests arrived, in the order of their arrival: nanoseconds of the wall clock."""

    kernel_ns: list[int]
    read_ns: list[int]

    @property
    def stamps_ns(self) -> list[int]:
        """The kernel's where there are as many as requests."""
        return self.kernel_ns if len(self.kernel_ns) == len(self.read_ns) else self.read_ns

    @property
    def span_ms(self) -> float:
        """First to last."""
        return (max(self.stamps_ns) - min(self.stamps_ns)) / 1e6


@dataclass(frozen=True)
class Sink:
    """A running sink."""

    endpoint: str
    _control: Connection

    def take(self) -> Arrivals:
        """What has arrived since the last time."""
        self._control.send("take")
        kernel_ns, read_ns = self._control.recv()
        return Arrivals(sorted(kernel_ns), sorted(read_ns))


@contextmanager
def sink(latency_s: float) -> Iterator[Sink]:
    """A sink that answers each request after so long."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, latency_s), daemon=True)
    process.start()
    theirs.close()  # so that a sink that dies ends our wait for it
    try:
        yield Sink(f"http://127.0.0.1:{ours.recv()}", ours)
    finally:
        ours.send("end")
        process.join()


def _serve(control: Connection, latency_s: float) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=LISTEN_BACKLOG)
    listener.setblocking(False)
    control.send(listener.getsockname()[1])
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)
    poller.register(control.fileno(), select.EPOLLIN)
    clients: dict[int, socket.socket] = {}
    parts: dict[int, bytes] = {}
    due: list[tuple[float, int]] = []
    kernel_ns: list[int] = []
    read_ns: list[int] = []
    answered = 0
    while True:
        timeout_s = max(0.0, due[0][0] - time.monotonic()) if due else None
        for descriptor, _ in poller.poll(timeout_s):
            if descriptor == control.fileno():
                if control.recv() == "end":
                    return
                control.send((kernel_ns, read_ns))
                kernel_ns, read_ns = [], []
            elif descriptor == listener.fileno():
                client, _ = listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
                clients[client.fileno()] = client
                poller.register(client, select.EPOLLIN)
            else:
                data, ancillary, _, _ = clients[descriptor].recvmsg(65_536, 128)
                if not data:
                    poller.unregister(descriptor)
                    clients.pop(descriptor).close()
                    parts.pop(descriptor, None)
                    continue
                if descriptor not in parts:  # the first byte is when it arrives
                    read_ns.append(time.time_ns())
                    kernel_ns.extend(_stamps(ancillary))
                parts[descriptor] = parts.get(descriptor, b"") + data
                if _is_whole(parts[descriptor]):
                    del parts[descriptor]
                    heapq.heappush(due, (time.monotonic() + latency_s, descriptor))
        # Only once all that is there has been read: answering must not stand between two arrivals.
        now_s = time.monotonic()
        while due and due[0][0] <= now_s:
            _, descriptor = heapq.heappop(due)
            if descriptor in clients:
                answered += 1
                body = BODY % (answered, answered)
                clients[descriptor].send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def _stamps(ancillary: list[tuple[int, int, bytes]]) -> Iterator[int]:
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = struct.unpack("qq", data[:16])
            yield seconds * 1_000_000_000 + nanoseconds


def _is_whole(data: bytes) -> bool:
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return False
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    return len(body) >= length
