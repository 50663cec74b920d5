"""Ending the jobs of an interrupted run."""

from __future__ import annotations

from batchgauge.core.job import JobState
from batchgauge.core.journal import PlannedJob, Sighting
from batchgauge.measure.end_jobs import CALLS_IN_FLIGHT, CONFIRMATION_S, REASON, JobEnder
from tests.core.journals import plan_of
from tests.measure.conftest import Bench
from tests.measure.fake_aws import REFUSED, THROTTLED, Timing
from tests.measure.virtual_time import run_virtually


def end(bench: Bench, num_jobs: int, *ended: int) -> tuple[str, ...]:
    """End that many jobs, of which some were seen to have ended."""
    recorder = bench.recorder(bench.scenario(num_jobs))
    recorder.record(plan_of(num_jobs))

    async def work() -> tuple[str, ...]:
        for index in range(1, num_jobs + 1):
            reply = await bench.aws.submit_job(f"job{index}", bench.scenario().job)
            assert reply.value is not None
            recorder.accepted(PlannedJob(index, "name", 0.0), reply.value.job_id)
        for index in ended:
            recorder.saw(Sighting(job=index, state=JobState.SUCCEEDED))
        return await JobEnder(bench.aws, recorder, bench.aws.clock, bench.chance, "http://fake").end_all()

    return run_virtually(work())


def test_jobs_that_have_ended_are_left_in_peace(bench: Bench) -> None:
    assert end(bench, 3, 2) == ()
    assert sorted(bench.aws.called("TerminateJob")) == ["id-1", "id-3"]
    assert bench.aws.jobs["id-1"].reason == REASON


def test_nothing_is_asked_where_nothing_runs(bench: Bench) -> None:
    assert end(bench, 2, 1, 2) == ()
    assert {operation for operation, _ in bench.aws.calls} == {"SubmitJob"}


def test_throttled_ends_are_tried_again(bench: Bench) -> None:
    bench.aws.trouble_next("TerminateJob", *[THROTTLED] * 5)
    assert end(bench, 2) == ()


def test_many_jobs_are_ended_a_few_at_a_time(bench: Bench) -> None:
    assert end(bench, 250) == ()
    assert bench.aws.most_in_flight["TerminateJob"] == CALLS_IN_FLIGHT


def test_a_refused_end_is_not_repeated_and_the_job_is_named_if_it_goes_on(bench: Bench) -> None:
    bench.aws.timing = lambda _: Timing(ended_s=None)
    bench.aws.trouble_next("TerminateJob", REFUSED)
    assert end(bench, 1) == ("id-1",)
    assert len(bench.aws.called("TerminateJob")) == 1


def test_the_wait_for_the_ends_has_an_end_itself(bench: Bench) -> None:
    bench.aws.timing = lambda _: Timing(ended_s=None)
    bench.aws.always["TerminateJob"] = REFUSED
    end(bench, 1)
    assert len(bench.aws.called("DescribeJobs")) <= CONFIRMATION_S + 1
