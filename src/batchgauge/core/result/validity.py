"""Whether a run's numbers may be relied on: apart from whether its jobs went well, and from whether a threshold was met.

A run is *valid* where nothing is known against it, *suspect* where its bounds hold but something was out of the ordinary that a reader
must know, *invalid* where it did not measure what was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from batchgauge.core.job import END_REASON
from batchgauge.core.journal import RunOutcome
from batchgauge.core.observed.allowances import NONE_PROVEN, Allowances
from batchgauge.core.observed.clock_offset import NOT_KNOWN, ClockOffset
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.shared_queue import SharedQueue
from batchgauge.core.submitting.lateness import Lateness

BUSY_SHARE: Final = 0.8
"""Of one core, from which on the tool itself may have been what was slow."""
LATE_SHARE: Final = 0.01
"""Of the submissions, from which on the load was not the one that was asked for: its own 99th percentile was late."""
BLIND_FACTOR: Final = 3.0
"""A pause between two looks is worth a word where it is so many times what was meant ..."""
BLIND_MIN_MS: Final = 5_000.0
"""... and at least so long."""


class Verdict(StrEnum):
    """How far a run's numbers may be relied on, from the best to the worst."""

    VALID = "valid"
    SUSPECT = "suspect"
    INVALID = "invalid"


class Doubt(StrEnum):
    """What is known against a run."""

    NO_JOB_ACCEPTED = "no-job-accepted"
    CUT_OFF = "cut-off"
    NOT_ALL_SUBMITTED = "not-all-submitted"
    UNANSWERED = "unanswered"
    JOBS_ENDED = "jobs-ended"
    UNFINISHED = "unfinished"
    NOT_SEEN = "not-seen"
    VANISHED = "vanished"
    CLOCK_SET = "clock-set"
    STALE_READS = "stale-reads"
    LATE_EVENTS = "late-events"
    CONTRADICTED = "contradicted"
    RESUMED = "resumed"
    BLIND = "blind"
    TOOL_BUSY = "tool-busy"
    SENT_LATE = "sent-late"
    SHARED_QUEUE = "shared-queue"


WEIGHTS: Final = {
    Doubt.NO_JOB_ACCEPTED: Verdict.INVALID,
    Doubt.CUT_OFF: Verdict.INVALID,
    Doubt.NOT_ALL_SUBMITTED: Verdict.SUSPECT,
    Doubt.UNANSWERED: Verdict.SUSPECT,
    Doubt.JOBS_ENDED: Verdict.INVALID,
    Doubt.UNFINISHED: Verdict.SUSPECT,
    Doubt.NOT_SEEN: Verdict.SUSPECT,
    Doubt.VANISHED: Verdict.SUSPECT,
    Doubt.CLOCK_SET: Verdict.SUSPECT,
    Doubt.STALE_READS: Verdict.SUSPECT,
    Doubt.LATE_EVENTS: Verdict.SUSPECT,
    Doubt.CONTRADICTED: Verdict.SUSPECT,
    Doubt.RESUMED: Verdict.SUSPECT,
    Doubt.BLIND: Verdict.SUSPECT,
    Doubt.TOOL_BUSY: Verdict.SUSPECT,
    Doubt.SENT_LATE: Verdict.SUSPECT,
    Doubt.SHARED_QUEUE: Verdict.SUSPECT,
}


