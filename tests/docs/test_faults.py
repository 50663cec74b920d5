"""The table of faults: every row names tests, every test that it names exists, and both languages name the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "concepts"
PAGES = {name: (FOLDER / name).read_text(encoding="utf-8") for name in ("faults.md", "faults.ja.md")}
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
NAMED_TESTS = sorted(set(NAMED.findall(PAGES["faults.md"])))
HEADERS = ("| fault |", "| 障害 |")


def rows(page: str) -> list[str]:
    return [line for line in PAGES[page].splitlines() if line.startswith("| ") and not line.startswith(HEADERS)]


@pytest.mark.parametrize("page", PAGES)
def test_every_fault_says_what_is_seen_and_done_and_has_its_test(page: str) -> None:
    assert len(rows(page)) > 25
    for row in rows(page):
        fault, seen, done, code, tests = (cell.strip() for cell in row.strip("| ").split(" | "))
        assert all((fault, seen, done)), row
        assert re.fullmatch(r"–|\d+( \(\d+\))?", code), row
        assert NAMED.search(tests), row


@pytest.mark.parametrize(("file", "name"), NAMED_TESTS)
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    source = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE)


def test_both_languages_name_the_same_tests_and_exit_codes_row_by_row() -> None:
    english, japanese = ([row.rsplit(" | ", 2)[1:] for row in rows(page)] for page in PAGES)
    assert english == japanese


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", PAGES[page])
    assert links
    assert [link for link in links if not (FOLDER / link).exists()] == []


def test_every_test_of_faults_stands_in_the_table_or_beside_one_that_does() -> None:
    files = {file for file, _ in NAMED_TESTS}
    made = {f"faults/{path.name}" for path in (ROOT / "tests" / "faults").glob("test_*.py")}
    assert made <= files
