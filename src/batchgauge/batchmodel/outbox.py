"""What the model has to say of the present step: effects in the order in which they happened."""

from __future__ import annotations

from batchgauge.batchmodel.boundary import Effect, EmitEvent, Transition
from batchgauge.batchmodel.identifiers import Names
from batchgauge.batchmodel.job_detail import JobView
from batchgauge.batchmodel.jobs import Job

STATE_CHANGE = "Batch Job State Change"
QUEUE_BLOCKED = "Batch Job Queue Blocked"


class Outbox:
    """Collects effects until the step ends."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.effects: list[Effect] = []

    def take(self) -> list[Effect]:
        """All of them; the next step begins with none."""
        effects, self.effects = self.effects, []
        return effects

    def submitted(self, job: Job, now_ms: float, cause: str) -> None:
        """A job is there; AWS sends no event of that."""
        self.effects.append(Transition(job.job_id, now_ms, None, job.state, 0, cause))

    def moved(self, job: Job, from_state: str, now_ms: float, cause: str) -> None:
        """A job has changed its state."""
        self.effects.append(Transition(job.job_id, now_ms, from_state, job.state, len(job.attempts), cause))
        arn = self._names.arn("job", job.job_id)
        self.effects.append(EmitEvent(STATE_CHANGE, (arn,), JobView(job, self._names), now_ms))

    def blocked(self, job: Job, now_ms: float) -> None:
        """A queue's head can't be placed; its status reason says why."""
        resources = (self._names.arn("job", job.job_id), job.queue.arn)
        self.effects.append(EmitEvent(QUEUE_BLOCKED, resources, JobView(job, self._names), now_ms))
