"""What a comparison says in short."""

from __future__ import annotations

import pytest

from batchgauge.core.analysis import analyse
from batchgauge.core.comparison import compare
from batchgauge.messages import Language, translator
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
    assert summary_lines(compare(base, base), words) == [words("compare.summary.none")]
