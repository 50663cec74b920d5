"""Open loads: every submission goes out at its time, whatever becomes of the others."""

from __future__ import annotations

import asyncio
import itertools
import random

import pytest

from batchgauge.core.journal import Call, RunOutcome
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.schedule import parse_load
from batchgauge.errors import EndpointUnreachableError, NoCredentialsError
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.launch import LEAD_MS
from batchgauge.measure.look_ahead import MOST_READY, WINDOW_S
from tests.measure.conftest import Bench, MakeBench
from tests.measure.fake_aws import DENIED, LOST_DONE, NO_CREDENTIALS, THROTTLED, UNAVAILABLE


def sent_after_start_ms(result: RunResult) -> list[float]:
    instants = [job.instants for job in result.jobs]
    first = instants[0]
    assert first is not None
    assert first.intended_ms is not None
    return [i.sent_ms - first.intended_ms for i in instants if i is not None and i.sent_ms is not None]


@pytest.mark.parametrize("load", ["burst", "rate:20", "ramp:1..40/4", "poisson:15@3"])
def test_each_job_is_sent_when_it_is_meant_to_be_although_answers_take_seconds(
    make_bench: MakeBench, load: str
) -> None:
    bench = make_bench(latency_s=5.0)
    result = bench.run(bench.scenario(60, load=load)).result
    planned = parse_load(load).offsets_ms(60)
    sent = [call.sent_ms for call in bench.journal.of(Call) if isinstance(call, Call) and call.operation == "SubmitJob"]
    begun = min(sent) - planned[0]
    assert sorted(at - begun for at in sent) == pytest.approx(list(planned), abs=0.1)
    assert result.lateness is not None
    assert (result.lateness.submissions, result.lateness.late) == (60, 0)
    assert {job.status for job in result.jobs} == {"SUCCEEDED"}


def test_the_closed_loop_has_no_lateness_of_its_own(bench: Bench) -> None:
    assert bench.run(bench.scenario(30)).result.lateness is None


def test_a_throttled_job_is_tried_again_without_delaying_the_others(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", *[THROTTLED] * 5)
    result = bench.run(bench.scenario(40, load="rate:20")).result
    sent = [call for call in bench.journal.of(Call) if isinstance(call, Call) and call.operation == "SubmitJob"]
    first_tries = sorted(call.sent_ms for call in sent if call.attempt == 1)
    gaps = [after - before for before, after in itertools.pairwise(first_tries)]
    assert gaps == pytest.approx([50.0] * 39, abs=0.1)
    assert {job.status for job in result.jobs} == {"SUCCEEDED"}
    assert result.levels[0].throttles == 5
    assert result.lateness is not None
    assert result.lateness.submissions == 40, "retries are not late: they are retries"


def test_a_lost_answer_is_looked_up_and_the_job_not_made_twice(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", None, LOST_DONE)
    bench.run(bench.scenario(3, load="burst"))
    assert len(bench.aws.jobs) == 3


def test_everything_that_is_soon_due_is_ready_and_warm_before_the_start(make_bench: MakeBench) -> None:
    bench = make_bench(preparation_s=0.01)
    result = bench.run(bench.scenario(100, load="burst")).result
    assert bench.aws.connections == 100
    assert max(bench.aws.prepared.values()) <= min(job.instants.sent_ms or 0 for job in result.jobs if job.instants)
    assert result.lateness is not None
    assert result.lateness.late == 0


def test_nothing_is_signed_long_before_it_is_sent(bench: Bench) -> None:
    result = bench.run(bench.scenario(100, load="rate:5")).result
    for job in result.jobs:
        assert job.instants is not None
        assert job.instants.sent_ms is not None
        assert job.instants.sent_ms - bench.aws.prepared[job.job_name] <= WINDOW_S * 1000 + LEAD_MS + 1
    assert bench.aws.connections == 5


def test_what_cannot_be_made_ready_in_time_is_sent_late_and_counted(make_bench: MakeBench) -> None:
    bench = make_bench(preparation_s=0.1)  # ten a second can be made ready, twenty are wanted
    result = bench.run(bench.scenario(100, load="rate:20")).result
    assert result.lateness is not None
    # Forty are ready before the start; from the 80th on the making lags behind.
    assert result.lateness.late == pytest.approx(20, abs=1)
    assert result.lateness.lateness_ms.maximum.latest == pytest.approx(1_000, rel=0.1)
    assert {job.status for job in result.jobs} == {"SUCCEEDED"}


def test_more_than_may_be_ready_at_once_are_all_sent(bench: Bench) -> None:
    result = bench.run(bench.scenario(MOST_READY + 500, load="burst", is_monitored=False)).result
    assert result.successful_jobs == MOST_READY + 500


@pytest.mark.parametrize("after_s", [0.0, 0.55, 5.0])
def test_an_interruption_ends_the_sending_and_every_job_that_was_made(bench: Bench, after_s: float) -> None:
    async def interrupt(interruption: Interruption) -> None:
        await asyncio.sleep(after_s)
        interruption.request("SIGINT")

    report = bench.run(bench.scenario(50, load="rate:10"), interrupt)
    assert report.result.outcome is RunOutcome.INTERRUPTED
    assert len(bench.aws.jobs) == pytest.approx(after_s * 10, abs=2)
    assert {job.terminated_ms is not None for job in bench.aws.jobs.values()} <= {True}
    assert report.left_running == ()
    sent = set(bench.aws.called("SubmitJob"))
    assert set(bench.aws.discarded) == set(bench.aws.prepared) - sent, "what was signed and not sent is let go"


def test_credentials_that_vanish_while_preparing_end_the_run_before_it_begins(make_bench: MakeBench) -> None:
    report = make_bench(prepare_trouble=NoCredentialsError()).run(
        make_bench().scenario(3, load="burst", is_monitored=False)
    )
    assert isinstance(report.error, NoCredentialsError)
    assert report.result.total_jobs == 3


@pytest.mark.parametrize("trouble", [DENIED, UNAVAILABLE, NO_CREDENTIALS], ids=lambda trouble: trouble.error)
def test_what_every_submission_would_meet_with_ends_the_sending(bench: Bench, trouble: object) -> None:
    bench.aws.trouble_next("SubmitJob", None)
    bench.aws.always["SubmitJob"] = trouble  # type: ignore[assignment]
    report = bench.run(bench.scenario(10_000, load="rate:10"))
    assert report.error is not None
    assert len(set(bench.aws.called("SubmitJob"))) < 1_000
    assert set(report.left_running) <= {"id-1"}
    if trouble is UNAVAILABLE:
        assert isinstance(report.error, EndpointUnreachableError)


def test_random_trouble_never_makes_a_job_twice_nor_loses_one(make_bench: MakeBench) -> None:
    for seed in range(10):
        bench = make_bench()
        chance = random.Random(seed)
        bench.aws.trouble_next("SubmitJob", *(chance.choice([None, THROTTLED, LOST_DONE]) for _ in range(60)))
        result = bench.run(bench.scenario(40, load="poisson:30@1")).result
        assert len(bench.aws.jobs) == 40
        assert {job.job_id for job in result.jobs} == set(bench.aws.jobs)
