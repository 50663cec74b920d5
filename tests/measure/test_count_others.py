"""Counting what others have in the queue: before and during a run, at the fake."""

from __future__ import annotations

import asyncio
import dataclasses

import msgspec

from batchgauge.core.journal import ForeignJobs
from batchgauge.core.naming import job_name
from batchgauge.measure.bulk_end import Pace
from batchgauge.measure.count_others import OthersCounter
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.retrying import READ_BACK_OFF, Persistence
from batchgauge.measure.run import run as measure_run
from tests.measure.conftest import RUN, Bench
from tests.measure.fake_aws import DENIED, NO_CREDENTIALS, THROTTLED, Timing
from tests.measure.virtual_time import run_virtually

NEVER_ENDING = Timing(ended_s=None)


def counter(bench: Bench) -> OthersCounter:
    aws = bench.aws
    return OthersCounter(
        aws,
        Persistence(aws.clock, bench.chance, READ_BACK_OFF, lambda *_: None),
        Pace(aws.clock),
        aws.clock,
        "queue",
        RUN,
    )


def count(bench: Bench, *foreign: str) -> ForeignJobs:
    bench.aws.timing = lambda _: NEVER_ENDING

    async def work() -> ForeignJobs:
        for name in (*foreign, job_name(RUN, 1)):
            await bench.aws.submit_job(name, bench.scenario().job)
        await bench.aws.clock.sleep(60)
        return await counter(bench).count(is_before_start=True)

    return run_virtually(work())


def test_others_jobs_are_counted_by_status_and_ours_are_not(bench: Bench) -> None:
    counted = count(bench, "theirs", f"{RUN}x-job001")
    assert (counted.states, counted.total, counted.is_at_least) == ({"RUNNING": 2}, 2, False)
    assert len(bench.aws.called("ListJobs")) == 5


def test_pages_are_read_to_a_limit_and_beyond_it_there_may_be_more(bench: Bench) -> None:
    bench.aws.page_size = 1
    counted = count(bench, *(f"theirs{number}" for number in range(40)))
    assert counted.is_at_least
    assert 0 < counted.total < 40


def test_a_count_that_is_refused_says_why_and_harms_nobody(bench: Bench) -> None:
    bench.aws.always["ListJobs"] = DENIED
    assert count(bench).error == "AccessDeniedException"
    bench.aws.always["ListJobs"] = NO_CREDENTIALS
    assert run_virtually(counter(bench).count()).error == "no-credentials"


def test_a_count_that_is_throttled_is_made_again(bench: Bench) -> None:
    bench.aws.trouble_next("ListJobs", THROTTLED, THROTTLED)
    assert count(bench, "theirs").total == 1


def test_a_run_counts_now_and_then_and_its_result_says_the_most(bench: Bench) -> None:
    bench.aws.timing = lambda number: NEVER_ENDING if number == 3 else Timing(ended_s=200)
    scenario = bench.scenario(2)
    before = ForeignJobs(at_ms=0.0, is_before_start=True)
    around = dataclasses.replace(bench.surroundings(), others_before=before)

    async def work() -> None:
        running = measure_run(RUN, scenario, bench.journal, around, Interruption())
        task = asyncio.ensure_future(running)
        await bench.aws.clock.sleep(30)
        await bench.aws.submit_job("theirs", msgspec.structs.replace(scenario.job))
        report = await task
        shared = report.result.shared_queue
        assert shared is not None
        assert (shared.before, shared.most) == (0, 1)

    run_virtually(work())
    counts = bench.journal.of(ForeignJobs)
    assert 3 <= len(counts) <= 6
    assert counts[0] == before


def test_who_asked_for_no_count_gets_none(bench: Bench) -> None:
    report = bench.run(bench.scenario(2))
    assert report.result.shared_queue is None
    assert bench.journal.of(ForeignJobs) == []
