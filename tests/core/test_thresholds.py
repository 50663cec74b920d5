"""Thresholds: what can be written, where it cannot be read, and the verdicts over bounds."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.bound import Bound, exactly
from batchgauge.core.levels import LevelSummary
from batchgauge.core.result.run_result import from_document, to_document
from batchgauge.core.stats.summary import summarise
from batchgauge.core.thresholds.statistic import FIGURES, FUNCTIONS, PHASES
from batchgauge.core.thresholds.thresholds import (
    ThresholdResult,
    ThresholdVerdict,
    judge_all,
    not_met,
    parse_threshold,
    parse_thresholds,
)
from batchgauge.errors import InvalidExpressionError
from tests.core.cut_short import cut_short
from tests.reports.runs import Setting, measured

MET, NOT_MET, UNDECIDED = ThresholdVerdict.MET, ThresholdVerdict.NOT_MET, ThresholdVerdict.UNDECIDED


def level(jobs: int = 20, **fields: object) -> LevelSummary:
    whole: dict[str, object] = {
        "level": jobs,
        "accepted": jobs,
        "refused": 0,
        "succeeded": jobs,
        "failed": 0,
        "unfinished": 0,
        "is_monitored": True,
        "submission_success_rate": 1.0,
        "job_success_rate": 1.0,
        "submit": summarise([exactly(50.0)] * jobs),
        **fields,
    }
    return LevelSummary(**whole)  # type: ignore[arg-type]


def verdict(text: str, of: LevelSummary) -> ThresholdVerdict:
    return parse_threshold(text).judge(of).verdict


def test_every_statistic_can_be_written_and_reads_back_as_itself() -> None:
    texts = [f"{function}({phase}) < 1" for function in FUNCTIONS for phase in PHASES]
    texts += [f"{figure} >= 1" for figure in FIGURES]
    for text in texts:
        assert str(parse_threshold(text)) == text
        assert parse_threshold(f"  {text.replace(' ', '')}  ") == parse_threshold(text)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("p95(queue_s) < 60", 60.0),
        ("p95(queue_s) < 500ms", 0.5),
        ("p95(queue_s) < 2 min", 120.0),
        ("makespan_s <= 1h", 3600.0),
        ("success_rate >= 99%", 0.99),
        ("success_rate >= 29%", 0.29),
        ("success_rate >= 0.5", 0.5),
        ("throttles <= 1e1", 10.0),
    ],
)
def test_limits_are_in_the_statistics_own_unit(text: str, limit: float) -> None:
    assert parse_threshold(text).limit == limit


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("", 1, "statistic"),
        ("< 60", 1, "statistic"),
        ("p97(queue_s) < 60", 1, "statistic"),
        ("queue_s < 60", 1, "function-of-phase"),
        ("p95 < 60", 5, "opening-parenthesis"),
        ("p95(success_rate) < 1", 5, "phase"),
        ("p95(queue_s < 60", 13, "closing-parenthesis"),
        ("p95(queue_s)", 13, "comparison"),
        ("p95(queue_s) == 60", 14, "comparison"),
        ("p95(queue_s) < fast", 16, "number"),
        ("p95(queue_s) < -1", 16, "number"),
        ("p95(queue_s) < 60 jobs", 19, "end"),
        ("p95(queue_s) < 60%", 18, "unit-of-seconds"),
        ("success_rate >= 99s", 19, "unit-of-share"),
        ("throttles < 5s", 14, "unit-of-count"),
        ("success_rate >= 99", 17, "share-or-percent"),
        ("throttles < 1e999", 13, "number"),
    ],
)
def test_what_cannot_be_read_is_named_by_place_and_by_what_was_expected(
    text: str, position: int, expected: str
) -> None:
    with pytest.raises(InvalidExpressionError) as caught:
        parse_threshold(text)
    assert (caught.value.position, caught.value.expected) == (position, expected)
    assert caught.value.value == text


@given(st.text())
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    try:
        parse_threshold(text)
    except InvalidExpressionError as error:
        assert 1 <= error.position <= len(text) + 1


def test_a_bound_decides_only_where_all_of_it_is_on_one_side() -> None:
    of = level(queue=summarise([Bound(1000.0, 3000.0)] * 20))
    assert verdict("mean(queue_s) < 4", of) is MET
    assert verdict("mean(queue_s) < 1", of) is NOT_MET
    assert verdict("mean(queue_s) < 2", of) is UNDECIDED
    assert verdict("mean(queue_s) > 0.5", of) is MET
    assert verdict("mean(queue_s) > 3", of) is NOT_MET
    assert verdict("mean(queue_s) >= 3", of) is UNDECIDED
    assert verdict("mean(queue_s) <= 3", of) is MET


def test_a_censored_job_leaves_an_upper_limit_undecided_until_it_has_surely_passed_it() -> None:
    of = level(queue=summarise([exactly(1000.0)] * 19 + [Bound(5000.0, None)]))
    assert verdict("max(queue_s) < 10", of) is UNDECIDED
    assert verdict("max(queue_s) < 4", of) is NOT_MET
    assert verdict("median(queue_s) < 4", of) is MET


def test_a_percentile_that_the_level_cannot_carry_is_not_judged() -> None:
    result = parse_threshold("p95(submit_s) < 60").judge(level(19))
    assert (result.verdict, result.jobs_needed, result.value) == (ThresholdVerdict.TOO_FEW_JOBS, 20, None)
    assert verdict("p95(submit_s) < 60", level(20)) is MET


def test_a_level_with_the_jobs_but_not_the_sample_has_not_shown_it() -> None:
    of = level(20, run=summarise([exactly(1000.0)] * 12))
    assert verdict("p95(run_s) < 60", of) is UNDECIDED
    assert verdict("p95(wait_s) < 60", of) is ThresholdVerdict.UNMEASURED


def test_a_level_is_not_asked_for_a_concurrency_that_it_does_not_start() -> None:
    assert verdict("max_concurrency >= 16", level(10, max_running=10)) is ThresholdVerdict.TOO_FEW_JOBS
    assert verdict("max_concurrency >= 16", level(20, max_running=16)) is MET
    assert verdict("max_concurrency > 16", level(16, max_running=16)) is ThresholdVerdict.TOO_FEW_JOBS
    assert verdict("max_concurrency <= 8", level(10, max_running=10)) is NOT_MET


def test_jobs_that_have_not_ended_may_do_either() -> None:
    of = level(10, succeeded=8, failed=1, unfinished=1)
    assert parse_threshold("success_rate >= 90%").judge(of).value == Bound(0.8, 0.9)
    assert verdict("success_rate >= 90%", of) is UNDECIDED
    assert verdict("success_rate >= 95%", of) is NOT_MET
    assert verdict("failures < 3", of) is MET
    assert verdict("failures <= 1", of) is UNDECIDED


def test_what_was_not_watched_is_unmeasured() -> None:
    of = level(10, is_monitored=False)
    for text in ("success_rate >= 90%", "failures < 1", "max_concurrency < 2", "makespan_s < 5", "throttles < 1"):
        assert verdict(text, of) is ThresholdVerdict.UNMEASURED


def result(name: str, verdict: ThresholdVerdict) -> ThresholdResult:
    return ThresholdResult(threshold=name, verdict=verdict)


def test_a_threshold_holds_where_some_level_judged_it_and_all_that_did_met_it() -> None:
    few = ThresholdVerdict.TOO_FEW_JOBS
    assert not_met([[result("a", few)], [result("a", MET)]]) == ()
    assert not_met([[result("a", few)], [result("a", few)]]) == ("a",)
    assert not_met([[result("a", MET)], [result("a", NOT_MET)]]) == ("a",)
    assert not_met([[result("a", UNDECIDED), result("b", MET)]]) == ("a",)
    assert not_met([[result("a", ThresholdVerdict.UNMEASURED)]]) == ("a",)
    assert not_met([]) == ()


def test_the_same_threshold_twice_is_one() -> None:
    assert len(parse_thresholds(["throttles<1", "throttles < 1"])) == 1


def test_a_result_carries_its_thresholds_and_reads_back() -> None:
    run = measured(20, Setting())
    assert run.scenario is not None
    scenario = msgspec.structs.replace(run.scenario, thresholds=("p95(wait_s) < 1h",))
    judged = judge_all(scenario.thresholds, run.levels[0])
    kept = msgspec.structs.replace(run, scenario=scenario, thresholds=judged)
    assert from_document(to_document(kept)).thresholds == judged
    assert judged[0].verdict is MET


def test_a_document_with_a_threshold_that_there_is_not_is_no_document() -> None:
    run = measured(2, Setting())
    assert run.scenario is not None
    broken = msgspec.structs.replace(run, scenario=msgspec.structs.replace(run.scenario, thresholds=("p95 <",)))
    with pytest.raises(ValueError, match="no such threshold"):
        from_document(to_document(broken))


def test_jobs_that_we_ended_ourselves_neither_meet_a_success_rate_nor_miss_it() -> None:
    run = cut_short(18)
    [judged] = judge_all(("success_rate >= 99%",), analyse([("18.json", run)]).runs[0].summary, run.jobs)
    assert (judged.value, judged.verdict) == (Bound(0.0, 1.0), ThresholdVerdict.UNDECIDED)


def test_submissions_without_an_answer_neither_meet_a_rate_nor_miss_it() -> None:
    refused = level(20, accepted=18, succeeded=18, refused=2, submission_success_rate=0.9)
    unanswered = msgspec.structs.replace(refused, unanswered=2)
    for text in ("success_rate >= 95%", "submission_success_rate >= 95%", "failures <= 1"):
        assert verdict(text, refused) is ThresholdVerdict.NOT_MET
        assert verdict(text, unanswered) is ThresholdVerdict.UNDECIDED
