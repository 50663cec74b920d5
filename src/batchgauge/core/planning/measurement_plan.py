"""What a measurement will do, take and cost, said before anything is started: pure arithmetic on assumptions that are said with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import msgspec

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.cost.cost import HOUR_S, Cost, NoCost, cost_of, system_of
from batchgauge.core.cost.prices import WINDOWS, PriceTable
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.levels import capacity_in_jobs
from batchgauge.core.polling_plan import DESCRIBED_PER_CALL, Expectation, PollingRules, expect
from batchgauge.core.scenario import Scenario
from batchgauge.core.submitting.plan import array_sizes
from batchgauge.errors import CostUnknownError, TooExpensiveError, TooManyJobsError

LINUX_START_UP_S: Final = Bound(30.0, 60.0)
WINDOWS_START_UP_S: Final = Bound(180.0, 480.0)
"""From STARTING to RUNNING on Fargate: on Linux as AWS says; on Windows a bare Server Core 2022 and a .NET Framework image, by a field
report."""
ASK_JOBS: Final = 100
ASK_COST: Final = 5.0
"""A measurement that is larger or dearer than this is only started when somebody has said so."""
COUNT_CALLS: Final = 5
COUNT_INTERVAL_S: Final = 60.0
"""Others' jobs in the queue: a page of each status that is alive, now and then."""
LOG_STREAMS: Final = 40
CALLS_A_STREAM: Final = 2
EVENTS_A_JOB: Final = 5
EVENTS_A_MESSAGE_CALL: Final = 10
LONG_POLL_S: Final = 20.0


