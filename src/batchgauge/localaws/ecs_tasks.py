"""ECS DescribeTasks for the tasks of Batch jobs, which moto does not know of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import orjson

from batchgauge.localaws.http_messages import Request, Response

TARGET = "AmazonEC2ContainerServiceV20141113.DescribeTasks"
MAX_TASKS = 100

DescribeTask: TypeAlias = Callable[[str], Mapping[str, Any] | None]


def respond(request: Request, region: str, account_id: str, describe_task: DescribeTask) -> Response | None:
    """The answer where at least one of the tasks is a Batch job's; None: not ours, ask moto."""
    if request.headers.get("x-amz-target") != TARGET:
        return None
    asked = _asked(request.body)
    if asked is None:
        return None
    cluster, names = asked
    arns = [
        name if name.startswith("arn:") else f"arn:aws:ecs:{region}:{account_id}:task/{cluster}/{name}"
        for name in names
    ]
    found = {arn: describe_task(arn) for arn in arns}
    if not any(task is not None for task in found.values()):
        return None
    body = {
        "tasks": [task for task in found.values() if task is not None],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn, task in found.items() if task is None],
    }
    headers = [(b"content-type", b"application/x-amz-json-1.1"), (b"x-amzn-requestid", request.request_id.encode())]
    return Response(200, orjson.dumps(body, default=dict), headers)


def _asked(body: bytes) -> tuple[str, list[str]] | None:
    """The cluster's name and the tasks; None where the request is not of the right shape (moto says what is wrong with it)."""
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(asked, dict) or not isinstance(asked.get("tasks"), list) or len(asked["tasks"]) > MAX_TASKS:
        return None
    if not all(isinstance(name, str) for name in asked["tasks"]):
        return None
    cluster = asked.get("cluster") or "default"
    return str(cluster).rpartition("/")[2], asked["tasks"]
