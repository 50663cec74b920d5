"""Where a program keeps what is its user's, as each system wants it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

NAME: Final = "batchgauge"


def data_folder() -> Path:
    """The folder for data of this user's; it need not exist."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return (Path(base) if base else Path.home() / "AppData" / "Local") / NAME
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / NAME
    base = os.environ.get("XDG_DATA_HOME")
    # The specification of these folders has relative ones ignored.
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".local" / "share") / NAME
