"""The tables of levels: what is not known yet is a range."""

from __future__ import annotations

from batchgauge.core.analysis import analyse
from batchgauge.messages import translator
from batchgauge.reports.level_tables import glance_table, success_table
from tests.core.cut_short import cut_short
from tests.reports.runs import Setting, measured


def test_the_success_of_jobs_that_have_not_ended_is_a_range() -> None:
    runs = analyse([("20.json", measured(20, Setting(looks=1)))]).runs
    for table in (glance_table, success_table):
        assert "| 0 % – 100 % |" in table(runs, translator("en"))


def test_so_is_that_of_jobs_that_we_ended_ourselves() -> None:
    runs = analyse([("18.json", cut_short(18))]).runs
    assert "| 0 % – 100 % |" in glance_table(runs, translator("en"))
