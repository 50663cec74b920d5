"""How late submissions were sent: the part of the probe effect that would otherwise pass for AWS's own latency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from batchgauge.core.bound import exactly
from batchgauge.core.journal import Call
from batchgauge.core.stats.summary import Summary, summarise

TOLERANCE_MS: Final = 5.0
"""Up to here a submission counts as sent when it was meant to: well above a timer's own millisecond, and well below what AWS's
answer takes."""


class Lateness(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How late the first tries of an open load's submissions were written to the wire, after their intended times."""

    tolerance_ms: float
    submissions: int
    """Those that were sent at all."""
    late: int
    """Those sent later than the tolerance allows."""
    waited_for_connection: int
    """Those that were ready in time, or not, and found no connection free."""
    lateness_ms: Summary


@dataclass(slots=True)
class LatenessTally:
    """Takes the first try of each submission, in the order of the journal."""

    _first_tries: dict[int, Call] = field(default_factory=dict)

    def add(self, call: Call) -> None:
        """Take in a SubmitJob call."""
        if call.job is not None:
            self._first_tries.setdefault(call.job, call)

    def lateness(self, intended_ms: Mapping[int, float]) -> Lateness | None:
        """The section of the result; None where nothing was sent. `intended_ms` is by the index that the calls carry."""
        tries = self._first_tries
        if not tries:
            return None
        late_ms = [round(call.sent_ms - intended_ms[index], 3) for index, call in tries.items()]
        return Lateness(
            tolerance_ms=TOLERANCE_MS,
            submissions=len(late_ms),
            late=sum(value > TOLERANCE_MS for value in late_ms),
            waited_for_connection=sum(call.connection_wait_ms > 0 for call in tries.values()),
            lateness_ms=summarise([exactly(value) for value in late_ms]),
        )
