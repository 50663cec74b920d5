"""A WSGI application sees the request as it came, and its answer goes out whole."""

from __future__ import annotations

from typing import Any

from batchgauge.localaws.http_messages import Request
from batchgauge.localaws.wsgi import call, environ_of


def request(method: str = "POST", path: str = "/a%20b/%C3%BC", body: bytes = b"body") -> Request:
    headers = {"content-type": "text/plain", "x-amz-target": "T.Op", "host": "h:1", "transfer-encoding": "chunked"}
    return Request(method, path, "x=1", headers, body, ("127.0.0.1", 1))


def test_the_environ_is_that_of_the_request() -> None:
    environ = environ_of(request(), "AUTH")
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/a b/ü"
    assert (environ["RAW_URI"], environ["QUERY_STRING"]) == ("/a%20b/%C3%BC?x=1", "x=1")
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("text/plain", "4")
    assert (environ["HTTP_X_AMZ_TARGET"], environ["HTTP_HOST"], environ["HTTP_AUTHORIZATION"]) == (
        "T.Op",
        "h:1",
        "AUTH",
    )
    assert "HTTP_TRANSFER_ENCODING" not in environ
    assert environ["wsgi.input"].read() == b"body"


class Application:
    """Notes whether it was closed."""

    def __init__(self) -> None:
        self.is_closed = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        write = start_response("418 I'm a teapot", [("X-A", "1"), ("Content-Length", "99"), ("Connection", "close")])
        write(b"first ")
        return self

    def __iter__(self) -> Any:
        return iter([b"second ", b"third"])

    def close(self) -> None:
        self.is_closed = True


def test_the_answer_is_gathered_and_the_application_closed() -> None:
    application = Application()
    response = call(application, environ_of(request(), ""))
    assert (response.status, response.body) == (418, b"first second third")
    assert response.headers == [(b"x-a", b"1")]
    assert application.is_closed


def test_an_answer_to_head_keeps_the_length_it_tells() -> None:
    response = call(Application(), environ_of(request("HEAD"), ""))
    assert (b"content-length", b"99") in response.headers
