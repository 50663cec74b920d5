"""Looks that meet with trouble: no sighting is lost, and what can never succeed ends the run."""

from __future__ import annotations

import asyncio

import msgspec

from batchgauge.core.journal import (
    Look,
    RunOutcome,
)
from batchgauge.core.result.validity import Doubt
from batchgauge.errors import (
    AwsCallError,
    CredentialsRejectedError,
    EndpointUnreachableError,
)
from batchgauge.measure.interruption import Interruption
from tests.measure.conftest import Bench, MakeBench
from tests.measure.fake_aws import (
    EXPIRED,
    THROTTLED,
    UNAVAILABLE,
)


def test_a_throttled_look_loses_no_sighting(bench: Bench) -> None:
    bench.aws.trouble_next("DescribeJobs", THROTTLED, None, THROTTLED, THROTTLED)
    report = bench.run(bench.scenario(3))
    assert report.result.levels[0].succeeded == 3
    assert report.result.api is not None
    usage = report.result.api.operations["DescribeJobs"]
    assert (usage.throttled, usage.retried) == (3, 3)
    assert usage.calls == len(bench.aws.called("DescribeJobs"))


def test_expired_credentials_in_the_middle_keep_what_was_seen(bench: Bench) -> None:
    bench.aws.trouble_next("DescribeJobs", None, None)
    bench.aws.always["DescribeJobs"] = EXPIRED
    report = bench.run(bench.scenario(2))
    assert isinstance(report.error, CredentialsRejectedError)
    assert [job.status for job in report.result.jobs] == ["RUNNING", "RUNNING"]
    assert set(report.left_running) == {"id-1", "id-2"}
    assert not bench.aws.called("TerminateJob"), "nobody asked for the jobs' end"


def test_an_endpoint_that_dies_while_jobs_run_is_given_up_after_a_while(bench: Bench) -> None:
    bench.aws.trouble_next("DescribeJobs", None)
    bench.aws.always["DescribeJobs"] = UNAVAILABLE
    report = bench.run(bench.scenario(2))
    assert isinstance(report.error, EndpointUnreachableError)
    assert report.result.outcome is RunOutcome.FAILED


def test_an_endpoint_that_comes_back_costs_nothing_but_precision(bench: Bench) -> None:
    bench.aws.trouble_next("DescribeJobs", *[UNAVAILABLE] * 10)
    report = bench.run(bench.scenario(2))
    assert report.error is None
    assert report.result.levels[0].succeeded == 2


def test_looks_throttled_for_ever_end_the_run_with_aws_own_word(bench: Bench) -> None:
    bench.aws.always["DescribeJobs"] = THROTTLED
    report = bench.run(bench.scenario(1))
    assert isinstance(report.error, AwsCallError)
    assert report.error.error == "TooManyRequestsException"


def test_one_throttled_look_after_a_long_interval_is_no_reason_to_give_up(bench: Bench) -> None:
    bench.aws.trouble_next("DescribeJobs", THROTTLED)
    scenario = msgspec.structs.replace(bench.scenario(1), monitor_interval_s=900.0)
    report = bench.run(scenario)
    assert report.error is None
    assert report.result.levels[0].succeeded == 1


def test_a_job_that_disappears_is_asked_about_for_a_while_and_then_left_alone(bench: Bench) -> None:
    async def lose_one(_: Interruption) -> None:
        await asyncio.sleep(12)
        del bench.aws.jobs["id-2"]

    report = bench.run(bench.scenario(2), lose_one)
    assert report.error is None
    assert [job.status for job in report.result.jobs] == ["SUCCEEDED", "RUNNING"]
    looks = [record for record in bench.journal.records if isinstance(record, Look)]
    assert looks[-1].missing == "2"
    assert looks[-1].covered == ""
    assert report.result.levels[0].unfinished == 1
    there, vanished = report.result.jobs
    assert there.missing_since_ms is None
    assert vanished.missing_since_ms is not None
    assert vanished.is_vanished
    assert report.result.validity is not None
    figures = {finding.doubt: (finding.jobs, finding.of_jobs) for finding in report.result.validity.findings}
    assert figures[Doubt.VANISHED] == (1, 2)
    assert Doubt.UNFINISHED not in figures, "each job is doubted once"


def test_jobs_that_are_not_visible_yet_are_waited_for(make_bench: MakeBench) -> None:
    bench = make_bench(invisible_s=15.0)
    report = bench.run(bench.scenario(2))
    assert report.result.levels[0].succeeded == 2
