"""Why jobs wait: which of a run's jobs wait too long, and what AWS's own words and numbers say about it.

A job waits too long when it has been before STARTING for longer than `FIRST_WAIT_S` and than `PEERS_FACTOR` times the median wait of those
of its run that have started. A run has stalled when no job has changed its state for `STALLED_S` and none is running. On an embedded AWS
whose start-up is scaled, both times are scaled with it. Reasons are those that hold at the moment of a look: they may pass, so none of them
ends a run.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import msgspec

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.job import JobState
from batchgauge.core.journal import Sighting, WaitingLook, from_ranges, to_ranges
from batchgauge.core.observed.timeline import AttemptInstants, Phases, first_started_ms

FIRST_WAIT_S: Final = 60.0
PEERS_FACTOR: Final = 3.0
STALLED_S: Final = 300.0
SHORTEST_WAIT_S: Final = 3.0
"""However small the scale: polling is no faster."""
USABLE: Final = frozenset({None, "", "VALID", "CREATING", "UPDATING"})
"""Statuses that are nothing to be said; not every imitation of AWS shows one."""
QUOTA_WORDS: Final = ("quota", "limitexceeded", "vcpu limit", "limit exceeded")
"""What AWS's reasons hold, in small letters, where a quota of the account was met."""


class WaitingCode(StrEnum):
    """What jobs wait for."""

    QUEUE_DISABLED = "queue-disabled"
    QUEUE_INVALID = "queue-invalid"
    ENVIRONMENT_DISABLED = "environment-disabled"
    ENVIRONMENT_INVALID = "environment-invalid"
    JOB_TOO_LARGE = "job-too-large"
    QUOTA = "quota"
    NO_INSTANCE_CAPACITY = "no-instance-capacity"
    MAX_RESOURCE = "max-resource"
    JOB_REQUIREMENT = "job-requirement"
    SERVICE_ROLE = "service-role"
    AT_MAX_VCPUS = "at-max-vcpus"
    HEAD_OF_LINE = "head-of-line"
    DEPENDENCY = "dependency"
    AWS_SAYS = "aws-says"
    UNDETERMINED = "undetermined"


BLOCKED_REASONS: Final = {
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY": WaitingCode.NO_INSTANCE_CAPACITY,
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE": WaitingCode.MAX_RESOURCE,
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT": WaitingCode.JOB_REQUIREMENT,
    "MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS": WaitingCode.SERVICE_ROLE,
    "UNDETERMINED": WaitingCode.UNDETERMINED,
}
"""How the status reason of a blocked job begins, as the AWS Batch user guide ("Jobs stuck in a RUNNABLE status") has it."""


