"""The report's statistics: shown where they help, and not where there is nothing to say; in both languages."""

from __future__ import annotations

import pytest

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.messages import Language, translator
from batchgauge.messages.language import LANGUAGES
from batchgauge.reports.markdown import markdown_report
from tests.reports.runs import Setting, measured

CODES = ("scaling.title", "estimate.title", "ending.title", "drift.title")


def sweep(repeats: int, setting: Setting | None = None, levels: tuple[int, ...] = (2, 5, 10, 20)) -> Analysis:
    runs = [(level, seed) for level in levels for seed in range(1, repeats + 1)]
    return analyse([(f"{level}-{seed}.json", measured(level, setting, seed=seed)) for level, seed in runs])


def shown(analysis: Analysis, language: Language) -> set[str]:
    words = translator(language)
    report = markdown_report(analysis, words)
    assert "{" not in report.replace("{}", "")
    return {code for code in CODES if f"# {words(code)}\n" in report}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sweep_with_repeats_has_a_law_and_a_drift(language: Language) -> None:
    assert shown(sweep(4), language) == {"scaling.title", "estimate.title", "drift.title"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sweep_without_repeats_says_what_a_law_would_take(language: Language) -> None:
    analysis = sweep(1)
    assert shown(analysis, language) == {"estimate.title"}
    words = translator(language)
    refusal = words("scaling.none.runs", needed_runs="8", needed_levels="4", runs="4", levels="4")
    assert refusal in markdown_report(analysis, words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_failures_have_a_table_of_how_jobs_end(language: Language) -> None:
    assert "ending.title" in shown(sweep(1, Setting(failing=4)), language)


def test_one_small_run_has_none_of_it() -> None:
    assert shown(analyse([("a.json", measured(2))]), "en") == set()


def test_the_verdict_comes_before_all_of_it() -> None:
    words = translator("en")
    report = markdown_report(sweep(4, Setting(failing=4)), words)
    verdict = report.index(f"## {words('verdict.title')}")
    assert all(verdict < report.index(words(code)) for code in CODES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_success_rate_says_what_other_jobs_may_do(language: Language) -> None:
    words = translator(language)
    watched = markdown_report(analyse([("a.json", measured(20))]), words)
    assert "100 % [83.9 % – 100 %]" in watched
    assert words("success.interval") in watched
    unwatched = markdown_report(analyse([("a.json", measured(20, Setting(is_monitored=False)))]), words)
    assert words("success.interval") not in unwatched


def test_a_run_that_was_cut_off_has_no_interval_of_its_success_rate() -> None:
    assert (
        "% ["
        not in markdown_report(analyse([("a.json", measured(20, Setting(looks=1)))]), translator("en")).split(
            "### How jobs end"
        )[0]
    )
