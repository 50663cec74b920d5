"""What a run has cost, and what of it is not known."""

from __future__ import annotations

import msgspec

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.cost.billing import billing_of
from batchgauge.core.journal import EnvironmentFacts, TaskPrice
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.task_times import TaskTimes
from batchgauge.core.observed.timeline import AttemptInstants, Instants

PRICE = TaskPrice(per_hour=3600.0, currency="USD", as_of="2026-07", system="LINUX", billing_minimum_s=60.0)
FARGATE = EnvironmentFacts(
    region="us-west-2", tool_version="0", job_platform="FARGATE", job_vcpus=1.0, job_memory_mib=2048, price=PRICE
)


def job(status: str = "SUCCEEDED", **fields: object) -> JobResult:
    """Created at 0, seen STARTING between 10 and 20 s, running from 30 to 130 s."""
    instants = Instants(
        created_ms=0.0, starting_ms=Bound(10_000.0, 20_000.0), started_ms=30_000.0, stopped_ms=130_000.0
    )
    plain = JobResult(
        job_id="id", job_name="job", submission_time="2026-11-22T10:15:00", submit_duration=0.1, status=status
    )
    return msgspec.structs.replace(plain, **{"instants": instants, **fields})


def amount(*jobs: JobResult, environment: EnvironmentFacts = FARGATE) -> Bound | None:
    billing = billing_of(jobs, environment)
    return None if billing is None else billing.cost.amount


def test_billed_is_from_the_download_which_may_have_begun_with_starting_or_not_taken_any_time() -> None:
    assert amount(job()) == Bound(100.0, 120.0)
    assert amount(job(), job()) == Bound(200.0, 240.0)


def test_where_the_task_was_described_it_is_known_exactly() -> None:
    task = TaskTimes(attempt=1, task_arn="arn", pull_started_ms=15_000.0)
    assert amount(job(tasks=(task,))) == exactly(115.0)


def test_every_attempt_is_billed_and_none_below_the_minimum() -> None:
    first = AttemptInstants(starting_ms=exactly(10_000.0), started_ms=20_000.0, stopped_ms=30_000.0)
    second = AttemptInstants(starting_ms=exactly(40_000.0), started_ms=50_000.0, stopped_ms=150_000.0)
    assert amount(job(attempt_instants=(first, second))) == Bound(60.0 + 100.0, 60.0 + 110.0)


def test_a_task_that_may_not_have_been_and_a_job_that_goes_on_are_ranges() -> None:
    failed = Instants(created_ms=0.0, stopped_ms=90_000.0)
    assert amount(job("FAILED", instants=failed)) == Bound(0.0, 90.0)
    running = Instants(created_ms=0.0, starting_ms=exactly(1.0), started_ms=10_000.0)
    assert amount(job("RUNNING", instants=running)) == Bound(0.0, None)


def test_a_job_that_aws_refused_costs_nothing() -> None:
    refused = msgspec.structs.replace(job("FAILED_TO_SUBMIT"), job_id=None)
    assert amount(refused) == exactly(0.0)


def test_a_job_that_still_waits_or_was_never_looked_at_may_still_cost_anything() -> None:
    waiting = Instants(created_ms=0.0)
    assert amount(job("RUNNABLE", instants=waiting)) == Bound(0.0, None)
    assert amount(job("SUBMITTED", instants=None)) == Bound(0.0, None)
    assert amount(job(), job("RUNNABLE", instants=waiting)) == Bound(100.0, None)
