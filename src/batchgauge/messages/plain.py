"""Text from elsewhere, made safe to show in the middle of a line."""

from __future__ import annotations

import unicodedata
from typing import Final

_UNSAFE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls (terminal escapes), invisible formats (bidirectional overrides), surrogates (not encodable), line and paragraph separators."""
_SPACES: Final = "\t\n\v\f\r\x85\u2028\u2029"


def plain(text: str) -> str:
    """One line without anything that moves the cursor, hides or reorders; what is unsafe is shown as its escape."""
    if text.isascii() and text.isprintable():
        return text
    one_line = " ".join(part for part in text.translate(_TO_SPACE).split(" ") if part) if _has_break(text) else text
    return "".join(_shown(character) for character in one_line)


_TO_SPACE: Final = str.maketrans(dict.fromkeys(_SPACES, " "))


def _has_break(text: str) -> bool:
    return any(character in text for character in _SPACES)


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _UNSAFE_CATEGORIES:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
