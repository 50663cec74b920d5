"""Answers and refusals on the wire, as botocore reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from batchgauge.batchmodel.boundary import Answer, Refusal
from batchgauge.localaws.batch_api import BatchApi
from batchgauge.localaws.http_messages import Request, Response
from batchgauge.localaws.service_model import load_service_model

MODEL = load_service_model()


class Caller:
    """Answers what it was prepared for."""

    def __init__(self, outcome: Answer | Refusal) -> None:
        self.outcome = outcome
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    def call(self, operation: str, parameters: Mapping[str, Any]) -> Answer | Refusal:
        self.calls.append((operation, parameters))
        return self.outcome


def asked(path: str, body: bytes, outcome: Answer | Refusal) -> tuple[Response, Caller]:
    caller = Caller(outcome)
    return BatchApi(MODEL, caller).respond(Request("POST", path, "", {}, body)), caller


def test_an_answer_is_json_with_a_request_id() -> None:
    response, caller = asked("/v1/listjobs", b'{"jobQueue":"q"}', Answer(1, MappingProxyType({"jobSummaryList": ()})))
    assert (response.status, response.body) == (200, b'{"jobSummaryList":[]}')
    assert caller.calls == [("ListJobs", {"jobQueue": "q"})]
    assert len(dict(response.headers)[b"x-amzn-requestid"]) == 36


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(1, 429, "TooManyRequestsException", "Too Many Requests"),
        Refusal(1, 400, "ClientException", "JobQueue NAME not found."),
        Refusal(1, 500, "ServerException", "x"),
    ],
)
def test_a_refusal_carries_its_code_where_sdks_look(refusal: Refusal) -> None:
    response, _ = asked("/v1/listjobs", b"{}", refusal)
    assert response.status == refusal.status
    assert dict(response.headers)[b"x-amzn-errortype"] == refusal.code.encode()
    assert json.loads(response.body) == {"message": refusal.message, "code": refusal.code}


def test_a_wrong_shape_never_reaches_the_model() -> None:
    response, caller = asked("/v1/submitjob", b"{}", Answer(1, {}))
    message = json.loads(response.body)["message"]
    assert message.startswith("Error executing request, Exception : jobName must not be null, RequestId: ")
    assert (response.status, caller.calls) == (400, [])


def test_an_unknown_path_is_404() -> None:
    response, _ = asked("/v1/unknown", b"{}", Answer(1, {}))
    assert (response.status, json.loads(response.body)["code"]) == (404, "UnknownOperationException")


def test_a_submission_of_more_than_30_kib_is_refused() -> None:
    body = json.dumps(
        {"jobName": "a", "jobQueue": "q", "jobDefinition": "d", "parameters": {"x": "y" * 31_000}}
    ).encode()
    response, caller = asked("/v1/submitjob", body, Answer(1, {}))
    assert (response.status, caller.calls) == (400, [])
    assert "30720" in json.loads(response.body)["message"]
