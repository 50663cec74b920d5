"""A journal that another process left: gone on with, by one process at a time."""

from __future__ import annotations

import asyncio
import errno
import subprocess
import sys
from io import FileIO
from pathlib import Path

import pytest

from batchgauge.core.journal import Ended, RunOutcome
from batchgauge.errors import JournalError, JournalInUseError
from batchgauge.store import file_lock
from batchgauge.store.journal import JournalFile, read_journal
from tests.store.test_journal import LINES, RECORDS

END = Ended(at_ms=9.0, outcome=RunOutcome.COMPLETE)


def gone_on_with(path: Path) -> JournalFile:
    async def go() -> JournalFile:
        async with JournalFile(path, is_taken_up=True) as journal:
            journal.append(END)
        return journal

    return asyncio.run(go())


@pytest.mark.parametrize("torn", [b"", b'{"crc32":"0', LINES[-1][:-20], b"\x00" * 700])
def test_a_torn_last_line_is_cut_off_and_the_next_record_follows_the_last_whole_one(
    tmp_path: Path, torn: bytes
) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"".join(LINES) + torn)
    assert gone_on_with(path).records == tuple(RECORDS)
    assert list(read_journal(path)) == [*RECORDS, END]
    assert path.read_bytes().startswith(b"".join(LINES))


def test_a_last_line_that_lacks_only_its_newline_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"".join(LINES)[:-1])
    assert gone_on_with(path).records == tuple(RECORDS)
    assert list(read_journal(path)) == [*RECORDS, END]


def test_a_damaged_journal_is_not_gone_on_with_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    damaged = LINES[0] + b"x" + LINES[1] + LINES[2]
    path.write_bytes(damaged)
    with pytest.raises(JournalError, match="journal"):
        JournalFile(path, is_taken_up=True)
    assert path.read_bytes() == damaged


def test_a_journal_that_is_being_written_is_not_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"".join(LINES))

    async def go() -> None:
        async with JournalFile(path, is_taken_up=True):
            with pytest.raises(JournalInUseError):
                JournalFile(path, is_taken_up=True)

    asyncio.run(go())
    gone_on_with(path)  # whoever had it is done


def test_a_new_journal_is_its_makers(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"

    async def go() -> None:
        async with JournalFile(path):
            with pytest.raises(JournalInUseError):
                JournalFile(path, is_taken_up=True)

    asyncio.run(go())


HOLDER = """
import sys, pathlib
from batchgauge.store.journal import JournalFile
journal = JournalFile(pathlib.Path(sys.argv[1]), is_taken_up=True)
print("held", flush=True)
sys.stdin.read()
"""


def test_the_lock_of_a_killed_process_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"".join(LINES))
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().split() == [b"held"]
        with pytest.raises(JournalInUseError):
            JournalFile(path, is_taken_up=True)
        holder.kill()
        holder.wait()
        assert gone_on_with(path).records == tuple(RECORDS)


def test_where_there_are_no_locks_a_new_journal_is_written_and_an_old_one_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(file: FileIO) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(file_lock, "_lock", no_locks)

    async def go() -> None:
        async with JournalFile(tmp_path / "journal.jsonl") as journal:
            for record in RECORDS:
                journal.append(record)

    asyncio.run(go())
    with pytest.raises(JournalError, match="journal"):
        JournalFile(tmp_path / "journal.jsonl", is_taken_up=True)
