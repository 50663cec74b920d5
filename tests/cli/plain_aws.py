"""A way to the embedded AWS on which it does not say what it is: to the command it is AWS itself, with prices and questions."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

OURS = "/_batchgauge/"
LIMIT_S = 60


def _handler(host: str, port: int) -> type[http.server.BaseHTTPRequestHandler]:
    class Forward(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path.startswith(OURS):
                self._answer(404, {}, b"")
                return
            connection = http.client.HTTPConnection(host, port, timeout=LIMIT_S)
            try:
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                self._answer(answer.status, dict(answer.getheaders()), answer.read())
            finally:
                connection.close()

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._forward()

        def do_POST(self) -> None:
            self._forward()

        def do_DELETE(self) -> None:
            self._forward()

    return Forward


@contextmanager
def plain_aws(endpoint: str) -> Iterator[str]:
    """The address under which an embedded AWS is taken for AWS."""
    parts = urlsplit(endpoint)
    assert parts.hostname is not None
    assert parts.port is not None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(parts.hostname, parts.port))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(LIMIT_S)
