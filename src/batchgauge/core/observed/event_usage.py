"""What events brought, beside what they tell of jobs: how many, how late, doubled or out of order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import msgspec

from batchgauge.core.bound import Bound
from batchgauge.core.journal import EventBatch, EventRouteChange, EventRouteStage
from batchgauge.core.observed.clock_offset import ClockOffset
from batchgauge.core.stats.summary import Summary, summarise

ENVELOPE_RESOLUTION_MS: Final = 1_000.0
"""The envelope's time is in whole seconds, cut off."""


class EventUsage(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The events of one run's jobs."""

    events: int
    """Different ones."""
    duplicates: int
    """Deliveries of what had been delivered before."""
    disordered: int
    """Events that came after a later one of the same job."""
    jobs: int
    """Jobs of which at least one event came."""
    delay: Summary
    """The change of state → our receiving its event for the first time, in milliseconds."""
    route: EventRouteStage | None = None
    """What became of the rule and the queue; None for a queue that was there already."""


@dataclass(slots=True)
class EventCounter:
    """Counts events in the order of the journal."""

    _is_used: bool = False
    _seen: set[str] = field(default_factory=set)
    _latest_ms: dict[int, float] = field(default_factory=dict)
    _received_ms: list[tuple[float, float]] = field(default_factory=list)
    """(received, on our clock; the envelope's time, on AWS's)."""
    _duplicates: int = 0
    _disordered: int = 0
    _route: EventRouteStage | None = None

    def add(self, batch: EventBatch) -> None:
        """Take in the events of one call."""
        self._is_used = True
        for told in batch.events:
            if told.event_id in self._seen:
                self._duplicates += 1
                continue
            self._seen.add(told.event_id)
            latest_ms = self._latest_ms.get(told.job, told.time_ms)
            self._disordered += told.time_ms < latest_ms
            self._latest_ms[told.job] = max(latest_ms, told.time_ms)
            self._received_ms.append((batch.received_ms, told.time_ms))

    def change_route(self, change: EventRouteChange) -> None:
        """Take in what became of the rule and the queue."""
        self._is_used = True
        self._route = change.stage

    def usage(self, clock: ClockOffset) -> EventUsage | None:
        """The sums so far."""
        if not self._is_used:
            return None
        return EventUsage(
            events=len(self._seen),
            duplicates=self._duplicates,
            disordered=self._disordered,
            jobs=len(self._latest_ms),
            delay=summarise([_delay(clock.to_aws(received), told) for received, told in self._received_ms]),
            route=self._route,
        )


def _delay(received: Bound, told_ms: float) -> Bound:
    """From the change, which came up to a second after the envelope's time, to the receipt; both on AWS's clock."""
    delay = received.minus(Bound(told_ms, told_ms + ENVELOPE_RESOLUTION_MS))
    possible = delay.intersect(Bound(0.0, None))  # nothing is received before it happened
    return delay if possible.is_empty else possible
