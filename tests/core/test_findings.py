from __future__ import annotations

import dataclasses
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.findings.kinds import (
    AllSucceeded,
    CapacityReached,
    ConditionsDiffer,
    Difference,
    Direction,
    Finding,
    HeldBackByWorkers,
    JobsFailed,
    JobsRefused,
    JobsTriedAgain,
    JobsUnfinished,
    LogsMissing,
    NeverThrottled,
    NotMonitored,
    Phase,
    RanFewer,
    RanTogether,
    Reason,
    RunEndedEarly,
    RunTimeVaried,
    SentLate,
    Throttled,
    Trend,
    Weight,
)
from batchgauge.core.findings.rules import find, surely_held
from batchgauge.core.findings.trends import gives_way
from batchgauge.core.journal import RunOutcome
from batchgauge.core.limits.judging import judge_limits
from tests.reports.runs import Setting, measured, tried_again

F = TypeVar("F", bound=Finding)


def analysis(*levels: int, setting: Setting | None = None) -> Analysis:
    return analyse([(f"{level}.json", measured(level, setting)) for level in levels])


def of(kind: type[F], found: tuple[Finding, ...]) -> list[F]:
    return [finding for finding in found if isinstance(finding, kind)]


def test_the_ceiling_is_named_at_the_first_level_that_fills_every_place() -> None:
    found = find(analysis(5, 16, 20, 40))
    assert of(CapacityReached, found) == [CapacityReached(level=20, capacity=16)]
    assert of(RanTogether, found) == []


def test_places_are_held_while_a_job_is_starting() -> None:
    # Jobs so short that each place's first one has gone before the last one runs: fewer run at once than places are held.
    run = measured(40, Setting(countdown_s=1, interval_s=1.0))
    [summary] = run.levels
    assert summary.max_running is not None
    assert summary.max_running < 16
    assert surely_held(run.jobs) == 16
    found = find(analyse([("a.json", run)]))
    assert of(CapacityReached, found) == [CapacityReached(level=40, capacity=16)]
    assert of(RanFewer, found) == []


@given(st.integers(1, 30), st.integers(1, 20))
def test_no_more_places_are_ever_surely_held_than_there_are(level: int, capacity: int) -> None:
    assert surely_held(measured(level, Setting(capacity=capacity, interval_s=5)).jobs) <= min(level, capacity)


def test_no_ceiling_is_named_where_all_ran_together() -> None:
    found = find(analysis(2, 5, 10))
    assert of(RanTogether, found) == [RanTogether(level=10)]
    assert of(CapacityReached, found) == []


def test_no_ceiling_is_named_where_the_capacity_is_not_known() -> None:
    found = find(analysis(40, setting=Setting(knows_capacity=False)))
    assert of(CapacityReached, found) == []
    assert [finding.level for finding in of(RanFewer, found)] == [40]


def test_that_few_ran_at_once_gives_way_to_the_limit_that_kept_them_from_it() -> None:
    runs = analysis(5, 40, setting=Setting(knows_capacity=False))
    assert judge_limits(runs).levels[-1].held.code == "vcpu-quota"
    assert of(RanFewer, find(runs)) == []


def test_throttles_are_named_by_level_and_operation() -> None:
    found = find(analysis(20, 100))
    assert of(Throttled, found) == [Throttled(level=100, operation="SubmitJob", throttled=2, calls=102)]
    assert of(NeverThrottled, found) == []


def test_no_throttle_is_worth_saying() -> None:
    [never] = of(NeverThrottled, find(analysis(2, 5)))
    assert never.calls > 7


def test_failed_and_refused_jobs_come_with_their_reasons_before_everything_else() -> None:
    found = find(analysis(20, setting=Setting(failing=4, refused=10)))
    reasons = (Reason("Essential container in task exited", 3, 4),)
    assert of(JobsFailed, found) == [JobsFailed(level=20, count=4, total=20, reasons=reasons)]
    [refused] = of(JobsRefused, found)
    assert (refused.count, refused.reasons) == (2, (Reason("ClientException", None, 2),))
    assert [finding.weight for finding in found[:2]] == [Weight.PROBLEM, Weight.PROBLEM]
    assert of(AllSucceeded, found) == []


def test_jobs_that_had_not_ended_are_named_by_state() -> None:
    [unfinished] = of(JobsUnfinished, find(analysis(20, setting=Setting(looks=4))))
    assert unfinished.count == sum(reason.count for reason in unfinished.reasons) == 20
    assert {reason.text for reason in unfinished.reasons} <= {"RUNNABLE", "STARTING", "RUNNING"}


def test_a_run_that_was_not_watched_is_named_and_nothing_is_said_of_its_jobs() -> None:
    found = find(analysis(5, setting=Setting(is_monitored=False)))
    assert of(NotMonitored, found) == [NotMonitored(levels=(5,), repeats=(1,))]
    assert of(JobsUnfinished, found) == []
    assert of(AllSucceeded, found) == []


def test_an_interrupted_run_is_named() -> None:
    found = find(analysis(5, setting=Setting(outcome=RunOutcome.INTERRUPTED)))
    assert of(RunEndedEarly, found) == [RunEndedEarly(5, "5.json", RunOutcome.INTERRUPTED)]


