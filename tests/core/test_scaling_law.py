from __future__ import annotations

import random

import msgspec
import pytest

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.findings.scaling_law import FoundLaw, NoLaw, Refusal, ScalingLaw, pace_of_run, scaling_law
from batchgauge.core.stats.laws import Law
from tests.reports.runs import Setting, measured


def sweep(levels: tuple[int, ...], repeats: int, setting: Setting | None = None) -> Analysis:
    runs = [(level, seed) for level in levels for seed in range(1, repeats + 1)]
    return analyse([(f"{level}-{seed}.json", measured(level, setting, seed=seed)) for level, seed in runs])


def law(analysis: Analysis) -> ScalingLaw | None:
    return scaling_law(analysis, random.Random(1))


def test_a_single_level_has_no_law_and_is_not_told_so() -> None:
    assert law(analyse([])) is None
    assert law(sweep((5,), 8)) is None


def test_what_was_not_watched_has_no_pace() -> None:
    assert law(sweep((2, 5, 10, 20), 2, Setting(is_monitored=False))) is None


def test_too_few_levels_are_refused_by_name() -> None:
    found = law(sweep((2, 5, 10, 20), 1))
    assert found == NoLaw(refusal=Refusal.RUNS, levels=4, runs=4)


def test_runs_in_other_conditions_are_refused_by_name() -> None:
    docs = [
        (f"{level}-{countdown}.json", measured(level, Setting(countdown_s=countdown)))
        for level in (2, 5, 10, 20)
        for countdown in (30, 60)
    ]
    found = law(analyse(docs))
    assert isinstance(found, NoLaw)
    assert found.refusal is Refusal.CONDITIONS


def test_a_capacity_is_a_plateau_at_as_many_jobs() -> None:
    found = law(sweep((2, 5, 10, 20, 40), 2))
    assert isinstance(found, FoundLaw)
    assert found.scaling.law is Law.PLATEAU
    assert found.scaling.number is not None
    assert found.scaling.number.low <= 16 <= found.scaling.number.high
    assert found.scaling.number.value == pytest.approx(16, rel=0.1)


def test_below_the_capacity_there_is_no_limit() -> None:
    found = law(sweep((2, 4, 8, 16), 2, Setting(capacity=100)))
    assert isinstance(found, FoundLaw)
    assert found.scaling.law is Law.LINEAR


def test_the_pace_is_how_many_places_are_held_over_how_long_they_are() -> None:
    [run] = sweep((10,), 1).runs
    assert run.summary.run is not None
    assert run.summary.run.mean.earliest is not None
    assert run.summary.start_up is not None
    assert run.summary.start_up.mean.earliest is not None
    held_ms = run.summary.start_up.mean.earliest + run.summary.run.mean.earliest
    assert pace_of_run(run) == pytest.approx(10 / held_ms * 1000)


def test_short_jobs_of_which_few_run_at_the_same_moment_show_the_capacity_all_the_same() -> None:
    """Start-up takes 18 to 32 s, the run one: what runs at once says little, the places held say it all."""
    found = law(sweep((2, 5, 10, 20, 40), 2, Setting(countdown_s=1, interval_s=1.0)))
    assert isinstance(found, FoundLaw)
    assert found.scaling.law is Law.PLATEAU
    assert found.scaling.number is not None
    assert found.scaling.number.low <= 16 <= found.scaling.number.high
    assert found.scaling.number.value == pytest.approx(16, rel=0.1)


def test_a_run_of_failures_only_has_no_pace() -> None:
    [run] = sweep((10,), 1, Setting(failing=1)).runs
    assert pace_of_run(run) is None


def test_the_same_analysis_gives_the_same_law() -> None:
    analysis = sweep((2, 5, 10, 20), 2)
    assert msgspec.json.encode(law(analysis)) == msgspec.json.encode(law(analysis))
