"""Whatever is sent, signed or not, to Batch or beside it: no answer is a 500 that no fault asked for."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchgauge.localaws.service_model import load_service_model

MODEL = load_service_model()
ROUTES = sorted(operation.name for operation in MODEL.operations)
KNOWN = [
    "windows-batch-queue",
    "linux-countdown-job",
    "windows-batch-environment",
    "job",
    "",
    "*",
    "a" * 200,
    "é\u0000",
]
"""What is there, so that requests get further than "not found"; and what never is."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def values_of(shape_name: str, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values nearly of a shape of the service model: mostly right, now and then anything."""
    shape = MODEL.shapes[shape_name]
    match shape["type"]:
        case "structure" if depth < 4:
            members = {name: values_of(each["shape"], depth + 1) for name, each in shape["members"].items()}
            required = {name: members.pop(name) for name in shape.get("required", ()) if name in members}
            right: st.SearchStrategy[Any] = st.fixed_dictionaries(required, optional=members)
        case "list":
            right = st.lists(st.deferred(lambda: values_of(shape["member"]["shape"], depth + 1)), max_size=3)
        case "map":
            right = st.dictionaries(st.sampled_from(KNOWN), st.sampled_from(KNOWN), max_size=2)
        case "string":
            right = st.sampled_from([*shape.get("enum", ()), *KNOWN, "1", "0.25", "2048"])
        case "boolean":
            right = st.booleans()
        case "integer" | "long":
            right = st.sampled_from([-1, 0, 1, 2, 60, 10_000, 2**31 - 1, 2**31, 2**63])
        case _:
            right = st.sampled_from([0, 0.5, 1e308])
    return st.integers(0, 19).flatmap(lambda chance: json_values if chance == 0 else right)


class Line:
    """One connection, opened anew when the server closes it."""

    def __init__(self, server: Any) -> None:
        self.server = server
        url = urlsplit(server.endpoint)
        self._link = http.client.HTTPConnection(url.hostname or "", url.port, timeout=60)

    def status(self, method: str, path: str, body: bytes, service: str = "batch", **headers: str) -> int:
        announced = self.server.announced
        request = AWSRequest(method, self.server.endpoint + path, headers, body)
        keys = Credentials(announced["accessKeyId"], announced["secretAccessKey"])
        SigV4Auth(keys, service, "us-west-2").add_auth(request)
        return self.raw_status(method, path, body, dict(request.headers))

    def raw_status(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> int:
        self._link.request(method, path, body, headers)
        answer = self._link.getresponse()
        answer.read()
        return answer.status


@pytest.fixture(scope="module")
def line(server: Any) -> Line:
    return Line(server)


many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@many
@given(data=st.data(), name=st.sampled_from(ROUTES))
def test_requests_nearly_of_their_shape(line: Line, data: st.DataObject, name: str) -> None:
    operation = next(each for each in MODEL.operations if each.name == name)
    body = json.dumps(data.draw(values_of(MODEL.input_shapes[name]))).encode()
    method, path = MODEL.route_of(operation)
    if operation.uri_member is not None:
        path += quote(data.draw(st.sampled_from([*KNOWN, "arn:aws:batch:us-west-2:123456789012:job-queue/x"])), safe="")
    assert line.status(method, path, body) in (200, 400, 403, 404, 429)


@many
@given(
    path=st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x21, exclude_characters="#"), max_size=20),
    body=st.binary(max_size=60),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]),
)
def test_requests_of_no_shape_at_all(line: Line, path: str, body: bytes, method: str) -> None:
    assert line.status(method, "/" + path.lstrip("/"), body) < 500
    assert line.status(method, "/v1/" + path.lstrip("/"), body) < 500
    assert line.status(method, "/_batchgauge/" + path.lstrip("/"), body) < 500


@many
@given(
    target=st.sampled_from(["AmazonEC2ContainerServiceV20141113.DescribeTasks", "Logs_20140328.GetLogEvents"]),
    body=json_values.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20),
)
def test_what_stands_before_the_neighbours_takes_anything(line: Line, target: str, body: bytes) -> None:
    """moto behind it may fail in its own way (`test_what_moto_fails_at_is_no_500`); ours in front must not."""
    from batchgauge.localaws import ecs_tasks
    from batchgauge.localaws.http_messages import Request
    from batchgauge.localaws.logs_api import LogsApi

    request = Request("POST", "/", "", {"x-amz-target": target}, body)
    assert ecs_tasks.respond(request, "us-west-2", "1", lambda arn: None) is None
    assert LogsApi("us-west-2", lambda group, stream: None, scale=0).respond(request) is None


@settings(parent=many, max_examples=60)
@given(
    service_and_target=st.sampled_from(
        [
            ("ecs", "AmazonEC2ContainerServiceV20141113.DescribeTasks"),
            ("logs", "Logs_20140328.GetLogEvents"),
            ("logs", "Logs_20140328.PutLogEvents"),
            ("events", "AWSEvents.PutRule"),
            ("events", "AWSEvents.PutTargets"),
            ("sqs", "AmazonSQS.ReceiveMessage"),
            ("servicequotas", "ServiceQuotasV20190624.GetServiceQuota"),
            ("nowhere", "Nothing.Something"),
        ]
    ),
    body=json_values.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20),
)
def test_what_moto_fails_at_is_no_500(line: Line, service_and_target: tuple[str, str], body: bytes) -> None:
    service, target = service_and_target
    headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.1"}
    assert line.status("POST", "/", body, service, **headers) != 500


@many
@given(
    authorization=st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=80)
    | st.just("AWS4-HMAC-SHA256 Credential=a/b/c/batch/aws4_request, SignedHeaders=host, Signature=x"),
    date=st.sampled_from(["", "20261122T101500Z", "20269999T999999Z", "x"]),
)
def test_signatures_of_any_kind_are_refused(line: Line, authorization: str, date: str) -> None:
    headers = {"Authorization": authorization.strip(), "X-Amz-Date": date}
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    assert line.raw_status("POST", "/v1/submitjob", b"{}", encoded) in (400, 403)  # type: ignore[arg-type]