def test_the_wait_is_compared_exactly_and_queueing_within_its_bounds() -> None:
    trends = {trend.phase: trend for trend in of(Trend, find(analysis(2, 5, 40)))}
    assert trends[Phase.WAIT].direction is Direction.GREW
    assert trends[Phase.WAIT].low.is_exact
    assert trends[Phase.QUEUE].direction is Direction.GREW
    assert not trends[Phase.QUEUE].low.is_exact
    assert trends[Phase.RUN].direction is Direction.STEADY
    assert {trend.low_level for trend in trends.values()} == {2}
    assert {trend.high_level for trend in trends.values()} == {40}


def test_one_level_alone_has_no_trend() -> None:
    assert of(Trend, find(analysis(5))) == []


def test_repeats_of_one_level_alone_have_no_trend() -> None:
    repeated = analyse([("a.json", measured(5)), ("b.json", measured(5, seed=2))])
    assert of(Trend, find(repeated)) == []


def test_our_own_bound_is_named_where_it_delayed_submissions() -> None:
    [held_back] = of(HeldBackByWorkers, find(analysis(5, 100)))
    assert (held_back.level, held_back.max_workers) == (100, 10)
    assert of(HeldBackByWorkers, find(analysis(5, 10))) == []


def test_submissions_that_were_sent_late_are_named_and_no_workers_blamed() -> None:
    found = find(analysis(100, setting=Setting(load="burst")))
    [late] = of(SentLate, found)
    assert (late.level, late.count, late.submissions, late.without_connection) == (100, 100, 100, 0)
    assert of(HeldBackByWorkers, found) == []
    assert of(SentLate, find(analysis(100))) == []


def test_runs_under_other_loads_are_not_compared_without_a_word() -> None:
    mixed = analyse([("a.json", measured(2)), ("b.json", measured(5, Setting(load="burst")))])
    [differ] = of(ConditionsDiffer, find(mixed))
    assert differ.differences == (Difference("load", ("burst", "workers")),)
    assert of(Trend, find(mixed)) == []


def test_run_times_that_differ_are_named() -> None:
    # A tenth of a second of countdown: the noise of the container's start is then most of the run time.
    found = of(RunTimeVaried, find(analysis(20, setting=Setting(countdown_s=0))))
    assert [finding.level for finding in found] == [20]
    # Of repeats the one that varied most.
    assert len(of(RunTimeVaried, find(analysis(20, 20, setting=Setting(countdown_s=0))))) == 1
    assert of(RunTimeVaried, find(analysis(20))) == []


def test_logs_without_a_line_are_named() -> None:
    assert of(LogsMissing, find(analysis(5))) == [LogsMissing(level=5, count=1, jobs=5)]


def test_runs_under_other_conditions_are_named() -> None:
    mixed = analyse([("a.json", measured(2)), ("b.json", measured(5, Setting(is_local=True, countdown_s=10)))])
    [differ] = of(ConditionsDiffer, find(mixed))
    assert differ.differences == (Difference("countdown", ("10 s", "30 s")), Difference("aws", ("embedded", "real")))


def test_what_changes_with_the_level_is_not_said_of_runs_that_differ_otherwise() -> None:
    mixed = find(analyse([("a.json", measured(2, Setting(countdown_s=2))), ("b.json", measured(5))]))
    assert of(Trend, mixed) == []
    assert len(of(ConditionsDiffer, mixed)) == 1
    assert of(Trend, find(analysis(2, 5))) != []


def test_what_holds_alike_for_several_runs_of_a_level_is_said_once() -> None:
    repeated = analyse([(f"{n}.json", measured(5, Setting(failing=5), seed=n)) for n in (1, 2, 3)])
    reasons = (Reason("Essential container in task exited", 3, 1),)
    assert of(JobsFailed, find(repeated)) == [JobsFailed(5, 1, 5, reasons, repeats=(1, 2, 3))]


def test_what_differs_between_runs_of_a_level_is_said_of_each() -> None:
    repeated = analyse([(f"{n}.json", measured(5, Setting(failing=n))) for n in (2, 5)])
    assert [(finding.count, finding.repeats) for finding in of(JobsFailed, find(repeated))] == [(2, (1,)), (1, (2,))]


def test_jobs_that_were_tried_again_are_named() -> None:
    found = find(analyse([("a.json", tried_again(measured(5), 2))]))
    assert of(JobsTriedAgain, found) == [JobsTriedAgain(level=5, count=2, total=5, attempts=7)]
    assert of(JobsTriedAgain, find(analysis(5))) == []


def test_an_analysis_of_nothing_has_no_findings() -> None:
    assert find(Analysis(runs=())) == ()


def test_a_level_of_which_no_job_was_taken_has_no_trend_of_submission() -> None:
    refused = measured(2, Setting(refused=1))
    found = find(analyse([("2.json", refused), ("20.json", measured(20))]))
    assert [trend.phase for trend in of(Trend, found)] == []


def test_a_trend_that_means_leave_open_gives_way_to_the_limit_that_explains_it() -> None:
    trend = next(trend for trend in of(Trend, find(analysis(2, 5))) if trend.phase is Phase.QUEUE)
    by_chance = dataclasses.replace(trend, direction=Direction.CHANCE)
    limited = judge_limits(analysis(5, 40))
    assert gives_way(by_chance, limited)
    assert not gives_way(by_chance, judge_limits(analysis(2, 5)))
    assert not gives_way(dataclasses.replace(trend, direction=Direction.GREW), limited)
    assert not gives_way(dataclasses.replace(by_chance, phase=Phase.RUN), limited)
