"""Requests and responses as whole values: every AWS request must be read whole anyway, since its signature covers the body."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class BodyTooLargeError(Exception):
    """The request's body is longer than the server takes."""


class ClientGoneError(Exception):
    """The client hung up before its request was whole."""


@dataclass(slots=True)
class Request:
    """An HTTP request, read whole. Header names are lower case; the values of a repeated header are joined by commas."""

    method: str
    raw_path: str
    """As sent, percent-encoding kept: signatures cover it."""
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    scope: Scope
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(slots=True)
class Response:
    """An HTTP response; the content length is added when it is sent, unless it is there."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


def headers_of(scope: Scope) -> dict[str, str]:
    """The request's headers; latin-1 keeps every byte as it came."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


async def read_request(scope: Scope, receive: Receive, max_body_bytes: int) -> Request:
    """Read the request whole; raises `BodyTooLargeError` (before reading on) or `ClientGoneError`."""
    headers = headers_of(scope)
    announced = headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > max_body_bytes:
        raise BodyTooLargeError
    return Request(
        method=scope["method"],
        raw_path=scope["raw_path"].decode("latin-1"),
        query_string=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=await _read_body(receive, max_body_bytes),
        scope=scope,
    )


async def _read_body(receive: Receive, max_body_bytes: int) -> bytes:
    chunks: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk = message.get("body", b"")
        length += len(chunk)
        if length > max_body_bytes:
            raise BodyTooLargeError
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def send_response(send: Send, response: Response) -> None:
    """Send it whole."""
    headers = list(response.headers)
    if not any(name == b"content-length" for name, _ in headers):
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
