"""Many jobs, looked at for few calls: pages where they are cheaper, details once, nothing asked twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import pytest

from batchgauge.core.bound import exactly
from batchgauge.core.job import JobState
from batchgauge.core.journal import Look, Plan, PlannedJob, PollingPlanned, Sighting, from_ranges
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.errors import CredentialsRejectedError
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.live_jobs import GONE_LIMIT_S
from batchgauge.measure.observe import Observer
from batchgauge.measure.recorder import Recorder
from tests.measure.conftest import Bench, MakeBench
from tests.measure.fake_aws import DENIED, EXPIRED, REFUSED, THROTTLED, FakeAws, FakeJob, Timing, Trouble
from tests.measure.virtual_time import run_virtually

JOBS = 1500


def spread(number: int) -> Timing:
    """Starting in the order of submission, so that every state holds many for a while."""
    starting_s = 3.0 + number * 0.05
    return Timing(1.0, starting_s, starting_s + 12.0, starting_s + 40.0)


def planned(bench: Bench, num_jobs: int = JOBS, **changed: object) -> Scenario:
    scenario = bench.scenario(num_jobs, max_workers=100)
    return msgspec.structs.replace(scenario, is_interval_planned=True, **changed)


def looks(bench: Bench) -> list[Look]:
    return [record for record in bench.journal.records if isinstance(record, Look)]


def plans(bench: Bench) -> list[PollingPlanned]:
    return [record for record in bench.journal.records if isinstance(record, PollingPlanned)]


def add_foreign(bench: Bench, count: int, state: JobState = JobState.RUNNABLE) -> None:
    """Others' jobs in the queue, which stay in a state for ever."""
    timing = {
        JobState.RUNNABLE: Timing(0.0, None, None, None),
        JobState.RUNNING: Timing(0.0, 0.0, 0.0, None),
    }[state]
    shape = JobShape(job_queue="queue", job_definition="definition")
    for number in range(count):
        job_id = f"foreign-{state}-{number}"
        now_ms = bench.aws.clock.now_ms() + bench.aws.offset_ms
        bench.aws.jobs[job_id] = FakeJob(job_id, job_id, shape, now_ms - 1000, timing)


async def foreign_first(bench: Bench, scenario: Scenario, count: int) -> None:
    add_foreign(bench, count)
    report = await bench.run_now(scenario)
    assert report.result.levels[0].succeeded == scenario.num_jobs


@dataclass(frozen=True)
class Finished:
    """A bench, and the run of many that went over it."""

    bench: Bench
    result: RunResult


@pytest.fixture(scope="module")
def finished() -> Finished:
    """One run for all that only look at what it left."""
    bench = Bench(FakeAws(timing=spread))
    return Finished(bench, bench.run(planned(bench)).result)


def test_many_jobs_are_listed_and_their_details_kept(finished: Finished) -> None:
    result = finished.result
    assert result.levels[0].succeeded == JOBS
    assert {job.exit_code for job in result.jobs} == {0}
    assert all(job.log_stream == f"definition/default/{job.job_id}" for job in result.jobs)
    assert result.api is not None
    operations = result.api.operations
    assert operations["ListJobs"].calls > operations["DescribeJobs"].calls
    assert operations["ListJobs"].calls + operations["DescribeJobs"].calls < 0.2 * JOBS
    assert result.polling is not None
    assert {"RUNNABLE", "RUNNING"} <= set(result.polling.listed_statuses)


def test_no_job_is_asked_for_again_once_it_was_seen_to_end(finished: Finished) -> None:
    bench = finished.bench
    ended: set[int] = set()
    for look in looks(bench):
        assert not ended & set(from_ranges(look.covered)), "no listing of ours shows ended jobs"
        ended |= {sighting.job for sighting in look.changed if sighting.state.is_terminal}
    described = Counter(job_id for ids in bench.aws.called("DescribeJobs") for job_id in ids)
    assert described.total() < 1.5 * JOBS
    assert len(ended) == JOBS


def test_each_page_has_its_own_times_and_covers_what_was_on_it(make_bench: MakeBench) -> None:
    bench = make_bench(timing=spread, page_size=200)
    bench.run(planned(bench))
    pages = [look for look in looks(bench) if look.operation == "ListJobs"]
    assert all(len(from_ranges(page.covered)) <= 200 for page in pages)
    assert all(page.received_ms - page.sent_ms <= 101 for page in pages)
    assert len({page.sent_ms for page in pages}) == len(pages)
    assert not any(page.missing for page in pages), "not to be on a page proves nothing"


