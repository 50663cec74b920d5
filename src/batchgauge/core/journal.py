"""The records of a run's journal: all that was meant, done, answered and seen, in order.

The result is a pure function of these records. Format history:

1 (0.1.0)  header, plan, started, call, found, look, events, logs, interrupted, resumed, ended, polling, event-route, tasks, metrics,
            discovered, waiting, doubled, jobs-ended, foreign-jobs, arrays.

Times are UTC milliseconds of *our* clock (``…_ms``), taken from one anchor and a monotonic counter, so that a clock that is set
in the middle of a run does not bend them; those inside a `Sighting` are AWS's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from batchgauge.core.job import JobState
from batchgauge.core.program_load import ProgramLoad
from batchgauge.core.scenario import Scenario

JOURNAL_VERSION: Final = 1
NO_WAIT_MS: Final = 0.0
"""This very object is left out of a journal's lines, another zero is not."""


class CallOutcome(StrEnum):
    """What became of one request on the wire."""

    OK = "ok"
    THROTTLED = "throttled"
    """429, or another of AWS's throttling codes: nothing happened, try again later."""
    REFUSED = "refused"
    """A clean error: nothing happened, and nothing would on a second try."""
    UNAVAILABLE = "unavailable"
    """It surely did not reach AWS (connection refused, name not resolved): a second try is safe."""
    AMBIGUOUS = "ambiguous"
    """A timeout, a cut connection or a 5xx: it may have happened."""


