"""Ending what runs have left, at the fake; over HTTP it is tested with the command."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from batchgauge.core.naming import RUN_TAG, job_name
from batchgauge.core.scenario import JobShape
from batchgauge.errors import AccessDeniedError
from batchgauge.measure.clean_up import Cleaned, Cleaner, LeftJob
from tests.measure.conftest import RUN, Bench
from tests.measure.fake_aws import DENIED, THROTTLED, Timing, Trouble
from tests.measure.virtual_time import run_virtually

OTHER = "concurrent-test-20261122T101500-y7k2"


@pytest.fixture(autouse=True)
def _never_ending(bench: Bench) -> None:
    bench.aws.timing = lambda _: Timing(ended_s=None)
    bench.aws.has_bulk_ends = True


def clean(
    bench: Bench, *names: tuple[str, str | None], run: str | None = RUN, trouble: dict[str, Trouble] | None = None
) -> tuple[tuple[LeftJob, ...], Cleaned]:
    """Clean up a queue with jobs of these (name, run of the tag)."""

    async def work() -> tuple[tuple[LeftJob, ...], Cleaned]:
        for name, tagged in names:
            tags = {} if tagged is None else {RUN_TAG: tagged}
            await bench.aws.submit_job(name, msgspec.structs.replace(bench.scenario().job, tags=tags))
        cleaner = Cleaner(bench.aws, bench.aws.clock, bench.chance, "http://fake")
        found = await cleaner.find(await cleaner.queues(), run)
        bench.aws.always.update(trouble or {})
        return found, await cleaner.end(found)

    return run_virtually(work())


def test_name_and_tag_must_both_say_that_it_is_the_runs(bench: Bench) -> None:
    found, cleaned = clean(
        bench,
        (job_name(RUN, 1), RUN),
        (job_name(RUN, 2), None),
        (job_name(RUN, 3), OTHER),
        (job_name(OTHER, 1), OTHER),
        (job_name(RUN, 4).upper(), RUN),
    )
    assert [job.job_id for job in found] == ["id-1"]
    assert cleaned == Cleaned()
    assert [job.terminated_ms is not None for job in bench.aws.jobs.values()] == [True, False, False, False, False]


def test_of_all_runs_each_job_belongs_to_the_run_that_its_tag_names(bench: Bench) -> None:
    found, cleaned = clean(bench, (job_name(RUN, 1), RUN), (job_name(OTHER, 1), OTHER), ("theirs", RUN), run=None)
    assert {job.run_id for job in found} == {RUN, OTHER}
    assert cleaned.left == ()


def test_where_nothing_can_be_read_nothing_is_ended(bench: Bench) -> None:
    bench.aws.always["DescribeJobs"] = DENIED
    with pytest.raises(AccessDeniedError):
        clean(bench, (job_name(RUN, 1), RUN))
    assert bench.aws.called("TerminateJob") == bench.aws.called("TerminateJobs") == []


def test_what_aws_will_not_end_is_named_with_its_reason(bench: Bench) -> None:
    _, cleaned = clean(bench, (job_name(RUN, 1), RUN), trouble={"TerminateJob": DENIED})
    assert cleaned.left == ("id-1",)
    assert cleaned.troubles == {"id-1": "AccessDeniedException: You may not"}


def test_where_what_is_left_cannot_be_listed_nobody_says_that_nothing_is(bench: Bench) -> None:
    _, cleaned = clean(bench, (job_name(RUN, 1), RUN), trouble={"ListJobs": DENIED})
    assert isinstance(cleaned.unproven, AccessDeniedError)


def test_throttles_are_waited_out(bench: Bench) -> None:
    bench.aws.trouble_next("ListJobs", THROTTLED)
    bench.aws.trouble_next("TerminateJob", THROTTLED, THROTTLED)
    _, cleaned = clean(bench, (job_name(RUN, 1), RUN))
    assert cleaned == Cleaned()


def test_jobs_that_are_being_ended_for_half_a_minute_are_waited_for(bench: Bench) -> None:
    plain = bench.aws._terminate

    def slowly(job_id: str, reason: str) -> None:
        plain(job_id, reason)
        job = bench.aws.jobs[job_id]
        job.terminated_ms = None
        job.timing = Timing(ended_s=(bench.aws.clock.now_ms() + bench.aws.offset_ms - job.created_ms) / 1000 + 30)

    bench.aws._terminate = slowly  # type: ignore[method-assign]
    _, cleaned = clean(bench, (job_name(RUN, 1), RUN))
    assert cleaned == Cleaned()
    assert len(bench.aws.called("ListJobs")) > 20


def test_what_lands_while_the_others_end_is_ended_too(bench: Bench) -> None:
    def tagged(run: str) -> JobShape:
        return msgspec.structs.replace(bench.scenario().job, tags={RUN_TAG: run})

    async def land() -> None:
        await asyncio.sleep(2)
        await bench.aws.submit_job(job_name(RUN, 2), tagged(RUN))
        await bench.aws.submit_job(job_name(RUN, 3), tagged(OTHER))

    async def work() -> tuple[Cleaned, set[str]]:
        await bench.aws.submit_job(job_name(RUN, 1), tagged(RUN))
        cleaner = Cleaner(bench.aws, bench.aws.clock, bench.chance, "http://fake")
        found = await cleaner.find(("queue",), RUN)
        landing = asyncio.ensure_future(land())
        cleaned = await cleaner.end(found, of_whole_runs=True)
        await landing
        return cleaned, {job.job_id for job in bench.aws.jobs.values() if job.terminated_ms is not None}

    cleaned, ended = run_virtually(work())
    assert cleaned == Cleaned(late=1)
    assert ended == {"id-1", "id-2"}


def test_of_jobs_that_are_long_there_nothing_is_awaited(bench: Bench) -> None:
    async def work() -> float:
        shape = msgspec.structs.replace(bench.scenario().job, tags={RUN_TAG: RUN})
        await bench.aws.submit_job(job_name(RUN, 1), shape)
        await asyncio.sleep(60)
        cleaner = Cleaner(bench.aws, bench.aws.clock, bench.chance, "http://fake")
        found = await cleaner.find(("queue",), RUN)
        begun_s = bench.aws.clock.elapsed_s
        assert await cleaner.end(found, of_whole_runs=True) == Cleaned()
        return bench.aws.clock.elapsed_s - begun_s

    assert run_virtually(work()) < 1


def test_by_age_a_run_that_has_submitted_something_since_is_left_alone_as_a_whole(bench: Bench) -> None:
    def tagged(run: str) -> JobShape:
        return msgspec.structs.replace(bench.scenario().job, tags={RUN_TAG: run})

    async def work() -> tuple[tuple[LeftJob, ...], set[str]]:
        for run in (RUN, OTHER):
            await bench.aws.submit_job(job_name(run, 1), tagged(run))
        await asyncio.sleep(100)
        await bench.aws.submit_job(job_name(OTHER, 2), tagged(OTHER))
        cleaner = Cleaner(bench.aws, bench.aws.clock, bench.chance, "http://fake")
        return await cleaner.find(("queue",), older_than_s=60), cleaner.submitting

    found, submitting = run_virtually(work())
    assert [(job.run_id, job.newest_ms == job.created_ms) for job in found] == [(RUN, True)]
    assert submitting == {OTHER}
