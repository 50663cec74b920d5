"""Repeats of a level taken together."""

from __future__ import annotations

import msgspec

from batchgauge.core.analysis import Analysis, analyse
from batchgauge.core.finding import Phase
from batchgauge.core.repeats import repeated_levels
from tests.reports.runs import Setting, measured


def repeats(number: int, setting: Setting | None = None) -> Analysis:
    return analyse([(f"{seed}.json", measured(5, setting, seed=seed)) for seed in range(number)])


def test_two_repeats_carry_no_interval() -> None:
    assert repeated_levels(repeats(2)) == ()


def test_three_do() -> None:
    [level] = repeated_levels(repeats(3))
    assert (level.level, level.repeats) == (5, 3)
    means = [run.summary.run.mean.earliest for run in repeats(3).runs if run.summary.run is not None]
    found = level.means[Phase.RUN]
    assert found.earliest is not None
    assert found.latest is not None
    assert all(mean is not None and found.earliest < mean < found.latest for mean in means)


def test_what_is_only_bounded_has_an_interval_for_all_that_its_bounds_allow() -> None:
    [level] = repeated_levels(repeats(4))
    found = level.means[Phase.QUEUE]
    ends = [run.summary.queue.mean for run in repeats(4).runs if run.summary.queue is not None]
    assert found.earliest is not None
    assert found.earliest <= min(end.earliest for end in ends if end.earliest is not None)
    assert found.latest is not None
    assert found.latest >= max(end.latest for end in ends if end.latest is not None)


def test_unwatched_runs_have_submissions_only() -> None:
    [level] = repeated_levels(repeats(3, Setting(is_monitored=False)))
    assert set(level.means) == {Phase.SUBMIT}


def test_warm_ups_do_not_count() -> None:
    documents = [(f"{seed}.json", measured(5, seed=seed)) for seed in range(3)]
    documents[0] = ("w.json", msgspec.structs.replace(documents[0][1], is_warm_up=True))
    assert repeated_levels(analyse(documents)) == ()
