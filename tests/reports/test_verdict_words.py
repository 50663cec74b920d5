"""Every verdict has its words, its name and its advice, in both languages, made of its own numbers."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import get_args

import pytest

from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.verdict import (
    FailuresLimit,
    Lack,
    LevelVerdict,
    Limit,
    MaxVcpusLimit,
    NoneReached,
    NotEnough,
    Verdict,
    Verdicts,
)
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
    limit = MaxVcpusLimit(40, Estimate(value=16.0, low=16.0, high=16.0), 40.0, 24, 12_000.0)
    verdicts = Verdicts((LevelVerdict(12, NoneReached(12)), LevelVerdict(40, limit)), limit, 40, 12)
    words = overall_in_words(verdicts, translator("en"), plain)
    assert words.startswith(
        "Up to 12 at once nothing changed. From 40 on a limit holds. maxvCpus is the limit: 16 jobs fit at once."
    )
    assert "。40 件" in overall_in_words(verdicts, translator("ja"), plain)


def test_jobs_that_fail_at_the_lowest_level_too_do_not_fail_for_being_many() -> None:
    def failing(level: int, share: Estimate) -> FailuresLimit:
        return FailuresLimit(level, share, 1, level, float("inf"))

    def said(low: Estimate, high: Estimate) -> str:
        few, many = failing(2, low), failing(20, high)
        verdicts = Verdicts((LevelVerdict(2, few), LevelVerdict(20, many)), many, 2, None)
        return overall_in_words(verdicts, translator("en"), plain)

    wide, narrow = Estimate(value=0.5, low=0.1, high=0.9), Estimate(value=1.0, low=0.92, high=1.0)
    assert "They fail at level 2 too" in said(wide, Estimate(value=0.3, low=0.2, high=0.5))
    assert said(wide, narrow).startswith("From 2 on a limit holds. Jobs fail at level 20")
    assert "too" not in said(wide, narrow)


def test_what_lacks_the_same_at_several_levels_is_said_of_all_and_the_numbers_name_their_level() -> None:
    lacking = NotEnough(2, Lack.MONITORING, 2, levels=(2, 5, 10))
    assert verdict_in_words(lacking, translator("en"), plain).startswith("Not enough evidence at 2, 5, 10: ")
    limit = MaxVcpusLimit(40, Estimate(value=16.0, low=16.0, high=16.0), 40.0, 24, 12_000.0)
    assert "At level 40, 24 waited" in verdict_in_words(limit, translator("en"), plain)
    assert "to 40 in all" in next_in_words(limit, translator("en"), plain)


def test_one_job_alone_is_told_of_a_higher_level() -> None:
    advice = next_in_words(NotEnough(1, Lack.LOWER_LEVEL, 2), translator("en"), plain)
    assert advice == "Run a higher level beside it: batchgauge sweep --levels 1,2"


@pytest.mark.parametrize(
    ("language", "said"), [("en", " Submission is not the limit."), ("ja", "送信はボトルネックではありません。")]
)
def test_that_submission_kept_up_is_said_last(language: Language, said: str) -> None:
    limit = MaxVcpusLimit(40, Estimate(value=16.0, low=16.0, high=16.0), 40.0, 24, 12_000.0)
    verdicts = Verdicts((LevelVerdict(40, limit),), limit, 40, None, is_submission_free=True)
    assert overall_in_words(verdicts, translator(language), plain).endswith(said)
