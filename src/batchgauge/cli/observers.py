"""Flags about where a run's knowledge comes from besides looking at the jobs: events, ECS tasks, Container Insights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from batchgauge.bootstrap import Target
from batchgauge.cli.localised import option
from batchgauge.core.place import placed_command
from batchgauge.core.scenario import Scenario
from batchgauge.errors import ConflictingOptionsError

OBSERVER_OPTIONS = (
    option("--events", is_flag=True),
    option("--events-queue", metavar="URL"),
    option("--no-tasks", is_flag=True),
    option("--container-insights", is_flag=True),
)


@dataclass(frozen=True, slots=True)
class Observers:
    """Which of the other sources are used."""

    watches_events: bool = False
    events_queue: str | None = None
    """The URL of a queue that events come to already."""
    reads_tasks: bool = True
    reads_metrics: bool = False

    @property
    def makes_event_route(self) -> bool:
        """Whether rule and queue are made for each run."""
        return self.watches_events and self.events_queue is None

    def of_scenario(self, scenario: Scenario) -> Scenario:
        """The scenario with what concerns it: who follows events watches the jobs."""
        if not self.watches_events:
            return scenario
        return msgspec.structs.replace(scenario, watches_events=True, is_monitored=True)


def observers(given: dict[str, Any]) -> Observers:
    """What the flags say.

    Raises:
        ConflictingOptionsError: events are to come from a queue of their own and from another.
    """
    if given["events"] and given["events_queue"]:
        raise ConflictingOptionsError(flag="--events-queue", other="--events")
    return Observers(
        watches_events=given["events"] or bool(given["events_queue"]),
        events_queue=given["events_queue"] or None,
        reads_tasks=not given["no_tasks"],
        reads_metrics=given["container_insights"],
    )


def removal_command(run_id: str, region: str, target: Target) -> str:
    """What takes a run's rule and queue away, to be typed as it is."""
    return placed_command(["batchgauge", "remove-events", run_id], region, target.profile, target.endpoint_url)
