"""Events in the course of a run: the way made before the first submission, watched beside the looks, and taken away at the end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from batchgauge.core.progress.snapshot import RunStage
from batchgauge.measure.event_route import EventRoute
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.recorder import Recorder
from batchgauge.measure.watch_events import EventWatcher
from batchgauge.ports import Clock, EventRoutes


@dataclass(slots=True)
class RunEvents:
    """Does nothing at all where `routes` is None."""

    routes: EventRoutes | None
    queue_url: str | None
    """Of a queue that is there already, and that others may read; None: one is made."""
    recorder: Recorder
    clock: Clock
    chance: random.Random
    interruption: Interruption
    endpoint: str
    run_id: str
    job_queue_arn: str
    tags: dict[str, str]
    _route: EventRoute | None = None
    _watcher: EventWatcher | None = None

    @property
    def is_open(self) -> bool:
        """Whether events come."""
        return self._watcher is not None

    async def open(self) -> None:
        """Let events come.

        Raises:
            AwsError: rule or queue could not be made.
        """
        if self.routes is None:
            return
        queue_url = self.queue_url
        if queue_url is None:
            self.recorder.show(RunStage.OPENING_EVENTS)
            self._route = EventRoute(
                routes=self.routes,
                recorder=self.recorder,
                clock=self.clock,
                chance=self.chance,
                interruption=self.interruption,
                endpoint=self.endpoint,
                run_id=self.run_id,
                job_queue_arn=self.job_queue_arn,
                tags=self.tags,
            )
            queue_url = await self._route.make()
        self._watcher = EventWatcher(
            source=self.routes.source(queue_url),
            recorder=self.recorder,
            clock=self.clock,
            chance=self.chance,
            interruption=self.interruption,
            name_prefix=f"{self.run_id}-",
            is_own_queue=self._route is not None,
        )

    async def follow(self, looks: Coroutine[Any, Any, None], launched: asyncio.Event) -> bool:
        """Watch while `looks` go on; see `EventWatcher.watch_beside`."""
        assert self._watcher is not None  # noqa: S101 - only what is open is followed
        return await self._watcher.watch_beside(looks, launched)

    async def close(self) -> bool:
        """Take away what was made for the run; whether nothing of it is left. May be called again."""
        route, self._route = self._route, None
        return route is None or await route.take_away()
