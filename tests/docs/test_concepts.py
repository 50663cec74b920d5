"""The page on what each number means: its picture is up to date, its links lead somewhere, both languages say the same."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from batchgauge.messages import translator

FOLDER = Path(__file__).parents[2] / "docs" / "concepts"
PAGES = {"en": FOLDER / "measuring.md", "ja": FOLDER / "measuring.ja.md"}


def test_the_pictures_are_up_to_date() -> None:
    checked = subprocess.run(
        [sys.executable, FOLDER / "draw_job_life.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.parametrize("name", ["job-life.svg", "job-life.ja.svg"])
def test_a_picture_is_xml_that_stays_within_its_frame(name: str) -> None:
    root = ET.fromstring((FOLDER / name).read_text(encoding="utf-8"))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for element in root.iter():
        for key, limit in (("x", width), ("y", height), ("x1", width), ("x2", width), ("cx", width)):
            assert 0 <= float(element.attrib.get(key, 0)) <= limit


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")) if "://" not in link]
    assert links
    assert [link for link in links if not (FOLDER / link).exists()] == []


def test_both_languages_have_the_same_parts() -> None:
    english, japanese = (page.read_text(encoding="utf-8") for page in PAGES.values())
    for shape in (r"^## ", r"^\|", r"^!\["):
        assert len(re.findall(shape, english, re.MULTILINE)) == len(re.findall(shape, japanese, re.MULTILINE))
    assert set(re.findall(r"`[^`]+`", english)) == set(re.findall(r"`[^`]+`", japanese)) | {"`needs 20`"}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_words_are_those_of_the_report(language: str) -> None:
    text, translate = PAGES[language].read_text(encoding="utf-8"), translator(language)
    verdicts = [translate(f"validity.{verdict}") for verdict in ("valid", "suspect", "invalid")]
    phases = [translate(f"phase.{phase}") for phase in ("to-runnable", "queue", "start-up", "wait", "run")]
    assert [word for word in (*verdicts, *phases) if f"| {word} |" not in text] == []


def test_the_page_on_statistics_says_the_same_in_both_languages_and_its_links_lead_somewhere() -> None:
    pages = [(FOLDER / name).read_text(encoding="utf-8") for name in ("statistics.md", "statistics.ja.md")]
    sections, rows = ([len(re.findall(mark, page, re.MULTILINE)) for page in pages] for mark in ("^## ", "^\\|"))
    assert sections[0] == sections[1] == 3
    assert rows[0] == rows[1] > 8
    for page in pages:
        links = [link for link in re.findall(r"\]\(([^)#]+)", page) if "://" not in link]
        assert [link for link in links if not (FOLDER / link).exists()] == []