def test_bounds_contain_the_truth_when_many_are_listed(finished: Finished) -> None:
    for job in finished.result.jobs:
        truth = finished.bench.aws.jobs[job.job_id or ""]
        assert job.instants is not None
        for bound, after_s in ((job.instants.runnable_ms, 1.0), (job.instants.starting_ms, truth.timing.starting_s)):
            assert bound is not None
            assert after_s is not None
            assert not bound.intersect(exactly(float(int(truth.created_ms + after_s * 1000)))).is_empty, (
                job.index,
                bound,
                truth,
            )


def test_a_queue_full_of_others_jobs_is_not_paged_through(make_bench: MakeBench) -> None:
    """Ours are the oldest here: pages come newest first, so the others' are on every page before them."""
    bench = make_bench(timing=lambda number: spread(number - 30_000))
    scenario = planned(bench, 600)

    async def go() -> None:
        add_foreign(bench, 30_000)
        others = bench.aws.jobs
        bench.aws.jobs = {}
        running = asyncio.ensure_future(bench.run_now(scenario))
        await asyncio.sleep(2)
        bench.aws.jobs |= others
        bench.aws.timing = lambda _number: Timing()
        report = await running
        assert report.result.levels[0].succeeded == 600

    bench.aws.timing = spread
    run_virtually(go())
    listed = len([call for call in bench.aws.called("ListJobs") if call[1] is JobState.RUNNABLE])
    assert listed < 30, "thirty pages of others' jobs a look were read through otherwise"
    assert any(not plan.listed or "RUNNABLE" not in plan.listed for plan in plans(bench)[2:])


def test_foreign_jobs_behind_ours_cost_no_more_than_asking_by_id(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda number: spread(number - 5000))
    run_virtually(foreign_first(bench, planned(bench, 600), 5000))
    calls = len(bench.aws.called("ListJobs")) + len(bench.aws.called("DescribeJobs"))
    assert calls < 0.35 * 600
    foreign = {job_id for job_id in bench.aws.jobs if job_id.startswith("foreign")}
    asked = {job_id for ids in bench.aws.called("DescribeJobs") for job_id in ids}
    assert not asked & foreign


def test_a_given_interval_is_kept_exactly(make_bench: MakeBench) -> None:
    bench = make_bench(timing=spread)
    result = bench.run(msgspec.structs.replace(bench.scenario(JOBS, max_workers=100), monitor_interval_s=7.0)).result
    assert result.polling is not None
    assert (result.polling.shortest_interval_s, result.polling.longest_interval_s) == (7.0, 7.0)
    started = [page.sent_ms for page in looks(bench) if page.operation == "ListJobs"]
    first_of_look = [at for before, at in pairwise(started) if at - before > 4000]
    begun_ms = bench.journal.records[0].started_ms  # type: ignore[union-attr]
    assert first_of_look
    assert all((at - begun_ms) % 7000 < 1 for at in first_of_look)


def test_few_jobs_are_looked_at_each_second_without_being_told_to(bench: Bench) -> None:
    result = bench.run(planned(bench, 5)).result
    assert result.polling is not None
    assert result.polling.longest_interval_s == 1.0
    for job in result.jobs:
        assert job.instants is not None
        assert job.instants.starting_ms is not None
        # The interval, a round trip of 0.1 s and 5 % of both for answers that may be old, and 0.1 s that the clocks may differ by.
        assert (job.instants.starting_ms.width or 0.0) <= 1.05 * 1100 + 110


def test_throttles_halve_the_budget_for_a_while(make_bench: MakeBench) -> None:
    bench = make_bench(timing=spread)
    bench.aws.trouble_next("ListJobs", *[None] * 3, *[THROTTLED] * 4)
    result = bench.run(planned(bench, api_budget=0.02)).result
    assert result.levels[0].succeeded == JOBS
    assert result.polling is not None
    assert result.polling.least_budget_factor < 1
    factors = [plan.budget_factor for plan in plans(bench)]
    lowest = factors.index(min(factors))
    assert factors[lowest:] == sorted(factors[lowest:]), "given back little by little"
    assert factors[-1] == 1.0
    assert plans(bench)[lowest].interval_s > plans(bench)[-1].interval_s


def test_pages_that_cannot_be_read_leave_the_jobs_to_the_next_look(make_bench: MakeBench) -> None:
    bench = make_bench(timing=spread)
    bench.aws.trouble_next("ListJobs", *[None] * 6, *[THROTTLED] * 12)
    result = bench.run(planned(bench)).result
    assert result.levels[0].succeeded == JOBS
    largest = max(len(ids) for ids in bench.aws.called("DescribeJobs"))
    assert largest <= 100
    assert len(bench.aws.called("DescribeJobs")) < 0.1 * JOBS


def test_many_that_are_not_visible_yet_are_not_asked_for_one_by_one(make_bench: MakeBench) -> None:
    bench = make_bench(timing=spread, invisible_s=8.0)
    result = bench.run(planned(bench)).result
    assert result.levels[0].succeeded == JOBS
    assert len(bench.aws.called("DescribeJobs")) < 0.1 * JOBS


