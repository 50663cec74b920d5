"""Ending the jobs of an interrupted run, so that nothing goes on that nobody waits for."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Final

from batchgauge.core.journal import CallOutcome
from batchgauge.core.plan import submitted_id
from batchgauge.errors import AwsError
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.observe import Observer
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.retrying import READ_BACK_OFF, BackOff
from batchgauge.ports import BatchGateway, Clock

REASON: Final = "batchgauge: the run was interrupted"
CALLS_IN_FLIGHT: Final = 10
CONFIRMATION_S: Final = 60.0
"""How long the ends are watched for: a container has 30 s between SIGTERM and SIGKILL."""
CONFIRMATION_INTERVAL_S: Final = 1.0


@dataclass(slots=True)
class JobEnder:
    """Terminates every job of the run that is not known to have ended, and watches until they have.

    An array is terminated as a whole: that ends its children.
    """

    gateway: BatchGateway
    recorder: Recorder
    clock: Clock
    chance: random.Random
    endpoint: str
    back_off: BackOff = READ_BACK_OFF
    queue: str = ""
    """Where the jobs are: many are then watched by ListJobs."""

    async def end_all(self) -> tuple[str, ...]:
        """The ids of those that were not seen to end, for whatever reason."""
        places = asyncio.Semaphore(CALLS_IN_FLIGHT)

        async def one(job_id: str, index: int) -> None:
            async with places:
                await self._end(job_id, index)

        going = self._going()
        outcomes = await asyncio.gather(
            *(one(job_id, index) for job_id, index in going.items()), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, AwsError):
                raise outcome
        await self._confirm()
        return self.recorder.going_ids()

    def _going(self) -> dict[str, int]:
        """The ids to terminate, each with the index of a job that ends with it."""
        going: dict[str, int] = {}
        for index in self.recorder.going():
            going.setdefault(submitted_id(self.recorder.job_ids[index]), index)
        return going

    async def _end(self, job_id: str, index: int) -> None:
        for tries in range(1, self.back_off.max_tries + 1):
            reply = await self.gateway.terminate_job(job_id, REASON)
            is_last = reply.outcome in (CallOutcome.OK, CallOutcome.REFUSED) or tries == self.back_off.max_tries
            wait_s = 0.0 if is_last else self.back_off.wait_s(tries, reply, self.chance)
            self.recorder.call(reply, job=index, attempt=tries, back_off_s=wait_s)
            if is_last:
                return
            await self.clock.sleep(wait_s)

    async def _confirm(self) -> None:
        observer = Observer(
            self.gateway,
            self.recorder,
            self.clock,
            self.chance,
            self.endpoint,
            CONFIRMATION_INTERVAL_S,
            queue=self.queue,
        )
        launched = asyncio.Event()
        launched.set()
        patience = Interruption()
        watching = asyncio.create_task(observer.observe(launched, patience))
        deadline = asyncio.create_task(self.clock.sleep(CONFIRMATION_S))
        await asyncio.wait({watching, deadline}, return_when=asyncio.FIRST_COMPLETED)
        patience.request("deadline")
        deadline.cancel()
        await asyncio.gather(watching, deadline, return_exceptions=True)
