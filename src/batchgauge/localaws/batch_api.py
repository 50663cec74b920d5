"""The Batch API on the wire: a request becomes a checked call of the model, its answer or refusal a response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from batchgauge.batchmodel.boundary import Answer, EncodedJson, Refusal
from batchgauge.localaws.aws_errors import WireProtocol, error_response
from batchgauge.localaws.http_messages import Request, Response
from batchgauge.localaws.service_model import RequestShapeError, ServiceModel

MAX_PAYLOAD_BYTES = {"SubmitJob": 30 * 1024, "RegisterJobDefinition": 24 * 1024}
"""Service quotas of AWS Batch."""


class Caller(Protocol):
    """Whoever takes a checked call to the model and brings back what it says (`Driver`)."""

    def call(self, operation: str, parameters: Mapping[str, Any]) -> Answer | Refusal:
        """The model's one answer."""
        ...


class BatchApi:
    """rest-json in, rest-json out."""

    def __init__(self, service_model: ServiceModel, caller: Caller) -> None:
        self._service_model = service_model
        self._caller = caller

    def operation_of(self, request: Request) -> str:
        """The operation's name; empty where AWS has none there."""
        found = self._service_model.find(request.method, request.raw_path)
        return found[0].name if found is not None else ""

    def respond(self, request: Request) -> Response:
        """Answer one signed request; refusals are shaped as AWS shapes them."""
        found = self._service_model.find(request.method, request.raw_path)
        if found is None:
            return _refused(request, 404, "UnknownOperationException", "The requested operation does not exist")
        operation, uri_value = found
        if len(request.body) > MAX_PAYLOAD_BYTES.get(operation.name, len(request.body)):
            limit = MAX_PAYLOAD_BYTES[operation.name]
            return _refused_shape(request, f"Request payload length must be at most {limit}")
        try:
            parameters = operation.parameters(uri_value, request.query_string, request.body)
        except RequestShapeError as error:
            return _refused_shape(request, str(error))
        outcome = self._caller.call(operation.name, parameters)
        if isinstance(outcome, Refusal):
            return _refused(request, outcome.status, outcome.code, outcome.message)
        headers = [(b"content-type", b"application/json"), (b"x-amzn-requestid", request.request_id.encode())]
        body = outcome.body
        content = body.content if isinstance(body, EncodedJson) else orjson.dumps(body, default=_plain)
        return Response(200, content, headers)


def _plain(value: object) -> object:
    """What the model may hand over beside plain JSON types."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)


def _refused_shape(request: Request, complaint: str) -> Response:
    message = f"Error executing request, Exception : {complaint}, RequestId: {request.request_id}"
    return _refused(request, 400, "ClientException", message)


def _refused(request: Request, status: int, code: str, message: str) -> Response:
    return error_response(request, WireProtocol.REST_JSON, status, code, message)
