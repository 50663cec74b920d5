"""A journal on disk: what was synced is read again, whatever a crash did to the end of the file."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.journal import Found, Header, Record, Started
from batchgauge.core.result.builder import build_result
from batchgauge.errors import JournalDamagedError, JournalError
from batchgauge.store.journal import JournalFile, encode_line, read_journal
from tests.core.journals import TrueRun, header, plan_of, runs

RECORDS: list[Record] = [
    header(2),
    plan_of(2),
    Started(at_ms=1.5),
    Found(job=1, job_id="名前", at_ms=2.25),
    Found(job=2, job_id='with "quotes"\nand lines', at_ms=3),
]
LINES = [encode_line(record) for record in RECORDS]


def written(path: Path, records: list[Record]) -> None:
    async def write() -> None:
        async with JournalFile(path) as journal:
            for record in records:
                journal.append(record)

    asyncio.run(write())


def test_what_was_written_is_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "run" / "journal.jsonl"
    written(path, RECORDS)
    assert list(read_journal(path)) == RECORDS


@given(run=runs())
def test_a_result_can_be_made_again_from_its_journal(tmp_path_factory: pytest.TempPathFactory, run: TrueRun) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    written(path, run.records)
    assert build_result(read_journal(path)) == build_result(run.records)


def test_a_line_is_json_with_the_checksum_of_its_record() -> None:
    for line in LINES:
        assert line.endswith(b"}\n")
        assert line.count(b"\n") == 1
        parsed = json.loads(line)
        [text] = [line[line.index(b'"record":') + len(b'"record":') : -2]]
        assert parsed["crc32"] == f"{zlib.crc32(text):08x}"


def test_a_file_cut_off_at_any_byte_gives_every_record_that_was_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    whole = b"".join(LINES)
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        found = list(read_journal(path))
        complete = whole[:length].count(b"\n")
        # A last line that lacks nothing but its newline is whole too.
        assert found in (RECORDS[:complete], RECORDS[: complete + 1])
        assert len(found) == complete or whole[length : length + 1] == b"\n"


@pytest.mark.parametrize("torn", [b"\0" * 64, b'{"crc32":"', b"\xff\xfe", b"{}", b"null"])
def test_rubbish_after_the_last_newline_is_left_out(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"".join(LINES) + torn)
    assert list(read_journal(path)) == RECORDS


@given(st.data())
def test_no_changed_byte_passes_unnoticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    whole = bytearray(b"".join(LINES[:3]))
    position = data.draw(st.integers(0, len(whole) - 1))
    whole[position] = data.draw(st.integers(0, 255).filter(lambda value: value != whole[position]))
    path.write_bytes(bytes(whole))
    try:
        found = list(read_journal(path))
    except JournalError:
        return
    # The last newline may have become part of a torn line; the checksum's own hexadecimal may be in capitals.
    assert found in (RECORDS[:3], RECORDS[:2])


@pytest.mark.parametrize("damaged", [0, 1, 2, 3, 4])
def test_a_damaged_line_is_named(tmp_path: Path, damaged: int) -> None:
    path = tmp_path / "journal.jsonl"
    lines = list(LINES)
    lines[damaged] = lines[damaged].replace(b'"crc32":"', b'"crc32":"f', 1)
    path.write_bytes(b"".join(lines))
    with pytest.raises(JournalError) as caught:
        list(read_journal(path))
    assert caught.value.reason == f"line {damaged + 1} is damaged"
    assert caught.value.path == str(path)


def sealed(record: str) -> bytes:
    return f'{{"crc32":"{zlib.crc32(record.encode()):08x}","record":{record}}}\n'.encode()


def test_a_record_of_a_later_version_is_not_taken_for_damage(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(LINES[0] + sealed('{"type":"migrated","at":1}'))
    with pytest.raises(JournalError) as caught:
        list(read_journal(path))
    assert "line 2" in caught.value.reason
    assert "does not know" in caught.value.reason


def test_a_journal_of_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    first = RECORDS[0]
    assert isinstance(first, Header)
    record = json.loads(LINES[0])["record"]
    path.write_bytes(sealed(json.dumps({**record, "version": first.version + 1})))
    with pytest.raises(JournalError) as caught:
        list(read_journal(path))
    assert "newer" in caught.value.reason


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_journal_has_no_records(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(content)
    assert list(read_journal(path)) == []


def test_a_journal_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(JournalError) as caught:
        list(read_journal(tmp_path / "none"))
    assert caught.value.reason == os.strerror(2)


def test_an_earlier_journal_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"precious")
    with pytest.raises(JournalError):
        JournalFile(path)
    assert path.read_bytes() == b"precious"


def test_a_journal_under_a_file_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where the folder was to be")
    with pytest.raises(JournalError):
        JournalFile(tmp_path / "runs" / "run" / "journal.jsonl")


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """No file of this process may grow beyond that: what a full disk does to a write, half of it included."""
    resource = pytest.importorskip("resource")  # not on Windows
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 1, 40, len(LINES[2]), len(LINES[2]) + 5])
def test_what_a_full_disk_refused_is_written_once_when_there_is_room_again(tmp_path: Path, room: int) -> None:
    path = tmp_path / "journal.jsonl"

    async def write() -> None:
        async with JournalFile(path) as journal:
            for record in RECORDS[:2]:
                journal.append(record)
            await journal.sync()
            for record in RECORDS[2:]:
                journal.append(record)
            with files_limited_to(path.stat().st_size + room):
                with pytest.raises(JournalError):
                    await journal.sync()
                assert list(read_journal(path)) == RECORDS[:2], "half a group must not stay"
            await journal.sync()

    asyncio.run(write())
    assert list(read_journal(path)) == RECORDS


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open cannot be deleted there")
def test_a_journal_that_somebody_deletes_under_way_is_an_error_and_not_written_into_the_void(tmp_path: Path) -> None:
    async def write() -> None:
        async with JournalFile(tmp_path / "journal.jsonl") as journal:
            journal.append(RECORDS[0])
            await journal.sync()
            (tmp_path / "journal.jsonl").unlink()
            journal.append(RECORDS[1])
            await journal.sync()

    with pytest.raises(JournalError) as caught:
        asyncio.run(write())
    assert caught.value.reason == "No such file or directory"


def wait_for_lines(path: Path, count: int) -> None:
    while path.read_bytes().count(b"\n") < count:
        time.sleep(0.001)


def test_trouble_is_told_once_each_time_that_it_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batchgauge.store.journal.FLUSH_INTERVAL_S", 0.001)
    path = tmp_path / "journal.jsonl"

    async def write() -> list[JournalError]:
        told: list[JournalError] = []
        is_told = asyncio.Event()

        def take(error: JournalError) -> None:
            told.append(error)
            is_told.set()

        async with JournalFile(path, take) as journal:
            journal.append(RECORDS[0])
            await journal.sync()
            for record in RECORDS[1:]:
                with files_limited_to(path.stat().st_size):
                    journal.append(record)
                    await asyncio.wait_for(is_told.wait(), 30)
                    await asyncio.sleep(0.01)  # several more tries, of which nothing is told
                is_told.clear()
                # By the journal itself: only then is the trouble over for it.
                await asyncio.to_thread(wait_for_lines, path, RECORDS.index(record) + 1)
        return told

    told = asyncio.run(write())
    assert len(told) == len(RECORDS) - 1
    assert all(error.path == str(path) and error.reason for error in told)
    assert list(read_journal(path)) == RECORDS


def test_before_anything_is_written_trouble_is_an_error_of_the_first_sync_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batchgauge.store.journal.FLUSH_INTERVAL_S", 0.001)
    told: list[JournalError] = []

    async def write() -> None:
        async with JournalFile(tmp_path / "journal.jsonl", told.append) as journal:
            with files_limited_to(0):
                journal.append(RECORDS[0])
                await asyncio.sleep(0.05)  # several tries of its own
                with pytest.raises(JournalError):
                    await journal.sync()

    asyncio.run(write())
    assert told == []


def test_a_cancelled_sync_loses_nothing_and_leaves_no_thread_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.jsonl"
    is_writing, may_go_on = threading.Event(), threading.Event()
    fsync = os.fsync

    def slow_fsync(handle: int) -> None:
        is_writing.set()
        may_go_on.wait()
        fsync(handle)

    async def write() -> None:
        async with JournalFile(path) as journal:
            monkeypatch.setattr(os, "fsync", slow_fsync)
            journal.append(RECORDS[0])
            syncing = asyncio.create_task(journal.sync())
            await asyncio.to_thread(is_writing.wait)
            syncing.cancel()
            journal.append(RECORDS[1])
            asyncio.get_running_loop().call_soon(may_go_on.set)
            with pytest.raises(asyncio.CancelledError):
                await syncing
            assert list(read_journal(path)) == RECORDS[:1]

    asyncio.run(write())
    assert list(read_journal(path)) == RECORDS[:2]


def test_records_reach_the_disk_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal.jsonl"
    is_synced = threading.Event()
    fsync = os.fsync

    def noted_fsync(handle: int) -> None:
        fsync(handle)
        is_synced.set()

    monkeypatch.setattr(os, "fsync", noted_fsync)

    async def write() -> list[Record]:
        async with JournalFile(path) as journal:
            journal.append(RECORDS[0])
            await asyncio.to_thread(is_synced.wait)
            return list(read_journal(path))

    assert asyncio.run(write()) == RECORDS[:1]


def test_many_who_sync_at_once_write_each_record_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    records: list[Record] = [Started(at_ms=float(number)) for number in range(500)]

    async def write() -> None:
        async with JournalFile(path) as journal:
            for first in range(0, len(records), 10):
                for record in records[first : first + 10]:
                    journal.append(record)
                await asyncio.gather(*(journal.sync() for _ in range(3)))

    asyncio.run(write())
    assert list(read_journal(path)) == records


@pytest.mark.parametrize("run_id", ["../../../elsewhere", "/tmp/elsewhere", "..", "a/b", "a\\b", "C:x", ""])
def test_a_run_id_that_leads_out_of_the_folder_is_not_taken(tmp_path: Path, run_id: str) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(encode_line(msgspec.structs.replace(header(2), run_id=run_id)))
    with pytest.raises(JournalDamagedError, match="run id"):
        list(read_journal(path))