def test_many_that_end_before_they_are_looked_at_are_found(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda _number: Timing(0.1, 0.2, 0.3, 0.6))
    result = bench.run(planned(bench)).result
    assert result.levels[0].succeeded == JOBS
    assert all(job.log_stream for job in result.jobs)


def test_many_that_stay_submitted_are_listed_as_such(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda _number: Timing(60.0, 61.0, 62.0, 80.0))
    result = bench.run(planned(bench)).result
    assert result.levels[0].succeeded == JOBS
    assert result.polling is not None
    assert "SUBMITTED" in result.polling.listed_statuses
    for job in result.jobs:
        assert job.instants is not None
        assert job.instants.runnable_ms is not None
        assert (job.instants.runnable_ms.width or 0) <= 11_500, "what was listed as SUBMITTED was not RUNNABLE yet"


def test_many_that_vanish_are_given_up_after_a_while(make_bench: MakeBench) -> None:
    bench = make_bench(timing=spread)

    async def lose_some(_: Interruption) -> None:
        await asyncio.sleep(60)
        for number in range(1, 301):
            bench.aws.jobs.pop(f"id-{number + 1000}", None)

    report = bench.run(planned(bench), lose_some)
    assert report.error is None
    assert report.result.levels[0].unfinished == 300
    last = looks(bench)[-1]
    first_missed = next(look for look in looks(bench) if look.missing)
    assert last.received_ms - first_missed.received_ms <= (GONE_LIMIT_S + 60) * 1000
    missing = sum(len(from_ranges(look.missing)) for look in looks(bench))
    assert missing < 300 * 150
    assert len(bench.aws.called("DescribeJobs")) < 600


@pytest.mark.parametrize("refusal", [DENIED, REFUSED])
def test_where_listing_is_refused_all_are_asked_for_by_id(make_bench: MakeBench, refusal: Trouble) -> None:
    bench = make_bench(timing=spread)
    bench.aws.always["ListJobs"] = refusal
    result = bench.run(planned(bench, 600)).result
    assert result.levels[0].succeeded == 600
    assert len(bench.aws.called("ListJobs")) == 1


def test_expired_credentials_end_the_run_whichever_call_meets_them(make_bench: MakeBench) -> None:
    bench = make_bench(timing=spread)
    bench.aws.trouble_next("ListJobs", None, None, EXPIRED)
    bench.aws.always["DescribeJobs"] = EXPIRED
    report = bench.run(planned(bench, 600))
    assert isinstance(report.error, CredentialsRejectedError)


def test_children_of_an_array_are_listed_by_their_parent(make_bench: MakeBench) -> None:
    bench = make_bench(timing=spread)
    scenario = planned(bench)
    shape = scenario.job

    async def go() -> Recorder:
        recorder = bench.recorder(scenario)
        recorder.record(Plan(jobs=tuple(PlannedJob(index, f"job{index}", 0.0) for index in range(1, JOBS + 1))))
        for index, job_id in enumerate(bench.aws.add_children("parent", JOBS, shape), start=1):
            recorder.job_ids[index] = job_id
        launched = asyncio.Event()
        launched.set()
        aws = bench.aws
        observer = Observer(
            aws, recorder, aws.clock, bench.chance, "fake", 10.0, queue="queue", is_interval_exact=False
        )
        await observer.observe(launched, Interruption())
        return recorder

    recorder = run_virtually(go())
    assert {sighting.state for sighting in recorder.last_seen.values()} == {JobState.SUCCEEDED}
    assert len(recorder.last_seen) == JOBS
    assert all(sighting.log_stream for sighting in recorder.last_seen.values())
    assert {listing for listing, _, _ in bench.aws.called("ListJobs")} == {"parent"}
    calls = len(bench.aws.called("ListJobs")) + len(bench.aws.called("DescribeJobs"))
    assert calls < 0.06 * JOBS


def test_a_retried_job_that_waits_again_is_in_every_look_that_shows_it(bench: Bench) -> None:
    """Whoever reads the journal takes a job that is not in `changed` to be where it was furthest."""

    async def go() -> Recorder:
        recorder = bench.recorder()
        recorder.saw(Sighting(job=1, state=JobState.RUNNING))
        recorder.saw(Sighting(job=1, state=JobState.RUNNABLE))
        assert recorder.is_behind(1)
        recorder.saw(Sighting(job=1, state=JobState.RUNNING))
        assert not recorder.is_behind(1)
        return recorder

    run_virtually(go())


def test_the_journal_of_a_planned_run_makes_the_same_result(make_bench: MakeBench) -> None:
    bench = make_bench(timing=spread)
    result = bench.run(planned(bench, 300)).result
    assert build_result(bench.journal.records) == result
    assert plans(bench)[0].at_ms <= looks(bench)[0].sent_ms
