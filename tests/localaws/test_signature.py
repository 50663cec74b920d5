"""Signatures made by botocore, the client's own signer, are verified; any change to them is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from batchgauge.localaws.http_messages import Request
from batchgauge.localaws.signature import SignatureError, SignatureFault, _parse_time, parse, verify

KEY, SECRET = "AKIAEXAMPLEEXAMPLE00", "a/secret+of=forty.characters-in-its-whole"
URL = "http://127.0.0.1:4566"
SIGNERS = {"header": SigV4Auth, "query": SigV4QueryAuth, "s3-header": S3SigV4Auth, "s3-query": S3SigV4QueryAuth}


def signed(
    method: str = "POST",
    path: str = "/v1/submitjob",
    body: bytes = b"{}",
    how: str = "header",
    service: str = "batch",
    headers: dict[str, str] | None = None,
) -> Request:
    """A request as botocore would put it on the wire."""
    aws_request = AWSRequest(method=method, url=URL + path, data=body, headers=headers or {})
    aws_request.context = {}
    SIGNERS[how](Credentials(KEY, SECRET), service, "us-west-2").add_auth(aws_request)
    prepared = aws_request.prepare()
    url = urlsplit(prepared.url)
    sent = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    sent["host"] = url.netloc
    return Request(method, url.path, url.query, sent, prepared.body or b"")  # presigning moves a body into the query


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value).encode().decode("latin-1")


def fault_of(request: Request, secret: str | None = SECRET, later_s: float = 0) -> SignatureFault | None:
    """What is wrong with a request; None: nothing."""
    try:
        claims = parse(request)
        now_s = _parse_time(claims.timestamp) + later_s
        verify(request, claims, lambda key: secret if key == KEY else None, now_s)
    except SignatureError as error:
        return error.fault
    return None


@pytest.mark.parametrize("how", ["header", "query"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/submitjob"),
        ("GET", "/v1/tags/arn%3Aaws%3Abatch%3Aus-west-2%3A123456789012%3Ajob-queue%2Fwindows-batch-queue"),
        ("DELETE", "/v1/tags/arn%3Aaws%3Abatch?tagKeys=b%20c&tagKeys=a%2Fb&tagKeys="),
        ("GET", "/"),
        ("GET", "/a//b/./c"),
    ],
)
def test_what_botocore_signs_is_accepted(how: str, method: str, path: str) -> None:
    assert fault_of(signed(method, path, b"" if method != "POST" else b'{"jobName":"x"}', how)) is None


@pytest.mark.parametrize("how", ["s3-header", "s3-query"])
def test_s3_encodes_its_path_once_only(how: str) -> None:
    assert fault_of(signed("GET", "/bucket/a%20b//c%2Fd", b"", how, "s3")) is None


def test_header_values_with_runs_of_spaces_and_other_alphabets_are_accepted() -> None:
    assert fault_of(signed(headers={"X-Amz-Meta": "  a   b\t c ", "X-Amz-Name": "\u540d\u524d"})) is None


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=4))
def test_any_body_and_any_query_is_accepted_as_signed(body: bytes, pairs: list[tuple[str, str]]) -> None:
    from urllib.parse import quote

    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs if name)
    assert fault_of(signed(path=f"/v1/submitjob?{query}" if query else "/v1/submitjob", body=body)) is None


@pytest.mark.parametrize("how", ["header", "query"])
def test_a_changed_request_is_refused(how: str) -> None:
    request = signed(how=how)
    for changed in (
        replace(request, body=b"{ }"),
        replace(request, method="PUT"),
        replace(request, raw_path="/v1/terminatejob"),
        replace(request, headers={**request.headers, "host": "other:1"}),
        replace(request, query_string=request.query_string + "&x=1"),
    ):
        assert fault_of(changed) is SignatureFault.MISMATCH


def test_an_added_amazon_header_must_be_signed_too() -> None:
    request = signed()
    assert fault_of(replace(request, headers={**request.headers, "x-amz-target": "Other"})) is SignatureFault.MISMATCH


def test_another_secret_or_an_unknown_key_is_refused() -> None:
    assert fault_of(signed(), secret="another") is SignatureFault.MISMATCH
    assert fault_of(signed(), secret=None) is SignatureFault.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("how", "later_s", "expected"),
    [
        ("header", 899, None),
        ("header", 901, SignatureFault.EXPIRED),
        ("header", -899, None),
        ("header", -901, SignatureFault.EXPIRED),
        ("query", 3599, None),  # botocore presigns for an hour
        ("query", 3601, SignatureFault.EXPIRED),
    ],
)
def test_a_signature_holds_for_its_time_only(how: str, later_s: float, expected: SignatureFault | None) -> None:
    assert fault_of(signed(how=how), later_s=later_s) is expected


def test_a_request_without_signature_is_told_so() -> None:
    assert fault_of(Request("GET", "/", "", {"host": "h"}, b"")) is SignatureFault.MISSING


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic abc",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request",
        "AWS4-HMAC-SHA256 Credential=,,,=,",
    ],
)
def test_a_broken_authorization_header_is_incomplete(authorization: str) -> None:
    headers = {"host": "h", "x-amz-date": "20261122T101500Z", "authorization": authorization}
    assert fault_of(Request("GET", "/", "", headers, b"")) is SignatureFault.INCOMPLETE


def test_a_body_other_than_its_declared_hash_is_refused() -> None:
    request = signed(how="s3-header", service="s3", body=b"one", method="PUT", path="/b/k")
    assert request.headers["x-amz-content-sha256"]
    assert fault_of(request) is None
    assert fault_of(replace(request, body=b"two")) is SignatureFault.MISMATCH


def test_an_unsigned_payload_is_accepted_where_the_signature_says_so() -> None:
    request = signed(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    assert fault_of(replace(request, body=b"anything")) is None


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=80),
    st.text(max_size=80),
    st.text(alphabet="X-AmzSignature=&%0aé/;", max_size=80),
    st.text(max_size=20),
)
def test_whatever_is_sent_is_refused_in_order(credential: str, signature: str, query: str, date: str) -> None:
    authorization = f"AWS4-HMAC-SHA256 Credential={credential}/d/r/batch/aws4_request, SignedHeaders=host;{date}, Signature={signature}"
    headers = {"host": "h", "x-amz-date": date, "authorization": authorization}
    requests = (
        Request("GET", "/" + query, query, headers, b""),
        Request("GET", "/", query + "&X-Amz-Signature=" + query, {"host": "h"}, b""),
    )
    for request in requests:
        with pytest.raises(SignatureError):
            verify(request, parse(request), lambda key: SECRET, 0)
