"""Finding jobs that something else submitted: by the beginning of their names, or as the children of an array."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from batchgauge.core.journal import CallOutcome
from batchgauge.core.scenario import ObservedJobs
from batchgauge.core.submitting.refusals import error_of, is_fatal
from batchgauge.errors import ArrayJobNotFoundError
from batchgauge.measure.listing import Listing, list_created_after, list_named
from batchgauge.measure.retrying import READ_BACK_OFF, BackOff
from batchgauge.ports import BatchGateway, Clock, JobDetail, Reply

LOOK_BACK_MS: Final = 60_000.0
"""A later search begins so long before the newest job of the one before: a job may become visible later than one made after it."""
BLIND_LIMIT_S: Final = 300.0
"""How long every search may fail before it is given up."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FoundJob:
    """A job of somebody else's."""

    job_id: str
    name: str


class CallNote(Protocol):
    """Who is told of each call; `Recorder.call` is one."""

    def __call__(self, reply: Reply[object], *, attempt: int = 1, back_off_s: float = 0.0) -> None:
        """A call and its answer."""
        ...


def _unnoted(reply: Reply[object], *, attempt: int = 1, back_off_s: float = 0.0) -> None:
    del reply, attempt, back_off_s


@dataclass(slots=True)
class JobFinder:
    """Finds each job once, however often it is asked."""

    gateway: BatchGateway
    clock: Clock
    chance: random.Random
    endpoint: str
    queue: str
    wanted: ObservedJobs
    note: CallNote = _unnoted
    back_off: BackOff = READ_BACK_OFF
    _known: set[str] = field(default_factory=set)
    _newest_ms: float | None = None
    """AWS's createdAt of the newest job of the queue that a search has shown."""
    _failing_since_ms: float | None = None

    @property
    def is_complete(self) -> bool:
        """Whether no further job can come: an array's children are all known at once."""
        return self.wanted.array_job_id is not None and bool(self._known)

    async def find_new(self) -> tuple[FoundJob, ...]:
        """The jobs that were not found before; none where AWS would not answer now.

        Raises:
            AwsError: no search can succeed any more, or none has for `BLIND_LIMIT_S`.
            ArrayJobNotFoundError: AWS knows no such array.
        """
        if self.wanted.array_job_id is not None:
            found = [] if self._known else await self._children(self.wanted.array_job_id)
        else:
            found = await self._named(self.wanted.name_prefix or "")
        new = [job for job in found if job.job_id not in self._known]
        self._known.update(job.job_id for job in new)
        return tuple(new)

    async def describe(self, job_id: str) -> JobDetail | None:
        """What a job is; None where AWS does not know it, or would not answer now.

        Raises:
            AwsError: as `find_new`.
        """
        return await self._ask(lambda: self.gateway.describe_job(job_id))

    async def _children(self, array_job_id: str) -> list[FoundJob]:
        """AWS names children by the parent's id and their index: there is nothing to list."""
        parent = await self._ask(lambda: self.gateway.describe_job(array_job_id))
        if parent is None and self._failing_since_ms is not None:
            return []
        if parent is None or parent.array_size is None:
            raise ArrayJobNotFoundError(array_job=array_job_id)
        return _children(parent.job_id, parent.name, parent.array_size)

    async def _named(self, prefix: str) -> list[FoundJob]:
        """The first time by name; later all that the queue got since, which is the less to read the more jobs there are."""
        found: list[FoundJob] = []
        for job in (await self._listed(prefix)).jobs:
            self._newest_ms = max(self._newest_ms or 0.0, job.sighting.created_ms or 0.0)
            if not self._is_wanted(job.job_name, job.sighting.created_ms, prefix):
                continue
            if job.array_size is not None:
                found += _children(job.job_id, job.job_name, job.array_size)
            else:
                found.append(FoundJob(job.job_id, job.job_name))
        return found[::-1]  # AWS lists the newest first

    async def _listed(self, prefix: str) -> Listing:
        if self._newest_ms is None:
            return await list_named(self.gateway, self.queue, prefix, self._ask)
        return await list_created_after(self.gateway, self.queue, self._newest_ms - LOOK_BACK_MS, self._ask)

    def _is_wanted(self, name: str, created_ms: float | None, prefix: str) -> bool:
        """AWS's own search for names takes capitals for small letters."""
        is_recent = self.wanted.since_ms is None or (created_ms or 0.0) >= self.wanted.since_ms
        return is_recent and name.lower().startswith(prefix.lower())

    async def _ask(self, request: Callable[[], Awaitable[Reply[T | None]] | Awaitable[Reply[T]]]) -> T | None:
        for tries in range(1, self.back_off.max_tries + 1):
            reply = await request()
            is_last = reply.outcome in (CallOutcome.OK, CallOutcome.REFUSED) or tries == self.back_off.max_tries
            wait_s = 0.0 if is_last else self.back_off.wait_s(tries, reply, self.chance)
            self.note(reply, attempt=tries, back_off_s=wait_s)
            if reply.outcome is CallOutcome.OK:
                self._failing_since_ms = None
                return reply.value
            self._give_up_if_hopeless(reply)
            await self.clock.sleep(wait_s)
        return None

    def _give_up_if_hopeless(self, reply: Reply[T | None] | Reply[T]) -> None:
        if self._failing_since_ms is None:
            self._failing_since_ms = reply.sent_ms
        blind_s = (self.clock.now_ms() - self._failing_since_ms) / 1000
        if is_fatal(reply) or reply.outcome is CallOutcome.REFUSED or blind_s > BLIND_LIMIT_S:
            raise error_of(reply, self.endpoint)


def _children(job_id: str, name: str, size: int) -> list[FoundJob]:
    return [FoundJob(f"{job_id}:{index}", f"{name}:{index}") for index in range(size)]
