"""The records: jobs, their attempts, and where they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from batchgauge.batchmodel.agenda import Appointment
from batchgauge.batchmodel.boundary import FaultKind
from batchgauge.batchmodel.capacity import Slot
from batchgauge.batchmodel.shared_pace import Errand
from batchgauge.batchmodel.specification import JobSpecification
from batchgauge.batchmodel.status_index import NumberedIndex

if TYPE_CHECKING:
    from batchgauge.batchmodel.compute_environments import ComputeEnvironment
    from batchgauge.batchmodel.job_queues import JobQueue

# `Final`: a compiler puts them where they are used.
SUBMITTED: Final = "SUBMITTED"
PENDING: Final = "PENDING"
RUNNABLE: Final = "RUNNABLE"
STARTING: Final = "STARTING"
RUNNING: Final = "RUNNING"
SUCCEEDED: Final = "SUCCEEDED"
FAILED: Final = "FAILED"
STATES: Final = (SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED, FAILED)
TERMINAL: Final = frozenset({SUCCEEDED, FAILED})
NO_TAGS: Final[Mapping[str, str]] = {}


class Attempt:
    """One try of a job, which is one ECS task. Times are planned until they have come."""

    __slots__ = (
        "appointment",
        "created_ms",
        "environment",
        "errand",
        "exit_code",
        "fault",
        "has_failed_to_start",
        "is_launching",
        "is_virtual",
        "number",
        "pull_started_ms",
        "pull_stopped_ms",
        "reason",
        "slot",
        "started_ms",
        "status_reason",
        "stopped_ms",
        "stopping_ms",
        "task_id",
        "was_running",
    )

    def __init__(self, number: int, task_id: str, environment: ComputeEnvironment, slot: Slot, now_ms: float) -> None:
        self.number = number
        """From 1."""
        self.task_id = task_id
        self.environment = environment
        self.slot: Slot | None = slot
        self.created_ms = now_ms
        self.pull_started_ms = self.pull_stopped_ms = self.started_ms = now_ms
        self.stopping_ms: float | None = None
        self.stopped_ms: float | None = None
        self.was_running = False
        self.has_failed_to_start = False
        self.exit_code: int | None = None
        self.reason: str | None = None
        self.status_reason: str | None = None
        self.appointment: Appointment | None = None
        """Its start, then a virtual one's end, then its kill."""
        self.errand: Errand | None = None
        """Its pull, and later its work, where these share a pace with others'."""
        self.fault: FaultKind | None = None
        """What goes wrong with it on purpose."""
        self.is_virtual = False
        """There is no process."""
        self.is_launching = False
        """Its process has been asked for, and whether it runs yet is not known."""


class ArrayState:
    """What a parent knows of its children."""

    __slots__ = ("children", "counts", "index_by_state", "is_begun", "is_spawned", "size", "waiting_pairs")

    def __init__(self, size: int) -> None:
        self.size = size
        self.is_begun = False
        """The first children are there."""
        self.is_spawned = False
        """All are."""
        self.children: list[Job] = []
        self.counts = dict.fromkeys(STATES, 0)
        self.index_by_state: dict[str, NumberedIndex[Job]] = {state: NumberedIndex() for state in STATES}
        self.waiting_pairs: list[Job] = []
        """Array parents whose children wait for ours index by index (N_TO_N), until ours are there."""


class Job:
    """One job: a single one, an array's parent, or an array's child."""

    __slots__ = (
        "array",
        "attempts",
        "changes",
        "created_ms",
        "dependents",
        "depends_on",
        "end_reason",
        "index",
        "is_cancelled",
        "is_terminated",
        "job_id",
        "name",
        "number",
        "parent",
        "queue",
        "runnable_ms",
        "share_identifier",
        "specification",
        "state",
        "status_reason",
        "stopped_ms",
        "tags",
        "waits_for",
    )

    def __init__(
        self,
        number: int,
        job_id: str,
        name: str,
        queue: JobQueue,
        specification: JobSpecification,
        *,
        created_ms: float,
    ) -> None:
        self.number = number
        """Counts submissions: the order of first-in-first-out."""
        self.job_id = job_id
        self.name = name
        self.queue = queue
        self.specification = specification
        self.created_ms = created_ms
        self.state = SUBMITTED
        self.changes = 0
        """Counts whatever DescribeJobs would show otherwise than before, but for tags and status reason."""
        self.status_reason: str | None = None
        self.attempts: tuple[Attempt, ...] = ()
        self.runnable_ms = 0.0
        self.stopped_ms: float | None = None
        self.is_cancelled = False
        self.is_terminated = False
        self.end_reason: str | None = None
        """Whoever ended the job before its time said this; it will not be retried."""
        self.tags: Mapping[str, str] = NO_TAGS
        self.share_identifier: str | None = None
        self.depends_on: Sequence[Mapping[str, Any]] = ()
        self.waits_for = 0
        """How many jobs must still succeed."""
        self.dependents: list[Job] | None = None
        self.parent: Job | None = None
        self.index: int | None = None
        self.array: ArrayState | None = None

    @property
    def attempt(self) -> Attempt:
        """The latest one."""
        return self.attempts[-1]

    @property
    def is_over(self) -> bool:
        """SUCCEEDED or FAILED."""
        return self.state in TERMINAL


def attempt_number(job: Job, attempt: Attempt) -> int:
    """One number for each attempt of each job, to draw by: no job has more than ten."""
    return job.number * 16 + attempt.number


class JobStore:
    """Every job by its id; an array's children by their parent's id and their index."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._count = 0

    def take_numbers(self, count: int) -> int:
        """The first of `count` numbers for jobs that are about to be made: an array's children follow their parent."""
        first = self._count + 1
        self._count += count
        return first

    def add(self, job: Job) -> None:
        """Keep a job; children are found through their parent."""
        self._jobs[job.job_id] = job

    def find(self, job_id: str) -> Job | None:
        """The job of this id, ``parent:index`` for a child."""
        job = self._jobs.get(job_id)
        if job is not None or ":" not in job_id:
            return job
        parent_id, _, index = job_id.rpartition(":")
        parent = self._jobs.get(parent_id)
        if parent is None or parent.array is None or not (index.isascii() and index.isdigit()):
            return None
        children = parent.array.children
        return children[int(index)] if int(index) < len(children) else None

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs.values())
