"""``--levels auto`` in virtual time: the measuring code, the verdicts and the planner together find the ceiling that the model has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from batchgauge.core.documents.redaction import Redactor
from batchgauge.core.limits.searches import searches_of
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import SweepPlace
from batchgauge.core.sweeps.auto_levels import AutoRules, Bracket, Stop
from batchgauge.core.sweeps.level_search import LevelSearch
from batchgauge.core.sweeps.record import AutoSearch, SearchBudget, SweepRecord
from batchgauge.core.sweeps.steps import SweepStep, steps_of
from batchgauge.core.verdict import MaxVcpusLimit
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport
from batchgauge.measure.search import Steps
from batchgauge.measure.sweep import sweep
from batchgauge.virtualaws.event_loop import run_virtually

MakeRegion = Callable[..., Any]
COUNTDOWN_S = 60


class Search:
    """A search on a region, as the command drives it."""

    def __init__(self, region: Any, auto: AutoSearch, *, warm_ups: int = 0) -> None:
        self.region = region
        self.record = SweepRecord(
            sweep_id="sweep-1",
            steps=steps_of([2], repeats=0, warm_ups=warm_ups),
            pause_s=0.0,
            scenario=region.scenario(2, COUNTDOWN_S),
            auto=auto,
            region="us-west-2",
        )
        self.results: list[RunResult] = []

    def go(self, *, most: int = 99, deadline_s: float | None = None) -> LevelSearch:
        """Measure, at most so many runs now: another call goes on with what this one has left."""
        self._measure(most=most, deadline_s=deadline_s)
        [found] = searches_of(self.record, self.results)
        return found

    def go_all(self) -> None:
        """The same of several variants."""
        self._measure()

    def _measure(self, *, most: int = 99, deadline_s: float | None = None) -> None:
        async def work() -> None:
            self.region.make_seed()
            clock = self.region.clock
            deadline_ms = None if deadline_s is None else clock.now_ms() + deadline_s * 1000
            steps = Steps(self.record, clock, done=self.results, deadline_ms=deadline_ms)

            async def run(position: int, step: SweepStep) -> RunReport:
                steps.begun()
                steps.record = steps.record.with_run(position, f"concurrent-test-20261122T1015{position:02d}-x7k2")
                place = SweepPlace(
                    sweep_id="sweep-1", position=position, order="auto", repeat=step.repeat, variant=step.variant
                )
                changes = {"num_jobs": step.level, "place": place, "is_warm_up": step.is_warm_up}
                scenario = msgspec.structs.replace(steps.record.scenario, **changes)
                report: RunReport = await self.region.measure(
                    f"concurrent-test-20261122T1015{position:02d}-x7k2", scenario
                )
                return report

            done = len(self.results)
            reports = sweep(steps.at, run, pause_s=0.0, clock=clock, interruption=Interruption(), done=done)
            async for one in reports:
                self.results.append(one.report.result)
                steps.took(one.report.result)
                if len(self.results) - done >= most:
                    break
            await reports.aclose()
            self.record = steps.record

        run_virtually(work())


def auto(budget: SearchBudget | None = None, **rules: Any) -> AutoSearch:
    return AutoSearch(rules={"": AutoRules(**rules)}, budget=budget or SearchBudget())


def test_finds_the_level_at_which_the_first_job_waits_and_names_the_limit(make_region: MakeRegion) -> None:
    search = Search(make_region(max_vcpus=11), auto())
    found = search.go()
    assert found.levels == (2, 4, 8, 16, 11, 12)
    assert found.bracket == Bracket(11, 12)
    assert isinstance(found.held, MaxVcpusLimit)
    assert found.held.jobs.value == 11
    assert found.end is not None
    assert found.end.stop is Stop.FOUND
    assert [step.file for step in search.record.steps][-2:] == [
        "test-case-5-level-11.json",
        "test-case-6-level-12.json",
    ]


def test_a_search_that_was_cut_off_goes_on_where_it_was(make_region: MakeRegion) -> None:
    search = Search(make_region(max_vcpus=5), auto())
    half = search.go(most=3)
    assert half.end is None
    assert half.levels == (2, 4, 8)
    search.region = make_region(max_vcpus=5)
    assert search.go().levels == (2, 4, 8, 5, 6)


def test_repeats_are_measured_in_a_row_and_what_warms_up_shows_nothing(make_region: MakeRegion) -> None:
    search = Search(make_region(max_vcpus=3), auto(repeats=2), warm_ups=1)
    found = search.go()
    assert found.levels == (2, 4, 3)
    assert [(step.level, step.repeat, step.is_warm_up) for step in search.record.steps] == [
        (2, 1, True),
        *((level, repeat, False) for level in (2, 4, 3) for repeat in (1, 2)),
    ]


def test_no_job_more_than_the_budget_holds_is_started(make_region: MakeRegion) -> None:
    search = Search(make_region(max_vcpus=100), auto(SearchBudget(max_jobs=20)), warm_ups=1)
    found = search.go()
    assert sum(result.total_jobs for result in search.results) == 16
    assert found.bracket == Bracket(8, None)
    assert found.end is not None
    assert (found.end.stop, found.end.next_level) == (Stop.JOBS, 16)


def test_a_level_that_would_not_end_in_time_is_not_begun_and_the_next_process_may_begin_it(
    make_region: MakeRegion,
) -> None:
    search = Search(make_region(max_vcpus=5), auto())
    late = search.go(deadline_s=4 * COUNTDOWN_S)
    assert late.end is not None
    assert late.end.stop is Stop.DEADLINE
    assert 1 <= len(late.levels) < 4
    search.region = make_region(max_vcpus=5)
    again = search.go()
    assert again.bracket == Bracket(5, 6)


def test_documents_without_names_tell_the_same_of_a_search(make_region: MakeRegion) -> None:
    search = Search(make_region(max_vcpus=3), auto())
    plain = search.go()
    redactor = Redactor()
    [shared] = searches_of(search.record, [redactor.result(result) for result in search.results])
    assert (shared.levels, shared.bracket) == (plain.levels, plain.bracket)


def test_variants_are_searched_one_after_the_other_each_with_its_part_of_the_budget(make_region: MakeRegion) -> None:
    rules = AutoRules()
    both = AutoSearch(rules={"small": rules, "large": rules}, budget=SearchBudget(max_jobs=30))
    search = Search(make_region(max_vcpus=100), both)
    search.go_all()
    levels = [(step.variant, step.level) for step in search.record.steps]
    assert levels == [("small", 2), ("small", 4), ("small", 8), ("large", 2), ("large", 4), ("large", 8)]
    assert [found.bracket for found in searches_of(search.record, search.results)] == [Bracket(8, None)] * 2
