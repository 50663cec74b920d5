from __future__ import annotations

import pytest

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.finding import ConditionsDiffer, Direction, JobsFailed, NotMonitored, Phase, Reason, Trend
from batchgauge.messages import translator
from batchgauge.reports.wording import in_words

ENGLISH, JAPANESE = translator("en"), translator("ja")


def quote(text: str) -> str:
    return f"<{text}>"


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("phase", Phase)
def test_a_trend_shows_both_means_with_their_bounds(direction: Direction, phase: Phase) -> None:
    trend = Trend(phase, direction, 2, exactly(245.0), 10_000, Bound(3400.0, 4100.0), floor=exactly(50.0))
    for translate in (ENGLISH, JAPANESE):
        text = in_words(trend, translate, quote)
        for part in ("245 ms", "3.40 – 4.10 s", "2", "10,000"):
            assert part in text
        assert "{" not in text
        assert "finding." not in text


def test_reasons_are_quoted_and_counted() -> None:
    finding = JobsFailed(20, 5, 20, (Reason("Host EC2 terminated", None, 3), Reason("", 137, 2)))
    assert in_words(finding, ENGLISH, quote) == (
        "At level 20, 5 of 20 jobs failed: <Host EC2 terminated> (3); no reason given, exit code 137 (2)."
    )


def test_words_of_ours_are_not_quoted_and_foreign_ones_are() -> None:
    assert "embedded AWS, real AWS" in in_words(ConditionsDiffer("aws", ("embedded", "real")), ENGLISH, quote)
    assert "<a>, <b>" in in_words(ConditionsDiffer("job-queue", ("a", "b")), ENGLISH, quote)


def test_levels_are_listed() -> None:
    assert "2, 10,000" in in_words(NotMonitored((2, 10_000)), ENGLISH, quote)
