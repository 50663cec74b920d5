"""Verdicts as closed types with arguments: which limit a level met, with the numbers that prove it.

`code` names the sentence (``verdict.<code>``) and the advice that goes with it (``verdict.next.<code>``); the fields are their arguments.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from batchgauge.core.stats.estimate import Estimate


class Lack(StrEnum):
    """What is missing for a verdict."""

    MONITORING = "monitoring"
    """Nobody watched what became of the jobs."""
    JOBS = "jobs"
    """AWS took no job."""
    ENDED_EARLY = "ended-early"
    """We ended the run before its jobs had come to theirs: on request, at a deadline, on a breach or by an error."""
    PLACES = "places"
    """Jobs waited, but too few were placed to tell what for."""
    ENDS = "ends"
    """Jobs had not ended when they were last seen."""
    LOWER_LEVEL = "lower-level"
    """There is nothing to compare with: whether jobs slow each other cannot be seen at one level."""


@dataclass(frozen=True, slots=True)
class ClientLimit:
    """Our own client sent the jobs later than they were meant to go out."""

    level: int
    rate_per_s: Estimate
    """Submissions a second that it managed."""
    in_flight: int | None
    """The bound on requests in flight (``--max-workers``); None under an open load."""
    delay_ms: float
    """How much later each went out, on average."""
    code: ClassVar[str] = "client"


@dataclass(frozen=True, slots=True)
class SubmitRateLimit:
    """SubmitJob was throttled."""

    level: int
    refill_per_s: Estimate | None
    """None where too little was throttled to tell."""
    depth: Estimate | None
    throttled: int
    calls: int
    delay_ms: float
    """How much later each job was taken, on average."""
    code: ClassVar[str] = "submit-rate"


@dataclass(frozen=True, slots=True)
class LaunchRateLimit:
    """Tasks were placed one after the other although there was room: at a pace like that of Fargate's launches."""

    level: int
    refill_per_s: Estimate | None
    depth: Estimate | None
    waited: int
    delay_ms: float
    code: ClassVar[str] = "launch-rate"


@dataclass(frozen=True, slots=True)
class DispatchLimit:
    """Jobs were placed one after the other although there was room: slower than Fargate launches."""

    level: int
    refill_per_s: Estimate | None
    depth: Estimate | None
    waited: int
    delay_ms: float
    code: ClassVar[str] = "dispatch"


@dataclass(frozen=True, slots=True)
class MaxVcpusLimit:
    """Jobs waited while as many as the compute environments' maxvCpus allow held their places."""

    level: int
    jobs: Estimate
    needed_vcpus: float
    """What maxvCpus would have to be for the whole level at once."""
    waited: int
    delay_ms: float
    code: ClassVar[str] = "max-vcpus"


@dataclass(frozen=True, slots=True)
class VcpuQuotaLimit:
    """Jobs waited while fewer held their places than maxvCpus allow, and never more."""

    level: int
    jobs: Estimate
    vcpus: float | None
    """What they held together; None where the size of a job is not known."""
    allowed_jobs: int | None
    """How many maxvCpus would allow; None where that is not known."""
    waited: int
    delay_ms: float
    code: ClassVar[str] = "vcpu-quota"


@dataclass(frozen=True, slots=True)
class NoCapacityLimit:
    """The same, and AWS itself said that it had no more to give."""

    level: int
    jobs: Estimate
    said: str
    waited: int
    delay_ms: float
    code: ClassVar[str] = "no-capacity"


@dataclass(frozen=True, slots=True)
class BlockedQueueLimit:
    """No job was ever placed."""

    level: int
    said: str
    """AWS's words or ours; empty where nobody said anything."""
    waited: int
    delay_ms: float
    code: ClassVar[str] = "blocked-queue"


@dataclass(frozen=True, slots=True)
class ImagePullLimit:
    """Image pulls took longer the more there were at once."""

    level: int
    images_per_s: Estimate
    pulling: int
    """The most at once."""
    alone_ms: float
    now_ms: float
    delay_ms: float
    code: ClassVar[str] = "image-pull"


@dataclass(frozen=True, slots=True)
class StartUpLimit:
    """Start-up (provisioning, or as a whole where its parts are not known) took longer at this level than below."""

    level: int
    slowdown: Estimate
    alone_ms: float
    now_ms: float
    delay_ms: float
    code: ClassVar[str] = "start-up"


@dataclass(frozen=True, slots=True)
class ContentionLimit:
    """Jobs ran longer the more ran at once."""

    level: int
    running: int
    """The most at once."""
    slowdown: Estimate
    """How many times as long as alone, with so many at once."""
    per_added_job: Estimate
    """What each of them adds to the run time of one alone, as a share."""
    alone_ms: float
    now_ms: float
    delay_ms: float
    code: ClassVar[str] = "contention"


@dataclass(frozen=True, slots=True)
class LogDeliveryLimit:
    """CloudWatch Logs throttled the reading of the jobs' lines."""

    level: int
    refill_per_s: Estimate | None
    throttled: int
    calls: int
    delay_ms: float
    code: ClassVar[str] = "log-delivery"


@dataclass(frozen=True, slots=True)
class LogLagLimit:
    """Log lines came later than at lower levels."""

    level: int
    alone_ms: float
    now_ms: float
    delay_ms: float
    code: ClassVar[str] = "log-lag"


@dataclass(frozen=True, slots=True)
class FailuresLimit:
    """So many jobs failed, or were refused, that nothing else matters as much."""

    level: int
    share: Estimate
    failed: int
    """Of all repeats together."""
    jobs: int
    delay_ms: float
    """None is lost to waiting: infinite, as the weightiest of all."""
    code: ClassVar[str] = "failures"


@dataclass(frozen=True, slots=True)
class NoneReached:
    """Nothing waited, slowed down or failed."""

    level: int
    code: ClassVar[str] = "none"


@dataclass(frozen=True, slots=True)
class NotEnough:
    """The evidence does not carry a verdict."""

    level: int
    lack: Lack
    try_level: int
    """Run this one next."""
    levels: tuple[int, ...] = ()
    """All levels that lack the same, ascending, where it is said of several."""
    code: ClassVar[str] = "not-enough"


Limit: TypeAlias = (
    ClientLimit
    | SubmitRateLimit
    | LaunchRateLimit
    | DispatchLimit
    | MaxVcpusLimit
    | VcpuQuotaLimit
    | NoCapacityLimit
    | BlockedQueueLimit
    | ImagePullLimit
    | StartUpLimit
    | ContentionLimit
    | LogDeliveryLimit
    | LogLagLimit
    | FailuresLimit
)
Verdict: TypeAlias = Limit | NoneReached | NotEnough


@dataclass(frozen=True, slots=True)
class LevelVerdict:
    """One level, all of its repeats together."""

    level: int
    held: Verdict
    """The limit that cost most, or that none did."""
    others: tuple[Limit, ...] = ()
    """Limits that were met as well, the costliest first."""
    repeats: tuple[int, ...] = (1,)
    """Which of the level's runs it is of, counted from 1."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """All levels, ascending, and what they say together."""

    levels: tuple[LevelVerdict, ...]
    overall: Verdict | None
    """Of the limit that was met first, its clearest showing; None where there is no run."""
    first_level: int | None
    """The lowest level at which that limit held."""
    unchanged_level: int | None
    """The highest level at which nothing had changed yet, neither there nor below."""
    is_submission_free: bool = False
    """Whether submissions kept up at every level: a limit that was met is none of theirs."""
