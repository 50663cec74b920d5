from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.messages import translator
from batchgauge.messages.language import LANGUAGES, Language
from batchgauge.reports.markdown import markdown_report
from batchgauge.reports.page import report_page
from batchgauge.reports.page_data import SCRIPT_WORDS
from batchgauge.reports.page_jobs import MAX_JOBS
from batchgauge.reports.page_markup import sections_of
from tests.reports.runs import Setting, measured

UPLOT = "v1.6.32"
EMPTY = {"meta", "input", "br", "img"}


def analysis(*levels: int, setting: Setting | None = None) -> Analysis:
    return analyse([(f"test-case-{level}.json", measured(level, setting)) for level in levels])


def page(of: Analysis, language: Language = "en") -> str:
    return report_page(of, translator(language)).decode()


def data(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


class Nesting(HTMLParser):
    """Whether every element is closed where it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]
        assert not [name for name, _ in attrs if name == "style" or name.startswith("on")]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_well_formed_and_its_ids_are_unique(language: Language) -> None:
    reader = Nesting()
    reader.feed(page(analysis(2, 20), language))
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))


def test_the_policy_allows_what_is_in_the_page_and_nothing_else() -> None:
    text = page(analysis(2))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    styles = re.findall(r"<style>(.*?)</style>", text, re.S)
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'" for part in scripts + styles
    }
    assert set(re.findall(r"'sha256-[^']*'", policy[1])) == hashes
    assert policy[1].startswith("default-src 'none'; ")
    assert "unsafe" not in policy[1]


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    text = page(analysis(2))
    assert not re.search(r"<(?:link|img|iframe|object|embed|base)\b", text)
    assert not re.search(r"""(?:src|href)=["'](?!#)""", text)
    assert "@import" not in text
    assert "url(" not in text


def test_the_chart_library_is_the_version_that_its_note_names() -> None:
    assert UPLOT in page(analysis(2))


def test_foreign_text_cannot_end_the_data_nor_become_markup() -> None:
    hostile = "</script><script>alert(1)</script><!-- `x` | **y**"
    text = page(analysis(10, setting=Setting(failing=3, status_reason=hostile, queue=hostile)))
    assert "<script>alert" not in text
    assert "<!--" not in text.removeprefix("<!doctype html>")
    assert hostile in data(text)["runs"][0]["jobs"]["columns"]["said"]


def test_all_sections_of_the_markdown_report_are_on_the_page_and_findings_come_first() -> None:
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page(analysis(2, 20)))
    _, (_, *sections) = sections_of(markdown_report(analysis(2, 20), translator("en")))
    wanted = [section.heading for section in sections]
    at = wanted.index("Levels at a glance") + 1
    charts = ["Time line of the jobs", "Concurrency over time", "Distributions", "Levels compared", "Jobs"]
    assert headings == [*wanted[:at], *charts, *wanted[at:]]
    assert "What stands out" in wanted[:at]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_the_scripts_show_is_given_to_them(language: Language) -> None:
    scripts = "".join(re.findall(r"<script>(.*?)</script>", page(analysis(2), language), re.S)[1:])
    asked = set(re.findall(r'words\("([a-z_.-]+)"', scripts))
    assert asked <= set(SCRIPT_WORDS)
    assert set(data(page(analysis(2), language))["words"]) == set(SCRIPT_WORDS)


def test_times_are_since_the_first_creation_and_respect_what_is_sure() -> None:
    run = data(page(analysis(20)))["runs"][0]
    columns = run["jobs"]["columns"]
    assert min(columns["created"]) == 0
    for created, low, high, started in zip(
        *(columns[name] for name in ("created", "starting_earliest", "starting_latest", "started")), strict=True
    ):
        assert created <= low <= high <= started
    assert max(run["running"]["surely"]) <= run["capacity"] == 16
    assert all(low <= high for low, high in zip(run["holding"]["surely"], run["holding"]["possibly"], strict=True))


def test_a_large_run_is_thinned_and_says_so() -> None:
    run = data(page(analysis(6_000, setting=Setting(capacity=4_000, submit_per_s=5_000, failing=250))))["runs"][0]
    columns = run["jobs"]["columns"]
    assert run["jobs"]["total"] == 6_000
    assert len(columns["index"]) <= MAX_JOBS
    assert columns["status"].count("FAILED") == 24
    assert run["running"]["binned"]
    assert max(run["running"]["surely"]) > 3_000
    assert columns["index"][0] == 1
    assert columns["index"][-1] == 6_000


def test_a_file_of_the_specifications_own_shape_has_no_time_line() -> None:
    result = measured(3)
    bare = analyse(
        [
            (
                "s.json",
                type(result)(
                    timestamp=result.timestamp,
                    job_queue="q",
                    job_definition="d",
                    total_jobs=3,
                    successful_jobs=3,
                    failed_jobs=0,
                    jobs=tuple(
                        type(job)(
                            job_id=job.job_id,
                            job_name=job.job_name,
                            submission_time=job.submission_time,
                            submit_duration=0.2,
                            status="SUBMITTED",
                        )
                        for job in result.jobs
                    ),
                ),
            )
        ]
    )
    run = data(page(bare))["runs"][0]
    assert run["running"] is None
    assert "created" not in run["jobs"]["columns"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_law_has_its_picture_right_after_its_sentence(language: Language) -> None:
    levels = (2, 5, 10, 20)
    swept = analyse([(f"{n}-{seed}.json", measured(n, seed=seed)) for n in levels for seed in (1, 2)])
    text = page(swept, language)
    pace = data(text)["pace"]
    assert [level for level, _ in pace["points"]] == [level for level in levels for _ in range(2)]
    assert [pace["curve"][place][0] for place in (0, -1)] == [1, 20]
    at = text.index('id="pace"')
    # The heading and one paragraph stand before it, and no table.
    between = text[text.rindex("<h2", 0, at) : at]
    assert translator(language)("scaling.title") in between
    assert (between.count("<p>"), between.count("<table")) == (1, 0)
    checked = Nesting()
    checked.feed(text)
    assert checked.open == []


def test_without_a_law_there_is_no_picture_of_one() -> None:
    text = page(analysis(2, 5))
    assert data(text)["pace"] is None
    assert 'id="pace"' not in text
