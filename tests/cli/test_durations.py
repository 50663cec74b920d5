"""Lengths of time as people type them."""

from __future__ import annotations

import pytest

from batchgauge.cli.durations import parse_duration_s
from batchgauge.errors import InvalidOptionError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("0.5s", 0.5), ("5m", 300), ("2h", 7200), ("1h30m", 5400), (" 1h2m3s ", 3723), ("0", 0)],
)
def test_a_length_is_read(text: str, seconds: float) -> None:
    assert parse_duration_s("--deadline", text) == seconds


@pytest.mark.parametrize("text", ["", " ", "-1", "5x", "m", "1m2h", "ten", "1e3", "nan"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(InvalidOptionError):
        parse_duration_s("--deadline", text)
