"""A run's journal on disk: JSON lines, each with the CRC-32 of its record, written in groups.

A line is ``{"crc32":"89abcdef","record":{…}}``. What is appended is written and synced soon after by a thread of its own, so that neither
a send nor a look ever waits for the disk; `sync` waits where something must be on the disk first.
"""

from __future__ import annotations

import asyncio
import errno
import os
import zlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import msgspec

from batchgauge.core.journal import JOURNAL_VERSION, Header, Record
from batchgauge.core.naming import is_plain_name
from batchgauge.errors import JournalDamagedError, JournalError
from batchgauge.store.compact_looks import LookMemory, StoredRecord
from batchgauge.store.file_lock import lock_file, sync_folder

FLUSH_INTERVAL_S: Final = 0.25
"""The most that a crash of the whole machine can lose of what was seen; plans are synced by themselves before anything is sent."""


class _Line(msgspec.Struct):
    crc32: str
    record: msgspec.Raw


_encoder = msgspec.json.Encoder()
_line_decoder = msgspec.json.Decoder(_Line)
_record_decoder: msgspec.json.Decoder[StoredRecord] = msgspec.json.Decoder(StoredRecord)


class JournalFile:
    """The `Journal` of one run; an async context manager that writes the rest and closes."""

    def __init__(
        self, path: Path, on_trouble: Callable[[JournalError], None] | None = None, *, is_taken_up: bool = False
    ) -> None:
        """A new journal, or the one that an earlier process left: that one's `records` are read, and a torn last line is cut off.

        `on_trouble` is told, once each time that it begins, that nothing can be written at the moment. Before this process has written
        anything it is not: whoever waits for the first `sync` starts nothing then, and gets the error.

        Raises:
            JournalInUseError: another process writes it.
            JournalError: it cannot be made, opened or read, or is damaged.
        """
        self._path = path
        self._on_trouble = on_trouble
        self.records: tuple[Record, ...] = ()
        """Of a journal that is taken up: what was in it."""
        self._waiting: list[bytes] = []
        self._memory = LookMemory()
        self._writing = asyncio.Lock()
        self._flusher: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._size = 0
        """Bytes that are surely on the disk."""
        self._has_written = False
        self._is_in_folder = is_taken_up
        """Whether the folder's entry of the file is surely on the disk too."""
        try:
            if not is_taken_up:
                path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: what a failed write left in a buffer would be written again by the next one.
            self._file = path.open("r+b" if is_taken_up else "xb", buffering=0)
        except OSError as error:
            raise JournalError(path=str(path), reason=error.strerror or str(error)) from error
        self._is_linked = os.fstat(self._file.fileno()).st_nlink > 0
        """Not every file system counts the names of a file."""
        try:
            lock_file(self._file, path, is_needed=is_taken_up)
            if is_taken_up:
                self._take_up()
        except BaseException:
            self._file.close()
            raise

    def _take_up(self) -> None:
        # Read only now: until the lock was ours, somebody might have added to it.
        whole = list(read_lines(self._path))
        self.records = tuple(line.record for line in whole)
        for record in self.records:
            self._memory.learn(record)
        self._size = whole[-1].end if whole else 0
        try:
            self._file.truncate(self._size)
        except OSError as error:
            raise JournalError(path=str(self._path), reason=error.strerror or str(error)) from error
        if whole and not whole[-1].is_ended:  # torn just before its end: all of the record is there
            self._waiting.append(b"\n")

    async def __aenter__(self) -> Self:
        self._flusher = asyncio.create_task(self._flush_now_and_then())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        try:
            if self._flusher is not None:
                await self._flusher
            await self.sync()
        finally:
            self._file.close()

    def append(self, record: Record) -> None:
        """Add a record; it is on the disk after the next `sync`, or a moment later by itself."""
        self._waiting.append(encode_line(self._memory.compact(record)))

    async def sync(self) -> None:
        """Return when everything appended so far is on the disk.

        Raises:
            JournalError: it cannot be written (a full disk, say); what was not written is kept and tried again by the next call.
        """
        async with self._writing:
            if self._waiting:
                lines = self._waiting
                self._waiting = []
                try:
                    await _to_its_end(asyncio.to_thread(self._write, b"".join(lines)))
                except OSError as error:
                    self._waiting = lines + self._waiting
                    raise JournalError(path=str(self._path), reason=error.strerror or str(error)) from error

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            self._file.seek(self._size)
            if self._is_linked and not os.fstat(self._file.fileno()).st_nlink:
                # Deleted, with its folder perhaps: what is written now would be gone with this process, and nobody would know.
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
            if not self._is_in_folder:
                sync_folder(self._path.parent)
                self._is_in_folder = True
        except OSError:
            # Half a group must not stay; where it cannot be taken back, the next try writes over it.
            with suppress(OSError):
                self._file.truncate(self._size)
            raise
        self._size += len(data)
        self._has_written = True

    async def _flush_now_and_then(self) -> None:
        is_in_trouble = False
        while not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), FLUSH_INTERVAL_S)
            try:
                await self.sync()
                is_in_trouble = False
            except JournalError as error:  # the next `sync` that somebody waits for raises it
                if not is_in_trouble and self._has_written and self._on_trouble is not None:
                    self._on_trouble(error)
                    is_in_trouble = True


