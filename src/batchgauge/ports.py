"""What the verbs need from outside, as small protocols; `bootstrap` chooses who fulfils them.

Gateways never raise for what AWS answered: a refusal, a throttle or a cut connection is part of the measurement and comes back as a value.
They raise only what makes every call impossible (`NoCredentialsError`, `CredentialsRejectedError` where they cannot be refreshed, an
endpoint that is none), and what is a mistake of ours.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from batchgauge.core.job import JobState
from batchgauge.core.journal import (
    CallOutcome,
    ComputeEnvironmentFacts,
    MetricPoint,
    Record,
    Sighting,
    TaskSighting,
)
from batchgauge.core.progress import ProgressSnapshot
from batchgauge.core.result import RunResult
from batchgauge.core.scenario import JobShape

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Reply(Generic[T_co]):
    """One request on the wire and what came of it. `value` is there exactly where `outcome` is OK."""

    operation: str
    sent_ms: float
    """Just before the request was written to the socket, on our clock."""
    received_ms: float
    """Just after the answer (or its absence) was known."""
    outcome: CallOutcome
    value: T_co | None = None
    status: int | None = None
    request_id: str | None = None
    error: str | None = None
    message: str | None = None
    retry_after_s: float | None = None
    """The server's own hint, where it gave one."""
    connection_wait_ms: float = 0.0
    """How long the request, ready to go, waited for a free connection; not part of sent → received."""


@dataclass(frozen=True, slots=True)
class SubmittedJob:
    """SubmitJob's answer."""

    job_id: str
    job_name: str


@dataclass(frozen=True, slots=True)
class ObservedJob:
    """A job as AWS shows it; `sighting.job` is 0 until the caller puts its own index there."""

    job_id: str
    job_name: str
    sighting: Sighting
    array_size: int | None = None
    """Of an array's parent: how many children it has."""
    tags: Mapping[str, str] | None = None
    """None where they are not shown: ListJobs shows none."""


@dataclass(frozen=True, slots=True)
class JobDetail:
    """What DescribeJobs says a job is, rather than how far: of a job that something else submitted nothing else is known."""

    job_id: str
    name: str
    queue: str
    """ARN or name."""
    definition: str
    """ARN."""
    vcpus: float | None
    memory_mib: int | None
    platform: str | None
    operating_system_family: str | None
    log_group: str | None
    array_size: int | None


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """What GetJobQueueSnapshot shows of a queue."""

    front: tuple[str, ...]
    """Ids of the first RUNNABLE jobs, at most 100, in their order."""
    used_vcpus: float | None = None
    """None where AWS does not say."""


NOT_OFFERED: Final = "OperationNotOffered"
"""The error of a call that was never sent, since the AWS client that is installed does not know it."""


@dataclass(frozen=True, slots=True)
class BulkEnd:
    """TerminateJobs' answer: an answer that is OK may hold refusals."""

    successful: tuple[str, ...]
    errors: tuple[tuple[str, str, str], ...] = ()
    """(job id, code, message)."""


@dataclass(frozen=True, slots=True)
class JobPage:
    """A page of ListJobs. What it shows of a job is less than DescribeJobs does: no attempts, no log stream, no task."""

    jobs: tuple[ObservedJob, ...]
    next_token: str | None = None


USABLE_STATUSES: Final = ("VALID", "UPDATING", "")
"""Of a queue: one that is being changed takes jobs all the while; not every imitation of AWS shows a status."""


@dataclass(frozen=True, slots=True)
class JobQueueDetail:
    """A job queue as AWS shows it."""

    name: str
    arn: str
    state: str
    status: str
    compute_environments: tuple[str, ...]
    status_reason: str | None = None

    @property
    def is_usable(self) -> bool:
        """Whether it takes jobs now."""
        return self.state == "ENABLED" and self.status in USABLE_STATUSES


@dataclass(frozen=True, slots=True)
class JobQueuePage:
    """A page of DescribeJobQueues."""

    queues: tuple[JobQueueDetail, ...]
    next_token: str | None = None


@dataclass(frozen=True, slots=True)
class JobDefinitionDetail:
    """A job definition as AWS shows it, as far as a measurement needs it."""

    name: str
    arn: str
    revision: int
    status: str
    platform: str | None
    operating_system_family: str | None
    vcpus: float | None
    memory_mib: int | None
    log_group: str | None
    command: tuple[str, ...]
    parameters: dict[str, str]
    timeout_s: int | None


