"""Rules, queues, tasks and metrics over HTTP, on the embedded AWS: as ports, and taken away again."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from batchgauge.aws.event_shapes import event_pattern, queue_policy, read_event, read_message_body
from batchgauge.aws.events import BotoEventRoutes
from batchgauge.aws.gateway import BotoGateway
from batchgauge.aws.session import AwsSession, Connection, Credentials
from batchgauge.core.journal import CallOutcome, MetricPoint
from batchgauge.core.naming import event_route_name
from batchgauge.host.clock import SystemClock
from batchgauge.measure.event_route import ROUTE_BACK_OFF, remove_route, take_route_away
from batchgauge.measure.retrying import Persistence
from batchgauge.ports import Reply
from tests.conftest import ServerHandle

T = TypeVar("T")
RUN = "concurrent-test-20261124T120000-abcd"
NAME = event_route_name(RUN)
TAGS = {"batchgauge:run": RUN}


def on_server(server: ServerHandle, work: Callable[[BotoEventRoutes, BotoGateway], Awaitable[T]]) -> T:
    async def go() -> T:
        clock = SystemClock()
        keys = Credentials(server.announced["accessKeyId"], server.announced["secretAccessKey"])
        connection = Connection("us-west-2", endpoint_url=server.endpoint, credentials=keys)
        async with AwsSession(connection, clock, os.environ) as session:
            return await work(BotoEventRoutes(session, clock), BotoGateway(session, clock))

    return asyncio.run(go())


def valued(reply: Reply[T]) -> T:
    assert reply.outcome is CallOutcome.OK, reply
    assert reply.value is not None
    return reply.value


async def made_route(routes: BotoEventRoutes, job_queue_arn: str) -> str:
    url = valued(await routes.create_queue(NAME, TAGS))
    arn = valued(await routes.queue_arn(url))
    rule = valued(await routes.create_rule(NAME, job_queue_arn, TAGS))
    assert (await routes.allow_rule(url, arn, rule)).outcome is CallOutcome.OK
    assert valued(await routes.add_target(NAME, arn))
    assert valued(await routes.has_target(NAME, arn))
    return url


def queue_arn_of(server: ServerHandle) -> str:
    [queue] = server.client("batch").describe_job_queues(jobQueues=[server.announced["jobQueue"]])["jobQueues"]
    return str(queue["jobQueueArn"])


def persistence() -> Persistence:
    return Persistence(SystemClock(), random.Random(1), ROUTE_BACK_OFF, lambda *_: None)


def left(server: ServerHandle) -> tuple[list[Any], list[Any]]:
    rules = server.client("events").list_rules(NamePrefix="batchgauge-")["Rules"]
    queues = server.client("sqs").list_queues(QueueNamePrefix="batchgauge-").get("QueueUrls", [])
    return rules, queues


def test_a_jobs_changes_come_to_the_queue_and_both_are_gone_afterwards(server: ServerHandle) -> None:
    job_queue_arn = queue_arn_of(server)

    async def work(routes: BotoEventRoutes, gateway: BotoGateway) -> list[str]:
        url = await made_route(routes, job_queue_arn)
        await made_route(routes, job_queue_arn)  # all of it may be done twice
        source = routes.source(url)
        job_id = server.submit(containerOverrides={"command": ["countdown", "0"]})
        states: dict[str, str] = {}
        while "SUCCEEDED" not in states.values():
            messages = valued(await source.receive_events(5.0))
            for message in messages:
                assert message.event is not None
                assert message.event.job.job_id == job_id
                assert message.event.time_ms % 1000 == 0
                states[message.event.event_id] = message.event.job.sighting.state
            if messages:
                assert valued(await source.acknowledge_events([message.receipt for message in messages])) == ()
        assert await take_route_away(routes, RUN, persistence())
        assert await take_route_away(routes, RUN, persistence()), "what is gone stays gone"
        return list(states.values())

    states = on_server(server, work)
    assert {"RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"} <= set(states) | {"STARTING"}
    assert left(server) == ([], [])


def test_rule_and_queue_say_whose_they_are_and_let_in_nobody_else(server: ServerHandle) -> None:
    job_queue_arn = queue_arn_of(server)
    url = on_server(server, lambda routes, _: made_route(routes, job_queue_arn))
    try:
        rule = server.client("events").describe_rule(Name=NAME)
        assert json.loads(rule["EventPattern"]) == {
            "source": ["aws.batch"],
            "detail-type": ["Batch Job State Change"],
            "detail": {"jobQueue": [job_queue_arn]},
        }
        tags = server.client("events").list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]
        assert tags == [{"Key": "batchgauge:run", "Value": RUN}]
        assert server.client("sqs").list_queue_tags(QueueUrl=url)["Tags"] == TAGS
        attributes = server.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy", "QueueArn"])
        [statement] = json.loads(attributes["Attributes"]["Policy"])["Statement"]
        assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": rule["Arn"]}}
        [target] = server.client("events").list_targets_by_rule(Rule=NAME)["Targets"]
        assert target["Arn"] == attributes["Attributes"]["QueueArn"]
        assert "RoleArn" not in target
    finally:
        on_server(server, lambda routes, _: take_route_away(routes, RUN, persistence()))
    assert left(server) == ([], [])


def test_half_a_route_is_taken_away_too(server: ServerHandle) -> None:
    server.client("sqs").create_queue(QueueName=NAME)
    assert on_server(server, lambda routes, _: remove_route(routes, RUN, SystemClock(), random.Random(1))) is None
    server.client("events").put_rule(Name=NAME, EventPattern=event_pattern("arn"))
    assert on_server(server, lambda routes, _: remove_route(routes, RUN, SystemClock(), random.Random(1))) is None
    assert left(server) == ([], [])


def test_what_is_released_can_be_received_again_at_once(server: ServerHandle) -> None:
    url = server.client("sqs").create_queue(QueueName="theirs")["QueueUrl"]
    server.client("sqs").send_message(QueueUrl=url, MessageBody="not ours")

    async def work(routes: BotoEventRoutes, _: BotoGateway) -> None:
        source = routes.source(url)
        [first] = valued(await source.receive_events(1.0))
        assert first.event is None
        assert valued(await source.receive_events(0.0)) == ()
        assert valued(await source.release_events([first.receipt])) == ()
        [again] = valued(await source.receive_events(1.0))
        assert valued(await source.acknowledge_events([again.receipt])) == ()

    on_server(server, work)
    server.client("sqs").delete_queue(QueueUrl=url)


def test_an_attempts_task_shows_what_start_up_was_made_of(server: ServerHandle) -> None:
    job = server.finished_job(server.submit(containerOverrides={"command": ["countdown", "0"]}))
    task_arn = job["attempts"][0]["container"]["taskArn"]
    cluster = task_arn.split("/")[1]

    async def work(_: BotoEventRoutes, gateway: BotoGateway) -> None:
        [task] = valued(await gateway.describe_tasks(cluster, [task_arn]))
        moments = (task.created_ms, task.pull_started_ms, task.pull_stopped_ms, task.started_ms, task.stopped_ms)
        known = [moment for moment in moments if moment is not None]
        assert len(known) == 5
        assert known == sorted(known)
        assert job["createdAt"] <= known[0]
        assert int(known[3]) == job["startedAt"]

    on_server(server, work)


def test_metrics_of_a_cluster_are_read_by_the_minute(server: ServerHandle) -> None:
    cloudwatch = server.client("cloudwatch")
    minute = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    for value in (256.0, 768.0):
        cloudwatch.put_metric_data(
            Namespace="ECS/ContainerInsights",
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": "ClusterName", "Value": "with-insights"}],
                    "Timestamp": minute,
                    "Value": value,
                }
                for name in ("CpuUtilized", "MemoryUtilized")
            ],
        )
    begin_ms = minute.timestamp() * 1000

    async def work(_: BotoEventRoutes, gateway: BotoGateway) -> None:
        found = valued(await gateway.read_cluster_metrics("with-insights", begin_ms + 500, begin_ms + 59_000))
        assert found.cpu_units == (MetricPoint(at_ms=begin_ms, average=512.0, maximum=768.0),)
        assert found.memory_mib == found.cpu_units
        nothing = valued(await gateway.read_cluster_metrics("without", begin_ms, begin_ms + 60_000))
        assert (nothing.cpu_units, nothing.memory_mib) == ((), ())

    on_server(server, work)


def test_an_event_is_read_with_what_the_job_showed() -> None:
    body = {
        "version": "0",
        "id": "c8f9c4b5",
        "detail-type": "Batch Job State Change",
        "source": "aws.batch",
        "time": "2026-11-24T12:00:01Z",
        "resources": ["arn:aws:batch:us-west-2:123456789012:job/4c7599ae"],
        "detail": {
            "jobName": "name",
            "jobId": "parent:3",
            "status": "RUNNING",
            "createdAt": 1_795_521_600_000,
            "startedAt": 1_795_521_601_500,
            "attempts": [],
            "container": {"taskArn": "arn", "logStreamName": "stream"},
        },
    }
    event = read_message_body(json.dumps(body))
    assert event is not None
    assert (event.event_id, event.time_ms, event.job.job_id) == ("c8f9c4b5", 1_795_521_601_000.0, "parent:3")
    assert (event.job.sighting.state, event.job.sighting.started_ms) == ("RUNNING", 1_795_521_601_500.0)
    for changed in (
        {"detail-type": "Batch Job Queue Blocked"},
        {"source": "aws.ecs"},
        {"time": "soon"},
        {"detail": {"status": "UNHEARD-OF", "jobId": "i", "jobName": "n"}},
        {"detail": None},
    ):
        assert read_event({**body, **changed}) is None
    for text in ("", "[]", "null", "{}", '"text"', "not json"):
        assert read_message_body(text) is None


def test_the_policy_is_json_that_names_queue_and_rule() -> None:
    [statement] = json.loads(queue_policy("queue-arn", "rule-arn"))["Statement"]
    assert (statement["Resource"], statement["Action"]) == ("queue-arn", "sqs:SendMessage")
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