class WaitingReason(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What was found, with its figures; which of them are there depends on the code."""

    code: WaitingCode
    subject: str = ""
    """A queue or a compute environment."""
    used: float | None = None
    """vCPUs in use, or that a job asks for."""
    limit: float | None = None
    """vCPUs that there are at most."""
    position: int | None = None
    """How many jobs stand before the first of ours; None where it is not among the first 100."""
    jobs: int | None = None
    said: str = ""
    """AWS's own words."""


class WaitingFinding(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A time in which jobs waited for the same reasons, by the looks taken in it."""

    since_ms: float
    """The first look that showed it (our clock)."""
    until_ms: float
    """The last one."""
    jobs: int
    """All that waited in it, at whatever look."""
    longest_wait_ms: float
    """Of the job that had waited longest by the last look, by our clock: a moment's figure and no measurement."""
    is_stalled: bool
    """Whether nothing moved at all."""
    reasons: tuple[WaitingReason, ...]
    indexes: str = ""
    """The jobs', as ranges."""
    looks: int = 1
    """That showed it."""
    waited_ms: Bound | None = None
    """The longest wait for STARTING of these jobs, by all that the run knows now; None where nothing is known."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs that wait too long, at one moment."""

    jobs: tuple[int, ...]
    longest_s: float
    is_stalled: bool
    pending: int
    """Those of them that are PENDING."""
    said: Mapping[str, int]
    """AWS's status reasons of them, and of how many."""


def find_waiting(
    sightings: Iterable[Sighting], *, now_ms: float, unmoved_s: float, time_scale: float | None = None
) -> Waiting | None:
    """The jobs that wait too long now; None where none does. AWS's clock is taken for ours: this is no measurement.

    `unmoved_s` is how long no job has changed its state.
    """
    scale = 1.0 if time_scale is None else min(1.0, time_scale)
    seen = list(sightings)
    before_start = [sighting for sighting in seen if sighting.state.rank < JobState.STARTING.rank]
    limit_s = max(SHORTEST_WAIT_S, FIRST_WAIT_S * scale, PEERS_FACTOR * _median_wait_s(seen))
    waits = {s.job: wait_s for s in before_start if (wait_s := _waiting_s(s, now_ms)) > limit_s}
    is_stalled = unmoved_s > max(SHORTEST_WAIT_S, STALLED_S * scale) and _could_move(seen)
    if is_stalled:
        waits |= {s.job: _waiting_s(s, now_ms) for s in seen if s.state.rank < JobState.RUNNING.rank}
    if not waits:
        return None
    too_long = [sighting for sighting in seen if sighting.job in waits]
    said: dict[str, int] = {}
    for sighting in too_long:
        if sighting.status_reason:
            said[sighting.status_reason] = said.get(sighting.status_reason, 0) + 1
    return Waiting(
        jobs=tuple(sorted(waits)),
        longest_s=max(waits.values()),
        is_stalled=is_stalled,
        pending=sum(sighting.state is JobState.PENDING for sighting in too_long),
        said=said,
    )


def explain(look: WaitingLook, job_vcpus: float | None) -> tuple[WaitingReason, ...]:
    """What a look says of why jobs wait, the weightiest first; undetermined where nothing does."""
    found = [
        *_of_queue(look),
        *_of_environments(look),
        *_of_size(look, job_vcpus),
        *_of_blocked_jobs(look),
        *_of_capacity(look, job_vcpus),
        *_of_position(look),
    ]
    order = list(WaitingCode)
    distinct = {(reason.code, reason.subject): reason for reason in reversed(found)}.values()
    known = sorted(distinct, key=lambda reason: order.index(reason.code))
    is_explained = any(reason.code is not WaitingCode.UNDETERMINED for reason in known)
    if is_explained:
        return tuple(reason for reason in known if reason.code is not WaitingCode.UNDETERMINED)
    return tuple(known) or (WaitingReason(code=WaitingCode.UNDETERMINED),)


@dataclass(slots=True)
class WaitingCollector:
    """Looks in the order of the journal become findings: one for as long as the reasons stay the same."""

    _findings: list[WaitingFinding] = field(default_factory=list)
    _jobs: list[set[int]] = field(default_factory=list)
    """Of each finding."""

    def add(self, look: WaitingLook, job_vcpus: float | None) -> None:
        """Take in a look."""
        reasons = explain(look, job_vcpus)
        jobs = from_ranges(look.jobs)
        finding = WaitingFinding(
            since_ms=look.sent_ms,
            until_ms=look.received_ms,
            jobs=len(jobs),
            longest_wait_ms=look.longest_wait_ms,
            is_stalled=look.is_stalled,
            reasons=reasons,
        )
        before = self._findings[-1] if self._findings else None
        if before is None or _kinds(before.reasons) != _kinds(reasons):
            self._findings.append(finding)
            self._jobs.append(set(jobs))
            return
        self._jobs[-1].update(jobs)
        self._findings[-1] = msgspec.structs.replace(
            finding,
            since_ms=before.since_ms,
            is_stalled=before.is_stalled or finding.is_stalled,
            looks=before.looks + 1,
        )

    def findings(self, waits_ms: Mapping[int, Bound] | None = None) -> tuple[WaitingFinding, ...]:
        """All so far; `waits_ms` are the jobs' longest waits for STARTING, by their indexes, as the result has them."""
        waits_ms = waits_ms or {}
        return tuple(
            msgspec.structs.replace(
                finding,
                jobs=len(jobs),
                indexes=to_ranges(sorted(jobs)),
                waited_ms=longest(waits_ms[job] for job in jobs if job in waits_ms),
            )
            for finding, jobs in zip(self._findings, self._jobs, strict=True)
        )


def longest_wait(phases: Phases | None, attempts: Iterable[AttemptInstants]) -> Bound | None:
    """The longest that one job waited for STARTING, as a bound: since it was made, or since its attempt before ended."""
    waits = [phases.queue_ms] if phases is not None and phases.queue_ms is not None else []
    stopped_ms: float | None = None
    for attempt in attempts:
        if stopped_ms is not None and attempt.starting_ms is not None:
            waits.append(attempt.starting_ms.minus(exactly(stopped_ms)))
        stopped_ms = attempt.stopped_ms
    return longest(waits)


def longest(waits: Iterable[Bound]) -> Bound | None:
    """The largest of uncertain numbers, itself a bound; None of none."""
    waits = list(waits)
    if not waits:
        return None
    lows = [wait.earliest for wait in waits if wait.earliest is not None]
    highs = [wait.latest for wait in waits]
    return Bound(max(lows, default=None), None if None in highs else max(high for high in highs if high is not None))


def _kinds(reasons: tuple[WaitingReason, ...]) -> list[tuple[WaitingCode, str]]:
    return [(reason.code, reason.subject) for reason in reasons]


def _waiting_s(sighting: Sighting, now_ms: float) -> float:
    """How long the attempt to come has waited: since the end of the one before, or the job's creation."""
    ends = [attempt.stopped_ms for attempt in sighting.attempts if attempt.stopped_ms is not None]
    since_ms = max(ends, default=sighting.created_ms)
    return 0.0 if since_ms is None else (now_ms - since_ms) / 1000


def _median_wait_s(seen: list[Sighting]) -> float:
    waits = [
        (started_ms - sighting.created_ms) / 1000
        for sighting in seen
        if sighting.created_ms is not None and (started_ms := first_started_ms(sighting)) is not None
    ]
    return statistics.median(waits) if waits else 0.0


def _could_move(seen: list[Sighting]) -> bool:
    """A job that runs need not change; one that has ended cannot."""
    return any(s.state.rank < JobState.RUNNING.rank for s in seen) and not any(
        s.state is JobState.RUNNING for s in seen
    )


def _of_queue(look: WaitingLook) -> Iterator[WaitingReason]:
    queue = look.queue
    if queue is None:
        return
    said = queue.status_reason or ""
    if queue.state == "DISABLED":
        yield WaitingReason(code=WaitingCode.QUEUE_DISABLED, subject=queue.name, said=said)
    elif queue.status not in USABLE:
        yield WaitingReason(code=WaitingCode.QUEUE_INVALID, subject=queue.name, said=said or queue.status or "")


def _of_environments(look: WaitingLook) -> Iterator[WaitingReason]:
    for environment in look.environments:
        said = environment.status_reason or ""
        if any(word in said.lower() for word in QUOTA_WORDS):
            yield WaitingReason(code=WaitingCode.QUOTA, subject=environment.name, said=said)
        if environment.state == "DISABLED":
            yield WaitingReason(code=WaitingCode.ENVIRONMENT_DISABLED, subject=environment.name, said=said)
        elif environment.status not in USABLE:
            said = said or environment.status or ""
            yield WaitingReason(code=WaitingCode.ENVIRONMENT_INVALID, subject=environment.name, said=said)


def _of_size(look: WaitingLook, job_vcpus: float | None) -> Iterator[WaitingReason]:
    limits = _limits(look)
    if limits and job_vcpus is not None and job_vcpus > max(limits):
        yield WaitingReason(code=WaitingCode.JOB_TOO_LARGE, used=job_vcpus, limit=max(limits))


def _of_blocked_jobs(look: WaitingLook) -> Iterator[WaitingReason]:
    for said, count in look.said:
        prefix = next((prefix for prefix in BLOCKED_REASONS if said.startswith(prefix)), None)
        is_quota = any(word in said.lower() for word in QUOTA_WORDS)
        code = BLOCKED_REASONS[prefix] if prefix is not None else WaitingCode.AWS_SAYS
        yield WaitingReason(code=WaitingCode.QUOTA if is_quota else code, jobs=count, said=said)
    if look.pending:
        yield WaitingReason(code=WaitingCode.DEPENDENCY, jobs=look.pending)


def _of_capacity(look: WaitingLook, job_vcpus: float | None) -> Iterator[WaitingReason]:
    limits = _limits(look)
    if not limits or look.used_vcpus is None or not look.used_vcpus:
        return
    if look.used_vcpus + (job_vcpus or 1.0) > sum(limits):
        yield WaitingReason(code=WaitingCode.AT_MAX_VCPUS, used=look.used_vcpus, limit=sum(limits))


def _of_position(look: WaitingLook) -> Iterator[WaitingReason]:
    if look.front is not None and look.front > 0 and look.position != 0:
        yield WaitingReason(code=WaitingCode.HEAD_OF_LINE, position=look.position)


def _limits(look: WaitingLook) -> list[float]:
    """The maxvCpus of every environment; none where one of them is not known."""
    known = [float(entry.max_vcpus) for entry in look.environments if entry.max_vcpus is not None]
    return known if len(known) == len(look.environments) else []
