"""EventBridge and a queue of SQS in virtual time: late, doubled, out of order or lost, as a seed draws it."""

from __future__ import annotations

import math
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import Any, Final, TypeVar

from batchgauge.aws.event_shapes import JOB_STATE_CHANGE, SOURCE, read_event
from batchgauge.batchmodel.boundary import Distribution, EmitEvent
from batchgauge.core.journal import CallOutcome
from batchgauge.ports import Clock, EventMessage, Reply
from batchgauge.virtualaws.account import VirtualAccount

T = TypeVar("T")
MESSAGES_A_CALL: Final = 10
DELAY: Final = Distribution(300.0, 0.5)
"""A third of a second as a rule, one second now and then: an estimate."""
VISIBILITY_TIMEOUT_MS: Final = 30_000.0
"""SQS's default: a message that was received and not deleted comes again after so long."""


@dataclass(frozen=True, slots=True)
class EventSettings:
    """How events go from Batch to the queue. Shares are from 0 to 1, each drawn for each event."""

    delay: Distribution = DELAY
    """From the change of state to the message's being there."""
    duplicated: float = 0.01
    reordered: float = 0.01
    """Such an event waits some more, so that later ones overtake it."""
    reordered_by_ms: float = 5_000.0
    """At most so much more, evenly drawn; a duplicate comes as late after the first."""
    lost: float = 0.0
    """AWS promises that there are none; a queue that is purged, or a rule that is taken away, has them."""
    seed: int = 1


class VirtualEventQueue:
    """The rule and the queue; ``emit`` is `VirtualAccount`'s ``on_event``. All times are AWS's."""

    def __init__(self, settings: EventSettings | None = None) -> None:
        self._settings = settings or EventSettings()
        self._chance = random.Random(f"{self._settings.seed}/events")  # noqa: S311 - no secret
        self._envelopes: dict[int, Mapping[str, Any]] = {}
        """Every message in the queue, by its number."""
        self._appearances: list[tuple[float, int, int]] = []
        """A heap of (when a message can be received, number of the appearance, number of the message)."""
        self._next_appearance: dict[int, int] = {}
        """By message; what else the heap holds of it has been superseded."""
        self._receipts: dict[str, int] = {}
        self._count = 0

    def emit(self, event: EmitEvent) -> None:
        """Send an event on its way; the rule lets changes of state through."""
        settings, chance = self._settings, self._chance
        # Always as many draws, so that one share does not change whom another one meets.
        delay_ms = settings.delay.median_ms * math.exp(settings.delay.sigma * chance.gauss(0, 1))
        is_duplicated = chance.random() < settings.duplicated
        is_reordered = chance.random() < settings.reordered
        is_lost = chance.random() < settings.lost
        overtaken_ms, again_ms = (chance.random() * settings.reordered_by_ms for _ in range(2))
        event_id = f"event-{chance.getrandbits(64):016x}"
        if is_lost or event.detail_type != JOB_STATE_CHANGE:
            return
        envelope = _envelope(event, event_id)
        there_ms = event.time_ms + delay_ms + (overtaken_ms if is_reordered else 0.0)
        self._put(there_ms, envelope)
        if is_duplicated:
            self._put(there_ms + again_ms, envelope)

    def next_ms(self) -> float | None:
        """When the next message can be received; None for an empty queue."""
        appearances = self._appearances
        while appearances and self._next_appearance.get(appearances[0][2]) != appearances[0][1]:
            heappop(appearances)
        return appearances[0][0] if appearances else None

    def take(self, now_ms: float) -> list[tuple[str, Mapping[str, Any]]]:
        """Receipts and envelopes of as many messages as a call gives; hidden from now on."""
        taken: list[tuple[str, Mapping[str, Any]]] = []
        while len(taken) < MESSAGES_A_CALL and (there_ms := self.next_ms()) is not None and there_ms <= now_ms:
            _, appearance, message = heappop(self._appearances)
            receipt = f"receipt-{appearance}"
            self._receipts[receipt] = message
            self._appear(message, now_ms + VISIBILITY_TIMEOUT_MS)
            taken.append((receipt, self._envelopes[message]))
        return taken

    def delete(self, receipts: Sequence[str]) -> None:
        """Take messages out."""
        for receipt in receipts:
            message = self._receipts.pop(receipt, 0)
            self._envelopes.pop(message, None)
            self._next_appearance.pop(message, None)

    def release(self, receipts: Sequence[str], now_ms: float) -> None:
        """Let messages be seen again at once."""
        for receipt in receipts:
            message = self._receipts.pop(receipt, 0)
            if message in self._envelopes:
                self._appear(message, now_ms)

    def __len__(self) -> int:
        return len(self._envelopes)

    def _put(self, there_ms: float, envelope: Mapping[str, Any]) -> None:
        self._count += 1
        self._envelopes[self._count] = envelope
        self._appear(self._count, there_ms)

    def _appear(self, message: int, there_ms: float) -> None:
        self._count += 1
        self._next_appearance[message] = self._count
        heappush(self._appearances, (there_ms, self._count, message))


