"""One level's figures, each from a sample that can be checked by hand."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.journal import Attempt, ComputeEnvironmentFacts, EnvironmentFacts
from batchgauge.core.levels import LevelSummary, capacity_in_jobs, running_over_time, summarise_level
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.log_delivery import LogDelivery
from batchgauge.core.observed.timeline import Instants, Phases
from batchgauge.core.result.builder import build_result
from tests.core.journals import TrueRun, runs


def job(status: str = "SUCCEEDED", job_id: str | None = "id", **fields: object) -> JobResult:
    return JobResult(
        job_id=job_id,
        job_name="name",
        submission_time="2025-07-25T10:30:00",
        submit_duration=0.1,
        status=status,
        **fields,  # type: ignore[arg-type]
    )


def ran(
    created: float, started: float, stopped: float, sent: float = 0, accepted: float = 0, status: str = "SUCCEEDED"
) -> JobResult:
    return job(
        status,
        instants=Instants(
            sent_ms=sent, accepted_ms=accepted, created_ms=created, started_ms=started, stopped_ms=stopped
        ),
        phases=Phases(wait_ms=exactly(started - created), run_ms=exactly(stopped - started)),
    )


def level_of(*jobs: JobResult, is_monitored: bool = True) -> LevelSummary:
    return summarise_level(jobs, is_monitored=is_monitored, environment=None, throttles=None)


def facts(job_vcpus: float | None, *max_vcpus: int | None) -> EnvironmentFacts:
    environments = tuple(ComputeEnvironmentFacts(name=f"ce{n}", max_vcpus=limit) for n, limit in enumerate(max_vcpus))
    return EnvironmentFacts(
        region="us-west-2", tool_version="0", job_vcpus=job_vcpus, compute_environments=environments
    )


def test_every_job_is_counted_in_exactly_one_place() -> None:
    refused = job("FAILED_TO_SUBMIT", None)
    level = level_of(job(), job("FAILED"), job("RUNNING"), job("SUBMITTED"), refused)
    assert (level.level, level.accepted, level.refused) == (5, 4, 1)
    assert (level.succeeded, level.failed, level.unfinished) == (1, 1, 2)
    assert level.submission_success_rate == 0.8
    assert level.job_success_rate == 0.2


@pytest.mark.parametrize(
    ("status", "job_id", "is_accepted", "is_finished"),
    [
        ("SUCCEEDED", "id", True, True),
        ("FAILED", "id", True, True),
        ("RUNNING", "id", True, False),
        ("FAILED_TO_SUBMIT", None, False, False),
        ("FAILED_TO_SUBMIT", "", False, False),  # as other tools may write it
        ("SUBMITTED", None, False, False),
    ],
)
def test_a_job_is_accepted_with_an_id_and_finished_at_an_end(
    status: str, job_id: str | None, is_accepted: bool, is_finished: bool
) -> None:
    assert job(status, job_id).is_accepted is is_accepted
    assert job(status, job_id).is_finished is is_finished


def test_a_refused_job_is_in_no_sample() -> None:
    level = level_of(job(), job("FAILED_TO_SUBMIT", None))
    assert level.submit.count == 1


def test_throughput_counts_the_accepted_jobs_from_the_first_send_to_the_last_answer() -> None:
    level = level_of(*(ran(0, 1, 2, sent=1_000 + 250 * n, accepted=1_250 + 250 * n) for n in range(5)))
    assert level.submissions_per_s == 4.0


def test_two_jobs_that_are_answered_together_do_not_seem_to_go_at_thousands_a_second() -> None:
    assert level_of(*[ran(0, 1, 2, sent=0, accepted=20)] * 2).submissions_per_s == 100.0


def test_throughput_needs_a_job_and_time() -> None:
    assert level_of(job()).submissions_per_s is None
    assert level_of(*[ran(0, 1, 2, sent=5, accepted=5)] * 2).submissions_per_s is None


def test_one_call_has_no_rate() -> None:
    assert level_of(ran(0, 1, 2, sent=0, accepted=20)).submissions_per_s is None


def test_an_array_is_one_submission_however_many_jobs_it_makes() -> None:
    one = ran(0, 1, 2, sent=0, accepted=20)
    children = [msgspec.structs.replace(one, array_index=number) for number in range(30)]
    level = level_of(*children)
    assert (level.level, level.submit.count, level.arrays, level.submissions_per_s) == (30, 1, 1, None)
    assert level_of(one).arrays == 0


def test_jobs_a_second_and_makespan_span_the_first_creation_and_the_last_stop() -> None:
    level = level_of(ran(1_000, 2_000, 5_000), ran(1_500, 5_000, 9_000), ran(2_000, 3_000, 4_000, status="FAILED"))
    assert level.makespan_ms == 8_000
    assert level.jobs_per_s == 0.25


def test_a_makespan_is_refused_while_a_job_has_not_ended() -> None:
    running = job("RUNNING", instants=Instants(created_ms=1, started_ms=2))
    assert level_of(ran(1, 2, 3), running).makespan_ms is None


def test_the_most_that_ran_at_once_is_counted_by_attempts() -> None:
    retried = job(
        instants=Instants(created_ms=0, started_ms=10, stopped_ms=40),
        attempts=(Attempt(started_ms=10, stopped_ms=20), Attempt(started_ms=30, stopped_ms=40)),
    )
    level = level_of(retried, ran(0, 20, 30), ran(0, 25, 35))
    assert level.max_running == 2, "between its attempts a job does not run"


def test_an_attempt_that_never_ran_does_not_count_as_running() -> None:
    failed = job("FAILED", instants=Instants(created_ms=0, stopped_ms=9), attempts=(Attempt(stopped_ms=9),))
    assert running_over_time([failed]).maximum == 0


def test_what_was_not_measured_is_none_and_never_zero() -> None:
    level = level_of(job("SUBMITTED"), is_monitored=False)
    for name in ("job_success_rate", "to_runnable", "queue", "start_up", "wait", "run", "max_running", "logs"):
        assert getattr(level, name) is None, name
    assert level_of().submission_success_rate is None


def test_censored_jobs_stay_in_the_sample() -> None:
    waiting = job("RUNNABLE", phases=Phases(wait_ms=Bound(500, None)))
    level = level_of(ran(0, 100, 200), waiting)
    assert level.wait is not None
    assert (level.wait.count, level.wait.censored) == (2, 1)
    assert level.wait.maximum == Bound(500, None)


@pytest.mark.parametrize(
    ("job_vcpus", "limits", "jobs"),
    [
        (1.0, [16], 16),
        (0.25, [16], 64),
        (4.0, [6, 6], 2),  # each environment by itself: no job spans two
        (2.0, [1], 0),
        (1.0, [16, None], None),
        (None, [16], None),
        (1.0, [], None),
    ],
)
def test_capacity_in_jobs(job_vcpus: float | None, limits: list[int | None], jobs: int | None) -> None:
    assert capacity_in_jobs(facts(job_vcpus, *limits)) == jobs


def test_capacity_of_an_unknown_environment_is_unknown() -> None:
    assert capacity_in_jobs(None) is None


def test_log_delivery_is_over_all_lines_and_counts_the_silent_jobs() -> None:
    level = level_of(
        job(log_delivery=LogDelivery(lines=2, delays_ms=(10.0, 30.0))),
        job(log_delivery=LogDelivery(lines=0)),
        job(),
    )
    assert level.logs is not None
    assert (level.logs.jobs, level.logs.lines, level.logs.jobs_without_lines) == (2, 2, 1)
    assert level.logs.delay.mean == exactly(20)


@given(runs())
def test_a_levels_figures_do_not_depend_on_the_order_of_its_jobs(run: TrueRun) -> None:
    jobs = build_result(run.records).jobs
    forwards, backwards = level_of(*jobs), level_of(*jobs[::-1])
    assert msgspec.structs.replace(forwards) == backwards


@given(runs())
def test_no_more_jobs_run_at_once_than_were_taken(run: TrueRun) -> None:
    [level] = build_result(run.records).levels
    assert level.max_running is not None
    assert 0 <= level.max_running <= level.accepted


def test_a_job_that_was_accepted_and_never_seen_stays_in_the_sample_of_a_watched_run() -> None:
    unseen = job("SUBMITTED", instants=Instants(sent_ms=0, accepted_ms=1), phases=Phases(submit_ms=exactly(1)))
    watched = level_of(ran(0, 1_000, 2_000), unseen)
    assert watched.wait is not None
    assert (watched.wait.count, watched.wait.censored) == (2, 1)
    assert watched.wait.mean == Bound(500.0, None)
    assert level_of(unseen, is_monitored=False).wait is None
