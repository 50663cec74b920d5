"""Two measurements side by side."""

from __future__ import annotations

import msgspec
import pytest

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.analysis.comparison import (
    Basis,
    Change,
    Comparison,
    Direction,
    FailVerdict,
    compare,
    parse_fail_rule,
)
from batchgauge.core.bound import exactly
from batchgauge.errors import InvalidExpressionError
from tests.reports.runs import Setting, measured


def analysis(*levels: int, seeds: tuple[int, ...] = (1,), **setting: object) -> Analysis:
    made = Setting(**setting)  # type: ignore[arg-type]
    return analyse([(f"{level}-{seed}.json", measured(level, made, seed=seed)) for level in levels for seed in seeds])


def change(comparison: Comparison, statistic: str, level: int = 0) -> Change:
    return next(entry for entry in comparison.levels[level].changes if entry.statistic == statistic)


def test_a_measurement_compared_with_itself_is_the_same_however_coarse_its_times_are() -> None:
    rules = [parse_fail_rule(text) for text in ("queue_s +1%", "max_concurrency -1", "success_rate -1%")]
    comparison = compare(analysis(20), analysis(20), rules)
    assert comparison.conditions == ()
    [level] = comparison.levels
    assert level.is_one_measurement
    assert {entry.direction for entry in level.changes} == {Direction.SAME}
    assert {entry.shift.measured for entry in level.changes if entry.shift} == {exactly(0.0)}
    assert {entry.shift.interval for entry in level.changes if entry.shift} == {None}
    assert {result.verdict for result in comparison.rules} == {FailVerdict.PASSED}


def test_another_measurement_with_the_same_values_is_no_proof_that_nothing_changed() -> None:
    comparison = compare(analysis(20, seeds=(1, 2, 3)), analysis(20, seeds=(4, 5, 6)))
    assert not comparison.levels[0].is_one_measurement
    held = change(comparison, "max_concurrency")
    assert (held.direction, held.basis) == (Direction.SAME, Basis.BOUNDS)
    assert held.shift is not None
    # Three runs that are all alike show no chance: an interval of no width would claim that there is none.
    assert held.shift.interval is None
    assert change(comparison, "median(queue_s)").direction is Direction.NONE_CLEAR
    assert verdicts("max_concurrency -1", analysis(20, seeds=(1, 2, 3)), analysis(20, seeds=(4, 5, 6))) == [
        FailVerdict.PASSED
    ]


def test_less_room_makes_jobs_wait_and_says_what_was_different() -> None:
    comparison = compare(analysis(40), analysis(40, seeds=(2,), capacity=8))
    assert [(entry.condition, entry.new) for entry in comparison.conditions] == [("max-vcpus", ("windows-fargate 8",))]
    waited = change(comparison, "median(wait_s)")
    assert (waited.direction, waited.basis) == (Direction.WORSE, Basis.JOBS)
    assert change(comparison, "median(run_s)").direction is Direction.NONE_CLEAR
    back = compare(analysis(40, seeds=(2,), capacity=8), analysis(40))
    assert change(back, "median(wait_s)").direction is Direction.BETTER


def test_one_number_of_one_run_is_not_called_a_change() -> None:
    entry = change(compare(analysis(20), analysis(20, seeds=(2,))), "makespan_s")
    assert (entry.direction, entry.basis) == (Direction.UNSURE, Basis.BOUNDS)
    assert entry.shift is not None
    assert entry.shift.interval is None


def test_with_three_runs_a_side_the_run_is_the_unit() -> None:
    comparison = compare(analysis(20, seeds=(1, 2, 3)), analysis(20, seeds=(4, 5, 6), capacity=8))
    level = comparison.levels[0]
    assert (level.base_runs, level.new_runs) == (3, 3)
    # All runs have the same share and as many throttles, which shows no chance: the jobs behind a share do.
    alike = ("success_rate", "throttles")
    assert {entry.basis for entry in level.changes if entry.statistic not in alike} == {Basis.RUNS}
    assert change(comparison, "success_rate").basis is Basis.JOBS
    assert change(comparison, "makespan_s").direction is Direction.WORSE
    assert change(comparison, "max_concurrency").direction is Direction.WORSE


def test_failed_jobs_are_worse() -> None:
    entry = change(compare(analysis(40), analysis(40, failing=2)), "success_rate")
    assert (entry.direction, entry.basis) == (Direction.WORSE, Basis.JOBS)


