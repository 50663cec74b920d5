"""`BotoStacks` against the embedded AWS: what the ports say, and what AWS's words become."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from batchgauge.aws.session import AwsSession, Connection, Credentials
from batchgauge.aws.stacks import BotoStacks
from batchgauge.errors import AwsCallError
from batchgauge.host.clock import SystemClock
from batchgauge.ports import StackRequest

T = TypeVar("T")


def with_stacks(server: Any, use: Callable[[BotoStacks], Awaitable[T]]) -> T:
    async def go() -> T:
        keys = Credentials(server.announced["accessKeyId"], server.announced["secretAccessKey"])
        connection = Connection(region="us-west-2", endpoint_url=server.endpoint, credentials=keys)
        clock = SystemClock()
        async with AwsSession(connection, clock, os.environ) as session:
            return await use(BotoStacks(session, clock))

    return asyncio.run(go())


def request(name: str = "groups", days: int | None = 7, token: str = "t") -> StackRequest:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/a/b", "RetentionInDays": {"Ref": "Days"}}}
    body = {
        "Description": "Of a test",
        "Parameters": {"Days": {"Type": "Number"}},
        "Resources": {"Group": group},
        "Outputs": {"Name": {"Value": {"Ref": "Group"}}},
    }
    return StackRequest(name, json.dumps(body), {"Days": None if days is None else str(days)}, token)


def test_a_stack_from_its_making_to_its_end(server: Any) -> None:
    async def go(stacks: BotoStacks) -> None:
        assert await stacks.find("groups") is None
        stack_id = await stacks.create(request())
        found = await stacks.find("groups")
        assert found is not None
        assert (found.stack_id, found.status, found.description) == (stack_id, "CREATE_COMPLETE", "Of a test")
        assert (found.parameters, found.outputs) == ({"Days": "7"}, {"Name": "/a/b"})
        [part] = await stacks.resources(stack_id)
        assert (part.logical_id, part.physical_id, part.kind) == ("Group", "/a/b", "AWS::Logs::LogGroup")
        events = await stacks.events(stack_id)
        assert [each.status for each in events if each.logical_id == "groups"] == [
            "CREATE_IN_PROGRESS",
            "CREATE_COMPLETE",
        ]
        known = {each.event_id for each in events}
        assert await stacks.events(stack_id, known) == ()

        assert await stacks.update(request(days=None)) is False
        assert await stacks.update(request(days=3)) is True
        assert {each.status for each in await stacks.events(stack_id, known)} == {
            "UPDATE_IN_PROGRESS",
            "UPDATE_COMPLETE",
        }
        assert await stacks.has_log_group("/a/b")
        assert not await stacks.has_log_group("/a")  # only the beginning of a name

        await stacks.delete(stack_id, "t")
        assert not await stacks.has_log_group("/a/b")
        assert await stacks.find("groups") is None
        gone = await stacks.find(stack_id)
        assert gone is not None
        assert (gone.status, gone.outputs) == ("DELETE_COMPLETE", {})
        await stacks.delete(stack_id, "t")

    with_stacks(server, go)


def test_what_aws_refuses_is_an_error_with_its_words(server: Any) -> None:
    async def go(stacks: BotoStacks) -> None:
        with pytest.raises(AwsCallError, match="Missing parameter Days"):
            await stacks.create(StackRequest("broken", request().template, {}, "t"))
        with pytest.raises(AwsCallError, match="does not exist"):
            await stacks.update(request("nowhere"))

    with_stacks(server, go)


def test_images_are_counted_and_deleted(server: Any) -> None:
    async def go(stacks: BotoStacks) -> None:
        assert await stacks.count_images("nowhere") is None
        assert await stacks.count_images("your-windows-repo") == 1
        assert await stacks.delete_images("your-windows-repo") == 1
        assert await stacks.count_images("your-windows-repo") == 0

    with_stacks(server, go)