@dataclass(frozen=True, slots=True)
class LogLine:
    """An event of a log stream; times are AWS's milliseconds."""

    timestamp_ms: int
    ingestion_ms: int
    message: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of GetLogEvents; the stream is at its end when the token comes back unchanged."""

    lines: tuple[LogLine, ...]
    next_token: str | None


class PreparedSubmission(Protocol):
    """A SubmitJob request that is signed and only has to be sent; it must be sent or discarded, once."""

    def send(self) -> Awaitable[Reply[SubmittedJob]]:
        """Send it before this returns, if a connection is free, or else as soon as one is; what is returned is its reply to come."""
        ...

    def discard(self) -> None:
        """Never send it."""
        ...


class BatchGateway(Protocol):
    """AWS Batch. One call here is one request on the wire: tries are the caller's business, so that each is recorded."""

    async def warm_up(self, connections: int) -> None:
        """Have so many connections open for submissions, as far as it can be done; what cannot be opened is no error yet."""
        ...

    async def cool_down(self) -> None:
        """Keep no connection open for submissions to come."""
        ...

    async def prepare_submission(self, name: str, shape: JobShape, array_size: int = 1) -> PreparedSubmission:
        """All of a submission but the sending; `array_size` above 1 makes it an array job."""
        ...

    async def submit_job(self, name: str, shape: JobShape, array_size: int = 1) -> Reply[SubmittedJob]:
        """Submit one job, or an array of several: prepare and send."""
        ...

    async def describe_jobs(self, job_ids: Sequence[str]) -> Reply[tuple[ObservedJob, ...]]:
        """At most 100 jobs; AWS leaves out those it does not know."""
        ...

    async def list_jobs_by_name(self, queue: str, name_prefix: str, token: str | None = None) -> Reply[JobPage]:
        """Jobs of a queue whose name begins so, in every state."""
        ...

    async def list_jobs_created_after(self, queue: str, after_ms: float, token: str | None = None) -> Reply[JobPage]:
        """Jobs of a queue that AWS made after a moment of its own clock, in every state; array children are left out."""
        ...

    async def describe_job(self, job_id: str) -> Reply[JobDetail | None]:
        """What a job is; None where AWS does not know it."""
        ...

    async def get_job_queue_snapshot(self, queue: str) -> Reply[QueueSnapshot]:
        """The front of a queue."""
        ...

    async def list_jobs(self, queue: str, state: JobState, token: str | None = None) -> Reply[JobPage]:
        """A page of a queue's jobs in one state, newest first, everybody's; an array's children are not among them."""
        ...

    async def list_children(self, parent_id: str, state: JobState, token: str | None = None) -> Reply[JobPage]:
        """A page of an array job's children in one state."""
        ...

    async def terminate_job(self, job_id: str, reason: str) -> Reply[None]:
        """End a job in whatever state it is."""
        ...

    async def terminate_jobs(self, job_ids: Sequence[str], reason: str) -> Reply[BulkEnd]:
        """End at most 50 jobs in one call; not every AWS has it, nor every AWS client (`NOT_OFFERED`)."""
        ...

    async def list_job_queues(self, token: str | None = None) -> Reply[JobQueuePage]:
        """A page of all queues of the account and Region."""
        ...

    async def describe_job_queue(self, queue: str) -> Reply[JobQueueDetail | None]:
        """By name or ARN; None where there is no such queue."""
        ...

    async def describe_compute_environments(self, names: Sequence[str]) -> Reply[tuple[ComputeEnvironmentFacts, ...]]:
        """By name or ARN."""
        ...

    async def describe_job_definition(self, definition: str) -> Reply[JobDefinitionDetail | None]:
        """The newest active revision of a name, or the one of ``name:revision`` or an ARN; None where there is none."""
        ...


class TaskSource(Protocol):
    """ECS: the tasks that Batch runs attempts in."""

    async def describe_tasks(self, cluster: str, task_arns: Sequence[str]) -> Reply[tuple[TaskSighting, ...]]:
        """At most 100 tasks of one cluster; ECS leaves out those it has forgotten, about an hour after their end."""
        ...


@dataclass(frozen=True, slots=True)
class ClusterMetrics:
    """What a cluster's tasks used, minute by minute; empty where Container Insights is not turned on."""

    cpu_units: tuple[MetricPoint, ...]
    memory_mib: tuple[MetricPoint, ...]


class MetricSource(Protocol):
    """CloudWatch's Container Insights."""

    async def read_cluster_metrics(self, cluster: str, begin_ms: float, end_ms: float) -> Reply[ClusterMetrics]:
        """The cluster's metrics between two moments of AWS's clock."""
        ...


class LogSource(Protocol):
    """CloudWatch Logs."""

    async def read_log_page(self, group: str, stream: str, token: str | None = None) -> Reply[LogPage]:
        """A page of a stream's events, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class JobEvent:
    """A job's change of state, as EventBridge tells it; `job.sighting.job` is 0 until the caller puts its own index there."""

    event_id: str
    time_ms: float
    """The envelope's ``time``: AWS's clock, in whole seconds."""
    job: ObservedJob


@dataclass(frozen=True, slots=True)
class EventMessage:
    """A message of a queue that events go to."""

    receipt: str
    """Of this delivery of the message: what it is acknowledged by."""
    event: JobEvent | None
    """None for a message that tells of no job's change of state."""


