"""Describing the ECS tasks of attempts that have ended, before ECS forgets them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from batchgauge.core.journal import CallOutcome, Sighting, TaskLook
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, BackOff, Persistence
from batchgauge.ports import Clock, TaskSource

DESCRIBE_TASKS_LIMIT: Final = 100
"""Tasks a call takes."""
INTERVAL_S: Final = 15.0
LONGEST_WAIT_S: Final = 900.0
"""After so long a batch is read though it is not full: ECS remembers a task for about an hour."""
CALLS_PER_S: Final = 4.0
"""Far below ECS's own rate, which is not Batch's: a run of 10,000 jobs takes 100 calls."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    job: int
    number: int
    """From 1."""
    task_arn: str


@dataclass(slots=True)
class TaskHarvester:
    """Full batches while the run goes on, the rest at its end; each attempt once."""

    source: TaskSource
    recorder: Recorder
    clock: Clock
    chance: random.Random
    interruption: Interruption
    back_off: BackOff = READ_BACK_OFF
    _taken: dict[int, int] = field(default_factory=dict)
    """By job: how many of its attempts are pending or done."""
    _pending: dict[str, list[_Attempt]] = field(default_factory=dict)
    """By cluster."""
    _is_refused: bool = False
    _last_ms: float = 0.0

    async def harvest(self) -> None:
        """Go on until cancelled, or until ECS refuses."""
        self._last_ms = self.clock.now_ms()
        while not self._is_refused:
            await self.clock.sleep(INTERVAL_S)
            self._gather()
            is_overdue = self.clock.now_ms() - self._last_ms > LONGEST_WAIT_S * 1000
            await self._read(at_least=1 if is_overdue else DESCRIBE_TASKS_LIMIT)

    async def finish(self) -> None:
        """Read what is left."""
        self._gather()
        await self._read(at_least=1)

    def _gather(self) -> None:
        for sighting in list(self.recorder.last_seen.values()):
            taken = self._taken.get(sighting.job) or self.recorder.tasks_read.get(sighting.job, 0)
            for attempt in _ended_attempts(sighting, taken):
                self._taken[attempt.job] = attempt.number
                cluster = cluster_of(attempt.task_arn)
                if cluster is not None:
                    self._pending.setdefault(cluster, []).append(attempt)

    async def _read(self, at_least: int) -> None:
        for cluster, attempts in self._pending.items():
            while len(attempts) >= at_least and not (self._is_refused or self.interruption.is_requested):
                batch = attempts[:DESCRIBE_TASKS_LIMIT]
                del attempts[:DESCRIBE_TASKS_LIMIT]
                await self._read_batch(cluster, batch)
                self._last_ms = self.clock.now_ms()
                await self.interruption.sleep(self.clock, 1 / CALLS_PER_S)

    async def _read_batch(self, cluster: str, attempts: Sequence[_Attempt]) -> None:
        persistence = Persistence(self.clock, self.chance, self.back_off, self.recorder.note, self.interruption)
        task_arns = [attempt.task_arn for attempt in attempts]
        reply = await persistence.ask(lambda: self.source.describe_tasks(cluster, task_arns))
        by_arn = {attempt.task_arn: attempt for attempt in attempts}
        tasks = tuple(
            msgspec.structs.replace(task, job=attempt.job, attempt=attempt.number)
            for task in reply.value or ()
            if (attempt := by_arn.get(task.task_arn)) is not None
        )
        error = None if reply.value is not None else f"{reply.error or reply.outcome}"
        # Whatever the reason, asking again would meet with the same answer, and the run must not suffer from it.
        self._is_refused = reply.outcome is CallOutcome.REFUSED
        self.recorder.record(
            TaskLook(
                sent_ms=reply.sent_ms,
                received_ms=reply.received_ms,
                tasks=tasks,
                missing=len(attempts) - len(tasks) if error is None else 0,
                error=error,
            )
        )


def cluster_of(task_arn: str) -> str | None:
    """``arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID`` → ``CLUSTER``; None for an ARN of the old form, which has none."""
    parts = task_arn.split("/")
    return parts[1] if len(parts) == 3 else None


def _ended_attempts(sighting: Sighting, taken: int) -> Iterator[_Attempt]:
    """The attempts that have ended, beyond the first `taken` of them."""
    for number, attempt in enumerate(sighting.attempts[taken:], start=taken + 1):
        if attempt.task_arn is not None:
            yield _Attempt(sighting.job, number, attempt.task_arn)
    if sighting.state.is_terminal and not sighting.attempts and not taken and sighting.task_arn is not None:
        yield _Attempt(sighting.job, 1, sighting.task_arn)
