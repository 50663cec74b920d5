"""Thresholds on the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from batchgauge.core.analysis.analysis import analyse
from batchgauge.messages import Language, translator
from batchgauge.reports.threshold_table import threshold_table
from batchgauge.reports.threshold_words import judged_together
from tests.reports.runs import Setting, measured


@pytest.mark.parametrize("language", ["en", "ja"])
def test_repeats_of_which_the_same_is_said_are_one_row_and_no_word_is_cut_off(language: Language) -> None:
    words = translator(language)
    runs = [(f"{failing}.json", measured(8, Setting(failing=failing))) for failing in (0, 8, 2)]
    analysis = analyse(runs, thresholds=["success_rate >= 80%", "failures < 9", "p95(run_s) < 1"])
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(threshold_table(list(judged_together(analysis, words)), words))
    shown = console.export_text()
    assert "8, 8 #3" in shown
    assert "8 #2" in shown
    assert shown.count("8 ×3") == 2
    assert "…" not in shown
