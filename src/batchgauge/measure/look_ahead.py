"""Submissions made ready ahead of their time, so that no send waits for anything but its moment."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from batchgauge.core.journal import PlannedJob
from batchgauge.core.scenario import JobShape
from batchgauge.ports import BatchGateway, Clock, PreparedSubmission

WINDOW_S: Final = 2.0
"""How long before its time a submission is made ready: long against making one, short against the age that a signature may have."""
MOST_READY: Final = 1_000
"""Submissions that are ready at once; each holds some kilobytes, and there are not many more connections than that."""

MAKING_TAKES_MS: Final = 1.5
"""How long the event loop is held by making one ready."""

Ready = tuple[PlannedJob, PreparedSubmission]


@dataclass(slots=True)
class LookAhead:
    """Makes the submissions of a plan ready in their order, each within the window before its time."""

    plan: Sequence[PlannedJob]
    shape: JobShape
    gateway: BatchGateway
    clock: Clock
    _ready: deque[Ready] = field(default_factory=deque)
    _made: int = 0
    _change: asyncio.Future[None] | None = None
    """Done with the next change; there where somebody waits for it."""
    _started: asyncio.Event = field(default_factory=asyncio.Event)
    _started_ms: float = 0.0
    _making: asyncio.Task[None] | None = None

    async def get_ready(self) -> None:
        """Return when all that can be made ready before the start is."""
        self._making = asyncio.create_task(self._make())
        await self._until(lambda: self._made == len(self.plan) or not self._has_room() or not self._is_near())

    def start(self, started_ms: float) -> None:
        """The plan's times count from here."""
        self._started_ms = started_ms
        self._started.set()

    async def next(self) -> Ready:
        """The next submission of the plan; there must be one. Normally it is ready."""
        await self._until(lambda: bool(self._ready))
        return self._take()

    def next_if_due(self, now_ms: float) -> Ready | None:
        """The next submission if it is ready and its time has come."""
        if self._ready and self._started_ms + self._ready[0][0].offset_ms <= now_ms:
            return self._take()
        return None

    async def stop(self) -> None:
        """Make nothing more, and discard what is ready."""
        if self._making is not None:
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)
        while self._ready:
            self._ready.popleft()[1].discard()

    async def _make(self) -> None:
        for planned in self.plan:
            await self._until_wanted(planned)
            prepared = await self.gateway.prepare_submission(planned.name, self.shape, planned.size)
            self._ready.append((planned, prepared))
            self._made += 1
            self._has_changed()

    async def _until_wanted(self, planned: PlannedJob) -> None:
        while not self._has_room():
            await self._wait_for_change()
        if not self._started.is_set() and planned.offset_ms > WINDOW_S * 1000:
            await self._started.wait()
        if self._started.is_set():
            early_s = (self._started_ms + planned.offset_ms - self.clock.now_ms()) / 1000 - WINDOW_S
            if early_s > 0:
                await self.clock.sleep(early_s)
            while self._is_send_near():
                await self._wait_for_change()

    def _is_send_near(self) -> bool:
        """Whether making one ready now would stand in the way of a send; at an even rate it would each time."""
        return (
            bool(self._ready) and self._started_ms + self._ready[0][0].offset_ms - self.clock.now_ms() < MAKING_TAKES_MS
        )

    def _has_room(self) -> bool:
        return len(self._ready) < MOST_READY

    def _is_near(self) -> bool:
        return self._made == len(self.plan) or self.plan[self._made].offset_ms <= WINDOW_S * 1000

    def _take(self) -> Ready:
        self._has_changed()
        return self._ready.popleft()

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition that the making brings about; what ended the making is raised."""
        while not condition():
            if self._making is not None and self._making.done():
                self._making.result()
            await self._wait_for_change()

    async def _wait_for_change(self) -> None:
        if self._change is None:
            self._change = asyncio.get_running_loop().create_future()
        making = {self._making} if self._making is not None and self._making is not asyncio.current_task() else set()
        await asyncio.wait({self._change, *making}, return_when=asyncio.FIRST_COMPLETED)

    def _has_changed(self) -> None:
        if self._change is not None:
            self._change.set_result(None)
            self._change = None