def test_before_and_after_and_change_add_up_over_several_runs() -> None:
    comparison = compare(analysis(20, seeds=(1, 2)), analysis(20, seeds=(3, 4), capacity=8))
    for entry in comparison.levels[0].changes:
        if entry.basis is Basis.JOBS and entry.base is not None and entry.new is not None and entry.shift is not None:
            ends = (entry.new.earliest, entry.base.latest, entry.new.latest, entry.base.earliest)
            new_low, base_high, new_high, base_low = (end if end is not None else float("nan") for end in ends)
            assert entry.shift.measured.earliest == pytest.approx(new_low - base_high)
            assert entry.shift.measured.latest == pytest.approx(new_high - base_low)


@pytest.mark.parametrize("seeds", [(1,), (1, 2, 3)])
def test_all_of_five_against_all_of_five_is_not_certainty(seeds: tuple[int, ...]) -> None:
    base, new = analysis(5, seeds=seeds), analysis(5, seeds=tuple(seed + 3 for seed in seeds))
    shift = change(compare(base, new), "success_rate").shift
    assert shift is not None
    assert shift.interval is not None
    assert shift.measured.earliest == 0
    assert shift.interval.earliest == pytest.approx(-0.434 if len(seeds) == 1 else -0.204, abs=0.001)
    assert verdicts("success_rate -1%", base, new) == [FailVerdict.UNDECIDED]


def test_levels_of_one_side_only_are_named() -> None:
    comparison = compare(analysis(2, 5), analysis(5, 10))
    assert [level.level for level in comparison.levels] == [5]
    assert (comparison.only_base, comparison.only_new) == ((2,), (10,))


def test_what_was_not_watched_is_unmeasured() -> None:
    comparison = compare(analysis(20), analysis(20, is_monitored=False))
    assert change(comparison, "median(wait_s)").direction is Direction.UNMEASURED
    assert "monitored" in [entry.condition for entry in comparison.conditions]


def test_the_same_folders_give_the_same_figures() -> None:
    assert compare(analysis(20), analysis(20, seeds=(2,))) == compare(analysis(20), analysis(20, seeds=(2,)))
    document = msgspec.json.encode(compare(analysis(20), analysis(20)))
    assert msgspec.json.decode(document, type=Comparison) == compare(analysis(20), analysis(20))


def verdicts(rule: str, base: Analysis, new: Analysis) -> list[FailVerdict]:
    return [result.verdict for result in compare(base, new, [parse_fail_rule(rule)]).rules]


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ("wait_s +20%", FailVerdict.FAILED),
        ("wait_s +5s", FailVerdict.FAILED),
        ("p95(wait_s) +1h", FailVerdict.PASSED),
        ("wait_s -1%", FailVerdict.PASSED),
        ("run_s +20%", FailVerdict.PASSED),
        ("makespan_s +20%", FailVerdict.FAILED),
        ("max_concurrency -10%", FailVerdict.FAILED),
        ("success_rate -1%", FailVerdict.UNDECIDED),
        ("success_rate -20%", FailVerdict.PASSED),
        ("throttles +5", FailVerdict.PASSED),
        ("p99(wait_s) +1%", FailVerdict.UNMEASURED),
    ],
)
def test_a_rule_fails_only_where_the_change_surely_came(rule: str, verdict: FailVerdict) -> None:
    assert verdicts(rule, analysis(40), analysis(40, seeds=(2,), capacity=8)) == [verdict]


def test_what_chance_or_coarse_looks_explain_is_undecided_and_no_failure() -> None:
    base, new = analysis(5), analysis(5, seeds=(2,))
    assert verdicts("queue_s +1%", base, new) == [FailVerdict.UNDECIDED]
    assert compare(base, new, [parse_fail_rule("queue_s +1%")]).failed == ()


def test_a_rule_that_no_level_could_judge_fails() -> None:
    comparison = compare(analysis(5), analysis(5), [parse_fail_rule("p95(wait_s) +20%")])
    assert comparison.failed == ("p95(wait_s) +20%",)


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("queue +20%", 1, "statistic"),
        ("queue_s 20%", 9, "sign"),
        ("queue_s +", 10, "number"),
        ("queue_s +20% or so", 14, "end"),
        ("throttles +5s", 13, "percent-or-nothing"),
    ],
)
def test_a_rule_that_cannot_be_read_is_named_by_place(text: str, position: int, expected: str) -> None:
    with pytest.raises(InvalidExpressionError) as caught:
        parse_fail_rule(text)
    assert (caught.value.flag, caught.value.position, caught.value.expected) == ("--fail-if", position, expected)


def test_a_phase_by_itself_is_its_median() -> None:
    assert parse_fail_rule("queue_s+20%").text == "median(queue_s) +20%"
