"""The tables of levels: what is not known yet is a range."""

from __future__ import annotations

import re

import msgspec

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.bound import Bound
from batchgauge.messages import translator
from batchgauge.reports.chart_levels import OUTCOMES
from batchgauge.reports.glance import glance_table
from batchgauge.reports.level_tables import concurrency_table, success_table
from batchgauge.reports.quantities import duration
from tests.core.cut_short import cut_short
from tests.reports.runs import Setting, measured


def test_the_success_of_jobs_that_have_not_ended_is_a_range() -> None:
    runs = analyse([("20.json", measured(20, Setting(looks=1)))]).runs
    for table in (glance_table, success_table):
        assert "| 0 % – 100 % |" in table(runs, translator("en"))


def test_so_is_that_of_jobs_that_we_ended_ourselves() -> None:
    runs = analyse([("18.json", cut_short(18))]).runs
    assert "| 0 % – 100 % |" in glance_table(runs, translator("en"))


def cells(markdown: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in markdown.splitlines()]


def test_a_level_has_one_row_for_its_repeats_at_a_glance_with_their_range() -> None:
    runs = analyse([(f"{n}.json", measured(n, seed=seed)) for n in (5, 20) for seed in (1, 2, 3)]).runs
    header, _, five, twenty = cells(glance_table(runs, translator("en")))
    assert header[:2] == ["Level", "Repeats"]
    assert (five[:2], twenty[:2]) == (["5", "3"], ["20", "3"])
    ends = [end for run in runs[:3] if run.summary.queue for end in msgspec.structs.astuple(run.summary.queue.mean)]
    assert five[header.index(translator("en")("column.queue-mean"))] == duration(Bound(min(ends), max(ends)))
    held = translator("en")("column.places-held")
    assert five[header.index(held)] == "5/16"
    # Of each repeat by itself in the detail, where the first table has it not.
    assert held in concurrency_table(runs, translator("en"))
    assert held not in concurrency_table(runs[:1], translator("en"))


def test_runs_of_a_level_that_differ_in_more_than_chance_have_rows_of_their_own() -> None:
    settings = (Setting(), Setting(queue="another-queue"), Setting())
    runs = analyse([(f"{n}.json", measured(5, setting, seed=n)) for n, setting in enumerate(settings)]).runs
    rows = cells(glance_table(runs, translator("en")))[2:]
    assert sorted(row[1] for row in rows) == ["1", "2"]
    assert not {row[0] for row in rows} & {"5"}


def test_a_value_that_only_some_repeats_have_says_of_how_many_it_is() -> None:
    runs = analyse([("a.json", measured(5)), ("b.json", measured(5, Setting(looks=1), seed=2))]).runs
    assert re.search(r"\(1 of 2\)", glance_table(runs, translator("en")))


def test_submissions_without_an_answer_are_told_apart_from_refusals_and_leave_success_open() -> None:
    runs = analyse([("20.json", measured(20, Setting(refused=7, unanswered=5)))]).runs
    header, _, row = cells(success_table(runs, translator("en")))
    named = dict(zip(header, row, strict=True))
    assert (named["Accepted"], named["Not submitted"], named["Not answered"]) == ("14", "2", "4")
    assert named["Submission success"] == "70.0 % – 90.0 %"
    assert "| 70.0 % – 90.0 % |" in glance_table(runs, translator("en"))
    parts = {name: number(runs[0].summary) for name, (_, _, number) in OUTCOMES.items()}
    assert (parts["refused"], parts["unanswered"], sum(parts.values())) == (2, 4, 20)
    assert "Not answered" not in success_table(analyse([("5.json", measured(5))]).runs, translator("en"))
