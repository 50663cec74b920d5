"""Why jobs wait, in words; what they reserved and what the measuring cost, in the report."""

from __future__ import annotations

import io
import re

import msgspec
import pytest
from rich.console import Console

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.bound import Bound
from batchgauge.core.progress.snapshot import WaitingNow
from batchgauge.core.progress.waiting import WaitingCode, WaitingFinding, WaitingReason
from batchgauge.core.scenario import ObservedJobs
from batchgauge.messages import Language, plain, translator
from batchgauge.reports.markdown import markdown_report
from batchgauge.reports.terminal import run_table
from batchgauge.reports.waiting_words import reason_in_words, waited_in_words, waiting_in_words, waiting_table
from tests.reports.runs import measured

LANGUAGES: tuple[Language, ...] = ("en", "ja")
HOSTILE = "x | y `z`\n<b>\x1b[31m"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(WaitingCode))
def test_every_reason_has_words(language: Language, code: WaitingCode) -> None:
    for position in (None, 3):
        reason = WaitingReason(code=code, subject="S", used=2.0, limit=16.0, position=position, jobs=4, said="AWS says")
        words = reason_in_words(reason, translator(language), plain)
        assert words.endswith("(AWS: AWS says)")
        assert "waiting." not in words
        assert "{" not in words


def test_a_wait_is_said_to_the_second() -> None:
    reasons = (WaitingReason(code=WaitingCode.AT_MAX_VCPUS, used=16.0, limit=16.0),)
    words = waiting_in_words(WaitingNow(4, 70.4, reasons), translator("en"))
    assert words == "4 waiting, the longest for 70 s: 16 of at most 16 vCPUs are in use"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_and_the_runs_table_name_what_was_waited_for(language: Language) -> None:
    reasons = (WaitingReason(code=WaitingCode.QUEUE_INVALID, subject="queue|1", said=HOSTILE),)
    finding = WaitingFinding(
        since_ms=0, until_ms=60_000, jobs=3, longest_wait_ms=90_000, is_stalled=False, reasons=reasons
    )
    result = msgspec.structs.replace(measured(5), waiting=(finding,))
    report = markdown_report(analyse([("a.json", result)]), translator(language))
    [row] = [line for line in report.splitlines() if "queue\\|1" in line]
    assert "<b>" not in re.sub(r"``.*?``|`[^`]*`", "", row)
    assert "\x1b" not in report
    assert run_table(result, result.levels[0], translator(language)).row_count > 2


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "4 of the jobs, the longest 12.0 – 13.0 s; seen meanwhile: 16 of at most 16 vCPUs are in use"),
        ("ja", "4 件 (最長 12.0 – 13.0 s)。待機中に確認した状況: 最大 16 vCPU のうち 16 vCPU を使用中です"),
    ],
)
def test_of_a_finished_run_what_its_jobs_waited_in_the_end_is_said(language: Language, said: str) -> None:
    finding = WaitingFinding(
        since_ms=0,
        until_ms=4.57,
        jobs=4,
        longest_wait_ms=3_000,
        is_stalled=False,
        reasons=(WaitingReason(code=WaitingCode.AT_MAX_VCPUS, used=16.0, limit=16.0),),
        waited_ms=Bound(12_000, 13_000),
    )
    translate = translator(language)
    assert waited_in_words(finding, translate) == said
    table = waiting_table(
        analyse([("a.json", msgspec.structs.replace(measured(5), waiting=(finding,)))]).runs, translate
    )
    assert "12.0 – 13.0 s" in table
    assert "4.57" not in table, "a single look was not seen for any time"
    twice = msgspec.structs.replace(finding, until_ms=9_000, looks=2)
    table = waiting_table(analyse([("a.json", msgspec.structs.replace(measured(5), waiting=(twice,)))]).runs, translate)
    assert "9.00 s" in table


@pytest.mark.parametrize("language", LANGUAGES)
def test_reserved_resources_and_our_own_doing_are_in_the_report(language: Language) -> None:
    translate = translator(language)
    report = markdown_report(analyse([("a.json", measured(5))]), translate)
    for code in ("report.limits.resources", "column.vcpu-s-total", "column.gb-s-run", "column.own-cpu-share"):
        assert translate(code) in report


def test_without_a_wait_the_report_has_no_such_section() -> None:
    translate = translator("en")
    assert f"### {translate('report.limits.waiting')}" not in markdown_report(
        analyse([("a.json", measured(5))]), translate
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_jobs_of_others_nothing_is_said_of_submission(language: Language) -> None:
    translate = translator(language)
    result = measured(5)
    assert result.scenario is not None
    scenario = msgspec.structs.replace(result.scenario, observed=ObservedJobs(name_prefix="nightly-"))
    watched = msgspec.structs.replace(result, scenario=scenario)
    report = markdown_report(analyse([("a.json", watched)]), translate)
    assert translate("report.submission.others") in report
    assert translate("report.submission.time-text") not in report
    both = markdown_report(analyse([("a.json", watched), ("b.json", result)]), translate)
    assert translate("report.submission.others") in both
    assert translate("report.submission.time-text") in both
    console = Console(file=io.StringIO(), width=100)
    console.print(run_table(watched, watched.levels[0], translate))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert translate("run.submission-others") in shown
    assert not [
        line for line in shown.splitlines() if line.strip().startswith(f"{translate('phase.submit')} ") and "ms" in line
    ]
