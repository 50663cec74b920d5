"""EventBridge's rules and SQS's queues over aiobotocore."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from botocore import xform_name

from batchgauge.aws.calling import call
from batchgauge.aws.event_shapes import event_pattern, queue_policy, read_message_body
from batchgauge.aws.session import AwsSession
from batchgauge.ports import Clock, EventMessage, EventSource, Reply

MESSAGES_A_CALL: Final = 10
TARGET_ID: Final = "batchgauge"
DESCRIPTION: Final = "Made by batchgauge for one run; it takes this away at the run's end"

T = TypeVar("T")


class BotoEventSource:
    """`EventSource` on one queue."""

    def __init__(self, session: AwsSession, clock: Clock, queue_url: str) -> None:
        self._session = session
        self._clock = clock
        self._queue_url = queue_url

    async def receive_events(self, wait_s: float) -> Reply[tuple[EventMessage, ...]]:
        """At most 10 messages; waits up to `wait_s` for the first."""
        return await self._call(
            "ReceiveMessage",
            {"MaxNumberOfMessages": MESSAGES_A_CALL, "WaitTimeSeconds": int(wait_s)},
            lambda answer: tuple(
                EventMessage(message["ReceiptHandle"], read_message_body(message["Body"]))
                for message in answer.get("Messages", ())
            ),
        )

    async def acknowledge_events(self, receipts: Sequence[str]) -> Reply[tuple[str, ...]]:
        """Take messages out of the queue."""
        return await self._change("DeleteMessageBatch", receipts, {})

    async def release_events(self, receipts: Sequence[str]) -> Reply[tuple[str, ...]]:
        """Let others see messages again."""
        return await self._change("ChangeMessageVisibilityBatch", receipts, {"VisibilityTimeout": 0})

    async def _change(self, operation: str, receipts: Sequence[str], more: Mapping[str, Any]) -> Reply[tuple[str, ...]]:
        entries = [{"Id": str(number), "ReceiptHandle": receipt, **more} for number, receipt in enumerate(receipts)]

        def failed(answer: Mapping[str, Any]) -> tuple[str, ...]:
            return tuple(receipts[int(entry["Id"])] for entry in answer.get("Failed", ()))

        return await self._call(operation, {"Entries": entries}, failed)

    async def _call(
        self, operation: str, arguments: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]
    ) -> Reply[T]:
        client = await self._session.client("sqs")
        method = getattr(client, xform_name(operation))
        return await call(self._clock, operation, lambda: method(QueueUrl=self._queue_url, **arguments), read)


class BotoEventRoutes:
    """`EventRoutes` over one session."""

    def __init__(self, session: AwsSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def source(self, queue_url: str) -> EventSource:
        """The queue's events."""
        return BotoEventSource(self._session, self._clock, queue_url)

    async def create_queue(self, name: str, tags: Mapping[str, str]) -> Reply[str]:
        """Make a queue, or find the one that was made so before; its URL."""
        return await self._call(
            "sqs", "CreateQueue", {"QueueName": name, "tags": dict(tags)}, lambda answer: str(answer["QueueUrl"])
        )

    async def find_queue(self, name: str) -> Reply[str]:
        """The URL of a queue."""
        return await self._call("sqs", "GetQueueUrl", {"QueueName": name}, lambda answer: str(answer["QueueUrl"]))

    async def queue_arn(self, queue_url: str) -> Reply[str]:
        """The ARN of a queue."""
        return await self._call(
            "sqs",
            "GetQueueAttributes",
            {"QueueUrl": queue_url, "AttributeNames": ["QueueArn"]},
            lambda answer: str(answer["Attributes"]["QueueArn"]),
        )

    async def create_rule(self, name: str, job_queue_arn: str, tags: Mapping[str, str]) -> Reply[str]:
        """Make a rule for the changes of state of a job queue's jobs, or find the one that was made so before; its ARN."""
        arguments = {
            "Name": name,
            "EventPattern": event_pattern(job_queue_arn),
            "State": "ENABLED",
            "Description": DESCRIPTION,
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
        return await self._call("events", "PutRule", arguments, lambda answer: str(answer["RuleArn"]))

    async def allow_rule(self, queue_url: str, queue_arn: str, rule_arn: str) -> Reply[None]:
        """Let EventBridge send to the queue for this rule."""
        policy = queue_policy(queue_arn, rule_arn)
        arguments = {"QueueUrl": queue_url, "Attributes": {"Policy": policy}}
        return await self._call("sqs", "SetQueueAttributes", arguments, lambda _: None)

    async def add_target(self, rule: str, queue_arn: str) -> Reply[bool]:
        """Send what the rule lets through to the queue; whether EventBridge took it. A queue takes no role: its policy is enough."""
        arguments = {"Rule": rule, "Targets": [{"Id": TARGET_ID, "Arn": queue_arn}]}
        return await self._call("events", "PutTargets", arguments, lambda answer: not answer.get("FailedEntryCount"))

    async def has_target(self, rule: str, queue_arn: str) -> Reply[bool]:
        """Whether EventBridge shows the rule with this target."""
        return await self._call(
            "events",
            "ListTargetsByRule",
            {"Rule": rule},
            lambda answer: any(target["Arn"] == queue_arn for target in answer["Targets"]),
        )

    async def remove_target(self, rule: str) -> Reply[bool]:
        """Send nothing any more; whether EventBridge did so."""
        arguments = {"Rule": rule, "Ids": [TARGET_ID]}
        return await self._call("events", "RemoveTargets", arguments, lambda answer: not answer.get("FailedEntryCount"))

    async def delete_rule(self, rule: str) -> Reply[None]:
        """Take the rule away; it must have no target."""
        return await self._call("events", "DeleteRule", {"Name": rule}, lambda _: None)

    async def delete_queue(self, queue_url: str) -> Reply[None]:
        """Take the queue away, with whatever is in it."""
        return await self._call("sqs", "DeleteQueue", {"QueueUrl": queue_url}, lambda _: None)

    async def _call(
        self, service: str, operation: str, arguments: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]
    ) -> Reply[T]:
        client = await self._session.client(service)
        method = getattr(client, xform_name(operation))
        return await call(self._clock, operation, lambda: method(**arguments), read)
