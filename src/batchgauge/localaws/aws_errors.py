"""Errors shaped as the protocol of each service wants them, so that every SDK reads code and message out of them."""

from __future__ import annotations

from enum import Enum
from xml.sax.saxutils import escape

import orjson

from batchgauge.localaws.http_messages import Request, Response
from batchgauge.localaws.signature import SignatureError, SignatureFault


class WireProtocol(Enum):
    """How a service of AWS speaks."""

    REST_JSON = "rest-json"
    JSON = "json"
    QUERY = "query"
    EC2 = "ec2"
    S3 = "s3"


SIGNATURE_CODES: dict[WireProtocol, dict[SignatureFault, tuple[int, str]]] = {
    WireProtocol.REST_JSON: {
        SignatureFault.MISSING: (403, "MissingAuthenticationTokenException"),
        SignatureFault.INCOMPLETE: (403, "IncompleteSignatureException"),
        SignatureFault.UNKNOWN_KEY: (403, "UnrecognizedClientException"),
        SignatureFault.MISMATCH: (403, "InvalidSignatureException"),
        SignatureFault.EXPIRED: (403, "InvalidSignatureException"),
    },
    WireProtocol.JSON: {
        SignatureFault.MISSING: (400, "MissingAuthenticationTokenException"),
        SignatureFault.INCOMPLETE: (400, "IncompleteSignatureException"),
        SignatureFault.UNKNOWN_KEY: (400, "UnrecognizedClientException"),
        SignatureFault.MISMATCH: (400, "InvalidSignatureException"),
        SignatureFault.EXPIRED: (400, "InvalidSignatureException"),
    },
    WireProtocol.QUERY: {
        SignatureFault.MISSING: (403, "MissingAuthenticationToken"),
        SignatureFault.INCOMPLETE: (400, "IncompleteSignature"),
        SignatureFault.UNKNOWN_KEY: (403, "InvalidClientTokenId"),
        SignatureFault.MISMATCH: (403, "SignatureDoesNotMatch"),
        SignatureFault.EXPIRED: (403, "SignatureDoesNotMatch"),
    },
    WireProtocol.EC2: {
        SignatureFault.MISSING: (403, "MissingAuthenticationToken"),
        SignatureFault.INCOMPLETE: (400, "IncompleteSignature"),
        SignatureFault.UNKNOWN_KEY: (401, "AuthFailure"),
        SignatureFault.MISMATCH: (403, "SignatureDoesNotMatch"),
        SignatureFault.EXPIRED: (400, "RequestExpired"),
    },
    WireProtocol.S3: {
        SignatureFault.MISSING: (403, "AccessDenied"),
        SignatureFault.INCOMPLETE: (400, "AuthorizationHeaderMalformed"),
        SignatureFault.UNKNOWN_KEY: (403, "InvalidAccessKeyId"),
        SignatureFault.MISMATCH: (403, "SignatureDoesNotMatch"),
        SignatureFault.EXPIRED: (403, "RequestTimeTooSkewed"),
    },
}


def protocol_of(request: Request, service: str | None) -> WireProtocol:
    """How the sender of this request expects an error to look."""
    if "x-amz-target" in request.headers:
        return WireProtocol.JSON
    if service == "s3":
        return WireProtocol.S3
    if service == "ec2":
        return WireProtocol.EC2
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if is_form or "Action=" in request.query_string:
        return WireProtocol.QUERY
    return WireProtocol.REST_JSON


def operation_of(request: Request) -> str:
    """The operation's name where the request says it in a header, its query or its form; empty in a path-based protocol."""
    target = request.headers.get("x-amz-target")
    if target is not None:
        return target.rpartition(".")[2]
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    form = request.body.decode("latin-1") if is_form else request.query_string
    return next((part[7:] for part in form.split("&") if part.startswith("Action=")), "")


def signature_response(request: Request, service: str | None, error: SignatureError) -> Response:
    """The refusal of a request whose signature is missing or wrong."""
    protocol = protocol_of(request, service)
    status, code = SIGNATURE_CODES[protocol][error.fault]
    return error_response(request, protocol, status, code, error.message)


def error_response(request: Request, protocol: WireProtocol, status: int, code: str, message: str) -> Response:
    """An error in the shape of the protocol, with the request's id where AWS puts it."""
    if protocol in (WireProtocol.REST_JSON, WireProtocol.JSON):
        return _json_error(request, protocol, status, code, message)
    return _xml_error(request, protocol, status, code, message)


def _json_error(request: Request, protocol: WireProtocol, status: int, code: str, message: str) -> Response:
    if protocol is WireProtocol.JSON:
        content_type = request.headers.get("content-type", "application/x-amz-json-1.1")
        body = orjson.dumps({"__type": code, "message": message})
    else:
        content_type = "application/json"
        body = orjson.dumps({"message": message, "code": code})
    headers = [
        (b"content-type", content_type.encode("latin-1")),
        (b"x-amzn-requestid", request.request_id.encode()),
        (b"x-amzn-errortype", code.encode("latin-1")),
    ]
    return Response(status, body, headers)


def _xml_error(request: Request, protocol: WireProtocol, status: int, code: str, message: str) -> Response:
    detail = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    identity = f"<RequestId>{request.request_id}</RequestId>"
    if protocol is WireProtocol.S3:
        document = f"<Error>{detail}{identity}</Error>"
    elif protocol is WireProtocol.EC2:
        document = (
            f"<Response><Errors><Error>{detail}</Error></Errors>{identity.replace('RequestId', 'RequestID')}</Response>"
        )
    else:
        document = f"<ErrorResponse><Error><Type>Sender</Type>{detail}</Error>{identity}</ErrorResponse>"
    headers = [(b"content-type", b"text/xml"), (b"x-amzn-requestid", request.request_id.encode())]
    return Response(status, f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'.encode(), headers)
