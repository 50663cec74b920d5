"""Whether there is a person, and what they type."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Iterator

import pytest

from batchgauge.host.terminal import can_ask, read_line

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals are POSIX's")


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """What is written here is typed."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "r+b", buffering=0) as raw:
        terminal = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
        monkeypatch.setattr(sys, "stdin", terminal)
        yield ours
    os.close(ours)


@pytest.mark.usefixtures("keyboard")
def test_at_a_terminal_somebody_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", sys.stdin)  # pytest's own stands there again by now
    assert can_ask()


@pytest.mark.usefixtures("keyboard")
@pytest.mark.parametrize("stream", ["stdin", "stderr"])
@pytest.mark.parametrize("replacement", [None, io.StringIO()])
def test_where_one_of_the_two_is_no_terminal_nobody_can(
    monkeypatch: pytest.MonkeyPatch, stream: str, replacement: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stderr", sys.stdin)
    monkeypatch.setattr(sys, stream, replacement)
    assert not can_ask()


@pytest.mark.parametrize(
    ("typed", "read"), [(b"yes\n", "yes"), ("はい\n".encode(), "はい"), (b"\n", ""), (b"\x04", None)]
)
def test_a_line_is_what_was_typed(keyboard: int, typed: bytes, read: str | None) -> None:
    os.write(keyboard, typed)
    assert asyncio.run(read_line()) == read


def test_whoever_stops_waiting_is_not_kept(keyboard: int) -> None:
    async def impatient() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(read_line(), 0.01)

    asyncio.run(impatient())
    os.write(keyboard, b"late\n")
