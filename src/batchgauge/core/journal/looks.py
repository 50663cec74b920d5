"""What polling saw: jobs, arrays, and what they wait for."""

from __future__ import annotations

import msgspec

from batchgauge.core.job import JobState
from batchgauge.core.journal.environment import ComputeEnvironmentFacts


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


class ArrayLook(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="arrays"):
    """A read of the array jobs themselves, for their own createdAt: it was set while their SubmitJob call was under way."""

    sent_ms: float
    received_ms: float
    created: tuple[tuple[int, float], ...]
    """(index of the array's first job, createdAt of the array)."""


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