class VirtualEventSource:
    """`EventSource` on such a queue; the calls' own times are `clock`'s, which need not be AWS's."""

    def __init__(
        self, account: VirtualAccount, queue: VirtualEventQueue, clock: Clock, latency_s: float = 0.02
    ) -> None:
        self._account = account
        self._queue = queue
        self._clock = clock
        self._latency_s = latency_s
        self._calls = 0

    async def receive_events(self, wait_s: float) -> Reply[tuple[EventMessage, ...]]:
        """At most 10 messages; waits up to `wait_s` for the first."""

        async def take() -> tuple[EventMessage, ...]:
            return tuple(EventMessage(receipt, read_event(envelope)) for receipt, envelope in await self._wait(wait_s))

        return await self._call("ReceiveMessage", take)

    async def acknowledge_events(self, receipts: Sequence[str]) -> Reply[tuple[str, ...]]:
        """Take messages out of the queue."""

        async def delete() -> tuple[str, ...]:
            self._queue.delete(receipts)
            return ()

        return await self._call("DeleteMessageBatch", delete)

    async def release_events(self, receipts: Sequence[str]) -> Reply[tuple[str, ...]]:
        """Let others see messages again."""

        async def release() -> tuple[str, ...]:
            self._queue.release(receipts, self._account.now_ms())
            return ()

        return await self._call("ChangeMessageVisibilityBatch", release)

    async def _wait(self, wait_s: float) -> list[tuple[str, Mapping[str, Any]]]:
        deadline_ms = self._account.now_ms() + wait_s * 1000
        while True:
            self._account.catch_up()
            now_ms = self._account.now_ms()
            taken = self._queue.take(now_ms)
            if taken or now_ms >= deadline_ms:
                return taken
            coming = (self._queue.next_ms(), self._account.next_event_ms(), deadline_ms)
            await self._account.passes(min(moment for moment in coming if moment is not None) - now_ms)

    async def _call(self, operation: str, act: Callable[[], Awaitable[T]]) -> Reply[T]:
        self._calls += 1
        request_id = f"queue-request-{self._calls}"
        sent_ms = self._clock.now_ms()
        await self._clock.sleep(self._latency_s / 2)
        value = await act()
        await self._clock.sleep(self._latency_s / 2)
        return Reply(operation, sent_ms, self._clock.now_ms(), CallOutcome.OK, value, status=200, request_id=request_id)


def _envelope(event: EmitEvent, event_id: str) -> Mapping[str, Any]:
    """As EventBridge wraps it: ``time`` in whole seconds."""
    moment = datetime.fromtimestamp(event.time_ms // 1000, tz=UTC)
    return {
        "id": event_id,
        "source": SOURCE,
        "detail-type": event.detail_type,
        "time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resources": list(event.resources),
        "detail": event.detail,
    }
