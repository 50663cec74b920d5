"""What the jobs of a run have cost, from how long each attempt held its task and from the price that was known when the run began.

Billed is a task from the start of its image's download to its end. Where the task was described, that moment is known; else the download
began at STARTING at the earliest, and may have taken no time at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.cost import HOUR_S, Cost, NoCost, no_cost
from batchgauge.core.job_result import JobResult
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.timeline import AttemptInstants

UNSEEN = Bound(0.0, None)


def cost_of_run(jobs: Sequence[JobResult], environment: EnvironmentFacts) -> Cost | None:
    """Of all accepted jobs; None where the run knew no prices (an older version of ours, say)."""
    reason = no_cost(environment)
    if reason is not None:
        return Cost(reason=reason)
    price = environment.price
    if price is None:
        return None
    if price.per_hour is None:
        return Cost(reason=NoCost.PRICE_UNKNOWN, as_of=price.as_of, region=environment.region, system=price.system)
    seconds = exactly(0.0)
    for job in jobs:
        if job.is_accepted:
            for billed in _billed_s(job):
                seconds = seconds.shift(_at_least(billed, price.billing_minimum_s))
    hourly = price.per_hour / HOUR_S
    return Cost(
        amount=Bound(
            _rounded((seconds.earliest or 0.0) * hourly),
            None if seconds.latest is None else _rounded(seconds.latest * hourly),
        ),
        currency=price.currency,
        as_of=price.as_of,
        region=environment.region,
        system=price.system,
        is_provisional=price.is_provisional,
        billing_minimum_s=price.billing_minimum_s,
    )


def _billed_s(job: JobResult) -> Iterator[Bound]:
    """Of each attempt, in seconds."""
    pulls = {task.attempt: task.pull_started_ms for task in job.tasks}
    instants = job.instants
    if instants is None:
        yield UNSEEN
        return
    attempts = job.attempt_instants or (
        AttemptInstants(
            starting_ms=instants.starting_ms, started_ms=instants.started_ms, stopped_ms=instants.stopped_ms
        ),
    )
    for number, attempt in enumerate(attempts, start=1):
        yield _attempt_s(attempt, pulls.get(number), instants.created_ms)
    if not job.is_finished:
        yield UNSEEN  # it goes on, and another attempt may follow


def _attempt_s(attempt: AttemptInstants, pull_ms: float | None, created_ms: float | None) -> Bound:
    if attempt.stopped_ms is None:
        return UNSEEN
    if pull_ms is not None:
        return exactly(max(0.0, attempt.stopped_ms - pull_ms) / 1000)
    surely_ms = 0.0 if attempt.started_ms is None else attempt.stopped_ms - attempt.started_ms
    earliest = attempt.starting_ms.earliest if attempt.starting_ms is not None else created_ms
    possibly_ms = None if earliest is None else max(surely_ms, attempt.stopped_ms - earliest)
    return Bound(max(0.0, surely_ms) / 1000, None if possibly_ms is None else possibly_ms / 1000)


def _at_least(billed: Bound, minimum_s: float) -> Bound:
    """A task that never began is not billed at all."""
    low, high = billed.earliest or 0.0, billed.latest
    return Bound(
        max(low, minimum_s) if low > 0 else 0.0, None if high is None else max(high, minimum_s) if high > 0 else 0.0
    )


def _rounded(amount: float) -> float:
    return round(amount, 6)
