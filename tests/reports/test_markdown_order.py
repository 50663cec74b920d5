"""What comes where in the report, and what is said only where there is something to say."""

from __future__ import annotations

import pytest

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.messages import Language, translator
from batchgauge.reports.markdown import markdown_report
from batchgauge.reports.page import report_page
from tests.reports.runs import Setting, measured

BOTH: tuple[Language, ...] = ("en", "ja")


def sweep(
    *levels: int, thresholds: tuple[str, ...] = (), seeds: tuple[int, ...] = (1,), capacity: int = 16
) -> Analysis:
    made = Setting(capacity=capacity)
    runs = [(f"{level}-{seed}.json", measured(level, made, seed=seed)) for level in levels for seed in seeds]
    return analyse(runs, thresholds=thresholds)


@pytest.mark.parametrize("language", BOTH)
def test_thresholds_follow_the_verdict_and_those_that_do_not_hold_are_named_first(language: Language) -> None:
    words = translator(language)
    text = markdown_report(sweep(2, 20, thresholds=("max(wait_s) < 60", "success_rate >= 99%"), capacity=8), words)
    places = [text.index(f"## {words(code)}\n") for code in ("verdict.title", "threshold.title", "report.findings")]
    assert places == sorted(places)
    first = text[places[-1] :].splitlines()[2]
    assert words("finding.threshold-not-met", threshold="`max(wait_s) < 60`", levels="20") in first
    assert "success_rate" not in first


def test_a_law_comes_below_the_tables_and_says_which_time_its_pace_is_told_by() -> None:
    words = translator("en")
    text = markdown_report(sweep(2, 5, 10, 20, seeds=(1, 2)), words)
    assert text.index(f"## {words('report.limits')}") < text.index(f"## {words('scaling.title')}")
    assert "jobs are done in a minute while" in text or "jobs are done in a second while" in text


@pytest.mark.parametrize(("failing", "is_said"), [(0, False), (3, True)])
def test_brackets_are_explained_where_there_are_some(failing: int, *, is_said: bool) -> None:
    words = translator("en")
    runs = [(f"{level}.json", measured(level, Setting(failing=failing))) for level in (2, 8)]
    assert (words("verdict.interval") in markdown_report(analyse(runs), words)) is is_said


def test_jobs_shorter_than_their_start_up_fill_the_places_though_they_never_all_run_at_once() -> None:
    run = measured(20, Setting(countdown_s=1, capacity=8, interval_s=0.5))
    analysis = analyse([("20.json", run)])
    assert (analysis.runs[0].summary.max_running or 0) < 8
    words = translator("en")
    text = markdown_report(analysis, words)
    glance = text[text.index(f"## {words('report.glance')}") :].split("\n\n")[1]
    assert "| 8/8 |" in glance


@pytest.mark.parametrize("language", BOTH)
def test_a_percentile_without_an_interval_says_why_it_has_none(language: Language) -> None:
    words = translator(language)
    text = markdown_report(sweep(20, capacity=8), words)
    assert words("estimate.no-interval", value="@").partition("@")[2] in text


def test_repeats_of_which_the_same_is_said_share_a_row_of_the_thresholds() -> None:
    words = translator("en")
    text = markdown_report(sweep(2, 20, thresholds=("success_rate >= 99%",), seeds=(1, 2)), words)
    section = text[text.index(f"## {words('threshold.title')}\n") :].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert [row.split(" | ")[1] for row in rows] == ["2, 2 #2", "20, 20 #2"]


def test_long_tables_below_smaller_headings_are_folded_on_the_page() -> None:
    words = translator("en")
    text = report_page(sweep(2, 5, 10, 20, seeds=(1, 2, 3)), words).decode()
    heading = words("report.limits.concurrency")
    assert f"<summary>{heading} (12)</summary>" in text
    glance = text[text.index(f">{words('report.glance')}</h2>") :]
    assert glance.index("<table") < glance.index("<summary>")
