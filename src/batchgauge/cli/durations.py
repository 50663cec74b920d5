"""Lengths of time as people type them."""

from __future__ import annotations

import re
from typing import Final

from batchgauge.errors import InvalidOptionError

_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0}
_SHAPE: Final = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?")


def parse_duration_s(flag: str, text: str) -> float:
    """``90``, ``90s``, ``5m``, ``1h30m`` as seconds.

    Raises:
        InvalidOptionError: it is not such a length.
    """
    matched = _SHAPE.fullmatch(text.strip()) if text.strip() else None
    if matched is None:
        raise InvalidOptionError(flag=flag, value=text, expected="duration")
    hours, minutes, seconds = (float(part) if part else 0.0 for part in matched.groups())
    return hours * _SECONDS["h"] + minutes * _SECONDS["m"] + seconds
