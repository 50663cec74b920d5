"""What others had in the run's queue: their jobs distort ours, and ours starve theirs."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from batchgauge.core.journal import ForeignJobs


class SharedQueue(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Jobs of others in the queue that had not ended, each time they were counted; an array counts as one."""

    counts: int
    """How often they could be counted."""
    before: int | None = None
    """Just before the run's first job; None where that could not be counted."""
    most: int = 0
    """The most at once."""
    states: dict[str, int] = {}
    """The same, by status."""
    is_at_least: bool = False
    """Whether the queue held so many jobs that not all of them were read."""
    error: str | None = None
    """Why they could not be counted, where that was never possible."""

    @property
    def was_empty(self) -> bool:
        """Whether no job of another's was ever seen."""
        return self.most == 0


@dataclass(slots=True)
class SharedQueueTally:
    """Takes the counts in the order of the journal."""

    _counts: list[ForeignJobs] = field(default_factory=list)

    def add(self, count: ForeignJobs) -> None:
        """Take in the next count."""
        self._counts.append(count)

    def summary(self) -> SharedQueue | None:
        """None where nobody counted."""
        if not self._counts:
            return None
        good = [count for count in self._counts if count.error is None]
        if not good:
            return SharedQueue(counts=0, error=self._counts[-1].error)
        most = max(good, key=lambda count: count.total)
        return SharedQueue(
            counts=len(good),
            before=next((count.total for count in good if count.is_before_start), None),
            most=most.total,
            states=most.states,
            is_at_least=any(count.is_at_least for count in good),
        )
