"""Ending the jobs of an interrupted run."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from batchgauge.core.job import END_REASON, JobState
from batchgauge.core.journal import JobsEnded, PlannedJob, Sighting
from batchgauge.core.naming import RUN_TAG, job_name
from batchgauge.measure.bulk_end import CALLS_IN_FLIGHT
from batchgauge.measure.end_jobs import CONFIRMATION_S, JobEnder
from batchgauge.ports import Reply
from tests.core.journals import plan_of
from tests.measure.conftest import RUN, Bench
from tests.measure.fake_aws import DENIED, LOST_DONE, REFUSED, THROTTLED, Timing, Trouble
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
        ender = JobEnder(bench.aws, recorder, bench.aws.clock, bench.chance, "http://fake", api_budget=1.0)
        return (await ender.end_all()).left

    return run_virtually(work())


def test_jobs_that_have_ended_are_left_in_peace(bench: Bench) -> None:
    assert end(bench, 3, 2) == ()
    assert sorted(bench.aws.called("TerminateJob")) == ["id-1", "id-3"]
    assert bench.aws.jobs["id-1"].reason == END_REASON


def test_nothing_is_asked_where_nothing_runs(bench: Bench) -> None:
    assert end(bench, 2, 1, 2) == ()
    assert {operation for operation, _ in bench.aws.calls} == {"SubmitJob"}


def test_throttled_ends_are_tried_again(bench: Bench) -> None:
    bench.aws.trouble_next("TerminateJob", *[THROTTLED] * 5)
    assert end(bench, 2) == ()


def test_many_jobs_are_ended_a_few_at_a_time(bench: Bench) -> None:
    assert end(bench, 250) == ()
    assert 1 < bench.aws.most_in_flight["TerminateJob"] <= CALLS_IN_FLIGHT


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


def end_of_run(
    bench: Bench, num_jobs: int, *strays: tuple[str, dict[str, str]], api_budget: float = 1.0, array_size: int = 1
) -> JobsEnded:
    """End a run of that many submissions, with strays (name, tags) in the queue that the run knows nothing of."""
    recorder = bench.recorder(bench.scenario(num_jobs * array_size))
    recorder.record(plan_of(num_jobs * array_size))
    shape = msgspec.structs.replace(bench.scenario().job, tags={RUN_TAG: RUN})

    async def work() -> JobsEnded:
        for index in range(1, num_jobs + 1):
            first = (index - 1) * array_size + 1
            reply = await bench.aws.submit_job(job_name(RUN, first), shape, array_size)
            assert reply.value is not None
            recorder.accepted(PlannedJob(first, "name", 0.0, array_size), reply.value.job_id)
        for name, tags in strays:
            await bench.aws.submit_job(name, msgspec.structs.replace(shape, tags=tags))
        ender = JobEnder(
            bench.aws,
            recorder,
            bench.aws.clock,
            bench.chance,
            "http://fake",
            queue="queue",
            run_id=RUN,
            api_budget=api_budget,
        )
        return await ender.end_all()

    ended = run_virtually(work())
    assert bench.journal.of(JobsEnded) == [ended]
    return ended


@pytest.fixture
def with_bulk(bench: Bench) -> Bench:
    bench.aws.has_bulk_ends = True
    bench.aws.timing = lambda _: Timing(ended_s=None)
    return bench


def test_many_jobs_are_ended_fifty_a_call_and_a_listing_proves_it(with_bulk: Bench) -> None:
    ended = end_of_run(with_bulk, 120)
    assert [len(ids) for ids in with_bulk.aws.called("TerminateJobs")] == [50, 50, 20]
    assert with_bulk.aws.called("TerminateJob") == []
    assert (ended.asked, ended.left, ended.is_proven) == (120, (), True)
    assert with_bulk.aws.called("ListJobs")[-1] == f"{RUN}-job"


@pytest.mark.parametrize("trouble", [REFUSED, DENIED])
def test_where_aws_refuses_the_bulk_call_each_is_ended_by_itself(with_bulk: Bench, trouble: Trouble) -> None:
    with_bulk.aws.always["TerminateJobs"] = trouble
    ended = end_of_run(with_bulk, 60)
    assert len(with_bulk.aws.called("TerminateJob")) == 60
    assert ended.is_proven


def test_an_aws_client_that_does_not_know_the_bulk_call_sends_none(with_bulk: Bench) -> None:
    with_bulk.aws.has_bulk_ends = False
    assert end_of_run(with_bulk, 60).is_proven
    assert with_bulk.aws.called("TerminateJobs") == []


def test_a_bulk_call_without_an_answer_is_made_again(with_bulk: Bench) -> None:
    with_bulk.aws.trouble_next("TerminateJobs", LOST_DONE, THROTTLED)
    assert end_of_run(with_bulk, 3).is_proven
    assert len(with_bulk.aws.called("TerminateJobs")) == 3


def test_what_the_bulk_answer_names_as_an_error_is_ended_by_itself(with_bulk: Bench) -> None:
    with_bulk.aws.unendable_in_bulk = {"id-2"}
    assert end_of_run(with_bulk, 3).is_proven
    assert with_bulk.aws.called("TerminateJob") == ["id-2"]


def test_arrays_are_ended_by_their_parents(with_bulk: Bench) -> None:
    ended = end_of_run(with_bulk, 2, array_size=4)
    assert with_bulk.aws.called("TerminateJobs") == [("id-1", "id-2")]
    assert (ended.asked, ended.is_proven) == (2, True)


def test_ends_stay_within_the_budget(with_bulk: Bench) -> None:
    with_bulk.aws.always["TerminateJobs"] = REFUSED
    times: list[float] = []
    plain = with_bulk.aws.terminate_job

    async def noted(job_id: str, reason: str) -> Reply[None]:
        times.append(with_bulk.aws.clock.elapsed_s)
        return await plain(job_id, reason)

    with_bulk.aws.terminate_job = noted  # type: ignore[method-assign]
    end_of_run(with_bulk, 40, api_budget=0.1)
    assert len(times) == 40
    assert all(later - earlier >= 1 / 5 - 1e-6 for earlier, later in itertools.pairwise(times))


def test_a_job_of_the_run_that_nobody_knew_of_is_ended_too(with_bulk: Bench) -> None:
    ended = end_of_run(with_bulk, 1, (job_name(RUN, 1), {RUN_TAG: RUN}))
    assert (ended.asked, ended.strays, ended.is_proven) == (2, 1, True)
    assert with_bulk.aws.jobs["id-2"].reason == END_REASON


def test_one_that_bears_a_planned_name_is_found_again_and_its_end_is_seen(bench: Bench) -> None:
    recorder = bench.recorder(bench.scenario(2))
    plan = plan_of(2)
    recorder.record(plan)
    shape = msgspec.structs.replace(bench.scenario().job, tags={RUN_TAG: RUN})
    bench.aws.timing = lambda _: Timing(ended_s=None)

    async def work() -> JobsEnded:
        reply = await bench.aws.submit_job(plan.jobs[0].name, shape)
        assert reply.value is not None
        recorder.call(reply, job=1, job_id=reply.value.job_id)
        recorder.accepted(plan.jobs[0], reply.value.job_id)
        bench.aws.trouble_next("SubmitJob", LOST_DONE)
        recorder.call(await bench.aws.submit_job(plan.jobs[1].name, shape), job=2)
        await bench.aws.submit_job(plan.jobs[0].name, shape)  # a request that landed twice
        ender = JobEnder(
            bench.aws, recorder, bench.aws.clock, bench.chance, "http://fake", queue="queue", run_id=RUN, plan=plan.jobs
        )
        return await ender.end_all()

    ended = run_virtually(work())
    assert (ended.asked, ended.strays, ended.is_proven) == (3, 2, True)
    result = recorder.result()
    ledger = result.ledger
    assert ledger is not None
    assert (ledger.accepted, ledger.found_again, ledger.unanswered) == (1, 1, 0)
    assert (ledger.doubled, ledger.doubled_ended) == (1, 1)
    assert [job.status for job in result.jobs] == ["FAILED", "FAILED"]
    assert not recorder.unresolved


def test_a_job_that_only_has_the_name_is_left_alone_and_nothing_is_said_to_be_proven(with_bulk: Bench) -> None:
    ended = end_of_run(with_bulk, 1, (job_name(RUN, 9), {}))
    assert with_bulk.aws.jobs["id-2"].terminated_ms is None
    assert (ended.strays, ended.is_proven) == (0, False)


def test_without_a_listing_nothing_is_proven(with_bulk: Bench) -> None:
    with_bulk.aws.always["ListJobs"] = DENIED
    ended = end_of_run(with_bulk, 2)
    assert (ended.left, ended.is_proven) == ((), False)
