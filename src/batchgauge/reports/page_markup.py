"""HTML from the Markdown that our own reports are written in: the same sections on the page, without writing each table twice.

It knows what `markdown_syntax` makes and no more: headings, paragraphs, quotes, bullets, tables, code spans and bold. Everything is
escaped; nothing in a code span, where all foreign text stands, is taken for markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

_CODE: Final = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
NO_BREAK: Final = "\u00a0"
_BOLD: Final = re.compile(r"\*\*(.+?)\*\*")
_REPEAT: Final = re.compile(r"(?<=\d) (?=#\d)")
"""Between a level and the number of its repeat: they stay on one line."""
UNFOLDED_ROWS: Final = 10
SHORT_CODE: Final = 44
"""A name of a file or a run in a cell: a narrow screen does not break it, and scrolls the table instead."""
_CELL_END: Final = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the second rank, and what stands below it."""

    heading: str
    """Plain text; empty for what stands before the first."""
    blocks: tuple[str, ...]
    """Markdown."""


def sections_of(markdown: str) -> tuple[str, list[Section]]:
    """The title of a report, and its sections; the first is what stands before the first heading."""
    title = ""
    sections: list[tuple[str, list[str]]] = [("", [])]
    for block in markdown.strip().split("\n\n"):
        if block.startswith("# "):
            title = block[2:]
        elif block.startswith("## "):
            sections.append((block[3:], []))
        else:
            sections[-1][1].append(block)
    return title, [Section(heading, tuple(blocks)) for heading, blocks in sections]


def markup(section: Section) -> Iterator[str]:
    """The blocks of a section as HTML; a table is captioned, for who cannot see it, by the heading that it stands under."""
    caption = section.heading
    for block in section.blocks:
        if block.startswith("### "):
            caption = block[4:]
            yield f"<h3>{inline(caption)}</h3>"
        else:
            # What many repeats make long below a smaller heading is for who checks: it is folded, and found by its heading.
            yield _block(block, caption, is_detail=caption != section.heading)


def _block(block: str, caption: str, *, is_detail: bool) -> str:
    lines = block.split("\n")
    if len(lines) > 1 and re.fullmatch(r"\|( :--| --:)(.*)\|", lines[1]):
        return _table(lines, caption, is_detail=is_detail)
    if all(line.startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{inline(line[2:])}</li>" for line in lines) + "</ul>"
    if block.startswith("> "):
        return f'<p class="notice">{inline(" ".join(line.removeprefix("> ") for line in lines))}</p>'
    return f"<p>{inline(' '.join(lines))}</p>"


def inline(text: str, *, in_cell: bool = False) -> str:
    """Code spans and bold; the rest is text."""
    spans: list[str] = []

    def set_aside(span: re.Match[str]) -> str:
        kind = ' class="short"' if in_cell and len(span[2]) <= SHORT_CODE else ""
        spans.append(f"<code{kind}>{escape(_unfenced(span[2]))}</code>")
        return f"\0{len(spans) - 1}\0"

    shown = _BOLD.sub(r"<strong>\1</strong>", escape(_CODE.sub(set_aside, text.replace("\0", ""))))
    return re.sub("\0([0-9]+)\0", lambda mark: spans[int(mark[1])], shown)


def _unfenced(text: str) -> str:
    is_padded = len(text) > 2 and text.startswith(" ") and text.endswith(" ") and ("`" in text[1] or "`" in text[-2])
    return text[1:-1] if is_padded else text


def _table(lines: list[str], caption: str, *, is_detail: bool) -> str:
    header, alignment, *rows = [_cells(line) for line in lines]
    classes = [' class="number"' if cell.strip() == "--:" else "" for cell in alignment]
    head = "".join(f'<th scope="col"{kind}>{inline(cell)}</th>' for cell, kind in zip(header, classes, strict=True))
    body = "".join(_row(row, classes) for row in rows)
    label = escape(caption)
    made = (
        f'<div class="scroll" role="group" tabindex="0" aria-label="{label}"><table><caption class="known">{inline(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    if not is_detail or len(rows) <= UNFOLDED_ROWS:
        return made
    return f"<details><summary>{inline(caption)} ({len(rows)})</summary>{made}</details>"


def _row(cells: list[str], classes: list[str]) -> str:
    first, *others = [
        f"{kind}>{_REPEAT.sub(NO_BREAK, inline(cell, in_cell=True))}" for cell, kind in zip(cells, classes, strict=True)
    ]
    return f'<tr><th scope="row"{first}</th>' + "".join(f"<td{cell}</td>" for cell in others) + "</tr>"


def _cells(line: str) -> list[str]:
    return [cell.strip().replace(r"\|", "|") for cell in _CELL_END.split(line)[1:-1]]
