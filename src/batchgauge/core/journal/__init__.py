"""The records of a run's journal: all that was meant, done, answered and seen, in order.

The result is a pure function of these records. Format history:

1 (0.1.0)  header, plan, started, call, found, look, events, logs, interrupted, resumed, ended, polling, event-route, tasks, metrics,
            discovered, waiting, doubled, jobs-ended, foreign-jobs, arrays.

Times are UTC milliseconds of *our* clock (``…_ms``), taken from one anchor and a monotonic counter, so that a clock that is set
in the middle of a run does not bend them; those inside a `Sighting` are AWS's own.
"""

from __future__ import annotations

from batchgauge.core.journal.calls import (
    Call,
    CallOutcome,
    Doubled,
    Found,
)
from batchgauge.core.journal.course import (
    BREACH,
    DEADLINE,
    ENDED_BY_ITSELF,
    JOURNAL_VERSION,
    NO_WAIT_MS,
    Discovered,
    Ended,
    Header,
    Interrupted,
    JobsEnded,
    Plan,
    PlannedJob,
    PollingPlanned,
    Resumed,
    RunOutcome,
    Started,
)
from batchgauge.core.journal.environment import (
    ComputeEnvironmentFacts,
    Delivery,
    EnvironmentFacts,
    Sources,
    TaskPrice,
)
from batchgauge.core.journal.looks import (
    ArrayLook,
    Attempt,
    ForeignJobs,
    Look,
    QueueFacts,
    Sighting,
    WaitingLook,
)
from batchgauge.core.journal.ranges import (
    from_ranges,
    to_ranges,
)
from batchgauge.core.journal.record import (
    Record,
    moment_ms,
)
from batchgauge.core.journal.sources import (
    EventBatch,
    EventRouteChange,
    EventRouteStage,
    EventSighting,
    LogLook,
    MetricLook,
    MetricPoint,
    ProgramEnd,
    ProgramLines,
    TaskLook,
    TaskSighting,
)

__all__ = [
    "BREACH",
    "DEADLINE",
    "ENDED_BY_ITSELF",
    "JOURNAL_VERSION",
    "NO_WAIT_MS",
    "ArrayLook",
    "Attempt",
    "Call",
    "CallOutcome",
    "ComputeEnvironmentFacts",
    "Delivery",
    "Discovered",
    "Doubled",
    "Ended",
    "EnvironmentFacts",
    "EventBatch",
    "EventRouteChange",
    "EventRouteStage",
    "EventSighting",
    "ForeignJobs",
    "Found",
    "Header",
    "Interrupted",
    "JobsEnded",
    "LogLook",
    "Look",
    "MetricLook",
    "MetricPoint",
    "Plan",
    "PlannedJob",
    "PollingPlanned",
    "ProgramEnd",
    "ProgramLines",
    "QueueFacts",
    "Record",
    "Resumed",
    "RunOutcome",
    "Sighting",
    "Sources",
    "Started",
    "TaskLook",
    "TaskPrice",
    "TaskSighting",
    "WaitingLook",
    "from_ranges",
    "moment_ms",
    "to_ranges",
]
