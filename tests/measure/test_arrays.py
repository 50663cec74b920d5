"""Jobs submitted as arrays: one call, and every child accounted for."""

from __future__ import annotations

import asyncio

import pytest

from batchgauge.core.journal import Call, Found
from batchgauge.core.submitting.plan import LARGEST_ARRAY
from batchgauge.measure.interruption import Interruption
from tests.measure.conftest import RUN, Bench, MakeBench
from tests.measure.fake_aws import LOST_DONE, LOST_UNDONE, REFUSED, THROTTLED


def test_an_array_is_one_call_and_its_children_are_jobs_of_the_run(bench: Bench) -> None:
    result = bench.run(bench.scenario(25, is_array=True)).result
    assert bench.aws.called("SubmitJob") == [f"{RUN}-job001"]
    assert [job.job_id for job in result.jobs] == [f"id-1:{child}" for child in range(25)]
    assert {job.status for job in result.jobs} == {"SUCCEEDED"}
    assert [job.index for job in result.jobs] == list(range(1, 26))
    assert {job.submit_tries for job in result.jobs} == {1}
    assert (result.total_jobs, result.successful_jobs) == (25, 25)
    assert result.api is not None
    assert result.api.operations["SubmitJob"].calls == 1
    [summary] = result.levels
    assert (summary.accepted, summary.submit.count) == (25, 1), "one call is one sample, however many jobs it made"
    assert [job.array_index for job in result.jobs] == list(range(25))


def test_a_childs_instants_are_its_own_and_its_submission_its_parents(bench: Bench) -> None:
    result = bench.run(bench.scenario(3, is_array=True)).result
    [submit] = [call for call in bench.journal.of(Call) if isinstance(call, Call) and call.operation == "SubmitJob"]
    for job in result.jobs:
        assert job.instants is not None
        assert (job.instants.sent_ms, job.instants.accepted_ms) == (submit.sent_ms, submit.received_ms)
        assert job.instants.created_ms == bench.aws.jobs[job.job_id or ""].created_ms


def test_a_child_that_aws_made_later_does_not_bend_the_clock(make_bench: MakeBench) -> None:
    bench = make_bench(spawn_s=5.0, offset_ms=250.0)
    clock = bench.run(bench.scenario(3, is_array=True)).result.clock
    assert clock is not None
    assert not clock.is_contradicted
    assert clock.offset_ms.earliest is not None
    assert clock.offset_ms.latest is not None
    assert clock.offset_ms.earliest <= 250 <= clock.offset_ms.latest, "bounded from both sides all the same"


def test_one_job_alone_is_no_array(bench: Bench) -> None:
    result = bench.run(bench.scenario(1, is_array=True)).result
    assert [(job.job_id, job.array_index) for job in result.jobs] == [("id-1", None)]


def test_more_than_an_array_holds_are_several(bench: Bench) -> None:
    result = bench.run(bench.scenario(LARGEST_ARRAY + 1, is_array=True, is_monitored=False)).result
    assert bench.aws.called("SubmitJob") == [f"{RUN}-job001", f"{RUN}-job{LARGEST_ARRAY + 1}"]
    assert (result.jobs[LARGEST_ARRAY - 1].job_id, result.jobs[-1].job_id) == (f"id-1:{LARGEST_ARRAY - 1}", "id-2")
    assert result.successful_jobs == LARGEST_ARRAY + 1


def test_a_refused_array_refuses_all_its_children(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", REFUSED)
    result = bench.run(bench.scenario(4, is_array=True)).result
    assert [(job.status, job.job_id) for job in result.jobs] == [("FAILED_TO_SUBMIT", None)] * 4
    assert bench.watcher.snapshots[-1].refused == 4


@pytest.mark.parametrize("trouble", [LOST_DONE, LOST_UNDONE, THROTTLED])
def test_an_array_is_never_made_twice(bench: Bench, trouble: object) -> None:
    bench.aws.trouble_next("SubmitJob", trouble)  # type: ignore[arg-type]
    result = bench.run(bench.scenario(4, is_array=True)).result
    assert len(bench.aws.jobs) == 4
    assert {job.status for job in result.jobs} == {"SUCCEEDED"}
    assert len(bench.journal.of(Found)) == (1 if trouble is LOST_DONE else 0)


def test_an_interruption_ends_the_array_and_with_it_its_children(bench: Bench) -> None:
    async def interrupt(interruption: Interruption) -> None:
        await asyncio.sleep(3)
        interruption.request("SIGINT")

    report = bench.run(bench.scenario(150, is_array=True), interrupt)
    assert bench.aws.called("TerminateJob") == ["id-1"]
    assert report.left_running == ()
    assert {job.status for job in report.result.jobs} == {"FAILED"}


def test_an_arrays_own_creation_bounds_the_clock_as_closely_as_its_call_was_short(bench: Bench) -> None:
    result = bench.run(bench.scenario(4, is_array=True)).result
    assert result.clock is not None
    assert result.clock.offset_ms.width is not None
    sent, accepted = (getattr(result.jobs[0].instants, name) for name in ("sent_ms", "accepted_ms"))
    assert result.clock.offset_ms.width <= accepted - sent + 1.1
