"""`EventRoutes` in virtual time: one queue, which the events of the whole account come to once a rule sends them there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from batchgauge.batchmodel.boundary import EmitEvent
from batchgauge.core.journal import CallOutcome
from batchgauge.ports import Clock, EventSource, Reply
from batchgauge.virtualaws.account import VirtualAccount
from batchgauge.virtualaws.events import EventSettings, VirtualEventQueue, VirtualEventSource

T = TypeVar("T")


class VirtualEventRoutes:
    """`emit` is `VirtualAccount`'s ``on_event``; what is emitted while there is no rule with a target is lost, as on AWS."""

    def __init__(self, settings: EventSettings | None = None, latency_s: float = 0.02) -> None:
        self.queue = VirtualEventQueue(settings)
        self.queues: set[str] = set()
        self.rules: dict[str, str] = {}
        """Rule → the target's ARN, or nothing."""
        self._latency_s = latency_s
        self._account: VirtualAccount | None = None
        self._clock: Clock | None = None

    def serve(self, account: VirtualAccount, clock: Clock) -> None:
        """Which account the events are of, and whose clock the calls' times are."""
        self._account, self._clock = account, clock

    def emit(self, event: EmitEvent) -> None:
        """Send an event on its way."""
        if any(self.rules.values()):
            self.queue.emit(event)

    def source(self, queue_url: str) -> EventSource:
        """The queue's events."""
        del queue_url
        assert self._account is not None  # noqa: S101 - served before it is used
        assert self._clock is not None  # noqa: S101 - likewise
        return VirtualEventSource(self._account, self.queue, self._clock, self._latency_s)

    async def create_queue(self, name: str, tags: Mapping[str, str]) -> Reply[str]:
        """Make a queue; its URL."""
        del tags
        self.queues.add(name)
        return await self._answer("CreateQueue", f"virtual:{name}")

    async def find_queue(self, name: str) -> Reply[str]:
        """The URL of a queue."""
        if name not in self.queues:
            return await self._missing("GetQueueUrl", "QueueDoesNotExist")
        return await self._answer("GetQueueUrl", f"virtual:{name}")

    async def queue_arn(self, queue_url: str) -> Reply[str]:
        """The ARN of a queue."""
        return await self._answer("GetQueueAttributes", f"arn:{queue_url}")

    async def create_rule(self, name: str, job_queue_arn: str, tags: Mapping[str, str]) -> Reply[str]:
        """Make a rule; its ARN."""
        del job_queue_arn, tags
        self.rules.setdefault(name, "")
        return await self._answer("PutRule", f"arn:rule:{name}")

    async def allow_rule(self, queue_url: str, queue_arn: str, rule_arn: str) -> Reply[None]:
        """Nothing is forbidden here."""
        del queue_url, queue_arn, rule_arn
        return await self._answer("SetQueueAttributes", None)

    async def add_target(self, rule: str, queue_arn: str) -> Reply[bool]:
        """Send what the rule lets through to the queue."""
        self.rules[rule] = queue_arn
        return await self._answer("PutTargets", True)

    async def has_target(self, rule: str, queue_arn: str) -> Reply[bool]:
        """Whether it is sent there."""
        return await self._answer("ListTargetsByRule", self.rules.get(rule) == queue_arn)

    async def remove_target(self, rule: str) -> Reply[bool]:
        """Send nothing any more."""
        if rule not in self.rules:
            return await self._missing("RemoveTargets", "ResourceNotFoundException")
        self.rules[rule] = ""
        return await self._answer("RemoveTargets", True)

    async def delete_rule(self, rule: str) -> Reply[None]:
        """Take the rule away."""
        self.rules.pop(rule, None)
        return await self._answer("DeleteRule", None)

    async def delete_queue(self, queue_url: str) -> Reply[None]:
        """Take the queue away."""
        self.queues.discard(queue_url.removeprefix("virtual:"))
        return await self._answer("DeleteQueue", None)

    async def _answer(self, operation: str, value: T) -> Reply[T]:
        sent_ms, received_ms = await self._pass()
        return Reply(operation, sent_ms, received_ms, CallOutcome.OK, value, status=200)

    async def _missing(self, operation: str, error: str) -> Reply[T]:
        sent_ms, received_ms = await self._pass()
        return Reply(operation, sent_ms, received_ms, CallOutcome.REFUSED, status=400, error=error)

    async def _pass(self) -> tuple[float, float]:
        assert self._clock is not None  # noqa: S101 - served before it is used
        sent_ms = self._clock.now_ms()
        await self._clock.sleep(self._latency_s)
        return sent_ms, self._clock.now_ms()
