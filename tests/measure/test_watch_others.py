"""Jobs of somebody else's: found, followed to their end, never ended by us."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from batchgauge.core.job import JobState
from batchgauge.core.journal import DEADLINE, Discovered, RunOutcome
from batchgauge.core.progress.run_progress import RunProgress
from batchgauge.core.result.builder import build_result
from batchgauge.core.scenario import JobShape, ObservedJobs, Scenario
from batchgauge.errors import AccessDeniedError, ArrayJobNotFoundError
from batchgauge.measure.find_jobs import FoundJob, JobFinder
from batchgauge.measure.interruption import Interruption, enforce_deadline
from batchgauge.measure.run import RunReport
from batchgauge.measure.watch_others import Watching, wait_for_first
from tests.measure.conftest import RUN, Bench
from tests.measure.fake_aws import DENIED, THROTTLED, Timing
from tests.measure.virtual_time import run_virtually

PREFIX = ObservedJobs(name_prefix="nightly-")


def finder_of(bench: Bench, wanted: ObservedJobs = PREFIX) -> JobFinder:
    return JobFinder(bench.aws, bench.aws.clock, bench.chance, "endpoint", "queue", wanted)


async def watch(
    bench: Bench,
    wanted: ObservedJobs = PREFIX,
    *,
    interruption: Interruption | None = None,
    interval_s: float = 2.0,
) -> RunReport:
    interruption = interruption or Interruption()
    finder = finder_of(bench, wanted)
    first = await wait_for_first(finder, interval_s, bench.aws.clock, interruption)
    scenario = Scenario(
        job=JobShape(job_queue="queue", job_definition="definition:3"),
        num_jobs=len(first),
        countdown_s=None,
        is_monitored=True,
        monitor_interval_s=interval_s,
        observed=wanted,
    )
    watching = Watching(RUN, scenario, first, finder, bench.journal, bench.surroundings(), interruption)
    report = await watching.carry_out()
    assert build_result(bench.journal.records) == report.result
    assert bench.journal.synced == len(bench.journal.records)
    return report


def test_jobs_that_come_one_after_the_other_are_followed_to_their_ends(bench: Bench) -> None:
    async def others() -> None:
        for number in range(4):
            await asyncio.sleep(10)
            bench.aws.make_job(f"Nightly-{number}")
            bench.aws.make_job(f"other-{number}")

    async def both() -> RunReport:
        report, _ = await asyncio.gather(watch(bench), others())
        return report

    result = run_virtually(both()).result
    assert [job.job_name for job in result.jobs] == [f"Nightly-{number}" for number in range(4)]
    assert {job.status for job in result.jobs} == {JobState.SUCCEEDED}
    assert result.outcome is RunOutcome.COMPLETE
    assert result.job_definition == "definition:3"
    assert bench.aws.called("SubmitJob") == []
    assert bench.aws.called("TerminateJob") == []


def test_what_was_not_ours_to_measure_is_absent_and_not_0(bench: Bench) -> None:
    bench.aws.make_job("nightly-1")
    result = run_virtually(watch(bench)).result
    [job] = result.jobs
    assert job.submit_duration is None
    assert job.submit_tries is None
    assert job.phases is not None
    assert (job.phases.submit_ms, job.phases.submit_latency_ms) == (None, None)
    assert job.phases.run_ms is not None
    assert job.phases.run_ms.is_exact
    assert job.instants is not None
    assert (job.instants.intended_ms, job.instants.sent_ms, job.instants.accepted_ms) == (None, None, None)
    [summary] = result.levels
    assert summary.submit.count == 0
    assert (summary.submission_success_rate, summary.submissions_per_s, summary.submit_latency) == (None, None, None)
    assert (summary.accepted, summary.succeeded, summary.job_success_rate) == (1, 1, 1.0)


def test_every_call_of_the_search_is_accounted_for(bench: Bench) -> None:
    bench.aws.make_job("nightly-1")
    bench.aws.trouble_next("ListJobs", None, THROTTLED)
    result = run_virtually(watch(bench)).result
    assert result.api is not None
    before_the_journal = 1
    assert result.api.operations["ListJobs"].calls == len(bench.aws.called("ListJobs")) - before_the_journal
    assert result.api.operations["ListJobs"].throttled == 1


def test_an_arrays_children_are_known_without_a_list(bench: Bench) -> None:
    bench.aws.array_sizes["parent"] = 3
    for index in range(3):
        bench.aws.make_job("array", f"parent:{index}")
    result = run_virtually(watch(bench, ObservedJobs(array_job_id="parent"))).result
    assert [job.job_id for job in result.jobs] == ["parent:0", "parent:1", "parent:2"]
    assert result.levels[0].succeeded == 3
    assert bench.aws.called("ListJobs") == []


def test_a_job_that_is_no_array_is_refused_by_name(bench: Bench) -> None:
    job_id = bench.aws.make_job("single")
    for wanted in (job_id, "nothing"):
        with pytest.raises(ArrayJobNotFoundError):
            run_virtually(finder_of(bench, ObservedJobs(array_job_id=wanted)).find_new())


def test_jobs_made_before_since_are_left_out(bench: Bench) -> None:
    bench.aws.make_job("nightly-old")

    async def find() -> tuple[FoundJob, ...]:
        await asyncio.sleep(100)
        bench.aws.make_job("nightly-new")
        since_ms = bench.aws.clock.now_ms() - 50_000
        return await finder_of(bench, msgspec.structs.replace(PREFIX, since_ms=since_ms)).find_new()

    assert [job.name for job in run_virtually(find())] == ["nightly-new"]


def test_at_the_deadline_nothing_is_ended_and_the_outcome_says_so(make_bench: object) -> None:
    bench = make_bench(timing=lambda _: Timing(ended_s=None))  # type: ignore[operator]
    bench.aws.make_job("nightly-1")

    async def until_the_deadline() -> RunReport:
        interruption = Interruption()
        deadline = asyncio.create_task(enforce_deadline(60, bench.aws.clock, interruption))
        report = await watch(bench, interruption=interruption)
        await deadline
        return report

    report = run_virtually(until_the_deadline())
    assert report.result.outcome is RunOutcome.DEADLINE
    assert report.result.levels[0].unfinished == 1
    assert bench.aws.called("TerminateJob") == []


def test_an_interruption_ends_no_job_of_somebody_elses(bench: Bench) -> None:
    bench.aws.make_job("nightly-1")

    async def interrupted() -> RunReport:
        interruption = Interruption()
        watching = asyncio.create_task(watch(bench, interruption=interruption))
        await asyncio.sleep(10)
        interruption.request("SIGINT")
        return await watching

    assert run_virtually(interrupted()).result.outcome is RunOutcome.INTERRUPTED
    assert bench.aws.called("TerminateJob") == []


def test_what_forbids_every_search_ends_the_run_with_its_error(bench: Bench) -> None:
    bench.aws.make_job("nightly-1")
    bench.aws.trouble_next("ListJobs", None, DENIED)
    report = run_virtually(watch(bench))
    assert isinstance(report.error, AccessDeniedError)
    assert report.result.outcome is RunOutcome.FAILED


def test_its_journal_tells_how_far_it_is(bench: Bench) -> None:
    bench.aws.make_job("nightly-1")
    run_virtually(watch(bench))
    progress = RunProgress()
    for record in bench.journal.records:
        progress.add(record)
    assert bench.journal.of(Discovered)
    assert progress.count(JobState.SUCCEEDED) == progress.total == 1
    assert DEADLINE == "deadline"
