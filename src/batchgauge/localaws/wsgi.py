"""A WSGI application called with a request that has been read whole: one hop to a thread, one back."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias
from urllib.parse import unquote_to_bytes

from batchgauge.localaws.http_messages import Request, Response

WsgiApplication: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
OURS = frozenset({b"connection", b"date", b"server", b"transfer-encoding"})
"""Headers that are the server's, not the application's."""


def environ_of(request: Request, authorization: str) -> dict[str, Any]:
    """The request as WSGI wants it (PEP 3333)."""
    target = f"{request.raw_path}?{request.query_string}" if request.query_string else request.raw_path
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.raw_path).decode("latin-1"),
        "QUERY_STRING": request.query_string,
        "RAW_URI": target,
        "REQUEST_URI": target,
        "SERVER_NAME": request.server[0],
        "SERVER_PORT": str(request.server[1]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    environ["HTTP_AUTHORIZATION"] = authorization
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ["CONTENT_LENGTH"] = str(len(request.body))
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ


def call(application: WsgiApplication, environ: dict[str, Any]) -> Response:
    """Run the application to its end."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _exc_info: object = None
    ) -> Callable[[bytes], None]:
        started.append((status, headers))
        return written.append

    chunks = application(environ, start_response)
    try:
        written.extend(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    is_head = environ["REQUEST_METHOD"] == "HEAD"  # its length is that of the body it does not have
    kept = [pair for pair in raw if pair[0] not in OURS and (is_head or pair[0] != b"content-length")]
    return Response(int(status.split(" ", 1)[0]), b"".join(written), kept)
