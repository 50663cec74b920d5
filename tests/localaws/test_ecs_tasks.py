"""ECS DescribeTasks answers for Batch's tasks, and leaves all others to moto."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batchgauge.localaws.ecs_tasks import TARGET, respond
from batchgauge.localaws.http_messages import Request

ARN = "arn:aws:ecs:us-west-2:123456789012:task/AWSBatch-x/"
TASKS = {ARN + "one": {"taskArn": ARN + "one", "lastStatus": "RUNNING"}}


def asked(body: Any, target: str = TARGET) -> Any:
    request = Request("POST", "/", "", {"x-amz-target": target}, json.dumps(body).encode())
    response = respond(request, "us-west-2", "123456789012", TASKS.get)
    return None if response is None else json.loads(response.body)


def test_tasks_are_found_by_arn_and_by_id() -> None:
    for name in (ARN + "one", "one"):
        answer = asked({"cluster": "arn:aws:ecs:us-west-2:123456789012:cluster/AWSBatch-x", "tasks": [name]})
        assert answer == {"tasks": [TASKS[ARN + "one"]], "failures": []}


def test_a_missing_task_is_a_failure_beside_the_others() -> None:
    answer = asked({"cluster": "AWSBatch-x", "tasks": ["one", "two"]})
    assert answer["failures"] == [{"arn": ARN + "two", "reason": "MISSING"}]


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ({"cluster": "AWSBatch-x", "tasks": ["two"]}, TARGET),
        ({"tasks": "one"}, TARGET),
        ({"tasks": [1]}, TARGET),
        ({"tasks": ["one"] * 101}, TARGET),
        ([], TARGET),
        ({"cluster": "AWSBatch-x", "tasks": ["one"]}, "AmazonEC2ContainerServiceV20141113.ListTasks"),
    ],
)
def test_everything_else_is_left_to_moto(body: Any, target: str) -> None:
    assert asked(body, target) is None
