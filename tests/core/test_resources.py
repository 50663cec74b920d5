"""vCPU-seconds and GB-seconds as bounds that hold the truth."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.concurrency.resources import Resources, resources_of
from batchgauge.core.job import JobState
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.timeline import AttemptInstants, Instants
from batchgauge.core.result.builder import build_result
from tests.core.journals import TrueRun, runs
from tests.core.lives import holds, stamp

ENVIRONMENT = EnvironmentFacts(region="us-west-2", tool_version="0", job_vcpus=2.0, job_memory_mib=3072)


def job(
    status: JobState = JobState.SUCCEEDED, attempts: tuple[AttemptInstants, ...] = (), **instants: Any
) -> JobResult:
    return JobResult(
        job_id="id",
        job_name="job",
        submission_time="2026-11-22T10:15:00",
        submit_duration=0.1,
        status=status,
        instants=Instants(**instants),
        attempt_instants=attempts,
    )


def of(*jobs: JobResult) -> Resources:
    return resources_of(jobs, ENVIRONMENT, None)


def test_start_up_and_run_are_told_apart() -> None:
    found = of(job(created_ms=0.0, starting_ms=Bound(1000, 2000), started_ms=5000.0, stopped_ms=15_000.0))
    assert found.vcpu_s is not None
    assert found.vcpu_s.start_up == Bound(6.0, 8.0)
    assert found.vcpu_s.run == exactly(20.0)
    assert found.vcpu_s.total == Bound(26.0, 28.0)
    assert found.gb_s is not None
    assert found.gb_s.run == exactly(30.0)
    assert found.jobs_holding.maximum == exactly(1.0)


def test_every_attempt_counts() -> None:
    first = AttemptInstants(starting_ms=exactly(0.0), started_ms=1000.0, stopped_ms=3000.0)
    second = AttemptInstants(starting_ms=exactly(10_000.0), started_ms=11_000.0, stopped_ms=12_000.0)
    found = of(job(attempts=(first, second), started_ms=1000.0))
    assert found.vcpu_s is not None
    assert (found.vcpu_s.start_up, found.vcpu_s.run) == (exactly(4.0), exactly(6.0))


def test_a_job_that_failed_to_start_held_its_place_all_the_same() -> None:
    found = of(job(JobState.FAILED, starting_ms=Bound(0, 500), stopped_ms=2500.0))
    assert found.vcpu_s is not None
    assert (found.vcpu_s.start_up, found.vcpu_s.run) == (Bound(4.0, 5.0), exactly(0.0))


def test_one_that_was_not_seen_to_start_up_may_have_done_so_since_it_was_made() -> None:
    found = of(job(created_ms=0.0, started_ms=4000.0, stopped_ms=5000.0))
    assert found.vcpu_s is not None
    assert found.vcpu_s.start_up == Bound(0.0, 8.0)


def test_what_nobody_saw_end_has_no_upper_end() -> None:
    found = of(job(JobState.RUNNING, starting_ms=exactly(0.0), started_ms=1000.0))
    assert found.vcpu_s is not None
    assert found.vcpu_s.run == Bound(0.0, None)
    assert found.vcpu_s.total == Bound(2.0, None)


def test_a_job_that_still_waits_surely_held_nothing_yet() -> None:
    found = of(job(JobState.RUNNABLE, created_ms=0.0, runnable_ms=exactly(1.0)))
    assert found.vcpu_s is not None
    assert found.vcpu_s.total == Bound(0.0, None)


def test_a_job_that_failed_unseen_may_have_held_a_place() -> None:
    found = of(job(JobState.FAILED, created_ms=0.0, stopped_ms=3000.0))
    assert found.vcpu_s is not None
    assert found.vcpu_s.total == Bound(0.0, 6.0)


@pytest.mark.parametrize("environment", [None, EnvironmentFacts(region="us-west-2", tool_version="0")])
def test_jobs_of_unknown_size_have_no_sums(environment: EnvironmentFacts | None) -> None:
    found = resources_of([job(started_ms=0.0, stopped_ms=1.0)], environment, None)
    assert (found.vcpu_s, found.gb_s) == (None, None)


@settings(max_examples=150)
@given(run=runs())
def test_the_sums_hold_what_truly_was_reserved(run: TrueRun) -> None:
    result = build_result(run.records)
    found = resources_of(result.jobs, ENVIRONMENT, result.clock)
    assert found.vcpu_s is not None
    taken = [job.index for job in result.jobs if job.is_accepted and job.index is not None]
    attempts = [attempt for index in taken for attempt in run.lives[index].attempts]
    start_up = [(stamp(a.starting_ms), stamp(a.stopped_ms if a.started_ms is None else a.started_ms)) for a in attempts]
    ran = [(stamp(a.started_ms), stamp(a.stopped_ms)) for a in attempts if a.started_ms is not None]
    for sums, truth in ((found.vcpu_s.start_up, start_up), (found.vcpu_s.run, ran)):
        held_s = 2.0 * sum(end - begin for begin, end in truth) / 1000
        assert holds(sums, held_s), (sums, held_s)
