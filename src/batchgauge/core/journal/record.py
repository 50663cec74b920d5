"""Any line of a journal."""

from __future__ import annotations

from typing import TypeAlias

from batchgauge.core.journal.calls import Call, Doubled, Found
from batchgauge.core.journal.course import (
    Discovered,
    Ended,
    Header,
    Interrupted,
    JobsEnded,
    Plan,
    PollingPlanned,
    Resumed,
    Started,
)
from batchgauge.core.journal.looks import ArrayLook, ForeignJobs, Look, WaitingLook
from batchgauge.core.journal.sources import EventBatch, EventRouteChange, LogLook, MetricLook, TaskLook

Record: TypeAlias = (
    Header
    | Plan
    | Started
    | Call
    | Found
    | Doubled
    | Look
    | EventBatch
    | ArrayLook
    | LogLook
    | Interrupted
    | Resumed
    | Ended
    | PollingPlanned
    | EventRouteChange
    | TaskLook
    | MetricLook
    | JobsEnded
    | ForeignJobs
    | Discovered
    | WaitingLook
)


def moment_ms(record: Record) -> float:
    """The latest moment that a record tells of, on the run's own clock; 0 where it tells of none that has come when it is written."""
    if isinstance(record, Started):
        return 0.0
    return max(getattr(record, name, 0.0) for name in ("at_ms", "received_ms", "started_ms"))