class LevelPlan(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One level."""

    jobs: int
    submissions: int
    rounds: int | None = None
    """How often the queue's environments are filled before the last job has run; None where their size is not known."""
    duration_s: Bound | None = None
    """None where nobody knows how long a job runs."""
    variant: str | None = None
    """Of a sweep that varies more than the level."""


class MeasurementPlan(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """All levels of a measurement."""

    levels: tuple[LevelPlan, ...]
    jobs: int
    submissions: int
    calls: dict[str, int]
    """Expected, at the most, by API; watching among them where its duration is known."""
    cost: Cost
    start_up_s: Bound
    """Assumed, of a job."""
    run_s: float | None = None
    """Assumed, of a job; None where nobody has said."""
    duration_s: Bound | None = None
    vcpu_hours: Bound | None = None
    max_vcpus: int | None = None
    """Of all of the queue's environments."""
    capacity_jobs: int | None = None
    """How many jobs fit there at once."""
    is_at_most: bool = False
    """Whether a search chooses the levels, and these are the most that it can come to."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a plan stands on besides the scenario."""

    pause_s: float = 0.0
    run_s: float | None = None
    """How long a job is taken to run, where somebody says so; otherwise its countdown is."""
    billing_minimum_s: float | None = None
    """None: the price table's."""
    deadline_s: float | None = None
    reads_logs: bool = True
    reads_tasks: bool = True
    counts_others: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """What the user will not have exceeded."""

    max_jobs: int | None = None
    max_cost: float | None = None


def plan_measurement(
    scenario: Scenario,
    levels: Sequence[int],
    environment: EnvironmentFacts,
    table: PriceTable,
    assumptions: Assumptions,
) -> MeasurementPlan:
    """The plan; whatever cannot be known is absent from it."""
    run_s = assumptions.run_s if assumptions.run_s is not None else scenario.countdown_s
    start_up_s = _start_up_s(environment)
    job_s = None if run_s is None else start_up_s.shift(exactly(float(run_s)))
    capacity = capacity_in_jobs(environment)
    planned = tuple(_level(scenario, level, capacity, job_s) for level in levels)
    jobs = sum(levels)
    limits = [entry.max_vcpus for entry in environment.compute_environments]
    return MeasurementPlan(
        levels=planned,
        jobs=jobs,
        submissions=sum(level.submissions for level in planned),
        calls=_calls(scenario, planned, assumptions),
        cost=cost_of(jobs, job_s, environment, table, assumptions.billing_minimum_s),
        start_up_s=start_up_s,
        run_s=run_s,
        duration_s=_duration_s(planned, assumptions),
        vcpu_hours=_vcpu_hours(jobs, job_s, environment.job_vcpus),
        max_vcpus=sum(limit or 0 for limit in limits) if limits and None not in limits else None,
        capacity_jobs=capacity,
    )


def refuse_beyond(plan: MeasurementPlan, limits: Limits) -> None:
    """Raise where the plan exceeds a limit.

    Raises:
        TooManyJobsError, TooExpensiveError, CostUnknownError: it does, or nobody can say.
    """
    if limits.max_jobs is not None and plan.jobs > limits.max_jobs:
        raise TooManyJobsError(jobs=plan.jobs, max_jobs=limits.max_jobs)
    if limits.max_cost is None:
        return
    if not plan.cost.is_known:
        raise CostUnknownError(because=str(plan.cost.reason), max_cost=limits.max_cost)
    if plan.cost.most > limits.max_cost:
        raise TooExpensiveError(cost=round(plan.cost.most, 2), max_cost=limits.max_cost)


def shortest_s(plan: MeasurementPlan, pause_s: float) -> float | None:
    """How long it takes at the least, whatever a deadline says; None where nobody knows."""
    levels = [level.duration_s.earliest if level.duration_s is not None else None for level in plan.levels]
    known = [seconds for seconds in levels if seconds is not None]
    return sum(known) + pause_s * (len(levels) - 1) if len(known) == len(levels) else None


def is_large(plan: MeasurementPlan) -> bool:
    """Whether somebody should be asked before; the embedded AWS is nobody's bill and nobody's queue."""
    return plan.cost.reason is not NoCost.EMBEDDED and (plan.jobs > ASK_JOBS or plan.cost.most > ASK_COST)


def _start_up_s(environment: EnvironmentFacts) -> Bound:
    usual = WINDOWS_START_UP_S if system_of(environment) == WINDOWS else LINUX_START_UP_S
    scale = 1.0 if environment.time_scale is None else environment.time_scale
    return Bound((usual.earliest or 0.0) * scale, (usual.latest or 0.0) * scale)


def _level(
    scenario: Scenario,
    jobs: int,
    capacity: int | None,
    job_s: Bound | None,
) -> LevelPlan:
    submissions = len(array_sizes(jobs)) if scenario.is_array else jobs
    rounds = ceil(jobs / capacity) if capacity else None
    duration_s = None
    if job_s is not None and capacity != 0:
        last_s = max(scenario.load_shape.offsets_ms(submissions), default=0.0) / 1000
        duration_s = _times(job_s, rounds or 1).shift(exactly(last_s))
    return LevelPlan(jobs=jobs, submissions=submissions, rounds=rounds, duration_s=duration_s)


def _duration_s(levels: Sequence[LevelPlan], assumptions: Assumptions) -> Bound | None:
    total = exactly(assumptions.pause_s * (len(levels) - 1))
    for level in levels:
        if level.duration_s is None:
            return None if assumptions.deadline_s is None else Bound(0.0, assumptions.deadline_s)
        total = total.shift(level.duration_s)
    if assumptions.deadline_s is None:
        return total
    return Bound(min(total.earliest or 0.0, assumptions.deadline_s), min(total.latest or 0.0, assumptions.deadline_s))


def _vcpu_hours(jobs: int, job_s: Bound | None, vcpus: float | None) -> Bound | None:
    if job_s is None or not vcpus:
        return None
    hours = _times(job_s, jobs * vcpus / HOUR_S)
    return Bound(round(hours.earliest or 0.0, 4), round(hours.latest or 0.0, 4))


def _times(bound: Bound, factor: float) -> Bound:
    return Bound((bound.earliest or 0.0) * factor, (bound.latest or 0.0) * factor)


def _calls(scenario: Scenario, levels: Sequence[LevelPlan], assumptions: Assumptions) -> dict[str, int]:
    calls: Counter[str] = Counter(
        {"DescribeJobQueues": 1, "DescribeJobDefinitions": 1, "DescribeComputeEnvironments": 1}
    )
    for level in levels:
        calls["SubmitJob"] += level.submissions
        if assumptions.counts_others:
            calls["ListJobs"] += COUNT_CALLS
        if scenario.is_monitored:
            _count_watching(calls, scenario, level, assumptions)
    return {operation: calls[operation] for operation in sorted(calls) if calls[operation]}


def _count_watching(calls: Counter[str], scenario: Scenario, level: LevelPlan, assumptions: Assumptions) -> None:
    if assumptions.reads_logs:
        calls["GetLogEvents"] += min(level.jobs, LOG_STREAMS) * CALLS_A_STREAM
    if assumptions.reads_tasks:
        calls["DescribeTasks"] += ceil(level.jobs / DESCRIBED_PER_CALL)
    if level.duration_s is None or level.duration_s.latest is None:
        return
    lasts_s = level.duration_s.latest
    expected = _expected(scenario, level.jobs)
    calls["ListJobs" if expected.is_listed else "DescribeJobs"] += expected.calls_per_look * (
        ceil(lasts_s / expected.interval_s) + 1
    )
    if expected.is_listed:
        calls["DescribeJobs"] += ceil(level.jobs / DESCRIBED_PER_CALL)
    if scenario.watches_events:
        calls["ReceiveMessage"] += ceil(level.jobs * EVENTS_A_JOB / EVENTS_A_MESSAGE_CALL) + ceil(lasts_s / LONG_POLL_S)
    if assumptions.counts_others:
        calls["ListJobs"] += COUNT_CALLS * ceil(lasts_s / COUNT_INTERVAL_S)


def _expected(scenario: Scenario, jobs: int) -> Expectation:
    is_exact = scenario.watches_events or not scenario.is_interval_planned
    rules = PollingRules(scenario.look_interval_s, is_exact, scenario.api_budget)
    return expect(rules, jobs, array_sizes(jobs) if scenario.is_array else ())
