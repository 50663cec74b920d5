"""Signature Version 4, verified: in the Authorization header and in a presigned query.

Source: "Create a signed AWS API request" and "Authenticating Requests: Using Query Parameters" in the AWS documentation.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from calendar import timegm
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from time import gmtime, strftime, strptime
from typing import TypeAlias
from urllib.parse import quote, unquote

from batchgauge.localaws.http_messages import Request

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
MAX_CLOCK_SKEW_S = 15 * 60
MAX_EXPIRES_S = 7 * 24 * 60 * 60
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
SHA256_HEX = re.compile(r"[0-9a-f]{64}")
SCOPE_PARTS = 5

SecretOf: TypeAlias = Callable[[str], str | None]


class SignatureFault(Enum):
    """What is wrong with a request's signature; each protocol of AWS has its own code for it."""

    MISSING = "missing"
    INCOMPLETE = "incomplete"
    UNKNOWN_KEY = "unknown-key"
    MISMATCH = "mismatch"
    EXPIRED = "expired"


class SignatureError(Exception):
    """A request that is not signed as it must be."""

    def __init__(self, fault: SignatureFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message


@dataclass(frozen=True, slots=True)
class Signed:
    """What a request claims about its signature; nothing of it is verified yet."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    """``20261122T101500Z``"""
    expires_s: int | None = None
    """Presigned queries only."""

    @property
    def is_presigned(self) -> bool:
        """The signature is in the query."""
        return self.expires_s is not None


def parse(request: Request) -> Signed:
    """The claims of the header or else of the query; raises `SignatureError` where there are none or parts are missing."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return _parse_header(authorization, request.headers.get("x-amz-date") or "")
    if "X-Amz-Signature=" in request.query_string:
        return _parse_query(request.query_string)
    raise SignatureError(SignatureFault.MISSING, "Missing Authentication Token")


def _parse_header(authorization: str, timestamp: str) -> Signed:
    algorithm, _, rest = authorization.partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    absent = [name for name in ("Credential", "Signature", "SignedHeaders") if not parts.get(name)]
    if algorithm != ALGORITHM or absent or not timestamp:
        complaints = "".join(f"Authorization header requires '{name}' parameter. " for name in absent)
        if not timestamp:
            complaints += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        raise SignatureError(SignatureFault.INCOMPLETE, f"{complaints}Authorization={algorithm}")
    return _claims(parts["Credential"], parts["SignedHeaders"], parts["Signature"], timestamp, None)


def _parse_query(query_string: str) -> Signed:
    parts = {
        unquote(name): unquote(value) for name, _, value in (item.partition("=") for item in query_string.split("&"))
    }
    needed = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date", "X-Amz-Expires")
    absent = [name for name in needed if not parts.get(name)]
    if parts.get("X-Amz-Algorithm") != ALGORITHM or absent or not parts["X-Amz-Expires"].isdecimal():
        raise SignatureError(
            SignatureFault.INCOMPLETE,
            "AWS query-string parameters must include 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', "
            "'X-Amz-SignedHeaders', 'X-Amz-Date' and 'X-Amz-Expires'.",
        )
    expires_s = min(int(parts["X-Amz-Expires"][:9]), MAX_EXPIRES_S)
    return _claims(
        parts["X-Amz-Credential"],
        parts["X-Amz-SignedHeaders"],
        parts["X-Amz-Signature"],
        parts["X-Amz-Date"],
        expires_s,
    )


def _claims(credential: str, signed_headers: str, signature: str, timestamp: str, expires_s: int | None) -> Signed:
    scope = credential.split("/")
    if len(scope) != SCOPE_PARTS or scope[4] != "aws4_request" or not scope[3]:
        raise SignatureError(
            SignatureFault.INCOMPLETE,
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{credential}'",
        )
    return Signed(
        access_key_id=scope[0],
        date=scope[1],
        region=scope[2],
        service=scope[3].lower(),
        signed_headers=tuple(signed_headers.lower().split(";")),
        signature=signature,
        timestamp=timestamp,
        expires_s=expires_s,
    )


def verify(request: Request, signed: Signed, secret_of: SecretOf, now_s: float) -> None:
    """Raise `SignatureError` unless the request is signed with a secret of ours, all of it, and now (15 minutes either way)."""
    secret = secret_of(signed.access_key_id)
    if secret is None:
        raise SignatureError(SignatureFault.UNKNOWN_KEY, "The security token included in the request is invalid.")
    _verify_time(signed, now_s)
    _verify_coverage(request, signed)
    string_to_sign = "\n".join(
        (
            ALGORITHM,
            signed.timestamp,
            f"{signed.date}/{signed.region}/{signed.service}/aws4_request",
            hashlib.sha256(canonical_request(request, signed)).hexdigest(),
        )
    )
    key = _signing_key(secret, signed.date, signed.region, signed.service)
    expected = hmac.new(key, string_to_sign.encode(errors="replace"), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signed.signature.encode(errors="replace")):
        raise _mismatch()


def _mismatch() -> SignatureError:
    return SignatureError(
        SignatureFault.MISMATCH,
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
        "and signing method. Consult the service documentation for details.",
    )


def _verify_time(signed: Signed, now_s: float) -> None:
    signed_s = _parse_time(signed.timestamp)
    if signed.timestamp[:8] != signed.date:
        raise SignatureError(
            SignatureFault.MISMATCH, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date"
        )
    valid_s = signed.expires_s if signed.expires_s is not None else MAX_CLOCK_SKEW_S
    if now_s > signed_s + valid_s:
        raise SignatureError(
            SignatureFault.EXPIRED,
            f"Signature expired: {signed.timestamp} is now earlier than {_basic(now_s - valid_s)}",
        )
    if signed_s > now_s + MAX_CLOCK_SKEW_S:
        raise SignatureError(
            SignatureFault.EXPIRED,
            f"Signature not yet current: {signed.timestamp} is still later than {_basic(now_s + MAX_CLOCK_SKEW_S)}",
        )


@lru_cache(maxsize=256)
def _parse_time(timestamp: str) -> int:
    try:
        return timegm(strptime(timestamp, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise SignatureError(
            SignatureFault.INCOMPLETE, f"Date must be in ISO-8601 'basic format'. Got '{timestamp}'."
        ) from None


def _basic(time_s: float) -> str:
    return strftime("%Y%m%dT%H%M%SZ", gmtime(time_s))


def _verify_coverage(request: Request, signed: Signed) -> None:
    """The host and every ``x-amz-`` header must be signed, or someone on the way could add one."""
    uncovered = {name for name in request.headers if name.startswith("x-amz-")} - set(signed.signed_headers)
    if "host" not in signed.signed_headers:
        uncovered.add("host")
    if uncovered:
        raise SignatureError(
            SignatureFault.MISMATCH,
            f"'{sorted(uncovered)[0]}' must be a 'SignedHeader' in the AWS Authorization.",
        )


def canonical_request(request: Request, signed: Signed) -> bytes:
    """What the signature covers, in the order and the encoding that Signature Version 4 prescribes."""
    headers = request.headers
    lines = [
        request.method,
        _canonical_path(request.raw_path, signed.service == "s3"),
        _canonical_query(request.query_string) if request.query_string else "",
    ]
    lines.extend(f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed.signed_headers)
    lines += ["", ";".join(signed.signed_headers), _payload_hash(request, signed)]
    return "\n".join(lines).encode("latin-1", errors="replace")


@lru_cache(maxsize=1024)
def _canonical_path(raw_path: str, is_s3: bool) -> str:
    if is_s3:
        return raw_path or "/"  # S3 alone encodes once and normalises nothing
    kept: list[str] = []
    for part in raw_path.split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(part)
    normal = "/" + "/".join(kept)
    if raw_path.endswith("/") and kept:
        normal += "/"
    return quote(normal, safe="/~")


def _canonical_query(query_string: str) -> str:
    pairs = []
    for item in query_string.split("&"):
        name, _, value = item.partition("=")
        if name and name != "X-Amz-Signature":
            pairs.append((_reencoded(name), _reencoded(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _reencoded(text: str) -> str:
    return quote(unquote(text, encoding="latin-1"), safe="-._~", encoding="latin-1")


def _payload_hash(request: Request, signed: Signed) -> str:
    declared = request.headers.get("x-amz-content-sha256")
    if declared is None and signed.is_presigned and signed.service == "s3":
        return UNSIGNED_PAYLOAD
    if declared is not None and not SHA256_HEX.fullmatch(declared):
        # The other values of S3 announce chunks with checksums or signatures of their own behind this one.
        if declared == UNSIGNED_PAYLOAD or (signed.service == "s3" and declared.startswith("STREAMING-")):
            return declared
        raise _mismatch()
    actual = hashlib.sha256(request.body).hexdigest() if request.body else EMPTY_SHA256
    if declared is not None and declared != actual:
        raise _mismatch()
    return actual


@lru_cache(maxsize=256)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(errors="replace"), "sha256")
    return key
