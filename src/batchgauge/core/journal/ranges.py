"""Sets of job indexes as short text."""

from __future__ import annotations

from collections.abc import Iterable


def to_ranges(indexes: Iterable[int]) -> str:
    """``1, 2, 3, 7`` → ``1-3,7``."""
    parts: list[str] = []
    first = last = None
    for index in sorted(set(indexes)):
        if last is not None and index == last + 1:
            last = index
            continue
        if first is not None:
            parts.append(_range(first, last))
        first = last = index
    if first is not None:
        parts.append(_range(first, last))
    return ",".join(parts)


def from_ranges(text: str) -> list[int]:
    """The reverse of `to_ranges`."""
    indexes: list[int] = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        indexes.extend(range(int(first), int(last or first) + 1))
    return indexes


def _range(first: int, last: int | None) -> str:
    return str(first) if last in (None, first) else f"{first}-{last}"
