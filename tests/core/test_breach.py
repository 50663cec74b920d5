"""What a run can no longer meet, from its result so far."""

from __future__ import annotations

import msgspec

from batchgauge.core.result.breach import breached
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.thresholds.thresholds import parse_thresholds
from tests.reports.runs import Setting, measured


def missed(result: RunResult, *texts: str) -> list[str]:
    return [threshold.text for threshold in breached(parse_thresholds(texts), result)]


def test_a_run_that_is_over_has_missed_what_its_verdicts_say() -> None:
    run = measured(20, Setting())
    assert missed(run, "max(run_s) < 1", "max(run_s) < 1h", "mean(wait_s) > 1h") == [
        "max(run_s) < 1",
        "mean(wait_s) > 1h",
    ]


def test_a_job_that_has_not_ended_may_still_be_short_or_long() -> None:
    # Two looks: the last places are still waited for.
    run = measured(20, Setting(looks=2))
    assert run.levels[0].unfinished
    assert missed(run, "mean(run_s) > 1h", "p50(run_s) < 1h", "success_rate >= 99%", "max_concurrency >= 18") == []


def test_a_wait_that_is_too_long_already_is_missed_before_it_ends() -> None:
    run = measured(20, Setting(looks=2))
    assert missed(run, "max(wait_s) < 5s") == ["max(wait_s) < 5s"]


def test_a_percentile_is_missed_only_where_enough_jobs_are_surely_above() -> None:
    run = measured(40, Setting(looks=3))
    few = msgspec.structs.replace(run, jobs=(*run.jobs[:1], *(_unseen(job) for job in run.jobs[1:])))
    assert missed(run, "p50(wait_s) < 1s") == ["p50(wait_s) < 1s"]
    assert missed(few, "p50(wait_s) < 1s") == []


def _unseen(job: object) -> object:
    return msgspec.structs.replace(job, phases=None)  # type: ignore[type-var]


def test_failures_that_are_too_many_already_are_missed_while_jobs_run() -> None:
    run = measured(40, Setting(failing=2, looks=8))
    assert run.levels[0].unfinished
    assert run.levels[0].failed
    assert missed(run, "failures < 1", "success_rate >= 99%", "failures < 40") == [
        "failures < 1",
        "success_rate >= 99%",
    ]


def test_a_level_that_is_too_small_misses_nothing() -> None:
    assert missed(measured(10, Setting()), "p95(wait_s) < 1ms", "max_concurrency >= 16") == []
