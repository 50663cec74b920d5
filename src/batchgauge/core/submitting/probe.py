"""What our own calls, retries and waits did: the probe effect, from the journal."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from batchgauge.core.bound import Bound
from batchgauge.core.journal import Call, CallOutcome, Look
from batchgauge.core.stats.token_bucket import BucketEstimate, estimate_bucket


class OperationUsage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One API operation in one run."""

    calls: int
    throttled: int = 0
    failed: int = 0
    """Refused, unavailable or ambiguous."""
    retried: int = 0
    """Calls that were a second or later try."""
    back_off_ms: float = 0.0
    """The sum of the waits before those."""
    call_ms: float = 0.0
    """The sum of the calls' own durations, sent → received."""
    bucket: BucketEstimate | None = None
    """What throttling tells of the operation's token bucket; None where it does not."""


class ApiUsage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All calls of a run."""

    operations: dict[str, OperationUsage]
    throttles: int
    cpu_s: float | None = None
    """Processor time of the measuring process, from the run's start to its end."""
    wall_s: float | None = None
    """The time from the run's start to its end."""

    @property
    def calls(self) -> int:
        """All calls together."""
        return sum(usage.calls for usage in self.operations.values())

    @property
    def back_off_ms(self) -> float:
        """All waits before another try together; several may go on at once."""
        return sum(usage.back_off_ms for usage in self.operations.values())

    @property
    def cpu_share(self) -> float | None:
        """How busy the tool kept one core, on average."""
        return self.cpu_s / self.wall_s if self.cpu_s is not None and self.wall_s else None


@dataclass(slots=True)
class _Tally:
    calls: int = 0
    throttled: int = 0
    failed: int = 0
    retried: int = 0
    back_off_ms: float = 0.0
    call_ms: float = 0.0
    taken_ms: list[float] = field(default_factory=list)
    """The middles of calls that AWS took: it acts somewhere between the question and the answer."""
    throttled_ms: list[float] = field(default_factory=list)

    def moment(self, record: Call | Look) -> None:
        """Note when AWS took it, or had no room for it."""
        is_throttled = isinstance(record, Call) and record.outcome is CallOutcome.THROTTLED
        (self.throttled_ms if is_throttled else self.taken_ms).append((record.sent_ms + record.received_ms) / 2)

    def bucket(self) -> BucketEstimate | None:
        """The moments are known to within half a call."""
        return estimate_bucket(self.taken_ms, self.throttled_ms, self.call_ms / self.calls / 2)


@dataclass(slots=True)
class UsageCounter:
    """Counts calls in the order of the journal."""

    _tallies: dict[str, _Tally] = field(default_factory=dict)

    def count(self, record: Call | Look) -> None:
        """Take in one record of a call."""
        tally = self._tallies.setdefault(record.operation, _Tally())
        tally.calls += 1
        tally.call_ms += record.received_ms - record.sent_ms
        tally.retried += record.attempt > 1
        tally.moment(record)
        if isinstance(record, Call):
            tally.throttled += record.outcome is CallOutcome.THROTTLED
            tally.failed += record.outcome not in (CallOutcome.OK, CallOutcome.THROTTLED)
            tally.back_off_ms += record.back_off_ms

    def usage(self, cpu_s: float | None, wall_s: float | None = None) -> ApiUsage:
        """The sums so far."""
        operations = {
            name: OperationUsage(
                calls=tally.calls,
                throttled=tally.throttled,
                failed=tally.failed,
                retried=tally.retried,
                back_off_ms=round(tally.back_off_ms, 3),
                call_ms=round(tally.call_ms, 3),
                bucket=tally.bucket(),
            )
            for name, tally in sorted(self._tallies.items())
        }
        return ApiUsage(
            operations=operations,
            throttles=sum(entry.throttled for entry in operations.values()),
            cpu_s=cpu_s,
            wall_s=wall_s,
        )


@dataclass(slots=True)
class GapCounter:
    """When nothing was seen: the longest time between two successful looks, and the gaps around each resumption."""

    longest_ms: float = 0.0
    _last_ms: float | None = None
    _closed: list[tuple[float, float]] = field(default_factory=list)
    _open: tuple[float, float] | None = None

    @property
    def left(self) -> tuple[Bound, ...]:
        """Where the run was taken up again: from the last sight before that to the first one after it."""
        return tuple(Bound(*gap) for gap in self._all())

    @property
    def left_ms(self) -> float:
        """Those gaps together."""
        return sum(until_ms - since_ms for since_ms, until_ms in self._all())

    def look(self, sent_ms: float, received_ms: float) -> None:
        """A look succeeded."""
        if self._open is not None:
            since_ms, until_ms = self._open
            self._closed.append((since_ms, max(until_ms, sent_ms)))
            self._open = None
        elif self._last_ms is not None:
            self.longest_ms = max(self.longest_ms, sent_ms - self._last_ms)
        self._last_ms = max(received_ms, self._last_ms or received_ms)

    def resume(self, since_ms: float, at_ms: float) -> None:
        """Nobody was there from `since_ms` to `at_ms`. Calls that failed before that were records too, and saw nothing."""
        begun = [since_ms, *([self._last_ms] if self._last_ms is not None else []), *(self._open or ())[:1]]
        self._open = (min(begun), at_ms)

    def _all(self) -> list[tuple[float, float]]:
        return [*self._closed, *([self._open] if self._open is not None else [])]
