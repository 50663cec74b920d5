"""Every verdict has its words, its name and its advice, in both languages, made of its own numbers."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import get_args

import pytest

from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.verdict import Lack, LevelVerdict, Limit, MaxVcpusLimit, NoneReached, NotEnough, Verdict, Verdicts
from batchgauge.messages import plain, translator
from batchgauge.messages.language import Language
from batchgauge.reports.verdict_words import level_row, next_in_words, overall_in_words, verdict_in_words

ESTIMATE = Estimate(value=12.3, low=11.0, high=14.0)


def example(kind: type, *, is_known: bool) -> Verdict:
    values: dict[str, object] = {}
    for field in fields(kind):
        annotation = str(field.type)
        if "Estimate" in annotation:
            values[field.name] = ESTIMATE if is_known or "None" not in annotation else None
        elif "str" in annotation:
            values[field.name] = "words of AWS"
        else:
            values[field.name] = 7 if annotation.startswith("int") else 1234.5
    return kind(**values)  # type: ignore[no-any-return]


EXAMPLES: list[Verdict] = [
    *(example(kind, is_known=known) for kind in get_args(Limit) for known in (True, False)),
    NoneReached(20),
    *(NotEnough(20, lack, 1) for lack in Lack),
]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("verdict", EXAMPLES, ids=lambda verdict: str(verdict.code))
def test_every_verdict_has_words(verdict: Verdict, language: Language) -> None:
    translate = translator(language)
    said = [
        verdict_in_words(verdict, translate, plain),
        next_in_words(verdict, translate, plain),
        *level_row(LevelVerdict(20, verdict), translate),
    ]
    for text in said:
        assert re.search(r"\{\w+\}|verdict\.|None|nan|inf\b", text) is None, text


def test_up_to_where_nothing_changed_comes_first() -> None:
    limit = MaxVcpusLimit(40, Estimate(value=16.0, low=16.0, high=16.0), 24, 12_000.0)
    verdicts = Verdicts((LevelVerdict(12, NoneReached(12)), LevelVerdict(40, limit)), limit, 40, 12)
    words = overall_in_words(verdicts, translator("en"), plain)
    assert words.startswith("Up to 12 at once nothing changed. From 40 on: maxvCpus is the limit: 16 jobs fit at once.")
    assert "。40 件" in overall_in_words(verdicts, translator("ja"), plain)
