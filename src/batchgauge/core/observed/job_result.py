"""One job in the result file."""

from __future__ import annotations

import msgspec

from batchgauge.core.job import END_REASON, FAILED_TO_SUBMIT, JobState
from batchgauge.core.journal import Attempt
from batchgauge.core.observed.log_delivery import LogDelivery
from batchgauge.core.observed.program_report import ProgramReport
from batchgauge.core.observed.task_times import TaskTimes
from batchgauge.core.observed.timeline import AttemptInstants, Instants, Phases


class JobResult(msgspec.Struct, kw_only=True, rename="camel"):
    """One job: the specification's keys first, then ours."""

    job_id: str | None
    """None for a job that AWS refused."""
    job_name: str
    submission_time: str
    """Local and naive, as the specification shows it; when the SubmitJob call was sent, or, where something else did, AWS made the job."""
    submit_duration: float | None
    """Seconds from sent to answered; None for a job that something else submitted."""
    countdown_seconds: int | None = None
    status: str
    """The last status known; SUBMITTED where nothing was monitored, FAILED_TO_SUBMIT for a job that AWS refused."""
    error: str | None = None
    index: int | None = None
    submit_tries: int | None = None
    array_index: int | None = None
    """Of an array job's child: its number in the array, from 0; its submission is then the array's."""
    status_reason: str | None = None
    exit_code: int | None = None
    reason: str | None = None
    log_group: str | None = None
    log_stream: str | None = None
    instants: Instants | None = None
    phases: Phases | None = None
    attempts: tuple[Attempt, ...] = ()
    attempt_instants: tuple[AttemptInstants, ...] = ()
    """Of a job that had several attempts: one entry each."""
    is_contradicted: bool = False
    """Whether what was seen of the job does not agree with itself; its bounds are then the widest that the parts allow."""
    missing_since_ms: float | None = None
    """Since when AWS's answers no longer hold the job, although it was asked for by its id; None where they do, or it was seen to end."""
    log_delivery: LogDelivery | None = None
    program: ProgramReport | None = None
    """What the job's program says of itself in its log; None where it says nothing, or its stream was not read."""
    tasks: tuple[TaskTimes, ...] = ()
    """The ECS tasks of the job's attempts, as far as they were described: what start-up was made of."""

    @property
    def has_own_submission(self) -> bool:
        """Whether its submission is to be counted here: an array is submitted once, however many jobs it makes."""
        return not self.array_index

    @property
    def is_accepted(self) -> bool:
        """Whether AWS took the job."""
        return self.job_id is not None and self.status != FAILED_TO_SUBMIT

    @property
    def is_succeeded(self) -> bool:
        """Whether the job was seen SUCCEEDED."""
        return self.status == JobState.SUCCEEDED

    @property
    def is_failed(self) -> bool:
        """Whether the job was seen FAILED; a refused job is not (see `is_accepted`)."""
        return self.status == JobState.FAILED

    @property
    def is_ended_by_us(self) -> bool:
        """Whether it failed because we ended it: that says nothing of the job."""
        return self.is_failed and self.status_reason == END_REASON

    @property
    def is_finished(self) -> bool:
        """Whether the job was seen to end."""
        return self.is_succeeded or self.is_failed

    @property
    def is_vanished(self) -> bool:
        """Whether the job was seen, and then was not to be had any more before it had ended."""
        was_seen = self.instants is not None and self.instants.created_ms is not None
        return was_seen and self.missing_since_ms is not None and not self.is_finished