class ComputeEnvironmentFacts(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the run's queue stood on when the run began."""

    name: str
    type: str | None = None
    max_vcpus: int | None = None
    state: str | None = None
    status: str | None = None
    status_reason: str | None = None


class EnvironmentFacts(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Where a run took place; recorded once, at its start."""

    region: str
    tool_version: str
    endpoint_url: str | None = None
    is_local: bool = False
    """Whether it ran against the embedded AWS, which is a model and not AWS."""
    has_own_server: bool = False
    """Whether that embedded AWS was the measuring process's own and ends with it."""
    profile: str | None = None
    """The AWS profile that was named, where one was."""
    time_scale: float | None = None
    """The embedded AWS's time scale: provisioning, pull, container start and scale-up are shrunk by it."""
    account_id: str | None = None
    python_version: str | None = None
    platform: str | None = None
    job_queue_arn: str | None = None
    job_definition_arn: str | None = None
    job_platform: str | None = None
    """``FARGATE`` or ``EC2``."""
    operating_system_family: str | None = None
    job_vcpus: float | None = None
    job_memory_mib: int | None = None
    log_group: str | None = None
    compute_environments: tuple[ComputeEnvironmentFacts, ...] = ()


class Sources(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a run reads besides the jobs themselves; whoever takes it up again reads the same."""

    reads_logs: bool = True
    reads_tasks: bool = True
    reads_metrics: bool = False
    events_queue: str | None = None
    """The URL of a queue that the events come to already; None: rule and queue are the run's own, where it watches events."""


class Header(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="header"):
    """The first record."""

    run_id: str
    started_ms: float
    utc_offset_s: int
    """Of the local time at the start: the specification's time stamps are local and naive."""
    scenario: Scenario
    environment: EnvironmentFacts
    sources: Sources = Sources()
    version: int = JOURNAL_VERSION


class PlannedJob(msgspec.Struct, frozen=True, array_like=True):
    """A submission that is meant to go out."""

    index: int
    name: str
    offset_ms: float
    """When it is meant to be sent, after `Started`."""
    size: int = 1
    """How many jobs it makes: more than one as an array job, whose children have the indexes from `index` on."""

    @property
    def indexes(self) -> range:
        """The indexes of the jobs that it makes."""
        return range(self.index, self.index + self.size)


class Plan(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="plan"):
    """Submissions to come, written and synced ahead of them: no job was ever sent whose name is not in a plan."""

    jobs: tuple[PlannedJob, ...]


class Started(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="started"):
    """The moment that the plan's offsets count from: the plan was on the disk, and sending begins."""

    at_ms: float


class Call(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="call"):
    """One request on the wire and its answer. Successful looks have a record of their own kind instead."""

    operation: str
    sent_ms: float
    received_ms: float
    outcome: CallOutcome
    status: int | None = None
    """The HTTP status; None where no answer came."""
    request_id: str | None = None
    error: str | None = None
    message: str | None = None
    job: int | None = None
    """The index of the job that the call was about, where it was about one; of an array job, its first child's."""
    attempt: int = 1
    """The number of this try, from 1."""
    job_id: str | None = None
    """SubmitJob's answer."""
    back_off_ms: float = NO_WAIT_MS
    """How long we are about to wait before the next try."""
    connection_wait_ms: float = NO_WAIT_MS
    """How long the request, ready to go, waited because no connection was free; `sent_ms` is after that."""


class Found(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="found"):
    """A job whose SubmitJob answer was lost was found again by its name."""

    job: int
    """Of an array job, its first child."""
    job_id: str
    at_ms: float


class Doubled(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="doubled"):
    """AWS shows a second job of one job's name: the request whose answer was lost came late. It is surplus, and ended.

    The same job may be told of twice: where it could not be ended the first time.
    """

    job: int
    """Of an array job, its first child."""
    job_id: str
    """The surplus one's."""
    at_ms: float
    is_ended: bool
    """Whether AWS took the request to end it, or it had ended already."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A finished attempt, as DescribeJobs shows it."""

    started_ms: float | None = None
    stopped_ms: float | None = None
    exit_code: int | None = None
    reason: str | None = None
    status_reason: str | None = None
    log_stream: str | None = None
    task_arn: str | None = None


class Sighting(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What one look showed of one job; times are AWS's."""

    job: int
    state: JobState
    status_reason: str | None = None
    created_ms: float | None = None
    started_ms: float | None = None
    stopped_ms: float | None = None
    exit_code: int | None = None
    reason: str | None = None
    log_stream: str | None = None
    log_group: str | None = None
    task_arn: str | None = None
    attempts: tuple[Attempt, ...] = ()


class Look(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="look"):
    """A successful read of jobs' states. A job that is covered and not in `changed` was seen as it was seen before."""

    operation: str
    sent_ms: float
    received_ms: float
    covered: str
    """The indexes that were asked about and answered, as ranges: ``1-100,105``."""
    request_id: str | None = None
    attempt: int = 1
    """The number of this try, from 1."""
    changed: tuple[Sighting, ...] = ()
    missing: str = ""
    """The indexes that were asked about and not in the answer: not visible yet, or gone."""


class ProgramEnd(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a program measured of itself, in its last line."""

    seconds: float | None = None
    """What it was to count down."""
    elapsed_ms: float | None = None
    drift_ms: float | None = None
    worst_tick_ms: float | None = None
    cpu_ms: float | None = None
    peak_memory_kib: int | None = None


class ProgramLines(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The numbered lines that a program wrote, as they stand in its log stream."""

    ticks: tuple[tuple[int, float], ...] = ()
    """(number, the line's own UTC time in milliseconds, by the container's clock) in the stream's order."""
    end: ProgramEnd | None = None
    load: ProgramLoad | None = None


class LogLook(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="logs"):
    """A job's log stream, read once after the job had ended."""

    job: int
    log_group: str
    log_stream: str
    sent_ms: float
    received_ms: float
    lines: tuple[tuple[int, int], ...] = ()
    """(timestamp, ingestionTime) of each event, AWS milliseconds."""
    is_truncated: bool = False
    """Whether the stream held more than was read."""
    error: str | None = None
    program: ProgramLines | None = None
    """What of it are numbered lines; None where there are none."""


class EventSighting(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What one ``Batch Job State Change`` event told of one job."""

    job: int
    event_id: str
    time_ms: float
    """The envelope's `time`: AWS's clock, cut off to whole seconds."""
    sighting: Sighting
    """What its `detail` shows: the job as it was right after the change."""


class EventBatch(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="events"):
    """The events of one ReceiveMessage call; the same event may come again, and in any order."""

    sent_ms: float
    received_ms: float
    events: tuple[EventSighting, ...]
    request_id: str | None = None


DEADLINE: Final = "deadline"
"""The cause of an `Interrupted` that nobody asked for: ``--deadline`` was reached, and the jobs are left running."""


class ArrayLook(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="arrays"):
    """A read of the array jobs themselves, for their own createdAt: it was set while their SubmitJob call was under way."""

    sent_ms: float
    received_ms: float
    created: tuple[tuple[int, float], ...]
    """(index of the array's first job, createdAt of the array)."""


class Interrupted(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="interrupted"):
    """The user, or the system, asked us to end; from here on nothing more is submitted."""

    at_ms: float
    cause: str


class Resumed(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="resumed"):
    """Another process took the run up again. Its clock is its own, but was set not to begin before the last record's time."""

    at_ms: float
    since_ms: float
    """The time of the last record before: what happened in between was seen by nobody."""
    tool_version: str | None = None


BREACH: Final = "breach"
"""The cause where ``--abort-on-breach`` did: a threshold could not be met any more."""


class RunOutcome(StrEnum):
    """How a run ended."""

    COMPLETE = "complete"
    """Everything that was asked for was done, whatever became of the jobs."""
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    """An error of ours or of AWS ended it early."""
    DEADLINE = "deadline"
    """The deadline came while jobs had not ended."""
    BREACHED = "breached"
    """A threshold could not be met any more, and the run was to end then."""


ENDED_BY_ITSELF: Final = {DEADLINE: RunOutcome.DEADLINE, BREACH: RunOutcome.BREACHED}
"""The causes of an `Interrupted` that are nobody's wish, and what the run's outcome is then."""


class Ended(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="ended"):
    """The last record."""

    at_ms: float
    outcome: RunOutcome
    cpu_s: float = 0.0
    """Processor time of our own process since the start."""


class ForeignJobs(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="foreign-jobs"):
    """How many jobs of others were in the run's queue that had not ended."""

    at_ms: float
    is_before_start: bool = False
    states: dict[str, int] = {}
    """By status; an array counts as one."""
    is_at_least: bool = False
    """Whether the queue held so many jobs that not all of them were read."""
    error: str | None = None
    """Why they could not be counted."""

    @property
    def total(self) -> int:
        """In whatever status."""
        return sum(self.states.values())


class JobsEnded(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="jobs-ended"):
    """The run's jobs were asked to end, and AWS was asked what is left of them."""

    at_ms: float
    asked: int
    """Jobs, an array as one."""
    strays: int = 0
    """Among them those that AWS showed under the run's name and that we knew nothing of: an answer had been lost."""
    left: tuple[str, ...] = ()
    """The ids of those that were not seen to end."""
    is_proven: bool = False
    """Whether a listing of all jobs of the run's name showed none that had not ended."""


class PollingPlanned(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="polling"):
    """How the jobs are looked at from now on."""

    at_ms: float
    interval_s: float
    """From one look at all jobs to the next."""
    calls_per_look: int
    """Expected."""
    listed: tuple[str, ...] = ()
    """The statuses that ListJobs is asked for; whatever it does not show is asked for with DescribeJobs."""
    budget_factor: float = 1.0
    """What throttles have left of the budget for the time being."""


class EventRouteStage(StrEnum):
    """How far the rule and the queue of a run are."""

    MAKING = "making"
    """About to be made: from here on something may be there."""
    MADE = "made"
    TAKEN_AWAY = "taken-away"
    LEFT = "left"
    """They could not be taken away, or not all of it."""


class EventRouteChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="event-route"):
    """The way that the run's events take was made, or taken away again."""

    at_ms: float
    stage: EventRouteStage
    rule: str
    """The name of EventBridge's rule."""
    queue: str
    """The name of SQS's queue."""


class TaskSighting(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An attempt's ECS task, as DescribeTasks shows it; times are ECS's, in UTC milliseconds."""

    task_arn: str
    job: int = 0
    """0, and `attempt` 0, until the caller puts its own there."""
    attempt: int = 0
    """From 1."""
    created_ms: float | None = None
    pull_started_ms: float | None = None
    pull_stopped_ms: float | None = None
    started_ms: float | None = None
    stopped_ms: float | None = None


class TaskLook(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="tasks"):
    """A read of tasks of attempts that have ended."""

    sent_ms: float
    received_ms: float
    tasks: tuple[TaskSighting, ...] = ()
    missing: int = 0
    """Asked for and not in the answer: ECS has forgotten them."""
    error: str | None = None
    """Why nothing was read, and nothing more will be."""


class MetricPoint(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One minute of one metric of one cluster: what its tasks used, by CloudWatch's statistics over them."""

    at_ms: float
    average: float
    maximum: float


class MetricLook(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="metrics"):
    """A read of Container Insights after the run."""

    sent_ms: float
    received_ms: float
    cluster: str
    cpu_units: tuple[MetricPoint, ...] = ()
    """CpuUtilized: 1,024 units are a vCPU."""
    memory_mib: tuple[MetricPoint, ...] = ()
    """MemoryUtilized."""
    error: str | None = None


class Discovered(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="discovered"):
    """A job that something else submitted, found while only watching."""

    job: int
    job_id: str
    name: str
    at_ms: float


class QueueFacts(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A job queue as AWS showed it."""

    name: str
    state: str
    status: str
    status_reason: str | None = None


class WaitingLook(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="waiting"):
    """What AWS showed of a queue while jobs waited too long; its calls have records of their own."""

    sent_ms: float
    """Of its first call."""
    received_ms: float
    """Of its last."""
    jobs: str
    """The indexes of those that waited too long, as ranges."""
    longest_wait_ms: float
    is_stalled: bool = False
    """Whether nothing moved at all."""
    pending: int = 0
    """How many of them were PENDING."""
    said: tuple[tuple[str, int], ...] = ()
    """AWS's status reasons of them, and of how many."""
    queue: QueueFacts | None = None
    """None, as all below, where AWS did not say."""
    environments: tuple[ComputeEnvironmentFacts, ...] = ()
    used_vcpus: float | None = None
    front: int | None = None
    """How many RUNNABLE jobs the queue's snapshot showed, at most 100."""
    position: int | None = None
    """How many of those stood before the first of ours; None where none of them was ours."""


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


def to_ranges(indexes: Iterable[int]) -> str:
    """``1, 2, 3, 7`` → ``1-3,7``."""
    parts: list[str] = []
    first = last = None
    for index in sorted(set(indexes)):
        if last is not None and index == last + 1:
            last = index
            continue
        if first is not None:
            parts.append(_range(first, last))
        first = last = index
    if first is not None:
        parts.append(_range(first, last))
    return ",".join(parts)


def from_ranges(text: str) -> list[int]:
    """The reverse of `to_ranges`."""
    indexes: list[int] = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        indexes.extend(range(int(first), int(last or first) + 1))
    return indexes


def _range(first: int, last: int | None) -> str:
    return str(first) if last in (None, first) else f"{first}-{last}"
