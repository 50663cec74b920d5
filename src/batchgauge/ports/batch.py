"""AWS Batch as the verbs see it: its jobs, queues and definitions, and the gateway to them."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from batchgauge.core.job import JobState
from batchgauge.core.journal import (
    ComputeEnvironmentFacts,
    Sighting,
)
from batchgauge.core.scenario import JobShape
from batchgauge.ports.calls import Reply


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
    timeout_s: int | None = None
    is_cancelled: bool = False
    """Whether it has been asked to end and AWS has not ended it yet, or had not when it ended."""


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """What GetJobQueueSnapshot shows of a queue."""

    front: tuple[str, ...]
    """Ids of the first RUNNABLE jobs, at most 100, in their order."""
    used_vcpus: float | None = None
    """None where AWS does not say."""


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
    cpu_architecture: str | None = None


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
