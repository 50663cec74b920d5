"""The end, asked for: the run's jobs are ended, and nothing runs on behind it."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import replace

import pytest

from batchgauge.core.journal import (
    CallOutcome,
    Interrupted,
    JobsEnded,
    RunOutcome,
)
from batchgauge.core.progress.snapshot import RunStage
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.errors import AccessDeniedError
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport
from batchgauge.measure.run import run as measure_run
from batchgauge.ports import Reply, SubmittedJob
from tests.measure.conftest import RUN, Bench
from tests.measure.fake_aws import (
    DENIED,
    LOST_DONE,
    NO_CREDENTIALS,
    THROTTLED,
    Timing,
)
from tests.measure.virtual_time import run_virtually


def test_an_interrupted_run_ends_its_jobs_and_the_journal_says_so(bench: Bench) -> None:
    async def interrupt(interruption: Interruption) -> None:
        await asyncio.sleep(12)
        interruption.request("SIGINT")

    report = bench.run(bench.scenario(3), interrupt)
    assert report.result.outcome is RunOutcome.INTERRUPTED
    assert report.left_running == ()
    assert sorted(bench.aws.called("TerminateJob")) == ["id-1", "id-2", "id-3"]
    assert {job.status for job in report.result.jobs} == {"FAILED"}
    assert {job.status_reason for job in report.result.jobs} == {"batchgauge: the run was interrupted"}
    [interrupted] = [record for record in bench.journal.records if isinstance(record, Interrupted)]
    assert interrupted.cause == "SIGINT"
    stages = [snapshot.stage for snapshot in bench.watcher.snapshots]
    assert RunStage.ENDING_JOBS in stages
    assert stages[-1] is RunStage.DONE


def test_an_interruption_while_submitting_sends_nothing_more_and_ends_what_was_sent(bench: Bench) -> None:
    async def interrupt(interruption: Interruption) -> None:
        await asyncio.sleep(1.05)
        interruption.request("SIGINT")

    report = bench.run(bench.scenario(100, max_workers=1, is_monitored=False), interrupt)
    sent = len(bench.aws.called("SubmitJob"))
    assert sent == 11
    assert len(bench.aws.called("TerminateJob")) == sent
    assert sum(job.is_accepted for job in report.result.jobs) == sent
    assert report.result.total_jobs == 100


@pytest.mark.parametrize("operation", ["SubmitJob", "DescribeJobs"])
def test_an_interruption_does_not_wait_for_a_back_off_to_pass(bench: Bench, operation: str) -> None:
    bench.aws.always[operation] = THROTTLED
    ended_s: list[float] = []

    async def interrupt(interruption: Interruption) -> None:
        await asyncio.sleep(25)
        interruption.request("SIGINT")
        bench.aws.always.clear()

    async def work() -> None:
        interruption = Interruption()
        other = asyncio.ensure_future(interrupt(interruption))
        await bench.run_now(bench.scenario(3), interruption)
        ended_s.append(bench.aws.clock.elapsed_s)
        await other

    run_virtually(work())
    assert ended_s[0] < 27


def test_jobs_that_do_not_end_are_named(bench: Bench) -> None:
    bench.aws.always["TerminateJob"] = DENIED

    async def interrupt(interruption: Interruption) -> None:
        await asyncio.sleep(12)
        interruption.request("SIGTERM")

    bench.aws.timing = lambda _: Timing(ended_s=9_000)
    report = bench.run(bench.scenario(2), interrupt)
    assert set(report.left_running) == {"id-1", "id-2"}
    assert report.result.outcome is RunOutcome.INTERRUPTED


def test_credentials_that_vanish_before_the_end_still_leave_a_result(bench: Bench) -> None:
    async def interrupt(interruption: Interruption) -> None:
        await asyncio.sleep(12)
        bench.aws.always["*"] = NO_CREDENTIALS
        interruption.request("SIGINT")

    report = bench.run(bench.scenario(2), interrupt)
    assert set(report.left_running) == {"id-1", "id-2"}
    assert report.result.outcome is RunOutcome.INTERRUPTED


def test_a_second_request_leaves_at_once_and_nothing_runs_on_behind_it(bench: Bench) -> None:
    bench.aws.timing = lambda _: Timing(ended_s=None)
    bench.aws.always["TerminateJob"] = THROTTLED

    async def work() -> None:
        interruption = Interruption()
        running = asyncio.ensure_future(bench.run_now(bench.scenario(3), interruption))
        await asyncio.sleep(12)
        interruption.request("SIGINT")
        await asyncio.sleep(1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert bench.aws.clock.elapsed_s == 13
        assert asyncio.all_tasks() == {asyncio.current_task()}
        calls = len(bench.aws.calls)
        await asyncio.sleep(100)
        assert len(bench.aws.calls) == calls

    run_virtually(work())


def test_leaving_in_the_middle_of_a_launch_leaves_no_observer_behind(bench: Bench) -> None:
    async def work() -> None:
        running = asyncio.ensure_future(bench.run_now(bench.scenario(1_000, max_workers=1)))
        await asyncio.sleep(15)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtually(work())


class Answer:
    """An `Ask` that has its answer ready."""

    def __init__(self, *, leaves: bool) -> None:
        self.leaves = leaves
        self.asked: list[int] = []

    async def leaves_jobs(self, going: int) -> bool:
        self.asked.append(going)
        return self.leaves


@pytest.mark.parametrize("leaves", [True, False])
def test_whoever_can_be_asked_says_what_becomes_of_the_jobs(bench: Bench, leaves: bool) -> None:
    answer = Answer(leaves=leaves)

    async def work() -> RunReport:
        interruption = Interruption()
        around = dataclasses.replace(bench.surroundings(), ask=answer)
        running = asyncio.ensure_future(measure_run(RUN, bench.scenario(3), bench.journal, around, interruption))
        await asyncio.sleep(12)
        interruption.request("SIGINT")
        return await running

    report = run_virtually(work())
    assert answer.asked == [3]
    assert report.is_left_on_purpose == leaves
    assert len(report.left_running) == (3 if leaves else 0)
    assert len(bench.aws.called("TerminateJob")) == (0 if leaves else 3)
    assert (report.ended is None) == leaves
    assert report.result.outcome is RunOutcome.INTERRUPTED


def test_where_no_job_goes_on_nobody_is_asked(bench: Bench) -> None:
    answer = Answer(leaves=True)

    async def work() -> RunReport:
        interruption = Interruption()
        interruption.request("SIGINT")
        around = dataclasses.replace(bench.surroundings(), ask=answer)
        return await measure_run(RUN, bench.scenario(3), bench.journal, around, interruption)

    report = run_virtually(work())
    assert answer.asked == []
    assert report.ended is not None
    assert (report.ended.asked, report.ended.is_proven) == (0, True)


def ended_after_s(bench: Bench, scenario: Scenario, asked_s: float) -> tuple[RunReport, float]:
    """What a run reports whose end is asked for at a moment, and how long after that it did."""

    async def work() -> tuple[RunReport, float]:
        interruption = Interruption()
        running = asyncio.ensure_future(bench.run_now(scenario, interruption))
        await asyncio.sleep(asked_s)
        interruption.request("SIGTERM")
        return await running, bench.aws.clock.elapsed_s - asked_s

    return run_virtually(work())


def test_jobs_that_aws_would_not_end_are_not_waited_for(bench: Bench) -> None:
    bench.aws.always["TerminateJob"] = DENIED
    bench.aws.timing = lambda _: Timing(ended_s=None)
    report, after_s = ended_after_s(bench, bench.scenario(2), 12)
    assert after_s < 5
    assert isinstance(report.end_failure, AccessDeniedError)
    assert report.end_failure.operation == "TerminateJob"
    [ended] = [record for record in bench.journal.records if isinstance(record, JobsEnded)]
    assert ended.trouble == "AccessDeniedException: You may not"


@pytest.mark.parametrize("hanging", ["submit_job", "describe_jobs"])
def test_an_answer_that_does_not_come_keeps_no_job_running(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, hanging: str
) -> None:
    bench.aws.timing = lambda _: Timing(ended_s=None)
    plain = getattr(bench.aws, hanging)
    answers = iter([True, False])

    async def sometimes(*arguments: object) -> Reply[object]:
        reply: Reply[object] = await plain(*arguments)
        if not next(answers, True):
            await asyncio.sleep(60)
            return replace(reply, outcome=CallOutcome.AMBIGUOUS, value=None, status=None)
        return reply

    monkeypatch.setattr(bench.aws, hanging, sometimes)
    report, after_s = ended_after_s(bench, bench.scenario(3, max_workers=3), 12)
    assert after_s < 25
    assert report.ended is not None
    assert report.ended.is_proven
    assert report.unanswered == ()
    assert {job.reason for job in bench.aws.jobs.values()} == {"batchgauge: the run was interrupted"}


def test_a_lost_answer_is_looked_up_only_once_it_must_have_landed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.aws.timing = lambda _: Timing(ended_s=None)
    plain = bench.aws.submit_job

    async def late(name: str, shape: JobShape, array_size: int = 1) -> Reply[SubmittedJob]:
        if name.endswith("job002"):
            asyncio.get_running_loop().call_later(14, lambda: landing.append(asyncio.ensure_future(plain(name, shape))))
            await asyncio.sleep(60)
        return await plain(name, shape, array_size)

    landing: list[asyncio.Future[Reply[SubmittedJob]]] = []
    monkeypatch.setattr(bench.aws, "submit_job", late)
    report, _ = ended_after_s(bench, bench.scenario(2), 6)
    assert report.ended is not None
    assert (report.ended.strays, report.ended.is_proven) == (1, True)
    assert len(bench.aws.jobs) == 2


def test_what_could_not_be_looked_up_is_named(bench: Bench) -> None:
    bench.aws.trouble_next("SubmitJob", LOST_DONE)
    bench.aws.always["ListJobs"] = DENIED
    report = bench.run(bench.scenario(2))
    assert isinstance(report.error, AccessDeniedError)
    assert report.left_running == ("id-2",)
    assert report.unanswered == (f"{RUN}-job001",)
