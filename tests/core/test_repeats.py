"""Repeats of a level taken together."""

from __future__ import annotations

import random

import msgspec
import pytest

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.findings.kinds import Phase
from batchgauge.core.findings.repeats import repeated_levels
from tests.reports.runs import Setting, measured


def repeats(number: int, setting: Setting | None = None) -> Analysis:
    return analyse([(f"{seed}.json", measured(5, setting, seed=seed)) for seed in range(number)])


def test_two_repeats_carry_no_interval() -> None:
    assert repeated_levels(repeats(2), random.Random(1)) == ()


def test_three_do() -> None:
    [level] = repeated_levels(repeats(3), random.Random(1))
    assert (level.level, level.repeats) == (5, 3)
    means = [run.summary.run.mean.earliest for run in repeats(3).runs if run.summary.run is not None]
    found = level.means[Phase.RUN]
    assert found.earliest is not None
    assert found.latest is not None
    assert all(mean is not None and found.earliest < mean < found.latest for mean in means)


def test_what_is_only_bounded_has_an_interval_for_all_that_its_bounds_allow() -> None:
    [level] = repeated_levels(repeats(4), random.Random(1))
    found = level.means[Phase.QUEUE]
    ends = [run.summary.queue.mean for run in repeats(4).runs if run.summary.queue is not None]
    assert found.earliest is not None
    assert found.earliest <= min(end.earliest for end in ends if end.earliest is not None)
    assert found.latest is not None
    assert found.latest >= max(end.latest for end in ends if end.latest is not None)


def test_unwatched_runs_have_submissions_only() -> None:
    [level] = repeated_levels(repeats(3, Setting(is_monitored=False)), random.Random(1))
    assert set(level.means) == {Phase.SUBMIT}


def test_warm_ups_do_not_count() -> None:
    documents = [(f"{seed}.json", measured(5, seed=seed)) for seed in range(3)]
    documents[0] = ("w.json", msgspec.structs.replace(documents[0][1], is_warm_up=True))
    assert repeated_levels(analyse(documents), random.Random(1)) == ()


def failing_in(number: int, runs: int) -> Analysis:
    """So many repeats of five jobs, of which some runs have one that failed."""
    settings = [Setting(failing=5 if place < runs else 0) for place in range(number)]
    return analyse([(f"{place}.json", measured(5, setting, seed=place)) for place, setting in enumerate(settings)])


def test_where_all_succeeded_in_all_repeats_others_might_fail_all_the_same() -> None:
    [level] = repeated_levels(repeats(3), random.Random(1))
    assert level.success is not None
    assert level.success.earliest == pytest.approx(0.796, abs=0.001)
    assert level.success.latest == 1.0


@pytest.mark.parametrize("number", [4, 9])
def test_where_repeats_differ_the_repeat_is_the_unit_of_the_success_rate_and_it_stays_a_share(number: int) -> None:
    [level] = repeated_levels(failing_in(number, 2), random.Random(1))
    assert level.success is not None
    assert 0 <= (level.success.earliest or 0.0) < 1 - 0.2 * 2 / number < (level.success.latest or 0.0) <= 1


def test_how_many_jobs_a_second_has_an_interval_too() -> None:
    analysis = repeats(3)
    [level] = repeated_levels(analysis, random.Random(1))
    rates = [run.summary.jobs_per_s for run in analysis.runs]
    assert level.jobs_per_s is not None
    assert all(rate is not None and (level.jobs_per_s.earliest or 0.0) < rate for rate in rates)
