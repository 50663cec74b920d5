"""Comparing measurements that have variants."""

from __future__ import annotations

import msgspec
import pytest

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.analysis.comparison import parse_fail_rule
from batchgauge.core.analysis.variant_comparison import BASE_FLAG, NEW_FLAG, compare_variants, of_variant
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import SweepPlace
from batchgauge.errors import SeveralVariantsError, UnknownVariantError
from batchgauge.messages import translator
from batchgauge.reports.comparison_words import comparison_report
from tests.reports.runs import Setting, measured


def run(level: int, variant: str | None, position: int, countdown_s: int = 30) -> RunResult:
    result = measured(level, Setting(countdown_s=countdown_s), seed=position)
    assert result.scenario is not None
    place = None if variant is None else SweepPlace(sweep_id="sweep-1", position=position, variant=variant)
    return msgspec.structs.replace(result, scenario=msgspec.structs.replace(result.scenario, place=place))


def sweep(*variants: str | None, levels: tuple[int, ...] = (2, 5), countdown_s: int = 30) -> Analysis:
    runs = [run(level, variant, 1 + n, countdown_s) for n, variant in enumerate(variants) for level in levels]
    return analyse([(f"{number}.json", result) for number, result in enumerate(runs)])


def test_one_variant_is_set_against_another_level_by_level() -> None:
    both = sweep("small", "large")
    found = compare_variants(of_variant(both, "small", BASE_FLAG), of_variant(both, "large", NEW_FLAG))
    assert [(level.variant, level.level, level.base_runs, level.new_runs) for level in found.levels] == [
        (None, 2, 1, 1),
        (None, 5, 1, 1),
    ]


def test_of_several_on_both_sides_each_is_compared_with_its_namesake() -> None:
    rule = parse_fail_rule("run_s +20%")
    found = compare_variants(sweep("small", "large"), sweep("large", "other", countdown_s=60, levels=(5,)), [rule])
    assert [(level.variant, level.level) for level in found.levels] == [("large", 5)]
    assert [(result.variant, result.level) for result in found.rules] == [("large", 5)]
    assert found.only_base == (2,)
    report = comparison_report(found, ("a", "b"), translator("en"))
    assert "## large, level 5 (runs: 1 → 1)" in report
    assert "large: run" in report.replace("median(run_s)", "run")


def test_a_variant_that_was_not_measured_is_named_with_those_that_were() -> None:
    with pytest.raises(UnknownVariantError) as refused:
        of_variant(sweep("small", "large"), "huge", NEW_FLAG)
    assert (refused.value.flag, refused.value.known) == (NEW_FLAG, "small, large")


def test_several_that_nothing_stands_against_are_not_mixed() -> None:
    with pytest.raises(SeveralVariantsError) as refused:
        compare_variants(sweep(None), sweep("small", "large"))
    assert refused.value.flag == NEW_FLAG


def test_without_variants_it_is_the_comparison_that_it_was() -> None:
    assert [level.level for level in compare_variants(sweep(None), sweep(None)).levels] == [2, 5]
