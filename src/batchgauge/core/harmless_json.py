"""JSON that does nothing to a terminal: JSON itself escapes the control characters of ASCII only."""

from __future__ import annotations

import re
from typing import Final

_UNSAFE: Final = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""DEL and the second set of controls (CSI among them), line separators, and what hides or reorders text."""


def harmless(document: bytes) -> bytes:
    """The same document; whoever parses it reads the same. Such characters stand in strings only, where an escape means the same."""
    if document.isascii() and b"\x7f" not in document:
        return document
    return _UNSAFE.sub(_escape, document.decode()).encode()


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
