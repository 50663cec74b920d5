"""What a run's jobs were billed for, and what that costs: from what was seen of each attempt, as bounds.

Fargate bills from the start of the image's download to the task's end, with a minimum
(https://aws.amazon.com/fargate/pricing/). Where the task itself could be described both are stamped; otherwise the download began at some
time between STARTING, or the last moment before it, and RUNNING. Instances of EC2 are billed by themselves: `core.cost.instance_cost`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.cost.cost import HOUR_S, Cost, NoCost, no_cost
from batchgauge.core.cost.prices import MIB_PER_GB
from batchgauge.core.journal import EnvironmentFacts, TaskPrice
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.task_times import TaskTimes
from batchgauge.core.observed.timeline import AttemptInstants

NOTHING = exactly(0.0)
UNSEEN = Bound(0.0, None)


class Billing(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Of all attempts of all jobs of a run."""

    cost: Cost
    vcpu_hours: Bound | None = None
    """Billed, the minimum of each task included; None where the size of a job is not known."""
    gb_hours: Bound | None = None
    tasks: int = 0
    """Attempts that were, or may have been, billed."""


def billing_of(jobs: Iterable[JobResult], environment: EnvironmentFacts | None) -> Billing | None:
    """None where nothing is known of where the run took place."""
    if environment is None:
        return None
    price = environment.price
    minimum_s = price.billing_minimum_s if price is not None else 0.0
    billed = [_with_minimum(seconds, minimum_s) for job in jobs if job.is_accepted for seconds in _billed_s(job)]
    total = _sum(billed)
    vcpus, memory_mib = environment.job_vcpus, environment.job_memory_mib
    return Billing(
        cost=_cost(total, len(billed), environment, price),
        vcpu_hours=None if not vcpus else _scaled(total, vcpus / HOUR_S),
        gb_hours=None if not memory_mib else _scaled(total, memory_mib / MIB_PER_GB / HOUR_S),
        tasks=len(billed),
    )


def _cost(total_s: Bound, tasks: int, environment: EnvironmentFacts, price: TaskPrice | None) -> Cost:
    reason = no_cost(environment)
    if reason is not None:
        return Cost(reason=reason, region=environment.region)
    if price is None or price.per_hour is None:
        as_of, system = (price.as_of, price.system) if price is not None else (None, None)
        return Cost(reason=NoCost.PRICE_UNKNOWN, as_of=as_of, region=environment.region, system=system)
    return Cost(
        amount=_amount(total_s, tasks, price.per_hour, price),
        currency=price.currency,
        as_of=price.as_of,
        source=price.source,
        region=environment.region,
        system=price.system,
        is_provisional=price.is_provisional,
        billing_minimum_s=price.billing_minimum_s,
        idle_s=None if price.most_per_hour is None else price.idle_s,
    )


def _amount(total_s: Bound, tasks: int, least_per_hour: float, price: TaskPrice) -> Bound:
    """On Fargate the tasks' own time; on instances from its part of full ones to one for each task, idle for a while besides."""
    if price.most_per_hour is None:
        return _scaled(total_s, least_per_hour / HOUR_S)
    with_idle = total_s.shift(exactly(tasks * price.idle_s))
    return Bound(
        _scaled(total_s, least_per_hour / HOUR_S).earliest, _scaled(with_idle, price.most_per_hour / HOUR_S).latest
    )


def _billed_s(job: JobResult) -> Iterator[Bound]:
    """Of each attempt that had a place, or may have had one."""
    instants = job.instants
    if instants is None:
        yield UNSEEN
        return
    attempts = job.attempt_instants or (
        AttemptInstants(
            starting_ms=instants.starting_ms, started_ms=instants.started_ms, stopped_ms=instants.stopped_ms
        ),
    )
    tasks: Mapping[int, TaskTimes] = {task.attempt: task for task in job.tasks}
    after_ms, is_open = instants.created_ms, False
    for number, attempt in enumerate(attempts, start=1):
        billed = _of_attempt(attempt, tasks.get(number), after_ms, is_over=job.is_finished or number < len(attempts))
        if billed is not None:
            yield billed
            is_open = billed.latest is None
        after_ms = attempt.stopped_ms or after_ms
    if not job.is_finished and not is_open:
        yield UNSEEN  # it still waits, or is tried again


def _of_attempt(
    attempt: AttemptInstants, task: TaskTimes | None, after_ms: float | None, *, is_over: bool
) -> Bound | None:
    stopped_ms = task.stopped_ms if task is not None and task.stopped_ms is not None else attempt.stopped_ms
    if task is not None and task.pull_started_ms is not None:
        return _lasting(exactly(task.pull_started_ms), stopped_ms)
    has_begun = attempt.started_ms is not None or attempt.starting_ms is not None
    if not has_begun:
        # It ended without ever being seen in its place: cancelled while it waited, or gone between two looks.
        unseen = is_over and stopped_ms is not None and after_ms is not None and task is None
        return Bound(0.0, (stopped_ms - after_ms) / 1000) if unseen and stopped_ms and after_ms is not None else None
    earliest = attempt.starting_ms.earliest if attempt.starting_ms is not None else after_ms
    latest = attempt.started_ms if attempt.started_ms is not None else stopped_ms
    return _lasting(Bound(earliest, latest), stopped_ms)


def _lasting(began_ms: Bound, stopped_ms: float | None) -> Bound:
    """In seconds; without an end where none was seen."""
    if stopped_ms is None:
        return UNSEEN
    low = 0.0 if began_ms.latest is None else max(0.0, stopped_ms - began_ms.latest)
    high = None if began_ms.earliest is None else max(low, stopped_ms - began_ms.earliest)
    return Bound(low / 1000, None if high is None else high / 1000)


def _with_minimum(seconds: Bound, minimum_s: float) -> Bound:
    """What may not have been a task at all may also have cost nothing."""
    low = seconds.earliest or 0.0
    return Bound(
        max(low, minimum_s) if low > 0 else 0.0, None if seconds.latest is None else max(seconds.latest, minimum_s)
    )


def _sum(bounds: Iterable[Bound]) -> Bound:
    total = NOTHING
    for bound in bounds:
        total = total.shift(bound)
    return total


def _scaled(bound: Bound, factor: float) -> Bound:
    return Bound(
        None if bound.earliest is None else round(bound.earliest * factor, 6),
        None if bound.latest is None else round(bound.latest * factor, 6),
    )
