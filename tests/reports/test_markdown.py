from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.analysis.analysis import Analysis, SkippedFile, analyse
from batchgauge.core.journal import RunOutcome
from batchgauge.core.result.run_result import from_document
from batchgauge.messages import Language, translator
from batchgauge.reports.markdown import markdown_report
from batchgauge.reports.markdown_syntax import code, table
from tests.reports.runs import Setting, as_array, measured, tried_again

SPECIFICATION = Path(__file__).parents[1] / "data" / "specification-result.json"
LANGUAGES: tuple[Language, ...] = ("en", "ja")
HOSTILE = "a|b`c``d\n# e <script>alert(1)</script> [f](http://g.example) \x1b[31m\u202e ![h](i) {j}"


def sweep(setting: Setting | None = None) -> Analysis:
    return analyse([(f"test-case-{n}.json", measured(n, setting)) for n in (2, 5, 10, 20)])


def tables(report: str) -> list[list[list[str]]]:
    """The cells of every table."""
    blocks = [block for block in report.split("\n\n") if block.startswith("|")]
    return [
        [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in block.splitlines()]
        for block in blocks
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "setting",
    [
        Setting(),
        Setting(is_monitored=False),
        Setting(failing=2, refused=3, looks=3, outcome=RunOutcome.INTERRUPTED),
        Setting(is_local=True, knows_capacity=False),
    ],
)
def test_every_table_is_whole_and_every_code_has_words(language: Language, setting: Setting) -> None:
    report = markdown_report(sweep(setting), translator(language))
    for rows in tables(report):
        assert len({len(row) for row in rows}) == 1
        assert len(rows) > 2
    assert (
        re.findall(r"\b(?:report|column|finding|phase|fact|outcome|weight|condition|cell)\.[a-z][a-z.-]+", report) == []
    )
    assert re.findall(r"(?<!\\)\{[a-z_]+\}", report) == []
    assert "None" not in report
    assert "inf" not in report.split()


def test_the_first_screen_says_what_stands_out() -> None:
    head = markdown_report(sweep(), translator("en")).split("## 1.")[0]
    assert "maxvCpus of the compute environments: 16 such jobs fit" in head
    assert "Every job succeeded: 37." in head
    assert head.index("maxvCpus is the limit: 16") < head.index("What stands out")
    assert head.count("\n| 20 |") == 2  # in the verdict by level, and in the levels at a glance


def test_the_specifications_points_of_view_are_all_there() -> None:
    report = markdown_report(sweep(), translator("ja"))
    headings = re.findall(r"^#+ (.*)$", report, re.MULTILINE)
    for heading in (
        "1. ジョブ送信パフォーマンス",
        "2. リソース競合",
        "3. システム制限",
        "送信時間",
        "キューイング時間",
    ):
        assert heading in headings
    for heading in ("起動時間", "実行時間", "同時実行数", "API 呼び出しとスロットリング", "ログ出力"):
        assert heading in headings


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_embedded_aws_is_named_before_any_number(language: Language) -> None:
    report = markdown_report(sweep(Setting(is_local=True)), translator(language))
    assert report.splitlines()[2].startswith("> **")
    assert "0.05" in report.splitlines()[2]
    assert "> **" not in markdown_report(sweep(), translator(language))


def test_some_runs_on_the_embedded_aws_are_named_by_their_files() -> None:
    mixed = analyse([("real.json", measured(2)), ("model.json", measured(5, Setting(is_local=True)))])
    quote = markdown_report(mixed, translator("en")).splitlines()[2]
    assert "`model.json`" in quote
    assert "`real.json`" not in quote


def test_bounds_are_shown_as_ranges_and_the_wait_as_one_number() -> None:
    report = markdown_report(sweep(), translator("en"))
    rows = {(row[0], row[1]): row for rows in tables(report) for row in rows}
    assert " – " in rows["queueing", "20"][3]
    assert " – " in rows["start-up", "20"][3]
    assert re.fullmatch(r"[\d.]+ s", rows["until the job runs", "20"][3])


