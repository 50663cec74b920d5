"""Which account, Region and endpoint a printed command asks: those that were meant, so that whoever copies it gets no other ones."""

from __future__ import annotations

import shlex
from collections.abc import Iterable


def place_words(region: str | None, profile: str | None, endpoint_url: str | None) -> str:
    """What a command line, ours or the AWS CLI's, ends with in order to ask the same AWS; begins with a space where there is anything."""
    flags = {"--region": region, "--profile": profile, "--endpoint-url": endpoint_url}
    given = [word for flag, value in flags.items() if value for word in (flag, value)]
    return f" {shlex.join(given)}" if given else ""


def placed_command(words: Iterable[str], region: str | None, profile: str | None, endpoint_url: str | None) -> str:
    """A command line of these words that asks the same AWS, to be typed as it is."""
    return shlex.join(words) + place_words(region, profile, endpoint_url)
