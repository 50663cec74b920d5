"""Ending what runs have left, at the fake; over HTTP it is tested with the command."""

from __future__ import annotations

import msgspec
import pytest

from batchgauge.core.naming import RUN_TAG, job_name
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
