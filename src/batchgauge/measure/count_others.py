"""Counting what others have in a run's queue: before the run, and now and then while it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from batchgauge.core.job import TERMINAL_STATES, JobState
from batchgauge.core.journal import CallOutcome, ForeignJobs
from batchgauge.core.naming import job_name_prefix
from batchgauge.errors import AwsError
from batchgauge.measure.bulk_end import Pace
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import Persistence
from batchgauge.ports import BatchGateway, Clock

LIVE_STATES: Final = tuple(state for state in JobState if state not in TERMINAL_STATES)
MOST_PAGES: Final = 20
"""Of one count: what is beyond 20,000 jobs is said to be more."""
FIRST_COUNT_S: Final = 15.0
COUNT_INTERVAL_S: Final = 60.0
"""Five calls a minute as a rule: a few thousandths of what AWS allows."""


@dataclass(frozen=True, slots=True)
class OthersCounter:
    """Counts the jobs of a queue that have not ended and are not so named as the run's are."""

    gateway: BatchGateway
    persistence: Persistence
    pace: Pace
    clock: Clock
    queue: str
    run_id: str = ""
    """Empty: all jobs are others'."""

    async def count(self, *, is_before_start: bool = False) -> ForeignJobs:
        """The count, or why there is none: it is no reason to end a run."""
        states: dict[str, int] = {}
        pages = 0
        try:
            for state in LIVE_STATES:
                token: str | None = None
                while pages < MOST_PAGES:
                    await self.pace.turn()
                    reply = await self.persistence.ask(
                        lambda state=state, token=token: self.gateway.list_jobs(self.queue, state, token)  # type: ignore[misc]
                    )
                    if reply.outcome is not CallOutcome.OK or reply.value is None:
                        error = reply.error or "no answer"
                        return ForeignJobs(at_ms=self.clock.now_ms(), is_before_start=is_before_start, error=error)
                    pages += 1
                    others = sum(not self._is_ours(job.job_name) for job in reply.value.jobs)
                    if others:
                        states[state.value] = states.get(state.value, 0) + others
                    token = reply.value.next_token
                    if token is None:
                        break
        except AwsError as error:
            return ForeignJobs(at_ms=self.clock.now_ms(), is_before_start=is_before_start, error=error.code)
        return ForeignJobs(
            at_ms=self.clock.now_ms(),
            is_before_start=is_before_start,
            states=states,
            is_at_least=pages >= MOST_PAGES and (token is not None or state is not LIVE_STATES[-1]),
        )

    def _is_ours(self, name: str) -> bool:
        return bool(self.run_id) and name.startswith(job_name_prefix(self.run_id))


@asynccontextmanager
async def others_counted(counter: OthersCounter | None, recorder: Recorder) -> AsyncIterator[None]:
    """Within the context they are counted now and then; what changes nothing is recorded all the same: it was looked."""
    if counter is None:
        yield
        return

    async def watch(counter: OthersCounter) -> None:
        await counter.clock.sleep(FIRST_COUNT_S)
        while True:
            recorder.record(await counter.count())
            await counter.clock.sleep(COUNT_INTERVAL_S)

    task = asyncio.create_task(watch(counter))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
