"""The limits that runs show by themselves, each with its numbers and with what it cost: the delay of a job, on average."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.concurrency.placement import Placed
from batchgauge.core.journal import RunOutcome
from batchgauge.core.limits.job_evidence import evidence_of
from batchgauge.core.progress.waiting import WaitingCode, WaitingReason
from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.stats.share import share_interval
from batchgauge.core.stats.token_bucket import BucketEstimate
from batchgauge.core.submitting.probe import OperationUsage
from batchgauge.core.verdict import (
    BlockedQueueLimit,
    ClientLimit,
    DispatchLimit,
    FailuresLimit,
    Lack,
    LaunchRateLimit,
    Limit,
    LogDeliveryLimit,
    MaxVcpusLimit,
    NoCapacityLimit,
    NotEnough,
    SubmitRateLimit,
    VcpuQuotaLimit,
)

EARLY_ENDS: Final = frozenset({RunOutcome.INTERRUPTED, RunOutcome.FAILED, RunOutcome.DEADLINE, RunOutcome.BREACHED})
"""Of a run that did not come to its end."""
CLIENT_DELAY_MS: Final = 250.0
"""Up to here jobs went out together: AWS Batch's own phases last seconds."""
LATE_SHARE: Final = 0.05
"""An open load was not kept to where more than this part of it went out late."""
FAILED_SHARE: Final = 0.05
"""From here on failures outweigh whatever jobs waited for."""
THROTTLED_SHARE: Final = 0.01
"""Throttling explains late submissions where at least this part of the calls met it."""
FEWEST_THROTTLED: Final = 2
"""One may be anybody's doing."""
FEWEST_WAITING: Final = 2
FEWEST_SENDS: Final = 2
FARGATE_LAUNCHES_PER_S: Final = 20.0
FARGATE_LAUNCHES_AT_ONCE: Final = 100.0
"""AWS's documented default for an account and Region ("Amazon ECS service quotas", AWS Fargate); both may have been raised."""
AS_FAST: Final = 0.75
"""A pace of at least this part of the documented one may be that of Fargate's launches: a slower one is the scheduler's."""
Z_95: Final = 1.96
NO_CAPACITY: Final = frozenset({WaitingCode.NO_INSTANCE_CAPACITY})
BLOCKING: Final = frozenset(
    {
        WaitingCode.QUEUE_DISABLED,
        WaitingCode.QUEUE_INVALID,
        WaitingCode.ENVIRONMENT_DISABLED,
        WaitingCode.ENVIRONMENT_INVALID,
        WaitingCode.JOB_TOO_LARGE,
        WaitingCode.MAX_RESOURCE,
        WaitingCode.JOB_REQUIREMENT,
        WaitingCode.SERVICE_ROLE,
    }
)


def limits_of_run(run: AnalysedRun) -> tuple[Limit | NotEnough, ...]:
    """In no particular order; where its jobs waited and it cannot be told what for, that is among them."""
    return (*_submission(run), *_placement(run), *_logs(run))


def failures_of(level: int, runs: Sequence[AnalysedRun]) -> FailuresLimit | None:
    """Of all runs of a level together: a few jobs that fail in each repeat are many jobs."""
    # Those that we ended ourselves, or never sent, failed by our doing, and say nothing of what was measured.
    not_theirs = sum(run.summary.ended_by_us + _unknown(run) for run in runs)
    failed = sum(run.summary.failed + run.summary.refused for run in runs) - not_theirs
    jobs = sum(run.summary.level for run in runs) - not_theirs
    if not failed or failed < FAILED_SHARE * jobs:
        return None
    return FailuresLimit(level, share_interval(failed, jobs), failed, jobs, math.inf)


def _unknown(run: AnalysedRun) -> int:
    """Submissions of a run that ended early which nobody sent any more, or whose answers were lost and not looked into."""
    ledger = run.result.ledger
    return ledger.not_sent + ledger.unanswered if ledger is not None and run.result.outcome in EARLY_ENDS else 0


def _submission(run: AnalysedRun) -> Iterator[ClientLimit | SubmitRateLimit]:
    usage = run.result.api.operations.get("SubmitJob") if run.result.api is not None else None
    if usage is not None and usage.throttled >= max(FEWEST_THROTTLED, THROTTLED_SHARE * usage.calls):
        yield _submit_rate(run, usage)
        return
    if usage is None or usage.failed < FAILED_SHARE * usage.calls:  # else looking into those held the submissions up
        yield from _client(run)


def _submit_rate(run: AnalysedRun, usage: OperationUsage) -> SubmitRateLimit:
    bucket = usage.bucket
    return SubmitRateLimit(
        level=run.summary.level,
        refill_per_s=bucket.refill_per_s if bucket is not None else None,
        depth=bucket.depth if bucket is not None else None,
        throttled=usage.throttled,
        calls=usage.calls,
        delay_ms=taken_later_ms(run),
    )


def taken_later_ms(run: AnalysedRun) -> float:
    """How much later each job was taken, on average, than if its first call had been."""
    summary = run.summary
    latency = summary.submit_latency.mean.earliest if summary.submit_latency is not None else None
    call_ms = summary.submit.mean.earliest or 0.0
    return max(0.0, (latency or call_ms) - call_ms)


