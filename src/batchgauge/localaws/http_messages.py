"""Requests and responses as whole values: every AWS request must be read whole anyway, since its signature covers the body."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Request:
    """An HTTP request, read whole. Header names are lower case; the values of a repeated header are joined by commas."""

    method: str
    raw_path: str
    """As sent, percent-encoding kept: signatures cover it."""
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    server: tuple[str, int] = ("127.0.0.1", 0)
    """The address that the request came in by."""
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(slots=True)
class Response:
    """An HTTP response; the content length is added when it is sent, unless it is there."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
