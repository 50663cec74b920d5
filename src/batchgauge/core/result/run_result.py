"""The result of one run: the specification's document, with our fields beside its own.

A result is a pure function of the run's journal: `ResultBuilder` takes the records in order and can be asked at any time. Format history
of the document (`schemaVersion`):

1 (0.1.0)  first.

Files of the specification's own shape, with nothing more, are read too: all that is ours is then absent.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

import msgspec

from batchgauge.core.bound import Bound
from batchgauge.core.concurrency.resources import Resources
from batchgauge.core.cost.billing import Billing
from batchgauge.core.harmless_json import harmless
from batchgauge.core.journal import EnvironmentFacts, JobsEnded, RunOutcome
from batchgauge.core.levels import LevelSummary
from batchgauge.core.observed.allowances import Allowances
from batchgauge.core.observed.clock_offset import ClockOffset
from batchgauge.core.observed.container_insights import ClusterUse
from batchgauge.core.observed.event_usage import EventUsage
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.polling_history import PollingSummary
from batchgauge.core.observed.shared_queue import SharedQueue
from batchgauge.core.observed.task_times import TaskUsage
from batchgauge.core.progress.waiting import WaitingFinding
from batchgauge.core.result.validity import Validity
from batchgauge.core.scenario import Scenario
from batchgauge.core.submitting.lateness import Lateness
from batchgauge.core.submitting.ledger import Ledger
from batchgauge.core.submitting.probe import ApiUsage
from batchgauge.core.thresholds.thresholds import ThresholdResult, require_threshold

SCHEMA_VERSION: Final = 1


class RunResult(msgspec.Struct, kw_only=True, rename="camel"):
    """One run at one level."""

    timestamp: str
    """Local and naive: when the run began."""
    job_queue: str
    job_definition: str
    total_jobs: int
    successful_jobs: int
    """Jobs accepted and not FAILED."""
    failed_jobs: int
    """The rest."""
    jobs: tuple[JobResult, ...]
    schema_version: int | None = None
    run_id: str | None = None
    outcome: RunOutcome | None = None
    is_warm_up: bool = False
    scenario: Scenario | None = None
    environment: EnvironmentFacts | None = None
    clock: ClockOffset | None = None
    allowances: Allowances | None = None
    """What the bounds allow for in AWS's answers and events, as far as the run proved it."""
    gaps: tuple[Bound, ...] = ()
    """Of a run that was resumed: when nobody watched, on our clock."""
    validity: Validity | None = None
    api: ApiUsage | None = None
    lateness: Lateness | None = None
    """Of an open load: how far submissions were sent after they were meant to."""
    ledger: Ledger | None = None
    """What became of every job that was meant."""
    polling: PollingSummary | None = None
    """How the jobs were looked at; None where they were not."""
    waiting: tuple[WaitingFinding, ...] = ()
    """What jobs waited for that waited too long."""
    resources: Resources | None = None
    """What the jobs reserved; None where nothing was monitored."""
    billing: Billing | None = None
    """What the jobs were billed for, and what that costs; None where nothing was monitored."""
    levels: tuple[LevelSummary, ...] = ()
    """The statistics of this level: one entry."""
    thresholds: tuple[ThresholdResult, ...] = ()
    """What the run was to be judged by, what was measured, and the verdicts."""
    events: EventUsage | None = None
    """What came by events; None where none were watched."""
    tasks: TaskUsage | None = None
    """How well the jobs' ECS tasks could be described; None where none was asked for."""
    shared_queue: SharedQueue | None = None
    """What others had in the queue; None where nobody counted."""
    jobs_ended: JobsEnded | None = None
    """Of an interrupted run whose jobs were ended: what was ended, and whether nothing is left."""
    container_insights: tuple[ClusterUse, ...] | None = None
    """What the jobs' tasks used, by cluster; None where Container Insights was not asked."""


def is_observed(result: RunResult) -> bool:
    """Whether something else submitted the jobs."""
    return result.scenario is not None and result.scenario.observed is not None


def local_naive(utc_ms: float, utc_offset_s: int) -> str:
    """The specification's form of a time: local, naive, with microseconds."""
    moment = datetime.fromtimestamp(utc_ms / 1000, tz=timezone(timedelta(seconds=utc_offset_s)))
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")


def to_document(result: RunResult) -> bytes:
    """The result as an indented JSON document in UTF-8, with a final newline; a terminal that it is shown on obeys nothing in it."""
    return harmless(msgspec.json.format(msgspec.json.encode(result), indent=2)) + b"\n"


def from_document(document: bytes) -> RunResult:
    """Read a document, ours or of the specification's own shape.

    Raises:
        ValueError: it is not JSON, or not such a document; the text says what is missing and where.
    """
    result = msgspec.json.decode(document, type=RunResult)
    if result.scenario is not None:
        for text in result.scenario.thresholds:
            require_threshold(text)
    if result.schema_version is not None and result.schema_version > SCHEMA_VERSION:
        raise ValueError(f"schemaVersion {result.schema_version} is newer than {SCHEMA_VERSION}")
    return result
