"""An HTTP endpoint that answers as it is told, request by request, and remembers what arrived."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

Act: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Wire:
    """What is served, and what came."""

    endpoint: str = ""
    acts: list[Act] = field(default_factory=list)
    """One for each request, in order; the last one is repeated."""
    requests: list[bytes] = field(default_factory=list)
    """First lines and headers."""
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line), 0
                )
                self.bodies.append(await reader.readexactly(length))
                self.requests.append(head)
                act = self.acts[min(len(self.requests), len(self.acts)) - 1]
                await act(reader, writer)
                if writer.is_closing():
                    return
        writer.close()


def answer(status: int, body: object, headers: str = "", *, code: str | None = None) -> Act:
    """A whole answer; `body` is JSON unless it is bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = f"x-amzn-ErrorType: {code}\r\n" if code else ""

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\nx-amzn-RequestId: wire\r\n{error}{headers}\r\n"
        writer.write(head.encode() + data)
        await writer.drain()

    return act


def refusal(status: int, code: str, message: str = "No.", headers: str = "") -> Act:
    """An error as AWS Batch answers it."""
    return answer(status, {"message": message}, headers, code=code)


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close in order, without an answer."""
    writer.close()


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Cut the connection: the client's socket sees a reset."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def half_an_answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hang up in the middle of the body."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"jobId": "half')
    await writer.drain()
    writer.close()


async def rubbish(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Not HTTP at all."""
    writer.write(b"\x00\x01\x02 nothing of this is HTTP\r\n\r\n")
    await writer.drain()
    writer.close()


@asynccontextmanager
async def wire(*acts: Act, tls: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """Serve on a free port of this computer."""
    served = Wire(acts=list(acts))
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0, ssl=tls)
    scheme = "http" if tls is None else "https"
    served.endpoint = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        server.close()
