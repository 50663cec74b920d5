"""Asking AWS why jobs wait, now and then and only while some wait too long."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar

from batchgauge.core.job import JobState
from batchgauge.core.journal import CallOutcome, QueueFacts, WaitingLook, to_ranges
from batchgauge.core.progress.waiting import Waiting, explain, find_waiting
from batchgauge.errors import AwsError
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.recorder import Recorder
from batchgauge.ports import BatchGateway, Clock, JobQueueDetail, QueueSnapshot, Reply

LOOK_INTERVAL_S: Final = 60.0
"""Between two looks: three calls a minute leave AWS's budget to the jobs."""
SHORTEST_INTERVAL_S: Final = 5.0
CHECKS_A_LOOK: Final = 3
"""How often, within that time, the jobs are checked for waiting, which costs no call."""

T = TypeVar("T")


@dataclass(slots=True)
class WaitingExplainer:
    """Looks at queue, environments and the queue's front while jobs wait too long; never fails a run."""

    gateway: BatchGateway
    recorder: Recorder
    clock: Clock
    queue: str
    job_vcpus: float | None
    time_scale: float | None
    interruption: Interruption
    _moved_ms: float = 0.0
    _states: Counter[JobState] = field(default_factory=Counter)
    _looked_ms: float | None = None
    _refused: set[str] = field(default_factory=set)
    """Operations that AWS refuses: they are not asked again."""

    async def explain(self) -> None:
        """Go on until cancelled, or somebody asks for the end."""
        self._moved_ms = self.clock.now_ms()
        interval_s = max(SHORTEST_INTERVAL_S, LOOK_INTERVAL_S * min(1.0, self.time_scale or 1.0))
        while not self.interruption.is_requested:
            await self.interruption.sleep(self.clock, interval_s / CHECKS_A_LOOK)
            waiting = self._waiting()
            if waiting is None:
                self.recorder.waits_for(None, ())
                continue
            # The checks fall on a grid, and a little late: half a check of grace keeps the looks from drifting apart.
            due_ms = interval_s * 1000 * (1 - 1 / (2 * CHECKS_A_LOOK))
            if self._looked_ms is not None and self.clock.now_ms() - self._looked_ms < due_ms:
                continue
            self._looked_ms = self.clock.now_ms()
            try:
                await self._look(waiting)
            except AwsError:
                return  # whoever looks at the jobs meets the same, and says it

    def _waiting(self) -> Waiting | None:
        now_ms, seen = self.clock.now_ms(), self.recorder.last_seen
        states = Counter(sighting.state for sighting in seen.values())
        if states != self._states:
            self._states, self._moved_ms = states, now_ms
        unmoved_s = (now_ms - self._moved_ms) / 1000
        return find_waiting(seen.values(), now_ms=now_ms, unmoved_s=unmoved_s, time_scale=self.time_scale)

    async def _look(self, waiting: Waiting) -> None:
        sent_ms = self.clock.now_ms()
        queue = await self._ask("DescribeJobQueues", lambda: self.gateway.describe_job_queue(self.queue))
        names = queue.compute_environments if queue is not None else ()
        environments = (
            await self._ask("DescribeComputeEnvironments", lambda: self.gateway.describe_compute_environments(names))
            if names
            else None
        )
        snapshot = await self._ask("GetJobQueueSnapshot", lambda: self.gateway.get_job_queue_snapshot(self.queue))
        look = WaitingLook(
            sent_ms=sent_ms,
            received_ms=self.clock.now_ms(),
            jobs=to_ranges(waiting.jobs),
            longest_wait_ms=round(waiting.longest_s * 1000, 3),
            is_stalled=waiting.is_stalled,
            pending=waiting.pending,
            said=tuple(sorted(waiting.said.items())),
            queue=_facts(queue) if queue is not None else None,
            environments=environments or (),
            used_vcpus=self._used_vcpus(snapshot),
            front=None if snapshot is None else len(snapshot.front),
            position=None if snapshot is None else self._position(snapshot),
        )
        self.recorder.record(look)
        self.recorder.waits_for(waiting, explain(look, self.job_vcpus))

    async def _ask(self, operation: str, request: Callable[[], Awaitable[Reply[T]]]) -> T | None:
        """Once: what AWS will not answer now is asked again at the next look, what it refuses never."""
        if operation in self._refused:
            return None
        reply = await request()
        self.recorder.call(reply)
        if reply.outcome is CallOutcome.REFUSED:
            self._refused.add(operation)
        return reply.value

    def _used_vcpus(self, snapshot: QueueSnapshot | None) -> float | None:
        """As AWS says, or else what our own jobs hold."""
        if snapshot is not None and snapshot.used_vcpus is not None:
            return snapshot.used_vcpus
        holding = self._states[JobState.STARTING] + self._states[JobState.RUNNING]
        return None if self.job_vcpus is None else holding * self.job_vcpus

    def _position(self, snapshot: QueueSnapshot) -> int | None:
        ours = set(self.recorder.job_ids.values())
        return next((position for position, job_id in enumerate(snapshot.front) if job_id in ours), None)


@asynccontextmanager
async def waiting_explained(explainer: WaitingExplainer) -> AsyncIterator[None]:
    """Explain for as long as the context lasts."""
    task = asyncio.create_task(explainer.explain())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _facts(queue: JobQueueDetail) -> QueueFacts:
    return QueueFacts(name=queue.name, state=queue.state, status=queue.status, status_reason=queue.status_reason)
