"""Putting a file in another's place, or elsewhere, on systems where a file that somebody has open cannot be moved."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

HELD_BACK: Final = frozenset({5, 32, 33})
"""Windows's ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION: a virus scanner, an indexer or an editor has it open."""
WAITS_S: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Scanners let go in milliseconds. Who has opened the file to read it does not, and is told after two seconds."""


def move(
    source: Path,
    target: Path,
    *,
    replace: Callable[[Path, Path], None] = os.replace,
    sleep: Callable[[float], None] = time.sleep,
    platform: str = sys.platform,
) -> None:
    """Move a file, over what is there; on Windows again and again while somebody holds one of the two.

    Raises:
        OSError: it cannot be moved.
    """
    for wait_s in _waits(platform):
        try:
            replace(source, target)
        except OSError as error:
            if getattr(error, "winerror", None) not in HELD_BACK:
                raise
            sleep(wait_s)
        else:
            return
    replace(source, target)


def _waits(platform: str) -> Iterator[float]:
    return iter(WAITS_S if platform == "win32" else ())
