"""Runs that another process began: what AWS holds is found out, what it does not is submitted, and nothing is done twice."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import msgspec
import pytest

from batchgauge.core.journal import (
    Doubled,
    Ended,
    Found,
    Header,
    Plan,
    Record,
    Resumed,
    RunOutcome,
    Started,
)
from batchgauge.core.result.builder import build_result
from batchgauge.core.scenario import Scenario
from batchgauge.errors import EndpointUnreachableError
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.past import Past
from batchgauge.measure.resume import resume
from batchgauge.measure.run import RunReport
from tests.measure.conftest import RUN, Bench
from tests.measure.fake_aws import DENIED, EXPIRED, LOST_DONE, REFUSED, UNAVAILABLE, Timing
from tests.measure.virtual_time import run_virtually


def resumed_after(bench: Bench, scenario: Scenario, kept: int, pause_s: float = 30.0) -> RunReport:
    """A run that is cut off so that only its first records are left, and what comes of it later."""

    async def go() -> RunReport:
        await bench.run_now(scenario)
        del bench.journal.records[kept:]
        await bench.aws.clock.sleep(pause_s)
        return await take_up(bench)

    return run_virtually(go())


async def take_up(bench: Bench) -> RunReport:
    past = Past.of(list(bench.journal.records))
    assert past is not None
    report = await resume(past, bench.journal, bench.surroundings(), Interruption())
    assert build_result(bench.journal.records) == report.result
    assert bench.journal.synced == len(bench.journal.records)
    return report


def position_of(bench: Bench, scenario: Scenario, kind: type[Record]) -> int:
    """After how many records of such a run the first of a kind is there."""
    probe = Bench()
    probe.run(scenario)
    return 1 + next(index for index, record in enumerate(probe.journal.records) if isinstance(record, kind))


@pytest.mark.parametrize("load", ["workers", "burst", "rate:2"])
def test_jobs_of_which_the_journal_knows_nothing_are_found_and_not_made_again(bench: Bench, load: str) -> None:
    scenario = bench.scenario(7, load=load)
    report = resumed_after(bench, scenario, position_of(bench, scenario, Started))
    result = report.result
    assert len(bench.aws.submitted) == 7
    assert [job.status for job in result.jobs] == ["SUCCEEDED"] * 7
    assert len(bench.journal.of(Found)) == 7
    assert result.ledger is not None
    assert (result.ledger.intended, result.ledger.found_again, result.ledger.doubled) == (7, 7, 0)
    assert result.outcome is RunOutcome.COMPLETE


def test_a_plan_that_was_cut_off_is_written_whole_before_anything_is_sent(bench: Bench) -> None:
    scenario = bench.scenario(4)

    async def go() -> RunReport:
        bench.journal.append(await header_of(scenario))
        return await take_up(bench)

    report = run_virtually(go())
    kinds = [type(record) for record in bench.journal.records]
    assert kinds.index(Resumed) < kinds.index(Plan) < kinds.index(Started)
    assert len(bench.aws.submitted) == 4
    assert [job.status for job in report.result.jobs] == ["SUCCEEDED"] * 4


async def header_of(scenario: Scenario) -> Header:
    """The header of a run that was cut off at once."""
    probe = Bench()
    await probe.run_now(scenario)
    header = probe.journal.records[0]
    assert isinstance(header, Header)
    return header


def test_only_what_was_never_submitted_goes_out_spaced_as_it_was_meant_to(bench: Bench) -> None:
    scenario = bench.scenario(6, load="rate:1", is_monitored=False)

    async def go() -> RunReport:
        await bench.run_now(scenario)
        for job_id in bench.aws.submitted[3:]:  # as if it had been killed after the third
            del bench.aws.jobs[job_id]
        del bench.aws.submitted[3:]
        del bench.journal.records[position_of_fourth_call(bench) :]
        bench.aws.calls.clear()
        await bench.aws.clock.sleep(3600)
        return await take_up(bench)

    result = run_virtually(go()).result
    assert [name[-3:] for name in bench.aws.called("SubmitJob")] == ["004", "005", "006"]
    sent = [
        job.instants.sent_ms for job in result.jobs if job.instants is not None and job.instants.sent_ms is not None
    ]
    assert [round(later - earlier) for earlier, later in itertools.pairwise(sent[3:])] == [1000, 1000]
    # They are meant to go out later than the first plan says; nobody was late.
    assert result.lateness is not None
    assert result.lateness.late == 0


def position_of_fourth_call(bench: Bench) -> int:
    jobs = [getattr(record, "job", None) for record in bench.journal.records]
    return jobs.index(4)


def test_the_gap_is_stated(bench: Bench) -> None:
    scenario = bench.scenario(3)
    report = resumed_after(bench, scenario, position_of(bench, scenario, Started), pause_s=100.0)
    [gap] = report.result.gaps
    assert gap.earliest is not None
    assert gap.latest is not None
    assert gap.latest - gap.earliest >= 100_000
    assert report.result.validity is not None
    assert "resumed" in [finding.doubt for finding in report.result.validity.findings]


def test_jobs_that_were_seen_to_end_are_asked_for_no_more(bench: Bench) -> None:
    scenario = bench.scenario(3)

    async def go() -> RunReport:
        await bench.run_now(scenario)
        assert isinstance(bench.journal.records.pop(), Ended)
        bench.aws.calls.clear()
        return await take_up(bench)

    report = run_virtually(go())
    assert report.result.outcome is RunOutcome.COMPLETE
    assert {operation for operation, _ in bench.aws.calls} == {"ListJobs"}, "and no log stream is read twice"


def test_what_aws_refused_for_good_stays_refused_and_an_expired_session_is_tried_again(bench: Bench) -> None:
    scenario = bench.scenario(2, max_workers=1)
    bench.aws.trouble_next("SubmitJob", REFUSED, EXPIRED)

    async def go() -> RunReport:
        failed = await bench.run_now(scenario)
        assert failed.error is not None
        return await take_up(bench)

    result = run_virtually(go()).result
    assert [job.status for job in result.jobs] == ["FAILED_TO_SUBMIT", "SUCCEEDED"]
    assert result.ledger is not None
    assert (result.ledger.refused, result.ledger.accepted) == (1, 1)


def test_an_array_is_found_by_its_parent(bench: Bench) -> None:
    scenario = bench.scenario(5, is_array=True)
    report = resumed_after(bench, scenario, position_of(bench, scenario, Started))
    assert len(bench.aws.submitted) == 1
    assert [job.status for job in report.result.jobs] == ["SUCCEEDED"] * 5


def test_where_aws_does_not_say_what_it_holds_nothing_is_submitted(bench: Bench) -> None:
    scenario = bench.scenario(3)

    async def go() -> RunReport:
        bench.journal.append(await header_of(scenario))
        bench.aws.always["ListJobs"] = UNAVAILABLE
        return await take_up(bench)

    report = run_virtually(go())
    assert isinstance(report.error, EndpointUnreachableError)
    assert bench.aws.submitted == []


def test_a_job_that_came_late_beside_another_of_its_name_is_ended(bench: Bench) -> None:
    scenario = bench.scenario(2)
    position = position_of(bench, scenario, Started)

    async def go() -> RunReport:
        await bench.run_now(scenario)
        del bench.journal.records[position:]
        tagged = next(iter(bench.aws.jobs.values()))
        bench.aws.jobs["late"] = replace(tagged, job_id="late", created_ms=bench.aws.clock.now_ms())
        stranger = msgspec.structs.replace(tagged.shape, tags={})
        bench.aws.jobs["stranger"] = replace(
            tagged, job_id="stranger", created_ms=tagged.created_ms + 1, shape=stranger
        )
        return await take_up(bench)

    result = run_virtually(go()).result
    assert bench.aws.called("TerminateJob") == ["late"], "one without the run's tag is not ours to end"
    assert [(record.job_id, record.is_ended) for record in bench.journal.of(Doubled)] == [("late", True)]  # type: ignore[union-attr]
    assert result.ledger is not None
    assert (result.ledger.doubled, result.ledger.doubled_ended) == (1, 1)
    assert [job.job_id for job in result.jobs] == ["id-1", "id-2"]


def test_a_job_of_somebody_else_that_bears_a_name_of_the_runs_is_not_taken_for_it(bench: Bench) -> None:
    scenario = bench.scenario(3)
    position = position_of(bench, scenario, Started)

    async def go() -> RunReport:
        await bench.run_now(scenario)
        del bench.journal.records[position:]
        own = next(job for job in bench.aws.jobs.values() if job.name == f"{RUN}-job003")
        del bench.aws.jobs[own.job_id]
        shape = msgspec.structs.replace(own.shape, tags={})
        bench.aws.jobs["stranger"] = replace(own, job_id="stranger", shape=shape)
        bench.aws.calls.clear()
        return await take_up(bench)

    report = run_virtually(go())
    assert bench.aws.called("SubmitJob") == [f"{RUN}-job003"], "ours was never sent"
    found = [job.job_id for job in report.result.jobs][:2]
    assert set(found) < bench.aws.jobs.keys()
    assert report.result.jobs[2].job_id not in (None, "stranger")
    assert report.strangers == (f"{RUN}-job003",)
    assert bench.aws.called("TerminateJob") == []
    assert set(bench.aws.called("DescribeJobs")[0]) == {*found, "stranger"}, (
        "those that were found are asked for at once"
    )


def test_where_aws_does_not_say_whose_a_job_is_its_name_has_to_do(bench: Bench) -> None:
    scenario = bench.scenario(2, is_monitored=False)
    position = position_of(bench, scenario, Started)

    async def go() -> RunReport:
        await bench.run_now(scenario)
        del bench.journal.records[position:]
        bench.aws.always["DescribeJobs"] = DENIED
        return await take_up(bench)

    report = run_virtually(go())
    assert len(bench.aws.submitted) == 2, "twice is worse than somebody else's"
    assert [job.job_id for job in report.result.jobs] == ["id-1", "id-2"]


def test_an_undisturbed_run_asks_nothing_more(bench: Bench) -> None:
    report = bench.run(bench.scenario(5))
    assert bench.aws.called("ListJobs") == []
    ledger = report.result.ledger
    assert ledger is not None
    assert ledger.is_ordinary
    assert ledger.accepted == 5


def test_a_request_that_lands_after_its_look_up_is_found_at_the_runs_end(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", LOST_DONE)
    bench.aws.invisible_s = 20.0
    bench.aws.timing = lambda number: Timing(ended_s=500.0 if number == 1 else 35.0)
    report = bench.run(bench.scenario(1))
    ledger = report.result.ledger
    assert ledger is not None
    assert (ledger.accepted, ledger.doubled, ledger.doubled_ended) == (1, 1, 1)
    assert Counter(operation for operation, _ in bench.aws.calls)["TerminateJob"] == 1
