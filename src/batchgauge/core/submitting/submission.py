"""What became of one planned submission: one job's, or that of all children of an array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from batchgauge.core.journal import Call, CallOutcome, Discovered, Found, PlannedJob
from batchgauge.core.submitting.plan import child_id
from batchgauge.core.submitting.refusals import is_fatal

NO_ANSWER: Final = "NoAnswer"
"""Stands where AWS's words would, for a request that met with none."""


@dataclass(slots=True)
class Submission:
    """The tries in the order of the journal."""

    planned: PlannedJob
    tries: int = 0
    last_call: Call | None = None
    accepted_call: Call | None = None
    found: Found | None = None
    array_created_ms: float | None = None
    """createdAt of an array itself, where it was read."""
    discovered: Discovered | None = None
    """Of a job that something else submitted."""

    def add(self, call: Call) -> None:
        """Take in one try."""
        self.tries += 1
        self.last_call = call
        if call.job_id is not None:
            self.accepted_call = call

    @property
    def is_untouched(self) -> bool:
        """Whether nothing shows that it was ever sent."""
        return self.last_call is None and self.found is None and self.discovered is None

    @property
    def is_taken(self) -> bool:
        """Whether AWS is known to have made its job."""
        return self.accepted_call is not None or self.found is not None

    @property
    def is_refused_for_good(self) -> bool:
        """Whether AWS's last word was a no that it would say again, and not for the caller's own sake."""
        last = self.last_call
        return not self.is_taken and last is not None and last.outcome is CallOutcome.REFUSED and not is_fatal(last)

    @property
    def is_ours(self) -> bool:
        """Whether it was we who submitted."""
        return self.discovered is None

    @property
    def duration_s(self) -> float | None:
        """From sent to answered; 0 for what was never sent, None where something else submitted."""
        call = self.call
        if call is None:
            return 0.0 if self.is_ours else None
        return round((call.received_ms - call.sent_ms) / 1000, 6)

    @property
    def call(self) -> Call | None:
        """The try that was accepted, or else the last one."""
        return self.accepted_call or self.last_call

    @property
    def creation_call_ms(self) -> tuple[float, float] | None:
        """(sent, received) of the call during which AWS made the job; an array's children are made at some time after theirs."""
        call = self.accepted_call
        return (call.sent_ms, call.received_ms) if call is not None and self.planned.size == 1 else None

    def array_call(self, index: int) -> tuple[float, float, float] | None:
        """(sent, received, createdAt of the array) of the call that made an array, said once: of its first job."""
        call = self.accepted_call
        if call is None or self.array_created_ms is None or index != self.planned.index:
            return None
        return call.sent_ms, call.received_ms, self.array_created_ms

    @property
    def spawned_after_ms(self) -> float | None:
        """When the call was sent that made an array; None for a plain job, of which more is known."""
        call = self.accepted_call
        return call.sent_ms if call is not None and self.planned.size > 1 else None

    @property
    def answer_lost_ms(self) -> float | None:
        """When the answer of the call that made the job was given up; None where it came, or no job was made."""
        if self.found is None or self.accepted_call is not None or self.last_call is None:
            return None
        return self.last_call.received_ms

    @property
    def error(self) -> str:
        """Why AWS took nothing, where it did not."""
        if self.last_call is None:
            return "NotSent"
        parts = (self.last_call.error, self.last_call.message)
        return ": ".join(part for part in parts if part) or NO_ANSWER

    def array_index_of(self, index: int) -> int | None:
        """The number in the array of one of its jobs; None where it is no array."""
        return index - self.planned.index if self.planned.size > 1 else None

    def id_of(self, index: int) -> str | None:
        """AWS's id of one of its jobs; None where AWS did not take it."""
        if self.accepted_call is not None and self.accepted_call.job_id is not None:
            return child_id(self.accepted_call.job_id, self.planned, index)
        known = self.found or self.discovered
        return child_id(known.job_id, self.planned, index) if known is not None else None


def discovered(record: Discovered) -> Submission:
    """The submission of a job that something else submitted: all that is known of it is that it happened."""
    return Submission(PlannedJob(record.job, record.name, 0.0), discovered=record)
