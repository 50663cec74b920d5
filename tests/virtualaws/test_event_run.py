"""Whole runs that are followed by events, in virtual time: nothing is lost, and looks stay rare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from batchgauge.batchmodel.boundary import Distribution, ModelSettings
from batchgauge.core.journal import EventBatch, EventRouteStage
from batchgauge.core.result.builder import build_result
from batchgauge.measure.inspect_target import inspect_target
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.virtualaws.account import VirtualAccount
from batchgauge.virtualaws.event_loop import run_virtually
from batchgauge.virtualaws.event_routes import VirtualEventRoutes
from batchgauge.virtualaws.events import EventSettings
from batchgauge.virtualaws.gateway import VirtualGateway
from tests.virtualaws.conftest import FACTS, Silence

MakeRegion = Callable[..., Any]
RUN = "concurrent-test-1"


class EventRun:
    """One run with events, and what it left."""

    def __init__(self, make_region: MakeRegion, settings: EventSettings, events_queue: str | None = None) -> None:
        self.routes = VirtualEventRoutes(settings)
        self.region = region = make_region()
        region.account = VirtualAccount(ModelSettings(), region.clock, on_event=self.routes.emit)
        region.gateway = VirtualGateway(region.account, region.clock)
        self.routes.serve(region.account, region.clock)
        self._events_queue = events_queue

    def run(self, num_jobs: int, countdown_s: int = 30, others: int = 0, **changed: Any) -> RunReport:
        region = self.region

        async def go() -> RunReport:
            region.make_seed()
            for number in range(others):
                shape = region.scenario(1, 5).job
                await region.gateway.submit_job(f"somebody-elses-{number}", shape)
            scenario = msgspec.structs.replace(region.scenario(num_jobs, countdown_s), watches_events=True, **changed)
            facts = await inspect_target(region.gateway, scenario.job, FACTS, region.clock, region.chance)
            around = Surroundings(
                region.gateway,
                region.gateway,
                region.clock,
                region.chance,
                Silence(),
                facts,
                0,
                cpu_s=lambda: 0.0,
                reads_logs=False,
                event_routes=self.routes,
                events_queue=self._events_queue,
            )
            return await measure_run(RUN, scenario, region.journal, around, Interruption())

        report = run_virtually(go())
        assert build_result(region.journal.records) == report.result
        return report

    def told(self) -> set[tuple[int, str, int]]:
        """(job, state, finished attempts) that events told."""
        return {
            (event.job, event.sighting.state, len(event.sighting.attempts))
            for record in self.region.journal.records
            if isinstance(record, EventBatch)
            for event in record.events
        }

    def calls(self, report: RunReport, operation: str) -> int:
        assert report.result.api is not None
        usage = report.result.api.operations.get(operation)
        return usage.calls if usage is not None else 0


TROUBLED = EventSettings(Distribution(400.0, 1.0), duplicated=0.2, reordered=0.2, reordered_by_ms=20_000.0, seed=7)


def test_every_change_of_every_job_is_told_however_late_doubled_and_disordered(make_region: MakeRegion) -> None:
    run = EventRun(make_region, TROUBLED)
    report = run.run(60)
    assert report.error is None
    assert not report.is_event_route_left
    [level] = report.result.levels
    assert level.succeeded == 60
    events = report.result.events
    assert events is not None
    assert (events.jobs, events.route) == (60, EventRouteStage.TAKEN_AWAY)
    assert events.duplicates > 10
    assert events.disordered > 3
    assert events.events == 60 * 4, "all that AWS ever sends of such jobs"
    assert len(run.told()) == 60 * 4
    assert (run.routes.queues, run.routes.rules) == (set(), {})


def test_looks_are_rare_while_events_tell(make_region: MakeRegion) -> None:
    run = EventRun(make_region, EventSettings())
    report = run.run(40, countdown_s=300)
    assert report.result.levels[0].succeeded == 40
    span_s = (report.result.levels[0].makespan_ms or 0) / 1000
    assert span_s > 600
    assert 1 <= run.calls(report, "DescribeJobs") <= span_s / 60 + 2


def test_a_run_whose_events_are_all_lost_ends_by_its_looks(make_region: MakeRegion) -> None:
    run = EventRun(make_region, EventSettings(lost=1.0))
    report = run.run(5)
    assert report.error is None
    assert report.result.levels[0].succeeded == 5
    assert report.result.events is not None
    assert report.result.events.events == 0


def test_events_of_other_jobs_are_not_taken_for_ours(make_region: MakeRegion) -> None:
    run = EventRun(make_region, EventSettings())
    report = run.run(5, others=7)
    assert {job for job, _, _ in run.told()} == {1, 2, 3, 4, 5}
    assert report.result.levels[0].succeeded == 5


def test_a_queue_of_others_keeps_what_is_theirs_and_stays_where_it_is(make_region: MakeRegion) -> None:
    run = EventRun(make_region, EventSettings(duplicated=0.0), events_queue="virtual:theirs")
    run.routes.queues.add("theirs")
    run.routes.rules["their-rule"] = "arn:virtual:theirs"
    report = run.run(5, others=3)
    assert report.result.levels[0].succeeded == 5
    assert (run.routes.queues, set(run.routes.rules)) == ({"theirs"}, {"their-rule"})
    left = [envelope["detail"]["jobName"] for envelope in run.routes.queue._envelopes.values()]
    assert {name for name in left if name.startswith("somebody-elses-")} == {f"somebody-elses-{n}" for n in range(3)}
    assert len([name for name in left if name.startswith("somebody-elses-")]) == 12
    assert report.result.events is not None
    assert report.result.events.route is None


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_gives_the_same_result(make_region: MakeRegion, seed: int) -> None:
    settings = EventSettings(seed=seed)
    first, second = (EventRun(make_region, settings).run(20).result for _ in range(2))
    assert first == second


def test_bounds_from_events_hold_the_truth_and_are_about_a_second_wide(make_region: MakeRegion) -> None:
    run = EventRun(make_region, TROUBLED)
    report = run.run(60)
    truth = run.region.truth()
    widths = []
    for job in report.result.jobs:
        assert job.instants is not None
        for state, bound in (("RUNNABLE", job.instants.runnable_ms), ("STARTING", job.instants.starting_ms)):
            assert bound is not None
            assert bound.earliest is not None
            assert bound.latest is not None
            assert bound.earliest <= truth[job.job_id or ""][state] <= bound.latest + 1
            widths.append(bound.latest - bound.earliest)
    assert sorted(widths)[len(widths) // 2] <= 1100


def test_the_children_of_an_array_are_told_apart_and_their_parent_is_nobody(make_region: MakeRegion) -> None:
    run = EventRun(make_region, TROUBLED)
    report = run.run(40, is_array=True)
    assert report.error is None
    assert report.result.levels[0].succeeded == 40
    assert {job for job, _, _ in run.told()} == set(range(1, 41))
    assert report.result.events is not None
    assert report.result.events.events == 40 * 4
    truth = run.region.truth()
    for job in report.result.jobs:
        assert job.instants is not None
        assert job.instants.starting_ms is not None
        assert job.instants.starting_ms.earliest is not None
        assert job.instants.starting_ms.latest is not None
        entered_ms = truth[job.job_id or ""]["STARTING"]
        assert job.instants.starting_ms.earliest <= entered_ms <= job.instants.starting_ms.latest + 1
