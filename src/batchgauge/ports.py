"""What the verbs need from outside, as small protocols; `bootstrap` chooses who fulfils them.

Gateways never raise for what AWS answered: a refusal, a throttle or a cut connection is part of the measurement and comes back as a value.
They raise only what makes every call impossible (`NoCredentialsError`, `CredentialsRejectedError` where they cannot be refreshed, an
endpoint that is none), and what is a mistake of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from batchgauge.core.journal import CallOutcome, ComputeEnvironmentFacts, Record, Sighting
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


@dataclass(frozen=True, slots=True)
class JobPage:
    """A page of ListJobs."""

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


class BatchGateway(Protocol):
    """AWS Batch. One call here is one request on the wire: tries are the caller's business, so that each is recorded."""

    async def submit_job(self, name: str, shape: JobShape) -> Reply[SubmittedJob]:
        """Submit one job."""
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

    async def terminate_job(self, job_id: str, reason: str) -> Reply[None]:
        """End a job in whatever state it is."""
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


class LogSource(Protocol):
    """CloudWatch Logs."""

    async def read_log_page(self, group: str, stream: str, token: str | None = None) -> Reply[LogPage]:
        """A page of a stream's events, oldest first."""
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
