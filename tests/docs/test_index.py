"""The list of all pages: each is on it, in the list's language where there is such a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("index", ["README.md", "README.ja.md"])
def test_every_page_is_listed(index: str) -> None:
    links = set(re.findall(r"\]\(([^)#]+)\)", (DOCS / index).read_text(encoding="utf-8")))
    assert [link for link in links if not (DOCS / link).exists()] == []
    pages = {path for folder in ("guides", "concepts", "reference") for path in (DOCS / folder).glob("*.md")}
    english = {path for path in pages if not path.name.endswith(".ja.md")}
    wanted = {
        translated if index.endswith(".ja.md") and translated.exists() else path
        for path in english
        for translated in [path.with_suffix(".ja.md")]
    }
    assert {str(path.relative_to(DOCS)) for path in wanted} <= links
