"""Batch's events on their way to EventBridge rules: at least once, in no promised order, and with whatever a fault plan adds."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable
from typing import Any, TypeAlias

import orjson

from batchgauge.batchmodel.boundary import EmitEvent
from batchgauge.localaws.fault_plan import EventFaults
from batchgauge.localaws.ground_truth import EventFaultRecord

Envelope: TypeAlias = dict[str, Any]
MAX_OVERTAKEN_S = 1.0
"""An event that is to be overtaken waits for the next one no longer than this."""


class EventDelivery:
    """Hands each event to `deliver` once that is there. Without a rule nothing is delivered, as on AWS; nothing is kept for later."""

    def __init__(self, account_id: str, region: str, seed: int, note: Callable[[EventFaultRecord], None]) -> None:
        self._account_id = account_id
        self._region = region
        self._chance = random.Random(f"{seed}/event-faults")  # noqa: S311 - no secret
        self._note = note
        self._faults = EventFaults(duplicated=0, reordered=0)
        self._overtaken: list[Envelope] = []
        self._has_rules: Callable[[], bool] = lambda: False
        self._deliver: Callable[[Envelope], None] = lambda envelope: None

    def open(self, has_rules: Callable[[], bool], deliver: Callable[[Envelope], None]) -> None:
        """EventBridge is there now. `has_rules` must be cheap; `deliver` must not block."""
        self._has_rules = has_rules
        self._deliver = deliver

    def set_faults(self, faults: EventFaults) -> None:
        """From now on these."""
        self._faults = faults

    def emit(self, event: EmitEvent) -> None:
        """Put it into the envelope that EventBridge gives it, and send that on its way."""
        if not self._has_rules():
            return
        envelope = self._envelope(event)
        faults, chance = self._faults, self._chance
        # Always as many draws, so that one fault's share does not change whom another one meets.
        is_duplicated = chance.random() < faults.duplicated
        is_delayed = chance.random() < faults.delayed
        is_reordered = chance.random() < faults.reordered
        if is_duplicated:
            self._note_fault("event-duplicated", event, envelope)
            asyncio.get_running_loop().call_later(chance.random(), self._deliver, dict(envelope))
        if is_delayed:
            self._note_fault("event-delayed", event, envelope)
            asyncio.get_running_loop().call_later(faults.delay_ms / 1000, self._deliver, envelope)
        elif is_reordered:
            self._note_fault("event-reordered", event, envelope)
            self._overtaken.append(envelope)
            asyncio.get_running_loop().call_later(MAX_OVERTAKEN_S, self._deliver_overtaken)
        else:
            self._deliver(envelope)
            self._deliver_overtaken()

    def _deliver_overtaken(self) -> None:
        overtaken, self._overtaken = self._overtaken, []
        for envelope in overtaken:
            self._deliver(envelope)

    def _note_fault(self, fault: str, event: EmitEvent, envelope: Envelope) -> None:
        self._note(EventFaultRecord(event.time_ms, fault, envelope["id"], event.resources[0]))

    def _envelope(self, event: EmitEvent) -> Envelope:
        """``time`` is in whole seconds since the epoch."""
        return {
            "version": "0",
            "id": str(uuid.UUID(int=self._chance.getrandbits(128), version=4)),
            "detail-type": event.detail_type,
            "source": "aws.batch",
            "account": self._account_id,
            "time": int(event.time_ms // 1000),
            "region": self._region,
            "resources": list(event.resources),
            # A copy: the model's own objects change while this one waits for its turn.
            "detail": orjson.loads(orjson.dumps(event.detail, default=dict)),
        }