class ValidityFinding(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One doubt, with the figures that it rests on; which of them are there depends on the doubt."""

    doubt: Doubt
    verdict: Verdict
    jobs: int | None = None
    """How many jobs it is about."""
    of_jobs: int | None = None
    duration_ms: float | None = None
    """How late, how long or how far apart."""
    share: float | None = None
    """Of one core."""


class Validity(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The worst of the findings is the verdict."""

    verdict: Verdict
    findings: tuple[ValidityFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a run's validity is judged by, besides its jobs."""

    is_monitored: bool
    outcome: RunOutcome | None
    clock: ClockOffset = NOT_KNOWN
    allowances: Allowances = NONE_PROVEN
    unwatched_ms: float = 0.0
    """How long, in all, the run was nobody's between its end and its being resumed."""
    longest_gap_ms: float = 0.0
    """The longest time between two looks while jobs were under way."""
    usual_gap_ms: float = 0.0
    """The time that was meant to lie between them."""
    busy_share: float | None = None
    """Processor time of the tool over the run's time."""
    lateness: Lateness | None = None
    """Of an open load's submissions."""
    shared_queue: SharedQueue | None = None
    """What others had in the queue."""
    unanswered: int = 0
    """Jobs of which nobody knows whether AWS made them."""


def judge(jobs: Sequence[JobResult], circumstances: Circumstances) -> Validity:
    """The validity of one run."""
    findings = (*_of_jobs(jobs, circumstances), *_of_time(circumstances), *_of_looks(jobs, circumstances))
    order = list(Verdict)
    worst = max((finding.verdict for finding in findings), key=order.index, default=Verdict.VALID)
    return Validity(verdict=worst, findings=findings)


def _finding(doubt: Doubt, **figures: float | None) -> ValidityFinding:
    return ValidityFinding(doubt=doubt, verdict=WEIGHTS[doubt], **figures)  # type: ignore[arg-type]


def _of_jobs(jobs: Sequence[JobResult], circumstances: Circumstances) -> Iterator[ValidityFinding]:
    accepted = [job for job in jobs if job.is_accepted]
    unanswered = circumstances.unanswered
    refused = len(jobs) - len(accepted) - unanswered
    if not accepted and not unanswered:
        yield _finding(Doubt.NO_JOB_ACCEPTED, of_jobs=len(jobs))
    elif refused > 0:
        yield _finding(Doubt.NOT_ALL_SUBMITTED, jobs=refused, of_jobs=len(jobs))
    if unanswered:
        verdict = WEIGHTS[Doubt.UNANSWERED] if accepted else Verdict.INVALID
        yield ValidityFinding(doubt=Doubt.UNANSWERED, verdict=verdict, jobs=unanswered, of_jobs=len(jobs))
    # Jobs that failed by our own doing say nothing of AWS, also where somebody went on with the run after that.
    ended = sum(job.is_failed and job.status_reason == END_REASON for job in jobs)
    if ended:
        yield _finding(Doubt.JOBS_ENDED, jobs=ended, of_jobs=len(jobs))
    if circumstances.outcome is not RunOutcome.COMPLETE:
        yield _finding(Doubt.CUT_OFF)
    if not circumstances.is_monitored:
        return
    unseen = sum(job.instants is None or job.instants.created_ms is None for job in accepted)
    if unseen:
        yield _finding(Doubt.NOT_SEEN, jobs=unseen, of_jobs=len(accepted))
    vanished = sum(job.is_vanished for job in accepted)
    if vanished:
        yield _finding(Doubt.VANISHED, jobs=vanished, of_jobs=len(accepted))
    unfinished = sum(not job.is_finished for job in accepted) - unseen - vanished
    if unfinished > 0:
        yield _finding(Doubt.UNFINISHED, jobs=unfinished, of_jobs=len(accepted))


def _of_time(circumstances: Circumstances) -> Iterator[ValidityFinding]:
    clock, allowances = circumstances.clock, circumstances.allowances
    if clock.is_contradicted:
        yield _finding(Doubt.CLOCK_SET, duration_ms=clock.offset_ms.width)
    if allowances.read_lag_ms > 0:
        yield _finding(Doubt.STALE_READS, duration_ms=allowances.read_lag_ms)
    late = circumstances.lateness
    if late is not None and late.late > LATE_SHARE * late.submissions:
        worst_ms = late.lateness_ms.maximum.latest
        yield _finding(Doubt.SENT_LATE, jobs=late.late, of_jobs=late.submissions, duration_ms=worst_ms)
    lag_ms = max(allowances.event_lag_ms, allowances.event_lead_ms)
    if lag_ms > 0:
        yield _finding(Doubt.LATE_EVENTS, duration_ms=lag_ms)


def _of_looks(jobs: Sequence[JobResult], circumstances: Circumstances) -> Iterator[ValidityFinding]:
    contradicted = sum(job.is_contradicted for job in jobs)
    if contradicted:
        yield _finding(Doubt.CONTRADICTED, jobs=contradicted, of_jobs=len(jobs))
    if circumstances.unwatched_ms > 0:
        yield _finding(Doubt.RESUMED, duration_ms=circumstances.unwatched_ms)
    if circumstances.longest_gap_ms > max(BLIND_MIN_MS, BLIND_FACTOR * circumstances.usual_gap_ms):
        yield _finding(Doubt.BLIND, duration_ms=circumstances.longest_gap_ms)
    shared = circumstances.shared_queue
    if shared is not None and not shared.was_empty:
        yield _finding(Doubt.SHARED_QUEUE, jobs=shared.most)
    if circumstances.busy_share is not None and circumstances.busy_share > BUSY_SHARE:
        yield _finding(Doubt.TOOL_BUSY, share=circumstances.busy_share)