def _client(run: AnalysedRun) -> Iterator[ClientLimit]:
    scenario, sends = run.result.scenario, evidence_of(run).sends
    if scenario is None or sends.number < FEWEST_SENDS:
        return
    delay_ms, span_s = sends.delay_ms, sends.span_s
    late = run.result.lateness
    is_open = scenario.load_shape.is_open
    is_late = late is not None and late.late > LATE_SHARE * late.submissions
    # What went out late, but within a moment, met a pause of the computer: no pace of ours.
    went_together = span_s * 1000 < CLIENT_DELAY_MS
    if delay_ms < CLIENT_DELAY_MS or went_together or (is_open and not is_late):
        return
    in_flight = None if is_open else scenario.max_workers
    # The first ones went out together: the pace is that of those after them.
    paced = sends.number - (1 if in_flight is None else min(in_flight, sends.number - 1))
    spread = run.summary.submit.standard_deviation or 0.0
    call_ms = run.summary.submit.mean.earliest or 0.0
    error = Z_95 * (spread / call_ms if call_ms else 1.0) / math.sqrt(paced) + 1 / (2 * paced)
    rate = paced / span_s
    yield ClientLimit(
        run.summary.level, Estimate(value=rate, low=rate * (1 - error), high=rate * (1 + error)), in_flight, delay_ms
    )


def _placement(run: AnalysedRun) -> Iterator[Limit | NotEnough]:
    if not run.summary.is_monitored:
        return
    placed = evidence_of(run).placed
    reasons = [reason for finding in run.result.waiting for reason in finding.reasons]
    if not placed.number and placed.never_placed:
        yield from _blocked(run, placed, reasons)
    waiting = placed.number_waited + placed.never_placed
    # One job by itself may wait for whatever reason; not where all that maxvCpus allow surely held their places.
    is_surely_full = placed.held.earliest == run.summary.capacity_jobs
    if not placed.number or waiting < (1 if is_surely_full else FEWEST_WAITING):
        return
    limit = _capacity(run, placed, reasons) if placed.is_for_room else _pace(run, placed)
    if limit is not None:
        yield limit
    elif waiting >= FEWEST_WAITING:
        yield NotEnough(run.summary.level, Lack.PLACES, run.summary.level)


def _blocked(run: AnalysedRun, placed: Placed, reasons: list[WaitingReason]) -> Iterator[BlockedQueueLimit]:
    said = next((reason.said or reason.code for reason in reasons if reason.code in BLOCKING), None)
    if said is not None:
        yield BlockedQueueLimit(run.summary.level, said, placed.never_placed, math.inf)


def _capacity(run: AnalysedRun, placed: Placed, reasons: list[WaitingReason]) -> Limit | None:
    summary, vcpus = run.summary, run.result.environment.job_vcpus if run.result.environment is not None else None
    low, high = placed.held.earliest or 0.0, placed.held.latest
    allowed = summary.capacity_jobs
    top = high if high is not None else low
    # What is only bounded may be what maxvCpus allow: then it is, since nothing else is known to hold there.
    is_max = allowed is not None and low <= allowed <= top
    value = float(allowed) if is_max and allowed is not None else low if low == top else (low + top) / 2
    waited = placed.number_waited + placed.never_placed
    if is_max and vcpus is not None:
        # What may have been held beyond, as the bounds leave it, maxvCpus do not allow.
        full = Estimate(value=value, low=low, high=value)
        return MaxVcpusLimit(summary.level, full, summary.level * vcpus, waited, placed.delay_ms)
    jobs = Estimate(value=value, low=low, high=top)
    said = next((reason.said for reason in reasons if reason.code in NO_CAPACITY), None)
    if said is not None:
        return NoCapacityLimit(summary.level, jobs, said, waited, placed.delay_ms)
    if placed.never_placed and not placed.has_turns:
        return None  # that no more were placed before the run's end may have been a matter of pace
    return VcpuQuotaLimit(
        summary.level, jobs, vcpus * value if vcpus is not None else None, allowed, waited, placed.delay_ms
    )


def _pace(run: AnalysedRun, placed: Placed) -> LaunchRateLimit | DispatchLimit | None:
    bucket, waited = placed.bucket, placed.number_waited + placed.never_placed
    if bucket is None or waited < FEWEST_WAITING:
        return None  # jobs that waited while nobody shows a pace prove none
    kind = LaunchRateLimit if _may_be_launches(run, bucket) else DispatchLimit
    return kind(
        level=run.summary.level,
        refill_per_s=bucket.refill_per_s,
        depth=bucket.depth,
        waited=waited,
        delay_ms=placed.delay_ms,
    )


def _may_be_launches(run: AnalysedRun, bucket: BucketEstimate) -> bool:
    environment = run.result.environment
    if environment is None or environment.job_platform != "FARGATE":
        return False
    is_as_fast = bucket.refill_per_s.value >= AS_FAST * FARGATE_LAUNCHES_PER_S
    return is_as_fast and bucket.depth.high >= FARGATE_LAUNCHES_AT_ONCE / 2


def _logs(run: AnalysedRun) -> Iterator[LogDeliveryLimit]:
    usage = run.result.api.operations.get("GetLogEvents") if run.result.api is not None else None
    if usage is None or not usage.throttled:
        return
    yield LogDeliveryLimit(
        level=run.summary.level,
        refill_per_s=usage.bucket.refill_per_s if usage.bucket is not None else None,
        throttled=usage.throttled,
        calls=usage.calls,
        # It delays our reading, after the jobs; none of them.
        delay_ms=0.0,
    )
