"""Where this call's command looks, for what is said when it has failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from batchgauge.core.place import place_words
from batchgauge.errors import BatchgaugeError

FLAGS: Final = ("region", "profile", "endpoint_url")

_given: dict[str, str | None] = {}


def remember_place(given: Mapping[str, Any]) -> None:
    """Keep what the command was given, by its flags or a scenario file; a command's parameters are gone when its error is said."""
    _given.clear()
    _given.update({flag: given.get(flag) for flag in FLAGS})


def place_of(error: BatchgaugeError) -> str:
    """What ends the commands of its hint; the Region where it happened is surer than a flag that may be missing."""
    region = error.arguments.get("region") or _given.get("region")
    return place_words(str(region) if region else None, _given.get("profile"), _given.get("endpoint_url"))
