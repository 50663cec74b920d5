from __future__ import annotations

from dataclasses import replace

import pytest

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.findings.kinds import (
    ConditionsDiffer,
    Difference,
    Direction,
    JobsFailed,
    NotMonitored,
    Phase,
    Reason,
    Throttled,
    Trend,
)
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
    finding = JobsFailed(20, 5, 20, (Reason("Something else", None, 3), Reason("", 3, 2)))
    assert in_words(finding, ENGLISH, quote) == (
        "At level 20, 5 of 20 jobs failed: <Something else> (3); no reason given, exit code 3 (2)."
    )


def test_a_reason_that_is_known_has_its_cause_and_its_remedy_beside_it() -> None:
    finding = JobsFailed(20, 5, 20, (Reason("Essential container in task exited", 3221225781, 5),))
    words = in_words(finding, ENGLISH, quote)
    assert "exit code 3221225781 (5): a DLL that it needs is missing (known)." in words
    assert "What to do: Install its runtime in the image" in words
    assert "必要な DLL がありません (確実)" in in_words(finding, JAPANESE, quote)


def test_words_of_ours_are_not_quoted_and_foreign_ones_are() -> None:
    differences = (Difference("aws", ("embedded", "real")), Difference("job-queue", ("a", "b")))
    words = in_words(ConditionsDiffer(differences), ENGLISH, quote)
    assert "AWS: embedded AWS, real AWS; job queue: <a>, <b>" in words


def test_a_condition_whose_values_are_not_to_be_shown_is_named_alone() -> None:
    words = in_words(ConditionsDiffer((Difference("environment", ()),)), ENGLISH, quote)
    assert "(environment variables)" in words


def test_runs_of_one_level_are_called_as_in_the_charts() -> None:
    throttled = Throttled(15, "SubmitJob", 2, 17, repeats=(1, 2, 3))
    assert in_words(throttled, ENGLISH, str) == ("AWS throttled 2 of 17 SubmitJob calls at level 15, 15 #2 and 15 #3.")
    assert "多重度 15、15 #2、15 #3 で" in in_words(throttled, JAPANESE, str)
    assert "level 15 #2." in in_words(replace(throttled, repeats=(2,)), ENGLISH, str)
    assert "level 15 #2:" in in_words(NotMonitored((15,), (2,)), ENGLISH, str)


def test_what_chance_leaves_open_says_how_many_jobs_would_tell() -> None:
    trend = Trend(
        Phase.QUEUE,
        Direction.CHANCE,
        2,
        Bound(460.0, 1000.0),
        20,
        Bound(2140.0, 2670.0),
        floor=exactly(50.0),
        scarce_levels=(2,),
        jobs=(2,),
        needed=9,
    )
    words = in_words(trend, ENGLISH, quote)
    for part in ("so few jobs at level 2 (measured: 2)", "About 9 jobs", "more than the measuring can be wrong by"):
        assert part in words
    assert "9 ジョブ程度" in in_words(trend, JAPANESE, quote)


def test_levels_are_listed() -> None:
    assert "2, 10,000" in in_words(NotMonitored((2, 10_000)), ENGLISH, quote)
