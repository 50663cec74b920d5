"""What the model has to say of the present step: effects in the order in which they happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from batchgauge.batchmodel.boundary import Effect, EmitEvent, Transition, VirtualOutput
from batchgauge.batchmodel.identifiers import Names
from batchgauge.batchmodel.job_detail import JobView
from batchgauge.batchmodel.jobs import Attempt, Job

STATE_CHANGE: Final = "Batch Job State Change"
QUEUE_BLOCKED: Final = "Batch Job Queue Blocked"
_new: Final = tuple.__new__


class Outbox:
    """Collects effects until the step ends; those that nobody wants are not even made."""

    def __init__(self, names: Names, emits_events: bool = True, emits_transitions: bool = True) -> None:
        self._names = names
        self._emits_events = emits_events
        self._emits_transitions = emits_transitions
        self.effects: list[Effect] = []

    def take(self) -> list[Effect]:
        """All of them; the next step begins with none."""
        effects, self.effects = self.effects, []
        return effects

    def submitted(self, job: Job, now_ms: float, cause: str) -> None:
        """A job is there; AWS sends no event of that."""
        if self._emits_transitions:
            self.effects.append(_new(Transition, (job.job_id, now_ms, None, job.state, 0, cause)))

    def moved(self, job: Job, from_state: str, now_ms: float, cause: str) -> None:
        """A job has changed its state."""
        effects, job_id = self.effects, job.job_id
        # `tuple.__new__` is what a named tuple's own constructor calls, in half the time; here it is nine calls a job.
        if self._emits_transitions:
            told = (job_id, now_ms, from_state, job.state, len(job.attempts), cause)
            effects.append(_new(Transition, told))
        if self._emits_events:
            names = self._names
            event = (STATE_CHANGE, (names.job_prefix + job_id,), JobView(job, names), now_ms)
            effects.append(_new(EmitEvent, event))

    def written(self, attempt: Attempt, log_group: str, log_stream: str, lines: Iterable[tuple[float, str]]) -> None:
        """A virtual job has ended, and has written this."""
        self.effects.append(_new(VirtualOutput, (attempt.task_id, log_group, log_stream, lines)))

    def blocked(self, job: Job, now_ms: float) -> None:
        """A queue's head can't be placed; its status reason says why."""
        if self._emits_events:
            resources = (self._names.job_prefix + job.job_id, job.queue.arn)
            self.effects.append(_new(EmitEvent, (QUEUE_BLOCKED, resources, JobView(job, self._names), now_ms)))
