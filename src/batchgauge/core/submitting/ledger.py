"""What became of every job that was meant: the ledger, from the journal alone.

Each job of a run is exactly one of accepted, found again, refused, unanswered or not sent. Jobs that AWS made besides are *doubled*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from batchgauge.core.journal import CallOutcome, Doubled, Look, from_ranges
from batchgauge.core.observed.trace import JobTrace
from batchgauge.core.submitting.submission import Submission


class Ledger(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Numbers of jobs; an array counts as many as it has children."""

    intended: int
    accepted: int
    """AWS's answer said so."""
    found_again: int
    """AWS's answer was lost, and the job was found by its name."""
    refused: int
    """AWS's last answer was no; of jobs that were throttled until they were given up, that one."""
    unanswered: int
    """The last request met with no answer that says anything, and no job of the name was found afterwards."""
    not_sent: int
    """No request reached AWS."""
    doubled: int
    """Jobs that AWS made a second time."""
    doubled_ended: int
    """Of those, the ones that were ended."""
    lost: int
    """Accepted or found again, and never seen to end: AWS shows them no more."""

    @property
    def is_ordinary(self) -> bool:
        """Whether every job was taken by an answer of AWS's, once, and none was lost."""
        return self.accepted == self.intended and not (self.doubled or self.lost)

    @property
    def doubled_left(self) -> int:
        """Surplus jobs that could not be ended."""
        return self.doubled - self.doubled_ended


@dataclass(slots=True)
class LedgerCollector:
    """Takes what the ledger needs besides the submissions, in the order of the journal."""

    _doubled: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """By AWS's id: (index, whether it was ended)."""
    _missing: set[int] = field(default_factory=set)
    """Jobs that were asked for, and not in the last answer that could have shown them."""

    def double(self, record: Doubled) -> None:
        """A surplus job was found."""
        was_ended = self._doubled.get(record.job_id, (0, False))[1]
        self._doubled[record.job_id] = (record.job, was_ended or record.is_ended)

    def look(self, look: Look) -> None:
        """Jobs were seen, or not."""
        if look.missing:
            self._missing.update(from_ranges(look.missing))
        if self._missing:
            self._missing.difference_update(from_ranges(look.covered))

    def ledger(self, jobs: Iterable[tuple[int, Submission, JobTrace]], *, is_over: bool) -> Ledger:
        """All of it; jobs as (index, submission, trace). Nothing is lost before the run `is_over`: a job may become visible yet."""
        counts = dict.fromkeys(("accepted", "found_again", "refused", "unanswered", "not_sent"), 0)
        sizes: dict[int, int] = {}
        lost = intended = 0
        for index, submission, trace in jobs:
            intended += 1
            standing = standing_of(submission)
            counts[standing] += 1
            sizes[submission.planned.index] = submission.planned.size
            has_ended = trace.last is not None and trace.last.state.is_terminal
            is_taken = standing in ("accepted", "found_again")
            lost += is_over and is_taken and not has_ended and index in self._missing
        return Ledger(
            intended=intended,
            doubled=sum(sizes.get(job, 1) for job, _ in self._doubled.values()),
            doubled_ended=sum(sizes.get(job, 1) for job, is_ended in self._doubled.values() if is_ended),
            lost=lost,
            **counts,
        )


def standing_of(submission: Submission) -> str:
    """Which of the ledger's columns a submission is in."""
    if submission.accepted_call is not None:
        return "accepted"
    if submission.found is not None:
        return "found_again"
    last = submission.last_call
    if last is None or last.outcome is CallOutcome.UNAVAILABLE:
        return "not_sent"
    return "unanswered" if last.outcome is CallOutcome.AMBIGUOUS else "refused"
