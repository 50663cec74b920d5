"""Text cut into lines for a terminal: between words, and, in Japanese, between letters where a line may break."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len

NOT_FIRST: Final = frozenset("、。，．・：；？！）」』】〕〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ)],.:;")
"""What no line begins with."""
NOT_LAST: Final = frozenset("（「『【〔〈《([")
"""What no line ends with."""


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns; a word that is longer than a line is cut, so that nothing is lost."""
    lines = [""]
    for piece in _pieces(text):
        if cell_len((lines[-1] + piece).rstrip()) <= width:
            lines[-1] += piece
            continue
        lines.append("")
        for letter in piece.lstrip():
            if cell_len(lines[-1] + letter) > width and lines[-1]:
                lines.append("")
            lines[-1] += letter
    return [line.rstrip() for line in lines if line.strip()] or [""]


def _pieces(text: str) -> Iterator[str]:
    """What may not be parted: words with the space behind them, and single wide letters with what clings to them."""
    piece = ""
    for position, letter in enumerate(text):
        piece += letter
        following = text[position + 1 : position + 2]
        if following and _may_break(letter, following):
            yield piece
            piece = ""
    if piece:
        yield piece


def _may_break(letter: str, following: str) -> bool:
    if following in NOT_FIRST or letter in NOT_LAST or following == " ":
        return False
    return letter == " " or cell_len(letter) > 1 or cell_len(following) > 1
