"""Names that a system does not take for files: better refused before a run than after it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

LONGEST_NAME: Final = 255
NOT_IN_NAMES_OF_WINDOWS: Final = frozenset('<>:"|?*') | frozenset(map(chr, range(32)))


def is_possible_name(path: Path, platform: str) -> bool:
    """Whether the last part of a path can be a file's name; what stands in front of it is there already, or is not."""
    name = path.name
    if "\0" in name:
        return False
    if platform != "win32":
        return True  # the system itself says so, in its own words
    # A colon would write into a hidden stream of another file, and a dot at the end be dropped.
    return len(name) <= LONGEST_NAME and not NOT_IN_NAMES_OF_WINDOWS & set(name) and not name.endswith((".", " "))
