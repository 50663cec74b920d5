"""Validity in words, in both languages."""

from __future__ import annotations

import pytest

from batchgauge.core.result.validity import WEIGHTS, Doubt, Validity, ValidityFinding, Verdict
from batchgauge.messages import Language, translator
from batchgauge.reports.doubts import doubts_in_words, verdict_in_words


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("doubt", list(Doubt))
def test_every_doubt_has_a_sentence_with_its_figures(language: Language, doubt: Doubt) -> None:
    finding = ValidityFinding(doubt=doubt, verdict=WEIGHTS[doubt], jobs=3, of_jobs=20, duration_ms=1_234.0, share=0.91)
    [sentence] = doubts_in_words(Validity(verdict=WEIGHTS[doubt], findings=(finding,)), translator(language))
    assert sentence
    assert "{" not in sentence


def test_the_gravest_comes_first() -> None:
    findings = tuple(ValidityFinding(doubt=doubt, verdict=WEIGHTS[doubt]) for doubt in (Doubt.BLIND, Doubt.CUT_OFF))
    translate = translator("en")
    first, second = doubts_in_words(Validity(verdict=Verdict.INVALID, findings=findings), translate)
    assert "cut off" in first
    assert "no job's state" in second
    assert verdict_in_words(None, translate) == translate("fact.unknown")