def test_a_percentile_of_too_few_jobs_says_how_many_it_needs() -> None:
    rows = tables(markdown_report(sweep(), translator("en")))
    [of_level_5] = [row for row in rows[2] if row[0] == "5"]
    assert of_level_5[3:6] == ["needs 10", "needs 20", "needs 100"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_of_the_specification_makes_a_report(language: Language) -> None:
    analysis = analyse([("s.json", from_document(SPECIFICATION.read_bytes()))])
    report = markdown_report(analysis, translator(language))
    assert "245 ms" in report
    assert "--monitor" in report
    assert "`s.json`" in report


def test_skipped_files_are_named_with_their_reason() -> None:
    analysis = analyse([("a.json", measured(2))], [SkippedFile("broken.json", "JSON is malformed")])
    assert "| `broken.json` | `JSON is malformed` |" in markdown_report(analysis, translator("en"))


def test_the_charts_are_shown_only_where_they_were_made() -> None:
    assert "![Charts](charts.png)" in markdown_report(sweep(), translator("en"), charts_file="charts.png")
    assert "![" not in markdown_report(sweep(), translator("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_foreign_text_stays_text(language: Language) -> None:
    setting = Setting(queue=HOSTILE, status_reason=HOSTILE, failing=1)
    analysis = analyse([(HOSTILE, measured(5, setting))], [SkippedFile(HOSTILE, HOSTILE)])
    report = markdown_report(analysis, translator(language))
    for rows in tables(report):
        assert len({len(row) for row in rows}) == 1
    assert "\x1b" not in report
    assert "\u202e" not in report
    assert "\n# e" not in report
    assert "<script>" not in re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", report)


@given(st.text())
def test_a_code_span_is_one_line_and_closed_by_its_own_fence_only(text: str) -> None:
    span = code(text)
    assert len(span.splitlines()) == 1
    match = re.match(r"`+", span)
    assert match is not None
    fence = match.group()
    assert span.endswith(fence)
    inside = span[len(fence) : -len(fence)]
    assert fence not in re.findall("`+", inside)
    assert not inside.startswith("`")
    assert not inside.endswith("`")


@given(st.lists(st.text(alphabet="a|`\\ "), min_size=2, max_size=2))
def test_a_row_keeps_its_cells(cells: list[str]) -> None:
    last = table(["a", "b"], [[code(cell) for cell in cells]]).splitlines()[-1]
    assert len(re.findall(r"(?<!\\)\|", last)) == 3


def test_repeats_of_a_level_have_intervals_of_their_means() -> None:
    runs = [(f"{seed}.json", measured(5, seed=seed)) for seed in range(3)]
    assert "Repeats of a level" in markdown_report(analyse(runs), translator("en"))
    assert "Repeats of a level" not in markdown_report(analyse(runs[:2]), translator("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_runs_of_one_level_are_told_apart_in_every_table(language: Language) -> None:
    analysis = analyse([(f"{seed}.json", measured(15, Setting(load="burst"), seed=seed)) for seed in (1, 2, 3)])
    by_level = 0
    for rows in tables(markdown_report(analysis, translator(language))):
        names = [cell for row in rows[2:] for cell in row if re.fullmatch(r"15(?: #\d)?", cell)]
        of_levels = ("verdict.column.limit", "repeats.column.repeats", "column.repeats", "estimate.column.runs")
        is_of_levels = {translator(language)(column) for column in of_levels} & set(rows[0])
        if translator(language)("column.level") in rows[0] and not is_of_levels:
            by_level += 1
            assert {"15 #2", "15 #3"} <= set(names)
    assert by_level > 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_jobs_that_were_tried_again_have_a_table_by_attempt(language: Language) -> None:
    report = markdown_report(analyse([("a.json", tried_again(measured(15), 9))]), translator(language))
    [attempts] = [rows for rows in tables(report) if translator(language)("column.exit-codes") in rows[0]]
    first, second = attempts[2:]
    assert (first[:3], first[-1]) == (["15", "1", "15"], "1 (9), 0 (6)")
    assert (second[:3], second[-1]) == (["15", "2", "9"], "0 (9)")
    assert " – " in second[3]
    assert second[4] == "19.0 – 19.6 s"
    once = markdown_report(analyse([("a.json", tried_again(measured(15), 0))]), translator(language))
    assert translator(language)("report.attempts.text") not in once


@pytest.mark.parametrize(("language", "words"), [("en", "1 array of 30"), ("ja", "配列 1 件 (30)")])
def test_an_array_has_no_rate_and_asks_for_no_more_calls(language: Language, words: str) -> None:
    report = markdown_report(analyse([("a.json", as_array(measured(30)))]), translator(language))
    glance, submission, success = tables(report)[:3]
    assert words in glance[2]
    assert words in success[2]
    assert submission[2][2:6] == [translator(language)("cell.one-call")] * 4
    assert translator(language)("fact.load.array") in report
    assert translator(language)("fact.load.workers", workers="10") not in report


def test_a_doubt_that_holds_for_several_runs_is_said_once() -> None:
    analysis = analyse([(f"{seed}.json", measured(5, Setting(failing=2, looks=2), seed=seed)) for seed in (1, 2)])
    report = markdown_report(analysis, translator("en"))
    doubts = re.findall(r"^- Level (.*?): (.*)$", report, re.MULTILINE)
    assert doubts
    assert len({words for _, words in doubts}) == len(doubts)
    assert "5, 5 #2" in {names for names, _ in doubts}
