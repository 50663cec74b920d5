"""A journal that is read while it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgauge.errors import JournalError
from batchgauge.store.journal import encode_line
from batchgauge.store.journal_tail import JournalTail
from tests.store.test_journal import RECORDS

LINES = [encode_line(record) for record in RECORDS]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "run-1"
    folder.mkdir()
    return folder / "journal.jsonl"


def tail_of(path: Path) -> JournalTail:
    return JournalTail(path, lambda: path.stat().st_mtime * 1000 + 2500)


def test_each_record_is_read_once_however_the_file_grows(path: Path) -> None:
    whole = b"".join(LINES)
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        tail = tail_of(path)
        first = list(tail.new_records())
        path.write_bytes(whole)
        assert [*first, *tail.new_records()] == RECORDS
        assert list(tail.new_records()) == []


def test_a_damaged_last_line_may_yet_become_whole(path: Path) -> None:
    damaged = LINES[1].replace(b"plan", b"\0\0\0\0")
    path.write_bytes(LINES[0] + damaged)
    tail = tail_of(path)
    assert list(tail.new_records()) == RECORDS[:1]
    path.write_bytes(LINES[0] + LINES[1])
    assert list(tail.new_records()) == RECORDS[1:2]


def test_a_damaged_line_that_others_follow_is_named(path: Path) -> None:
    path.write_bytes(LINES[0] + b"nonsense\n" + LINES[1])
    with pytest.raises(JournalError) as caught:
        list(tail_of(path).new_records())
    assert caught.value.reason == "line 2 is damaged"


def test_it_says_how_long_nothing_was_added(path: Path) -> None:
    path.write_bytes(LINES[0])
    assert tail_of(path).silent_s() == pytest.approx(2.5)
    assert tail_of(path).run_id == "run-1"


def test_a_journal_that_is_gone_is_named(path: Path) -> None:
    tail = JournalTail(path, lambda: 0.0)
    with pytest.raises(JournalError):
        list(tail.new_records())
    with pytest.raises(JournalError):
        tail.silent_s()
