"""The life cycle of a job, as data."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

END_REASON: Final = "batchgauge: the run was interrupted"
"""What we tell AWS when we end a run's jobs, and AWS shows as their status reason."""


class JobState(StrEnum):
    """The seven states of AWS Batch, in the order of a job's life."""

    SUBMITTED = "SUBMITTED"
    PENDING = "PENDING"
    RUNNABLE = "RUNNABLE"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended."""
        return self in TERMINAL_STATES

    @property
    def rank(self) -> int:
        """How far along its life a job in this state is; both ends share the last rank."""
        return _RANKS[self]


TERMINAL_STATES: Final = frozenset({JobState.SUCCEEDED, JobState.FAILED})

_RANKS: Final = {
    JobState.SUBMITTED: 0,
    JobState.PENDING: 1,
    JobState.RUNNABLE: 2,
    JobState.STARTING: 3,
    JobState.RUNNING: 4,
    JobState.SUCCEEDED: 5,
    JobState.FAILED: 5,
}

FAILED_TO_SUBMIT: Final = "FAILED_TO_SUBMIT"
"""Our word, in the result file, for a job that AWS refused: it never had a state of AWS's."""
