"""Everything from outside that a run needs."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from batchgauge.core.journal import (
    Delivery,
    EnvironmentFacts,
    ForeignJobs,
    Sources,
)
from batchgauge.ports import (
    Ask,
    BatchGateway,
    Clock,
    EventRoutes,
    LogSource,
    MetricSource,
    Progress,
    TaskSource,
)

NOTHING_ASKED: Final = Delivery()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything from outside that a run needs."""

    gateway: BatchGateway
    logs: LogSource
    clock: Clock
    chance: random.Random
    progress: Progress
    facts: EnvironmentFacts
    utc_offset_s: int
    cpu_s: Callable[[], float]
    """Processor time of this process so far."""
    reads_logs: bool = True
    on_breach: Callable[[Sequence[str], float], None] = lambda _thresholds, _grace_s: None
    """Is told the thresholds that cannot be met any more, and for how long the run still goes on."""
    on_planned: Callable[[], None] = lambda: None
    """Is called when the plan is on the disk, and before anything is made or sent: from here on the run has begun."""
    event_routes: EventRoutes | None = None
    """Needed where the scenario watches events."""
    tasks: TaskSource | None = None
    """None where the jobs' tasks are not to be described."""
    metrics: MetricSource | None = None
    """None where Container Insights is not to be asked."""
    others_before: ForeignJobs | None = None
    """What others had in the queue just now; None: nobody counts them, now or later."""
    ask: Ask | None = None
    """Who says what becomes of the jobs when the end is asked for; None: they are ended."""
    delivery: Delivery = NOTHING_ASKED
    """What was asked for of the document: written down for whoever takes the run up again."""
    events_queue: str | None = None
    """The URL of a queue that the events come to already; None: rule and queue are made for the run."""

    @property
    def sources(self) -> Sources:
        """What is read besides the jobs themselves."""
        return Sources(
            reads_logs=self.reads_logs,
            reads_tasks=self.tasks is not None,
            reads_metrics=self.metrics is not None,
            events_queue=self.events_queue,
        )

    @property
    def endpoint(self) -> str:
        """Where AWS is, in words for a message."""
        return self.facts.endpoint_url or f"AWS Batch, {self.facts.region}"
