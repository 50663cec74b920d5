"""The logs API's own limits, and what a request is about to look at."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from batchgauge.localaws.http_messages import Request
from batchgauge.localaws.logs_api import LogsApi


class Clock:
    """Time as it is told."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def asked(operation: str, **body: Any) -> Request:
    return Request("POST", "/", "", {"x-amz-target": f"Logs_20140328.{operation}"}, json.dumps(body).encode())


def refusals(api: LogsApi, operation: str, count: int) -> int:
    return sum(api.respond(asked(operation)) is not None for _ in range(count))


@pytest.mark.parametrize(
    ("region", "operation", "at_once"),
    [("us-west-2", "GetLogEvents", 10), ("us-east-1", "GetLogEvents", 25), ("us-west-2", "CreateLogStream", 50)],
)
def test_each_operation_has_its_own_bucket(region: str, operation: str, at_once: int) -> None:
    clock = Clock()
    api = LogsApi(region, lambda group, stream: None, clock=clock)
    assert refusals(api, operation, at_once + 5) == 5
    assert refusals(api, "DescribeLogGroups", 200) == 0
    clock.now_s = 0.5
    assert refusals(api, operation, at_once) == at_once - at_once // 2


def test_no_limit_where_none_is_wanted() -> None:
    assert refusals(LogsApi("us-west-2", lambda group, stream: None, scale=0), "GetLogEvents", 1000) == 0


@pytest.mark.parametrize(
    ("body", "looked_at"),
    [
        ({"logGroupName": "/g", "logStreamName": "s"}, ("/g", "s")),
        ({"logGroupIdentifier": "arn:aws:logs:us-west-2:1:log-group:/g:*"}, ("/g", None)),
        ({"logGroupName": 1}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_what_a_request_looks_at_is_made_before(body: Any, looked_at: Any) -> None:
    looks: list[Any] = []
    api = LogsApi("us-west-2", lambda group, stream: looks.append((group, stream)))
    assert api.respond(asked("GetLogEvents", **body)) is None
    assert looks == [looked_at]


def test_a_reader_that_is_too_fast_is_refused_as_aws_does(start_server: Callable[..., Any]) -> None:
    logs = start_server("--logs-rate", "0.0001").client("logs")
    stream = {"logGroupName": "/aws/batch/job", "logStreamName": "x"}
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.get_log_events(**stream)
    with pytest.raises(ClientError) as caught:
        logs.get_log_events(**stream)
    assert caught.value.response["Error"] == {"Code": "ThrottlingException", "Message": "Rate exceeded"}


def test_a_virtual_job_has_the_lines_of_a_countdown(server: Any) -> None:
    job = server.finished_job(server.submit(parameters={"countdownSeconds": "1", "BATCHGAUGE_VIRTUAL": "1"}))
    first, last = server.lines_of(job)
    assert first.startswith("countdown seq=0 remaining_s=1 ")
    assert last.startswith("countdown done seconds=1 ")
