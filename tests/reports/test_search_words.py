"""What a search has found, and what the report says of variants and of the order."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.analysis.of_tables import analyse_tables
from batchgauge.core.columns.job_table import table_of
from batchgauge.core.documents.summary import summary_json
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import SweepPlace
from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.sweeps.auto_levels import Bracket, Stop
from batchgauge.core.sweeps.level_search import LevelSearch
from batchgauge.core.sweeps.record import SearchEnd
from batchgauge.core.verdict import FailuresLimit, LogLagLimit, MaxVcpusLimit
from batchgauge.messages import Language, translator
from batchgauge.reports.markdown import markdown_report
from batchgauge.reports.run_names import names_of, run_name
from batchgauge.reports.search_words import limit_in_short, order_in_words, search_in_words
from tests.reports.runs import Setting, measured

HELD = MaxVcpusLimit(17, Estimate(value=16.0, low=16.0, high=16.0), 17.0, 1, 300.0)
ENGLISH, JAPANESE = translator("en"), translator("ja")


def found(bracket: Bracket, stop: Stop | None, **fields: Any) -> LevelSearch:
    end = None if stop is None else SearchEnd(stop=stop, next_level=64)
    return LevelSearch(None, bracket, HELD if bracket.limited is not None else None, end, (2, 4, 8), **fields)


def test_what_was_found_has_both_levels_the_limit_its_value_and_why_it_ended() -> None:
    said = search_in_words(found(Bracket(16, 17), Stop.FOUND), ENGLISH)
    assert "nothing changed: 16." in said
    assert "First level with a limit: 17 (maxvCpus: 16 jobs at once)." in said
    assert said.endswith("Stopped there: the gap between the two is narrow enough.")
    assert "最初に上限が現れた多重度は 17 (maxvCpus: 同時 16 件)" in search_in_words(
        found(Bracket(16, 17), Stop.FOUND), JAPANESE
    )


@pytest.mark.parametrize("stop", [*Stop, None])
@pytest.mark.parametrize("bracket", [Bracket(None, None), Bracket(8, None), Bracket(None, 1), Bracket(8, 16)])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_end_of_every_search_has_words(stop: Stop | None, bracket: Bracket, language: Language) -> None:
    said = search_in_words(found(bracket, stop), translator(language))
    assert "search." not in said
    assert "{" not in said


def test_a_limit_without_a_number_is_named_alone() -> None:
    assert limit_in_short(LogLagLimit(8, 1.0, 2.0, 0.0), ENGLISH) == "log delivery"
    share = FailuresLimit(8, Estimate(value=0.25, low=0.1, high=0.5), 2, 8, 0.0)
    assert limit_in_short(share, ENGLISH) == "failures: 25.0 % of the jobs"


def at(result: RunResult, position: int, **place: Any) -> RunResult:
    assert result.scenario is not None
    own = SweepPlace(sweep_id="sweep-1", position=position, **place)
    timestamp = f"2026-11-22T10:{position:02d}:00"
    return msgspec.structs.replace(
        result, timestamp=timestamp, scenario=msgspec.structs.replace(result.scenario, place=own)
    )


@pytest.fixture
def variants() -> Analysis:
    """Two variants with other capacities, measured in turn in random order."""
    order = [("small", 20), ("large", 2), ("large", 20), ("small", 2), ("small", 2)]
    settings = {"small": Setting(capacity=16), "large": Setting(capacity=4)}
    runs = [
        at(measured(level, settings[variant]), position, order="random@7", variant=variant)
        for position, (variant, level) in enumerate(order, start=1)
    ]
    return analyse([(f"{number}.json", run) for number, run in enumerate(runs)])


def test_runs_are_by_variant_then_by_level_and_repeats_are_counted_within_one(variants: Analysis) -> None:
    names = [run_name(run) for run in variants.runs]
    assert names == ["large 2", "large 20", "small 2", "small 2 #2", "small 20"]
    # However the rows of jobs.parquet lie.
    tables = [
        (run.file, msgspec.structs.replace(run.result, jobs=()), table_of(run.result.jobs))
        for run in reversed(variants.runs)
    ]
    assert [run_name(run) for run in analyse_tables(tables).runs] == names


def test_the_order_is_said_with_its_seed_and_run_by_run(variants: Analysis) -> None:
    [said] = order_in_words(variants, ENGLISH)
    assert "random order (seed 7)" in said
    assert said.endswith("As measured: small 20, large 2, large 20, small 2, small 2 #2.")
    assert list(order_in_words(analyse([("a.json", measured(2))]), ENGLISH)) == []


def test_each_variant_is_judged_by_itself_and_tables_keep_them_apart(variants: Analysis) -> None:
    report = markdown_report(variants, ENGLISH)
    assert "Variants: `large`, `small`." in report
    large, small = report.index("**Variant `large`**"), report.index("**Variant `small`**")
    assert "maxvCpus is the limit: 4" in report[large:small]
    assert "maxvCpus is the limit: 16" in report[small:]
    assert "| 2, 2 #2 | none reached |" in report
    assert "| small 2 #2 |" in report
    assert "runs do not differ in their level alone" not in report


def test_the_summary_names_the_variant_of_a_run_and_of_a_finding(variants: Analysis) -> None:
    document = json.loads(summary_json(variants))
    assert [run["variant"] for run in document["runs"]] == ["large", "large", "small", "small", "small"]
    assert {finding["variant"] for finding in document["findings"]} == {"large", "small"}
    assert document["searches"] == []


def test_the_summary_has_of_each_variant_what_its_own_levels_say(variants: Analysis) -> None:
    document = json.loads(summary_json(variants))
    assert (document["scaling"], document["drifts"], document["estimates"], document["endings"]) == (None, [], [], [])
    for (name, part), entry in zip(variants.parts, document["variants"], strict=True):
        alone = json.loads(summary_json(part))
        assert alone["variants"] == []
        assert entry == {"variant": name, **{key: alone[key] for key in ("scaling", "drifts", "estimates", "endings")}}
    assert all(entry["scaling"] and entry["estimates"] for entry in document["variants"])


def test_a_search_is_in_the_summary_and_in_the_report() -> None:
    runs = [at(measured(level), position, order="auto") for position, level in enumerate((2, 20), start=1)]
    analysis = analyse([(f"{number}.json", run) for number, run in enumerate(runs)])
    analysis = replace(analysis, searches=(found(Bracket(16, 17), Stop.JOBS),))
    [entry] = json.loads(summary_json(analysis))["searches"]
    assert (entry["unchanged"], entry["limited"], entry["limit"], entry["stop"]) == (16, 17, "max-vcpus", "jobs")
    assert entry["holds"]["value"] == 16
    report = markdown_report(analysis, ENGLISH)
    assert "Stopped by --max-jobs: level 64 would pass it." in report
    assert "As measured: 2, 20." in report


def test_many_repeats_are_named_by_their_ends() -> None:
    assert names_of(15, (1, 2)) == "15, 15 #2"
    assert names_of(15, (1, 2, 3, 4, 5)) == "15 … 15 #5"
