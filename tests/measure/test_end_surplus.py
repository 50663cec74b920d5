"""A request whose answer was lost lands while the run goes on."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from batchgauge.core.journal import Doubled
from batchgauge.measure.interruption import Interruption
from tests.measure.conftest import Bench
from tests.measure.fake_aws import LOST_UNDONE, Timing

LONG_S = 900.0


def test_a_job_that_came_late_is_ended_while_the_others_run(bench: Bench) -> None:
    bench.aws.timing = lambda _: Timing(ended_s=LONG_S)
    bench.aws.trouble_next("SubmitJob", LOST_UNDONE)

    async def land(_: Interruption) -> None:
        await asyncio.sleep(40)
        own = bench.aws.jobs["id-1"]
        bench.aws.jobs["late"] = replace(own, job_id="late", created_ms=own.created_ms + 30_000)

    report = bench.run(bench.scenario(1), land)
    assert bench.aws.called("TerminateJob") == ["late"]
    [doubled] = bench.journal.of(Doubled)
    assert isinstance(doubled, Doubled)
    assert doubled.at_ms - bench.aws.jobs["id-1"].created_ms < 100_000, "long before the run ends"
    assert report.result.ledger is not None
    assert (report.result.ledger.doubled, report.result.ledger.doubled_ended) == (1, 1)
    assert [job.job_id for job in report.result.jobs] == ["id-1"]
