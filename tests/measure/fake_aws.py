"""AWS Batch and CloudWatch Logs in memory, at the port, with whatever trouble a test orders."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, TypeVar

import msgspec

from batchgauge.core.job import JobState
from batchgauge.core.journal import CallOutcome, ComputeEnvironmentFacts, Sighting
from batchgauge.core.scenario import JobShape
from batchgauge.errors import NoCredentialsError
from batchgauge.ports import (
    NOT_OFFERED,
    BulkEnd,
    JobDefinitionDetail,
    JobDetail,
    JobPage,
    JobQueueDetail,
    JobQueuePage,
    LogLine,
    LogPage,
    ObservedJob,
    QueueSnapshot,
    Reply,
    SubmittedJob,
)
from tests.measure.virtual_time import EPOCH_MS, VirtualClock

T = TypeVar("T")


@dataclass(frozen=True)
class Trouble:
    """What one call meets with instead of an answer; `is_done`: what was asked for happens all the same."""

    outcome: CallOutcome
    error: str
    message: str = ""
    status: int | None = None
    is_done: bool = False
    retry_after_s: float | None = None


THROTTLED = Trouble(CallOutcome.THROTTLED, "TooManyRequestsException", "Too Many Requests", 429)
UNAVAILABLE = Trouble(CallOutcome.UNAVAILABLE, "EndpointConnectionError", "Could not connect")
LOST_UNDONE = Trouble(CallOutcome.AMBIGUOUS, "ReadTimeoutError", "Read timeout")
LOST_DONE = Trouble(CallOutcome.AMBIGUOUS, "ReadTimeoutError", "Read timeout", is_done=True)
REFUSED = Trouble(CallOutcome.REFUSED, "ClientException", "No.", 400)
EXPIRED = Trouble(CallOutcome.REFUSED, "ExpiredTokenException", "The security token is expired", 403)
DENIED = Trouble(CallOutcome.REFUSED, "AccessDeniedException", "You may not", 403)
NO_CREDENTIALS = Trouble(CallOutcome.REFUSED, "NoCredentialsError")
"""Not an answer: the credentials have vanished, and the call raises."""


@dataclass(frozen=True)
class Timing:
    """A job's life in seconds after its creation; None: that state is never reached."""

    runnable_s: float = 1.0
    starting_s: float | None = 2.0
    running_s: float | None = 5.0
    ended_s: float | None = 35.0
    end: JobState = JobState.SUCCEEDED


@dataclass
class FakeJob:
    job_id: str
    name: str
    shape: JobShape
    created_ms: float
    timing: Timing
    terminated_ms: float | None = None
    reason: str | None = None


@dataclass
class FakeSubmission:
    aws: FakeAws
    name: str
    shape: JobShape
    array_size: int

    def send(self) -> Awaitable[Reply[SubmittedJob]]:
        return asyncio.ensure_future(self.aws.submit_job(self.name, self.shape, self.array_size))

    def discard(self) -> None:
        self.aws.discarded.append(self.name)


