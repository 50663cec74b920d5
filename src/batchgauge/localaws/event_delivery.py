"""Batch's events on their way to EventBridge rules and their targets."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeAlias

import orjson

from batchgauge.batchmodel.boundary import EmitEvent

Envelope: TypeAlias = dict[str, Any]


class EventDelivery:
    """Hands each event to `deliver` once that is there. Without a rule nothing is delivered, as on AWS; nothing is kept for later."""

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region
        self._has_rules: Callable[[], bool] = lambda: False
        self._deliver: Callable[[Envelope], None] = lambda envelope: None

    def open(self, has_rules: Callable[[], bool], deliver: Callable[[Envelope], None]) -> None:
        """EventBridge is there now. `has_rules` must be cheap; `deliver` must not block."""
        self._has_rules = has_rules
        self._deliver = deliver

    def emit(self, event: EmitEvent) -> None:
        """Put it into the envelope that EventBridge gives it; ``time`` is in whole seconds since the epoch."""
        if not self._has_rules():
            return
        self._deliver(
            {
                "version": "0",
                "id": str(uuid.uuid4()),
                "detail-type": event.detail_type,
                "source": "aws.batch",
                "account": self._account_id,
                "time": int(event.time_ms // 1000),
                "region": self._region,
                "resources": list(event.resources),
                # A copy: the model's own objects change while this one waits for its turn.
                "detail": orjson.loads(orjson.dumps(event.detail, default=dict)),
            }
        )
