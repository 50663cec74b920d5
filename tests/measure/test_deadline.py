"""A run that reaches its deadline leaves its jobs running, names them, and says how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from batchgauge.core.job import JobState
from batchgauge.core.journal import Interrupted, RunOutcome
from batchgauge.measure.interruption import Interruption, enforce_deadline
from batchgauge.ports import Reply, SubmittedJob
from tests.measure.conftest import Bench
from tests.measure.fake_aws import THROTTLED, Timing

MakeBench = Callable[..., Bench]


def deadline(bench: Bench, seconds: float) -> Callable[[Interruption], Awaitable[None]]:
    return lambda interruption: enforce_deadline(seconds, bench.aws.clock, interruption)


def test_jobs_that_have_not_ended_are_left_running_and_named(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda number: Timing(ended_s=35.0 if number == 1 else None))
    report = bench.run(bench.scenario(3), deadline(bench, 60))
    assert report.error is None
    assert report.result.outcome is RunOutcome.DEADLINE
    assert set(report.left_running) == {job.job_id for job in report.result.jobs if job.status == JobState.RUNNING}
    assert len(report.left_running) == 2
    assert bench.aws.called("TerminateJob") == []


def test_a_job_whose_answer_was_lost_is_looked_up_and_named_with_the_others(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(timing=lambda _: Timing(ended_s=None))
    submit = bench.aws.submit_job

    async def silent(*arguments: Any) -> Reply[SubmittedJob]:
        reply = await submit(*arguments)
        if arguments[0].endswith("-job001"):
            await asyncio.sleep(60)
        return reply

    monkeypatch.setattr(bench.aws, "submit_job", silent)
    report = bench.run(bench.scenario(3), deadline(bench, 20))
    assert report.result.outcome is RunOutcome.DEADLINE
    assert len(report.left_running) == 3
    assert report.unanswered == ()
    assert report.result.ledger is not None
    assert report.result.ledger.found_again == 1


def test_what_could_not_be_sent_before_it_is_not_sent(bench: Bench) -> None:
    bench.aws.always["SubmitJob"] = THROTTLED
    report = bench.run(bench.scenario(2), deadline(bench, 30))
    assert report.result.outcome is RunOutcome.DEADLINE
    assert report.left_running == ()
    assert [job.status for job in report.result.jobs] == ["FAILED_TO_SUBMIT"] * 2


def test_a_deadline_that_comes_when_all_jobs_have_ended_changes_nothing(bench: Bench) -> None:
    bench.aws.always["GetLogEvents"] = THROTTLED
    report = bench.run(bench.scenario(3), deadline(bench, 60))
    assert report.result.outcome is RunOutcome.COMPLETE
    assert report.result.levels[0].succeeded == 3


def test_a_person_who_asks_for_the_end_is_heard_before_it(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda _: Timing(ended_s=None))

    async def both(interruption: Interruption) -> None:
        await bench.aws.clock.sleep(20)
        interruption.request("SIGINT")
        await enforce_deadline(60, bench.aws.clock, interruption)

    report = bench.run(bench.scenario(3), both)
    assert report.result.outcome is RunOutcome.INTERRUPTED
    assert len(bench.aws.called("TerminateJob")) == 3
    [record] = bench.journal.of(Interrupted)
    assert isinstance(record, Interrupted)
    assert record.cause == "SIGINT"
