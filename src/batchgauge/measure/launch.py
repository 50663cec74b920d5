"""Sending a run's submissions: in a closed loop, or each at its intended time whatever became of the earlier ones."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from batchgauge.core.journal import PlannedJob
from batchgauge.core.scenario import Scenario
from batchgauge.core.schedule import most_within
from batchgauge.errors import BatchgaugeError
from batchgauge.measure.interruption import ANSWER_GRACE_S, FATAL, Interruption
from batchgauge.measure.look_ahead import LookAhead, Ready
from batchgauge.measure.steady_memory import SteadyMemory
from batchgauge.measure.submit import Submitter
from batchgauge.ports import BatchGateway, Clock, Reply, SubmittedJob

ANSWERS_TAKE_S: Final = 1.0
"""How long a connection is held by one submission, at most as a rule: so many connections are opened beforehand as submissions fall into
this time."""
LEAD_MS: Final = 50.0
"""From ready to the start of an open load. Making ready is work, and a process that has just worked is the first to be set aside by a busy
machine's scheduler, in the middle of a burst; one that wakes from a pause is let run."""
AT_ONCE_MS: Final = 0.01
"""What is due within so short a time is due now; no timer is that fine."""


@dataclass(slots=True)
class Launcher:
    """Sends the planned submissions as the scenario's load says."""

    plan: Sequence[PlannedJob]
    scenario: Scenario
    gateway: BatchGateway
    submitter: Submitter
    clock: Clock
    interruption: Interruption
    _ahead: LookAhead | None = None

    @property
    def lead_ms(self) -> float:
        """How long after everything is ready the start is to be, for the sending's own sake."""
        return LEAD_MS if self.scenario.load_shape.is_open else 0.0

    async def get_ready(self) -> None:
        """Do beforehand whatever a send would have to wait for: connections, and the first requests signed.

        Raises:
            AwsError: no request can be made at all.
        """
        if not self.scenario.load_shape.is_open:
            await self.gateway.warm_up(min(self.scenario.max_workers, len(self.plan)))
            return
        offsets = [planned.offset_ms for planned in self.plan]
        await self.gateway.warm_up(most_within(offsets, ANSWERS_TAKE_S * 1000))
        self._ahead = LookAhead(self.plan, self.scenario.job, self.gateway, self.clock)
        await self._ahead.get_ready()

    async def launch(self, started_ms: float) -> None:
        """Return when every job was taken or refused, or somebody asked for the end and no answer is waited for any more.

        Raises:
            AwsError: every further submission would fail as this one did (credentials, permissions, an endpoint that is gone). No
                request is in flight then.
        """
        self.submitter.begin()
        beside = [asyncio.create_task(self._lose_patience()), asyncio.create_task(self.submitter.look_up_the_silent())]
        try:
            if self._ahead is None:
                await self._closed_loop(started_ms)
            else:
                with SteadyMemory(self.clock) as memory:
                    await self._open_loop(self._ahead, started_ms, memory)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self.gateway.cool_down()

    async def _lose_patience(self) -> None:
        await self.interruption.grace(self.clock, ANSWER_GRACE_S)
        if self.interruption.cause != FATAL:  # nobody is in a hurry then, and each answer says what goes on
            self.submitter.give_up_answers()

    async def _closed_loop(self, started_ms: float) -> None:
        await self.interruption.sleep(self.clock, max(0.0, started_ms - self.clock.now_ms()) / 1000)
        remaining = iter(self.plan)
        await _all_of([self._work(remaining) for _ in range(min(self.scenario.max_workers, len(self.plan)))])

    async def _work(self, remaining: Iterator[PlannedJob]) -> None:
        for planned in remaining:
            if self.interruption.is_requested:
                return
            await self.submitter.submit(planned)

    async def _open_loop(self, ahead: LookAhead, started_ms: float, memory: SteadyMemory) -> None:
        ahead.start(started_ms)
        tasks: list[asyncio.Task[None]] = []
        try:
            sent = 0
            while sent < len(self.plan):
                first = await ahead.next()
                if not await self._is_time_for(first, started_ms):
                    first[1].discard()
                    break
                volley = self._send_all_due(first, ahead)
                sent += len(volley)
                tasks.extend(volley)
                memory.tidy_up_now_and_then()
        finally:
            await ahead.stop()
            await _all_of(tasks)

    async def _is_time_for(self, ready: Ready, started_ms: float) -> bool:
        """Wait for a submission's moment; whether it came before somebody asked for the end."""
        due_ms = started_ms + ready[0].offset_ms
        while (early_ms := due_ms - self.clock.now_ms()) > AT_ONCE_MS and not self.interruption.is_requested:
            await self.interruption.sleep(self.clock, early_ms / 1000)
        return not self.interruption.is_requested

    def _send_all_due(self, first: Ready, ahead: LookAhead) -> list[asyncio.Task[None]]:
        """All sends first, and only then whatever follows them: it must not stand between two sends of a volley."""
        volley = [(first[0], first[1].send())]
        while (ready := ahead.next_if_due(self.clock.now_ms() + AT_ONCE_MS)) is not None:
            volley.append((ready[0], ready[1].send()))
        return [asyncio.ensure_future(self._follow(planned, reply)) for planned, reply in volley]

    async def _follow(self, planned: PlannedJob, reply: Awaitable[Reply[SubmittedJob]]) -> None:
        try:
            await self.submitter.submit(planned, reply)
        except BatchgaugeError:
            self.interruption.request(FATAL)  # nobody sends what would only fail as this did
            raise


async def _all_of(work: Sequence[Awaitable[None]]) -> None:
    """Wait for all; what one of them raised is raised when none goes on."""
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