@dataclass
class FakeAws:
    """`BatchGateway` and `LogSource`; every call takes `latency_s`, and AWS acts in the middle of it."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    latency_s: float = 0.1
    timing: Callable[[int], Timing] = lambda _number: Timing()
    offset_ms: float = 250.0
    """AWS's clock minus ours."""
    invisible_s: float = 0.0
    """How long a new job stays invisible to reads."""
    page_size: int = 1000
    """Of ListJobs with a status or a name."""
    jobs: dict[str, FakeJob] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    script: dict[str, deque[Trouble | None]] = field(default_factory=lambda: defaultdict(deque))
    """Operation → the trouble of its next calls; None: none."""
    always: dict[str, Trouble] = field(default_factory=dict)
    """Operation → the trouble of every call once its script is through."""
    in_flight: Counter[str] = field(default_factory=Counter)
    most_in_flight: Counter[str] = field(default_factory=Counter)
    queue: JobQueueDetail | None = field(
        default_factory=lambda: JobQueueDetail(
            "queue", "arn:aws:batch:us-west-2:123456789012:job-queue/queue", "ENABLED", "VALID", ("environment",)
        )
    )
    definition: JobDefinitionDetail | None = field(
        default_factory=lambda: JobDefinitionDetail(
            name="definition",
            arn="arn:aws:batch:us-west-2:123456789012:job-definition/definition:3",
            revision=3,
            status="ACTIVE",
            platform="FARGATE",
            operating_system_family="LINUX",
            vcpus=1.0,
            memory_mib=2048,
            log_group="/aws/batch/job",
            command=("countdown", "Ref::countdownSeconds"),
            parameters={},
            timeout_s=None,
        )
    )
    has_bulk_ends: bool = False
    """Whether the AWS client knows TerminateJobs; an older botocore does not."""
    unendable_in_bulk: set[str] = field(default_factory=set)
    log_lines: int = 3
    array_sizes: dict[str, int] = field(default_factory=dict)
    """Parents of arrays; their children are in `jobs`."""
    snapshot: QueueSnapshot = field(default_factory=lambda: QueueSnapshot(()))
    environments: dict[str, ComputeEnvironmentFacts] = field(default_factory=dict)
    """Those that are not plain ones of 16 vCPUs."""
    connections: int = 0
    """The most that somebody wanted to be warm."""
    is_cool: bool = False
    prepared: dict[str, float] = field(default_factory=dict)
    """Name → when its submission was asked to be made ready."""
    preparation_s: float = 0.0
    prepare_trouble: Exception | None = None
    discarded: list[str] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    """The ids that SubmitJob made, arrays and plain jobs."""
    spawn_s: float = 0.5

    def trouble_next(self, operation: str, *troubles: Trouble | None) -> None:
        """Let the next calls of an operation meet with this, in order."""
        self.script[operation].extend(troubles)

    def called(self, operation: str) -> list[Any]:
        """What an operation was called with, in order."""
        return [argument for name, argument in self.calls if name == operation]

    async def warm_up(self, connections: int) -> None:
        self.connections = max(self.connections, connections)

    async def cool_down(self) -> None:
        self.is_cool = True

    async def prepare_submission(self, name: str, shape: JobShape, array_size: int = 1) -> FakeSubmission:
        self.prepared[name] = self.clock.now_ms()
        await asyncio.sleep(self.preparation_s)
        if self.prepare_trouble is not None:
            raise self.prepare_trouble
        return FakeSubmission(self, name, shape, array_size)

    async def submit_job(self, name: str, shape: JobShape, array_size: int = 1) -> Reply[SubmittedJob]:
        def make() -> SubmittedJob:
            number = len(self.submitted) + 1
            job_id = f"id-{number}"
            self.submitted.append(job_id)
            children = [f"{job_id}:{child}" for child in range(array_size)] if array_size > 1 else [job_id]
            for child_id in children:
                # Children are made some time after their array was taken.
                created_ms = self._aws_now_ms() + (self.spawn_s * 1000 if array_size > 1 else 0)
                self.jobs[child_id] = FakeJob(child_id, name, shape, created_ms, self.timing(number))
            return SubmittedJob(job_id, name)

        return await self._call("SubmitJob", name, make)

    async def describe_jobs(self, job_ids: Sequence[str]) -> Reply[tuple[ObservedJob, ...]]:
        assert 1 <= len(job_ids) <= 100, "AWS takes 1 to 100 ids"
        return await self._call("DescribeJobs", tuple(job_ids), lambda: self._visible(job_ids))

    async def list_jobs_by_name(self, queue: str, name_prefix: str, token: str | None = None) -> Reply[JobPage]:
        del queue

        def page() -> JobPage:
            """An array's children are not listed by name; the array itself is."""
            arrays = {job_id.partition(":")[0]: job_id for job_id in reversed(self.jobs)}
            found = [
                replace(job, job_id=job.job_id.partition(":")[0], tags=None)
                for job in self._visible(list(arrays.values()))
            ]
            named = [job for job in found if job.job_name.lower().startswith(name_prefix.lower())]
            first = int(token or 0)
            following = first + self.page_size
            return JobPage(tuple(named[first:following]), str(following) if following < len(named) else None)

        return await self._call("ListJobs", name_prefix, page)

    async def list_jobs_created_after(self, queue: str, after_ms: float, token: str | None = None) -> Reply[JobPage]:
        del queue, token

        def page() -> JobPage:
            visible = self._visible(list(self.jobs))
            return JobPage(tuple(job for job in visible if (job.sighting.created_ms or 0) > after_ms))

        return await self._call("ListJobs", after_ms, page)

    async def describe_job(self, job_id: str) -> Reply[JobDetail | None]:
        def detail() -> JobDetail | None:
            if job_id in self.array_sizes:
                return self._detail(job_id, "array", self.array_sizes[job_id])
            return self._detail(job_id, self.jobs[job_id].name, None) if job_id in self.jobs else None

        return await self._call("DescribeJobs", (job_id,), detail)

    async def get_job_queue_snapshot(self, queue: str) -> Reply[QueueSnapshot]:
        return await self._call("GetJobQueueSnapshot", queue, lambda: self.snapshot)

    def _detail(self, job_id: str, name: str, array_size: int | None) -> JobDetail:
        return JobDetail(
            job_id=job_id,
            name=name,
            queue="arn:aws:batch:us-west-2:123456789012:job-queue/queue",
            definition="arn:aws:batch:us-west-2:123456789012:job-definition/definition:3",
            vcpus=1.0,
            memory_mib=2048,
            platform="FARGATE",
            operating_system_family="LINUX",
            log_group="/aws/batch/job",
            array_size=array_size,
        )

    def make_job(self, name: str, job_id: str | None = None) -> str:
        """A job that something else submits: now, or before time begins to pass."""
        number = len(self.jobs) + 1
        job_id = job_id or f"id-{number}"
        shape = JobShape(job_queue="queue", job_definition="definition")
        try:
            now_ms = self._aws_now_ms()
        except RuntimeError:
            now_ms = float(int(EPOCH_MS + self.offset_ms))
        self.jobs[job_id] = FakeJob(job_id, name, shape, now_ms, self.timing(number))
        return job_id

    async def list_jobs(self, queue: str, state: JobState, token: str | None = None) -> Reply[JobPage]:
        def page() -> JobPage:
            single = [job for job in self.jobs.values() if ":" not in job.job_id and job.shape.job_queue == queue]
            return self._page(single, state, token)

        return await self._call("ListJobs", (queue, state, token), page)

    async def list_children(self, parent_id: str, state: JobState, token: str | None = None) -> Reply[JobPage]:
        def page() -> JobPage:
            children = [job for job in self.jobs.values() if job.job_id.startswith(f"{parent_id}:")]
            return self._page(children, state, token)

        return await self._call("ListJobs", (parent_id, state, token), page)

    def add_children(self, parent_id: str, size: int, shape: JobShape) -> list[str]:
        """Children of an array job that begins now; their ids."""
        for index in range(size):
            job_id = f"{parent_id}:{index}"
            timing = self.timing(len(self.jobs) + 1)
            self.jobs[job_id] = FakeJob(job_id, parent_id, shape, self._aws_now_ms(), timing)
        return [f"{parent_id}:{index}" for index in range(size)]

    def _page(self, jobs: Sequence[FakeJob], state: JobState, token: str | None) -> JobPage:
        """Newest first, each as a summary shows it; the token is the last job of the page before, whatever has become of it."""
        newest_first = list(reversed(jobs))
        first = 0 if token is None else 1 + [job.job_id for job in newest_first].index(token)
        now = self._aws_now_ms()
        visible = (job for job in newest_first[first:] if now - job.created_ms >= self.invisible_s * 1000)
        # Only what is on the page is looked at closely: tests list ten thousands.
        there = list(islice((job for job in visible if _state_of(job, now) is state), self.page_size + 1))
        more = there[self.page_size - 1].job_id if len(there) > self.page_size else None
        shown = self._visible([job.job_id for job in there[: self.page_size]])
        return JobPage(tuple(map(_summary, shown)), more)

    async def terminate_job(self, job_id: str, reason: str) -> Reply[None]:
        return await self._call("TerminateJob", job_id, lambda: self._terminate(job_id, reason))

    async def terminate_jobs(self, job_ids: Sequence[str], reason: str) -> Reply[BulkEnd]:
        assert 1 <= len(job_ids) <= 50, "AWS takes 1 to 50 ids"
        if not self.has_bulk_ends:
            now_ms = self.clock.now_ms()
            return Reply("TerminateJobs", now_ms, now_ms, CallOutcome.REFUSED, error=NOT_OFFERED)

        def end() -> BulkEnd:
            taken = [job_id for job_id in job_ids if job_id not in self.unendable_in_bulk]
            for job_id in taken:
                self._terminate(job_id, reason)
            return BulkEnd(tuple(taken), tuple((job_id, "X", "No.") for job_id in job_ids if job_id not in taken))

        return await self._call("TerminateJobs", tuple(job_ids), end)

    def _terminate(self, job_id: str, reason: str) -> None:
        for job in [job for key, job in self.jobs.items() if key == job_id or key.startswith(f"{job_id}:")]:
            if not self._sighting(job).state.is_terminal:
                job.terminated_ms, job.reason = self._aws_now_ms(), reason

    async def list_job_queues(self, token: str | None = None) -> Reply[JobQueuePage]:
        del token
        queues = () if self.queue is None else (self.queue,)
        return await self._call("DescribeJobQueues", None, lambda: JobQueuePage(queues))

    async def describe_job_queue(self, queue: str) -> Reply[JobQueueDetail | None]:
        return await self._call("DescribeJobQueues", queue, lambda: self.queue)

    async def describe_compute_environments(self, names: Sequence[str]) -> Reply[tuple[ComputeEnvironmentFacts, ...]]:
        facts = tuple(
            self.environments.get(name, ComputeEnvironmentFacts(name=name, type="FARGATE", max_vcpus=16))
            for name in names
        )
        return await self._call("DescribeComputeEnvironments", tuple(names), lambda: facts)

    async def describe_job_definition(self, definition: str) -> Reply[JobDefinitionDetail | None]:
        return await self._call("DescribeJobDefinitions", definition, lambda: self.definition)

    async def read_log_page(self, group: str, stream: str, token: str | None = None) -> Reply[LogPage]:
        def page() -> LogPage:
            if token is not None:
                return LogPage((), token)
            return LogPage(tuple(LogLine(n, n + 40, f"line {n}") for n in range(self.log_lines)), "end")

        return await self._call("GetLogEvents", (group, stream, token), page)

    async def _call(self, operation: str, argument: object, act: Callable[[], T]) -> Reply[T]:
        self.calls.append((operation, argument))
        self.in_flight[operation] += 1
        self.most_in_flight[operation] = max(self.most_in_flight[operation], self.in_flight[operation])
        sent_ms = self.clock.now_ms()
        script = self.script[operation]
        trouble = script.popleft() if script else self.always.get(operation, self.always.get("*"))
        try:
            await asyncio.sleep(self.latency_s / 2)
            if trouble is NO_CREDENTIALS:
                raise NoCredentialsError
            value = act() if trouble is None or trouble.is_done else None
            await asyncio.sleep(self.latency_s / 2)
        finally:
            self.in_flight[operation] -= 1
        received_ms = self.clock.now_ms()
        if trouble is None:
            return Reply(operation, sent_ms, received_ms, CallOutcome.OK, value, status=200, request_id="request")
        return Reply(
            operation,
            sent_ms,
            received_ms,
            trouble.outcome,
            status=trouble.status,
            error=trouble.error,
            message=trouble.message,
            retry_after_s=trouble.retry_after_s,
        )

    def _aws_now_ms(self) -> float:
        return float(int(self.clock.now_ms() + self.offset_ms))

    def _visible(self, job_ids: Sequence[str]) -> tuple[ObservedJob, ...]:
        now = self._aws_now_ms()
        known = [self.jobs[job_id] for job_id in job_ids if job_id in self.jobs]
        seen = [job for job in known if now - job.created_ms >= self.invisible_s * 1000]
        jobs = [ObservedJob(job.job_id, job.name, self._sighting(job), tags=dict(job.shape.tags)) for job in seen]
        return (*jobs, *self._arrays(job_ids))

    def _arrays(self, job_ids: Sequence[str]) -> list[ObservedJob]:
        """Arrays themselves: made so long before their children."""
        first = {job_id: self.jobs[f"{job_id}:0"] for job_id in job_ids if f"{job_id}:0" in self.jobs}
        spawn_ms = self.spawn_s * 1000
        return [
            ObservedJob(
                job_id,
                job.name,
                Sighting(job=0, state=JobState.PENDING, created_ms=job.created_ms - spawn_ms),
                tags=dict(job.shape.tags),
            )
            for job_id, job in first.items()
        ]

    def _sighting(self, job: FakeJob) -> Sighting:
        timing, now = job.timing, self._aws_now_ms()

        def when(after_s: float | None) -> float | None:
            moment = None if after_s is None else job.created_ms + after_s * 1000
            is_reached = moment is not None and moment <= min(now, job.terminated_ms or now)
            return moment if is_reached else None

        started, stopped = when(timing.running_s), when(timing.ended_s)
        state = _state_of(job, now)
        if job.terminated_ms is not None:
            stopped = job.terminated_ms
        return Sighting(
            job=0,
            state=state,
            status_reason=job.reason,
            created_ms=job.created_ms,
            started_ms=started,
            stopped_ms=stopped,
            exit_code=0 if state is JobState.SUCCEEDED else None,
            log_stream=f"definition/default/{job.job_id}" if started is not None else None,
            log_group="/aws/batch/job" if started is not None else None,
        )


def _state_of(job: FakeJob, now_ms: float) -> JobState:
    """The furthest that it has reached."""
    if job.terminated_ms is not None:
        return JobState.FAILED
    timing = job.timing
    ladder = (
        (timing.end, timing.ended_s),
        (JobState.RUNNING, timing.running_s),
        (JobState.STARTING, timing.starting_s),
        (JobState.RUNNABLE, timing.runnable_s),
    )
    reached = (state for state, after_s in ladder if after_s is not None and job.created_ms + after_s * 1000 <= now_ms)
    return next(reached, JobState.SUBMITTED)


def _summary(job: ObservedJob) -> ObservedJob:
    """As ListJobs shows it: less than DescribeJobs does."""
    less = msgspec.structs.replace(job.sighting, log_stream=None, log_group=None, task_arn=None, attempts=())
    return dataclasses.replace(job, sighting=less, tags=None)
