from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.journal import RunOutcome
from batchgauge.core.result.run_result import RunResult, from_document
from batchgauge.messages import Language, translator
from batchgauge.reports.terminal import run_table, sweep_table
from tests.reports.runs import Setting, as_array, measured, tried_again

SPECIFICATION = Path(__file__).parents[1] / "data" / "specification-result.json"
LANGUAGES: tuple[Language, ...] = ("en", "ja")


def shown(table: Table, width: int = 200) -> str:
    console = Console(file=StringIO(), width=width, highlight=False)
    console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def of_run(result: RunResult, language: Language = "en", width: int = 200) -> str:
    [run] = analyse([("a.json", result)]).runs
    return shown(run_table(run.result, run.summary, translator(language)), width)


def test_a_run_shows_its_jobs_its_limits_and_its_times() -> None:
    text = of_run(measured(20, Setting(is_local=True)))
    for part in (
        "20 jobs on windows-batch-queue (embedded AWS, time scale 0.05)",
        "20 accepted, 20 succeeded, 0 failed, 0 unfinished, 0 not submitted",
        "16 at most; the compute environments hold 16",
        "at most 10 in flight",
    ):
        assert part in text
    phases = [line.split("  ")[0].strip() for line in text.splitlines()]
    for phase in ("submission", "queueing", "start-up", "until the job runs", "run"):
        assert phase in phases


@pytest.mark.parametrize(
    ("load", "words"),
    [
        ("burst", "all sent at once"),
        ("rate:50", "sent at 50/s"),
        ("ramp:1..50/60", "sent at 1/s to 50/s in 60 s"),
        ("poisson:2.5@7", "sent at random, 2.5/s"),
    ],
)
def test_a_run_says_which_load_it_was_under(load: str, words: str) -> None:
    assert words in of_run(measured(5, Setting(load=load)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_submissions_that_were_sent_late_are_counted(language: Language) -> None:
    label = translator(language)("run.late")
    assert label in of_run(measured(5, Setting(load="burst")), language)
    assert label not in of_run(measured(5), language)


def test_a_run_that_was_not_watched_shows_its_submission_only() -> None:
    text = of_run(measured(5, Setting(is_monitored=False)))
    assert "not watched further (--monitor)" in text
    assert "queueing" not in text
    assert "Ran at once" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_of_the_specification_has_tables(language: Language) -> None:
    result = from_document(SPECIFICATION.read_bytes())
    assert "245 ms" in of_run(result, language)
    assert "245 ms" in shown(sweep_table(analyse([("s.json", result)]), translator(language)))


def test_a_sweep_shows_a_row_a_run() -> None:
    analysis = analyse([(f"{n}.json", measured(n)) for n in (2, 5, 10, 20)])
    rows = [line.split() for line in shown(sweep_table(analysis, translator("en"))).splitlines()]
    found = {row[0]: row for row in rows if row and row[0].isdigit()}
    assert list(found) == ["2", "5", "10", "20"]
    assert found["20"][1] == "20/20"
    assert found["20"][-2:] == ["16/16", "0"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sweep_fits_into_80_columns_with_every_cell_on_one_line(language: Language) -> None:
    analysis = analyse([(f"{n}.json", measured(n)) for n in (2, 5, 10, 20)])
    lines = shown(sweep_table(analysis, translator(language)), width=80).splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    assert len([line for line in lines if "–" in line and " s " in line]) == 4
    assert "…" not in "".join(lines)


def test_foreign_text_is_not_markup() -> None:
    text = of_run(measured(2, Setting(queue="[red]queue[/red]\x1b[2J")))
    assert "[red]queue[/red]\\x1b[2J" in text


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_run_fits_into_80_columns_with_every_phase_on_one_line(language: Language) -> None:
    lines = of_run(measured(40), language, width=80).splitlines()
    head = next(number for number, line in enumerate(lines) if "───" in line)
    assert len([line for line in lines[head + 1 :] if line.strip()]) == 7


def test_a_run_says_why_jobs_were_refused_and_failed() -> None:
    table = of_run(measured(40, Setting(failing=7, refused=9)))
    assert "could not be submitted: ClientException" in table
    assert "exit code 3" in table


def test_a_run_says_that_it_was_interrupted() -> None:
    assert "interrupted" in of_run(measured(5, Setting(outcome=RunOutcome.INTERRUPTED)))


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "9 of 15 jobs; 24 attempts in all"), ("ja", "15 ジョブのうち 9 ジョブ (試行は合計 24 回)")],
)
def test_a_run_says_how_many_jobs_were_tried_again(language: Language, words: str) -> None:
    label = translator(language)("run.attempts")
    text = of_run(tried_again(measured(15), 9), language)
    assert label in text
    assert words in text
    assert label not in of_run(tried_again(measured(15), 0), language)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "100 % accepted, 1 array of 30"), ("ja", "配列ジョブ 1 件 (30 ジョブ)")]
)
def test_an_array_is_called_one_and_has_no_rate(language: Language, words: str) -> None:
    text = of_run(as_array(measured(30)), language)
    assert words in text
    assert "/s," not in text
    for absent in ("at most 10 in flight", "needs 2", "並列数", "2 件必要"):
        assert absent not in text
    swept = shown(sweep_table(analyse([("a.json", as_array(measured(30)))]), translator(language)), width=80)
    assert translator(language)("cell.array") in swept
    assert "/s" not in swept


@pytest.mark.parametrize(("language", "words"), [("en", "100 % accepted, one call"), ("ja", "呼び出し 1 回")])
def test_a_single_job_has_no_rate(language: Language, words: str) -> None:
    assert words in of_run(measured(1), language)


def test_several_arrays_have_a_rate() -> None:
    text = of_run(as_array(measured(30), size=10))
    assert "/s, 30 jobs as arrays in 3 calls" in text


def test_an_array_and_the_job_that_was_left_over_are_two_calls() -> None:
    assert "11 jobs as arrays in 2 calls" in of_run(as_array(measured(11), size=10))


@pytest.mark.parametrize("language", LANGUAGES)
def test_repeats_of_a_level_are_one_row_of_a_sweep_that_names_their_number(language: Language) -> None:
    analysis = analyse([(f"{n}{seed}.json", measured(n, seed=seed)) for n in (5, 15) for seed in (1, 2, 3)])
    lines = shown(sweep_table(analysis, translator(language)), width=80).splitlines()
    levels = [line.split()[:3] for line in lines if line.split()[:1] in (["5"], ["15"])]
    assert [(level[0], "15/15" in level or "45/45" in level) for level in levels] == [("5", True), ("15", True)]
    assert sum("×3" in line for line in lines) == 2
    assert translator(language)("glance.caption")[:8] in "".join(lines)
    assert max(cell_len(line) for line in lines) <= 80


def test_a_word_longer_than_the_line_is_folded_and_not_cut() -> None:
    image = "123456789012.dkr.ecr.us-west-2.amazonaws.com/" + "a" * 60 + ":windows-ltsc2022"
    result = measured(2, Setting(status_reason=f"CannotPullContainerError: {image}", failing=1))
    text = of_run(result, "ja", width=80)
    assert image in "".join(text.split())
    assert "…" not in text