async def _to_its_end(work: Coroutine[None, None, None]) -> None:
    """Await what a thread does and cannot leave off: a cancellation is passed on only afterwards.

    Else the file might be closed, or written to again, while the thread still writes.
    """
    working = asyncio.ensure_future(work)
    cancellation: asyncio.CancelledError | None = None
    while not working.done():
        try:
            await asyncio.wait({working})
        except asyncio.CancelledError as error:
            cancellation = error
    working.result()
    if cancellation is not None:
        raise cancellation


def encode_line(record: StoredRecord) -> bytes:
    """A record as a line with its checksum."""
    data = _encoder.encode(record)
    return b'{"crc32":"%08x","record":%s}\n' % (zlib.crc32(data), data)


class Line(NamedTuple):
    """A whole line of a journal."""

    record: Record
    end: int
    """Where the next one begins, in bytes from the file's begin."""
    is_ended: bool
    """Whether its newline is there too."""


def read_journal(path: Path) -> Iterator[Record]:
    """The records of a journal, in order. A last line that was torn by a crash is left out.

    Raises:
        JournalError: the file cannot be read.
        JournalDamagedError: a line other than the last is damaged, or a later version wrote it.
    """
    return (line.record for line in read_lines(path))


def read_lines(path: Path) -> Iterator[Line]:
    """As `read_journal`, with where each line ends."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise JournalError(path=str(path), reason=error.strerror or str(error)) from error
    end = 0
    memory = LookMemory()
    for number, line in enumerate(lines, start=1):
        is_ended = number < len(lines)
        end += len(line) + is_ended
        if not line:
            continue
        record = parse_line(line, path, number)
        if record is not None:
            yield Line(memory.whole(record), end, is_ended)
        elif is_ended:  # a whole line ends with a newline; only what follows the last one may be torn
            raise JournalDamagedError(path=str(path), reason=f"line {number} is damaged")


def silent_s(journal: Path, now_ms: float) -> float:
    """How long ago something was added to a journal.

    Raises:
        JournalError: it is not there.
    """
    try:
        return max(0.0, now_ms / 1000 - journal.stat().st_mtime)
    except OSError as error:
        raise JournalError(path=str(journal), reason=error.strerror or str(error)) from error


def parse_line(line: bytes, path: Path, number: int) -> StoredRecord | None:
    """The record of a line, as it stands there; None where the line is not whole, or damaged.

    Raises:
        JournalError: a later version wrote it.
    """
    data = _intact(line)
    return None if data is None else _decode(data, path, number)


def _intact(line: bytes) -> bytes | None:
    """The record of a line, not yet decoded; None where the checksum does not confirm it."""
    try:
        parsed = _line_decoder.decode(line)
        data = bytes(parsed.record)
        return data if int(parsed.crc32, 16) == zlib.crc32(data) else None
    except ValueError:
        return None


def _decode(data: bytes, path: Path, number: int) -> StoredRecord:
    try:
        record = _record_decoder.decode(data)
    except ValueError as error:
        raise JournalDamagedError(
            path=str(path), reason=f"line {number} is of a kind that this version does not know"
        ) from error
    if isinstance(record, Header) and record.version > JOURNAL_VERSION:
        raise JournalDamagedError(path=str(path), reason=f"version {record.version} is newer than {JOURNAL_VERSION}")
    if isinstance(record, Header) and not is_plain_name(record.run_id):
        # Folders and files are named after it, and the journal may be somebody else's.
        raise JournalDamagedError(path=str(path), reason="its run id cannot be the name of a folder")
    return record
