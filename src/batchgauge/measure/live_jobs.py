"""The run's jobs that may still change, and where a listing would show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from batchgauge.core.job import JobState
from batchgauge.core.polling_plan import QUEUE
from batchgauge.measure.recorder import Recorder
from batchgauge.ports import Clock

GONE_LIMIT_S: Final = 600.0
"""How long a job may be missing from the answers before it is no longer asked about."""

Place = tuple[str, JobState]
"""A listing and a status of it."""


class LiveJobs:
    """Asked anew before every look: others may see jobs end too."""

    def __init__(self, recorder: Recorder, clock: Clock, missing_since_ms: dict[int, float]) -> None:
        self._recorder = recorder
        self._clock = clock
        self._missing_since_ms = missing_since_ms

    def waiting(self) -> list[int]:
        """Those that have not ended and are not gone."""
        going = self._recorder.going()
        if not self._missing_since_ms:
            return going
        now_ms = self._clock.now_ms()
        gone = {i for i, since_ms in self._missing_since_ms.items() if now_ms - since_ms > GONE_LIMIT_S * 1000}
        return [index for index in going if index not in gone] if gone else going

    def place(self, index: int) -> Place:
        """Where the job was seen last; one that never was is expected to be RUNNABLE, which takes AWS a moment only."""
        seen = self._recorder.last_seen.get(index)
        return listing_of(self._recorder.job_ids[index]), seen.state if seen is not None else JobState.RUNNABLE

    def count(self, indexes: Iterable[int]) -> Counter[Place]:
        """How many are where."""
        return Counter(map(self.place, indexes))

    def was_seen(self, index: int) -> bool:
        """Whether any look has shown the job."""
        return index in self._recorder.last_seen

    @property
    def has_missing(self) -> bool:
        """Whether any job is."""
        return bool(self._missing_since_ms)

    def is_missing(self, index: int, for_s: float = 0.0) -> bool:
        """Whether the job was asked for by its id and not in the answer, and has not been for so long."""
        since_ms = self._missing_since_ms.get(index)
        return since_ms is not None and self._clock.now_ms() - since_ms >= for_s * 1000


def listing_of(job_id: str) -> str:
    """Children are listed by their parent, whose id is theirs up to the colon."""
    parent, colon, _ = job_id.rpartition(":")
    return parent if colon else QUEUE
