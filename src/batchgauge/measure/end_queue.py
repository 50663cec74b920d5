"""Ending everything that a queue holds, whoever submitted it: before the queue itself is deleted."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from batchgauge.core.job import JobState
from batchgauge.core.journal import CallOutcome
from batchgauge.core.polling_plan import AWS_CALLS_PER_S, DEFAULT_API_BUDGET
from batchgauge.core.submitting.refusals import error_of
from batchgauge.measure.bulk_end import BulkEnder, Pace, unnoted
from batchgauge.measure.retrying import READ_BACK_OFF, Persistence
from batchgauge.ports import BatchGateway, Clock, JobPage

LIVE_STATES: Final = tuple(state for state in JobState if not state.is_terminal)
PROOF_LIMIT_S: Final = 180.0
"""A container has 30 s between SIGTERM and SIGKILL, a Windows one is slow to go, and a listing may be behind."""
PROOF_INTERVAL_S: Final = 1.0


@dataclass(slots=True)
class QueueEmptier:
    """Lists and ends a queue's jobs."""

    gateway: BatchGateway
    clock: Clock
    chance: random.Random
    endpoint: str
    _pace: Pace = field(init=False)
    _persistence: Persistence = field(init=False)

    def __post_init__(self) -> None:
        self._pace = Pace(self.clock, DEFAULT_API_BUDGET * AWS_CALLS_PER_S)
        self._persistence = Persistence(self.clock, self.chance, READ_BACK_OFF, lambda *_: None)

    async def live(self, queues: Sequence[str]) -> tuple[str, ...]:
        """The ids of the jobs that have not ended; of an array, the array.

        Raises:
            AwsError: they cannot be listed.
        """
        found: dict[str, None] = {}
        for queue in queues:
            for state in LIVE_STATES:
                token: str | None = None
                while True:
                    page = await self._page(queue, state, token)
                    found.update((job.job_id, None) for job in page.jobs)
                    token = page.next_token
                    if token is None:
                        break
        return tuple(found)

    async def end(self, queues: Sequence[str], job_ids: Sequence[str], reason: str) -> tuple[str, ...]:
        """End them and list until the queues hold none, or for `PROOF_LIMIT_S`; the ids of those that are left.

        Raises:
            AwsError: what is left cannot be listed.
        """
        ender = BulkEnder(self.gateway, self.clock, self.chance, unnoted, reason, self._pace)
        await ender.end(job_ids)
        deadline_ms = self.clock.now_ms() + PROOF_LIMIT_S * 1000
        while left := await self.live(queues):
            if self.clock.now_ms() > deadline_ms or set(left) <= set(ender.troubles):
                return left
            await self.clock.sleep(PROOF_INTERVAL_S)
        return ()

    async def _page(self, queue: str, state: JobState, token: str | None) -> JobPage:
        await self._pace.turn()
        reply = await self._persistence.ask(lambda: self.gateway.list_jobs(queue, state, token))
        if reply.outcome is not CallOutcome.OK or reply.value is None:
            raise error_of(reply, self.endpoint)
        return reply.value
