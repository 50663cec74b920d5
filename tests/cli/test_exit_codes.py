"""DESIGN's table of exit codes, and the command that ends what a deadline left running."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from batchgauge.cli.measured import MeasuredLevel, MeasuredLevels, exit_code
from batchgauge.core.journal import RunOutcome
from batchgauge.core.thresholds.thresholds import ThresholdResult, ThresholdVerdict
from batchgauge.errors import AwsCallError
from batchgauge.measure.run import RunReport
from tests.reports.runs import Setting, measured

ERROR = AwsCallError(operation="SubmitJob", error="ServerException", detail="")


def level(
    outcome: RunOutcome = RunOutcome.COMPLETE, *, error: AwsCallError | None = None, fails: int = 0
) -> MeasuredLevel:
    result = msgspec.structs.replace(measured(2, Setting(failing=fails)), outcome=outcome)
    return MeasuredLevel(2, RunReport(result, error), "path")


def code(*levels: MeasuredLevel, wanted: int | None = None, is_late: bool = False) -> int:
    measured_levels = MeasuredLevels(levels)
    measured_levels.is_deadline_reached = is_late
    return exit_code(measured_levels, wanted=len(levels) if wanted is None else wanted)


def test_each_ending_has_its_code() -> None:
    assert code(level()) == 0
    assert code(level(fails=1)) == 3
    assert code(level(RunOutcome.DEADLINE)) == 5
    assert code(level(RunOutcome.FAILED, error=ERROR)) == 1
    assert code(level(RunOutcome.INTERRUPTED)) == 130


def judged(verdict: ThresholdVerdict, *, fails: int = 0) -> MeasuredLevel:
    done = level(fails=fails)
    result = ThresholdResult(threshold="throttles < 1", verdict=verdict)
    return replace(done, report=replace(done.report, result=msgspec.structs.replace(done.result, thresholds=(result,))))


def test_a_threshold_that_was_not_met_comes_last() -> None:
    assert code(judged(ThresholdVerdict.MET)) == 0
    assert code(judged(ThresholdVerdict.NOT_MET)) == 4
    assert code(judged(ThresholdVerdict.UNDECIDED)) == 4
    assert code(judged(ThresholdVerdict.NOT_MET, fails=1)) == 3
    assert code(judged(ThresholdVerdict.NOT_MET), level(RunOutcome.DEADLINE)) == 5


def test_a_run_that_a_threshold_ended_is_no_interruption_and_its_jobs_no_failures() -> None:
    assert code(level(RunOutcome.BREACHED, fails=1), wanted=3) == 4
    assert code(level(fails=1), level(RunOutcome.BREACHED), wanted=3) == 3
    assert code(level(RunOutcome.BREACHED), level(RunOutcome.INTERRUPTED)) == 130


def test_where_several_hold_the_order_is_130_1_5_3() -> None:
    assert code(level(RunOutcome.DEADLINE), level(fails=1)) == 5
    assert code(level(RunOutcome.DEADLINE), level(RunOutcome.FAILED, error=ERROR)) == 1
    assert code(level(RunOutcome.INTERRUPTED), level(RunOutcome.FAILED, error=ERROR)) == 130


def test_levels_that_were_not_begun_have_a_cause() -> None:
    assert code(level(), wanted=2, is_late=True) == 5
    assert code(level(), wanted=2) == 130
    assert code(level(), is_late=True) == 0
