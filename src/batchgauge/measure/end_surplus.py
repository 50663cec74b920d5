"""Ending surplus jobs while the run goes on: a request whose answer was lost may land long after its job was sent again.

The run's end looks for them once more; until then each would hold a place that the run's jobs wait for, and cost money.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from batchgauge.errors import AwsError
from batchgauge.measure.reconcile import Reconciler
from batchgauge.measure.recorder import Recorder
from batchgauge.ports import Clock

LOOKS_AFTER_S: Final = (15.0, 60.0, 240.0)
"""So long after a submission that was sent again became a suspect: what has not landed by then is left for the run's end."""
CHECK_S: Final = 5.0


@dataclass(slots=True)
class SurplusEnder:
    """Looks by name at the submissions that more than one request was sent for, a few times each."""

    reconciler: Reconciler
    recorder: Recorder
    clock: Clock
    _since_ms: dict[int, float] = field(default_factory=dict)
    """By submission: when it was noticed."""
    _looked: dict[int, int] = field(default_factory=dict)

    async def watch(self) -> None:
        """Without end."""
        while True:
            await self.clock.sleep(CHECK_S)
            due = self._due()
            if due:
                with suppress(AwsError):  # whoever watches the jobs meets with it too
                    await self.reconciler.look(due)

    def _due(self) -> set[int]:
        """Those whose time for another look has come. One that is not known to be taken is looked up by whoever sends it."""
        now_ms = self.clock.now_ms()
        due: set[int] = set()
        for index in self.recorder.lost_answers & self.recorder.job_ids.keys():
            since_ms = self._since_ms.setdefault(index, now_ms)
            looked = self._looked.get(index, 0)
            if looked < len(LOOKS_AFTER_S) and now_ms - since_ms >= LOOKS_AFTER_S[looked] * 1000:
                self._looked[index] = looked + 1
                due.add(index)
        return due