class EventSource(Protocol):
    """One queue that events of AWS Batch go to: at least once each, in no order."""

    async def receive_events(self, wait_s: float) -> Reply[tuple[EventMessage, ...]]:
        """At most 10 messages; waits up to `wait_s` (20 at most) for the first. They are hidden from others for a while."""
        ...

    async def acknowledge_events(self, receipts: Sequence[str]) -> Reply[tuple[str, ...]]:
        """Take at most 10 messages out of the queue; answers with the receipts of those that could not be."""
        ...

    async def release_events(self, receipts: Sequence[str]) -> Reply[tuple[str, ...]]:
        """Let others see at most 10 messages again at once; answers as `acknowledge_events`."""
        ...


class EventRoutes(Protocol):
    """Rules of EventBridge and queues of SQS: the way that events take. All of it may be done twice."""

    def source(self, queue_url: str) -> EventSource:
        """The queue's events."""
        ...

    async def create_queue(self, name: str, tags: Mapping[str, str]) -> Reply[str]:
        """Make a queue, or find the one that was made so before; its URL."""
        ...

    async def find_queue(self, name: str) -> Reply[str]:
        """The URL of a queue; refused where there is none."""
        ...

    async def queue_arn(self, queue_url: str) -> Reply[str]:
        """The ARN of a queue."""
        ...

    async def create_rule(self, name: str, job_queue_arn: str, tags: Mapping[str, str]) -> Reply[str]:
        """Make a rule for the changes of state of a job queue's jobs, or find the one that was made so before; its ARN."""
        ...

    async def allow_rule(self, queue_url: str, queue_arn: str, rule_arn: str) -> Reply[None]:
        """Let EventBridge send to the queue for this rule."""
        ...

    async def add_target(self, rule: str, queue_arn: str) -> Reply[bool]:
        """Send what the rule lets through to the queue; whether EventBridge took it."""
        ...

    async def has_target(self, rule: str, queue_arn: str) -> Reply[bool]:
        """Whether EventBridge shows the rule with this target."""
        ...

    async def remove_target(self, rule: str) -> Reply[bool]:
        """Send nothing any more; whether EventBridge did so. Refused where there is no such rule."""
        ...

    async def delete_rule(self, rule: str) -> Reply[None]:
        """Take the rule away; it must have no target."""
        ...

    async def delete_queue(self, queue_url: str) -> Reply[None]:
        """Take the queue away, with whatever is in it."""
        ...


@dataclass(frozen=True, slots=True)
class ImageRepository:
    """A repository of container images."""

    name: str
    uri: str


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """An image in a repository; without tags, only its digest names it."""

    digest: str
    tags: tuple[str, ...]
    pushed_ms: float


@dataclass(frozen=True, slots=True)
class RegisteredDefinition:
    """A job definition that AWS has taken."""

    name: str
    revision: int
    arn: str


class Account(Protocol):
    """What stands in the account and Region beside Batch's jobs. Not measured, so every method raises an `AwsError` where AWS refuses."""

    @property
    def region(self) -> str:
        """The Region that is asked."""
        ...

    async def account_id(self) -> str:
        """Whose credentials these are."""
        ...

    async def find_role(self, name: str) -> str | None:
        """The role's ARN; None where there is no such role."""
        ...

    async def list_repositories(self) -> tuple[ImageRepository, ...]:
        """All repositories."""
        ...

    async def list_images(self, repository: str) -> tuple[ContainerImage, ...]:
        """All images of a repository."""
        ...

    async def create_log_group(self, name: str) -> bool:
        """Make a log group; False where it exists already."""
        ...

    async def register_job_definition(self, definition: Mapping[str, object]) -> RegisteredDefinition:
        """Register a definition in AWS's own shape: its first revision, or the next."""
        ...


class Clock(Protocol):
    """Time. `now_ms` never goes backwards."""

    def now_ms(self) -> float:
        """UTC milliseconds since the epoch, from one anchor and a monotonic counter."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long."""
        ...


class Journal(Protocol):
    """Where a run's records go."""

    def append(self, record: Record) -> None:
        """Add a record; it is on the disk after the next `sync`."""
        ...

    async def sync(self) -> None:
        """Return when everything appended so far is on the disk.

        Raises:
            JournalError: it cannot be written.
        """
        ...


class ResultStore(Protocol):
    """The results folder."""

    def open_journal(self, run_id: str) -> Journal:
        """A new run's journal."""
        ...

    def save_run(self, result: RunResult) -> str:
        """Write the run's document under ``runs/<run id>/``; the path as a person would type it."""
        ...

    def save_document(self, file: str, result: RunResult) -> str:
        """Write the run's document to `file` in the results folder, or wherever an absolute path says."""
        ...


class Progress(Protocol):
    """Who is told how far a run is. Must return at once."""

    def update(self, snapshot: ProgressSnapshot) -> None:
        """Show this."""
        ...


class Ask(Protocol):
    """Who can be asked what a person must decide."""

    async def leaves_jobs(self, going: int) -> bool:
        """The end was asked for, and so many jobs go on: whether they are to be left, rather than ended."""
        ...
