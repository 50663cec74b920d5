"""The interval beside what a threshold measured, and what a cost is judged by."""

from __future__ import annotations

import msgspec
import pytest

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.bound import Bound, exactly
from batchgauge.core.cost.cost import Cost, NoCost
from batchgauge.core.thresholds.thresholds import IntervalOf, ThresholdResult, ThresholdVerdict, parse_threshold
from tests.reports.runs import Setting, measured


def judged(text: str, repeats: int = 1, level: int = 40, setting: Setting | None = None) -> list[ThresholdResult]:
    runs = [(f"{seed}.json", measured(level, setting, seed=seed)) for seed in range(1, repeats + 1)]
    return [run.thresholds[0] for run in analyse(runs, thresholds=[text]).runs]


@pytest.mark.parametrize(
    "text", ["mean(run_s) < 60", "median(run_s) < 60", "p90(start_up_s) < 60", "mean(submit_s) < 1"]
)
def test_of_what_each_job_does_by_itself_one_run_gives_an_interval_around_the_value(text: str) -> None:
    [result] = judged(text)
    assert result.interval is not None
    assert result.value is not None
    assert result.interval_of is IntervalOf.JOBS
    assert result.interval.earliest is not None
    assert result.value.earliest is not None
    assert result.interval.earliest <= result.value.earliest


@pytest.mark.parametrize("text", ["mean(queue_s) < 60", "makespan_s < 9000", "max(run_s) < 60", "max_concurrency >= 4"])
def test_of_what_jobs_do_to_each_other_and_of_single_numbers_one_run_gives_none(text: str) -> None:
    [result] = judged(text)
    assert (result.interval, result.interval_of) == (None, None)


def test_three_runs_give_one_and_what_differs_between_them_is_in_it() -> None:
    results = judged("mean(queue_s) < 60", repeats=3)
    assert {result.interval_of for result in results} == {IntervalOf.RUNS}
    assert len({(result.interval.earliest, result.interval.latest) for result in results if result.interval}) == 1
    assert judged("mean(queue_s) < 60", repeats=2)[0].interval is None


def test_a_share_has_wilsons_also_where_all_is_well() -> None:
    [result] = judged("success_rate >= 50%")
    assert result.interval is not None
    assert result.interval.latest == 1.0
    assert 0.9 < (result.interval.earliest or 0.0) < 1.0


def test_runs_that_all_went_alike_leave_a_share_to_their_jobs() -> None:
    results = judged("success_rate >= 50%", repeats=3)
    assert {result.interval_of for result in results} == {IntervalOf.JOBS}


def test_the_mean_of_runs_is_never_said_to_be_more_than_all() -> None:
    runs = [(f"{failing}.json", measured(4, Setting(failing=failing))) for failing in (0, 2, 0)]
    for run in analyse(runs, thresholds=["success_rate >= 60%"]).runs:
        [result] = run.thresholds
        assert result.interval is not None
        assert result.interval.latest == 1.0
        assert result.interval_of is IntervalOf.RUNS


def test_the_verdict_is_by_the_value_and_not_by_the_interval() -> None:
    [result] = judged("success_rate >= 99%")
    assert result.interval is not None
    assert (result.interval.earliest or 0.0) < 0.99
    assert result.verdict is ThresholdVerdict.MET


def test_a_run_that_failed_in_part_has_an_open_mean_and_no_interval_that_hides_it() -> None:
    [result] = judged("mean(start_up_s) < 60", setting=Setting(looks=2))
    assert result.interval is None or result.interval.latest is None


@pytest.mark.parametrize(
    ("cost", "verdict"),
    [
        (Cost(amount=exactly(0.8), currency="USD"), ThresholdVerdict.MET),
        (Cost(amount=Bound(0.8, 1.2), currency="USD"), ThresholdVerdict.UNDECIDED),
        (Cost(amount=Bound(1.1, None), currency="USD"), ThresholdVerdict.NOT_MET),
        (Cost(amount=exactly(0.8), currency="EUR"), ThresholdVerdict.UNMEASURED),
        (Cost(reason=NoCost.EMBEDDED), ThresholdVerdict.MET),
        (Cost(reason=NoCost.PRICE_UNKNOWN), ThresholdVerdict.UNMEASURED),
        (None, ThresholdVerdict.UNMEASURED),
    ],
)
def test_a_cost_is_judged_by_its_range(cost: Cost | None, verdict: ThresholdVerdict) -> None:
    level = msgspec.structs.replace(measured(2).levels[0], cost=cost)
    assert parse_threshold("cost_usd <= 1").judge(level).verdict is verdict
