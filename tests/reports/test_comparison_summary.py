"""What a comparison says in short."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.analysis.comparison import compare
from batchgauge.messages import Language, translator
from batchgauge.reports.comparison_table import comparison_table
from batchgauge.reports.comparison_words import comparison_report, summary_lines
from tests.reports.runs import Setting, measured


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_is_clearly_worse_is_named(language: Language) -> None:
    words = translator(language)
    base = analyse([("40.json", measured(40))])
    new = analyse([("40.json", measured(40, Setting(capacity=8)))])
    worse, *_ = summary_lines(compare(base, new), words)
    assert worse.startswith(words("compare.summary.worse", changes="").rstrip("."))
    assert "median(wait_s) (40)" in worse
    assert worse in comparison_report(compare(base, new), ("a", "b"), words)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_measurement_beside_itself_is_said_to_be_so_and_its_change_is_none(language: Language) -> None:
    words = translator(language)
    base, other = analyse([("5.json", measured(5))]), analyse([("5.json", measured(5, seed=2))])
    comparison = compare(base, base)
    assert summary_lines(comparison, words) == [words("compare.summary.one-measurement")]
    assert "±0" not in comparison_report(comparison, ("a", "b"), words).replace("±0 %", "")
    assert summary_lines(compare(base, other), words) == [words("compare.summary.none")]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_name_is_cut_off_on_a_narrow_terminal(language: Language) -> None:
    words = translator(language)
    comparison = compare(
        analyse([("40.json", measured(40))]), analyse([("40.json", measured(40, Setting(capacity=8)))])
    )
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(comparison_table(comparison, words))
    shown = console.export_text()
    assert all(change.statistic in shown for change in comparison.levels[0].changes)
    assert words("compare.direction.worse") in shown
    assert "…" not in shown
