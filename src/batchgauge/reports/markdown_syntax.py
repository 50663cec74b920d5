"""Markdown from parts: text from elsewhere can neither end a table's row nor become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from batchgauge.messages import plain

MAX_QUOTED: Final = 300
"""Characters of foreign text that are shown; a status reason can be longer than a report should be."""


def code(text: str) -> str:
    """Foreign text as a code span: nothing in it is markup, a link or HTML."""
    shown = plain(text).strip()
    if not shown:
        return "` `"
    if len(shown) > MAX_QUOTED:
        shown = shown[: MAX_QUOTED - 1] + "…"
    # CommonMark: a span is fenced by more backticks than any run inside it; a space keeps outer ones apart from the fence.
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    margin = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{margin}{shown}{margin}{fence}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, text_columns: int = 1) -> str:
    """A GitHub table; the first `text_columns` are set to the left, the numbers after them to the right."""
    alignment = [":--" if position < text_columns else "--:" for position in range(len(header))]
    return "\n".join(_row(cells) for cells in (header, alignment, *rows))


def bullets(lines: Iterable[str]) -> str:
    """A list."""
    return "\n".join(f"- {line}" for line in lines)


def document(blocks: Iterable[str]) -> str:
    """Blocks with an empty line between, and a newline at the end."""
    return "\n\n".join(block for block in blocks if block) + "\n"


def _row(cells: Sequence[str]) -> str:
    # In a table a bar ends the cell even inside a code span, unless it is escaped.
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
