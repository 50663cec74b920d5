"""A run that can no longer meet a threshold is ended, after a grace time, and only where that was asked for."""

from __future__ import annotations

from collections.abc import Callable

from batchgauge.core.journal import Interrupted, RunOutcome
from batchgauge.core.thresholds.thresholds import ThresholdVerdict
from tests.measure.conftest import Bench
from tests.measure.fake_aws import Timing
from tests.measure.virtual_time import EPOCH_MS

MakeBench = Callable[..., Bench]
SLOW = Timing(starting_s=500.0, running_s=520.0, ended_s=600.0)


def test_a_run_that_cannot_meet_a_threshold_any_more_ends_its_jobs(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda _: SLOW)
    report = bench.run(bench.scenario(3, thresholds=("max(wait_s) < 60",), abort_grace_s=20.0))
    assert report.error is None
    assert report.result.outcome is RunOutcome.BREACHED
    assert len(bench.aws.called("TerminateJob")) == 3
    [record] = bench.journal.of(Interrupted)
    assert isinstance(record, Interrupted)
    assert record.cause == "breach"
    # Certain a minute after the jobs were made, seen at the next look, and then the grace.
    assert 80 <= (record.at_ms - EPOCH_MS) / 1000 <= 100
    assert [result.verdict for result in report.result.thresholds] == [ThresholdVerdict.NOT_MET]


def test_it_says_at_once_which_and_how_long_it_still_goes_on(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda _: SLOW)
    bench.run(bench.scenario(3, thresholds=("max(wait_s) < 60", "throttles < 5"), abort_grace_s=20.0))
    assert bench.breaches == [(["max(wait_s) < 60"], 20.0)]


def test_without_being_asked_it_goes_on_to_its_end(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda _: SLOW)
    report = bench.run(bench.scenario(3, thresholds=("max(wait_s) < 60",)))
    assert report.result.outcome is RunOutcome.COMPLETE
    assert [result.verdict for result in report.result.thresholds] == [ThresholdVerdict.NOT_MET]
    assert bench.breaches == []


def test_jobs_that_end_within_the_grace_are_left_to_end(make_bench: MakeBench) -> None:
    bench = make_bench(timing=lambda _: SLOW)
    report = bench.run(bench.scenario(3, thresholds=("max(wait_s) < 60",), abort_grace_s=3600.0))
    assert report.result.outcome is RunOutcome.COMPLETE
    assert report.result.levels[0].succeeded == 3
    assert bench.aws.called("TerminateJob") == []


def test_a_threshold_that_holds_ends_nothing(bench: Bench) -> None:
    report = bench.run(bench.scenario(3, thresholds=("max(wait_s) < 1h", "success_rate >= 100%"), abort_grace_s=0.0))
    assert report.result.outcome is RunOutcome.COMPLETE
    assert [result.verdict for result in report.result.thresholds] == [ThresholdVerdict.MET] * 2
