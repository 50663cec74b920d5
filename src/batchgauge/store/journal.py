"""A run's journal on disk: JSON lines, each with the CRC-32 of its record, written in groups.

A line is ``{"crc32":"89abcdef","record":{…}}``. What is appended is written and synced soon after by a thread of its own, so that neither
a send nor a look ever waits for the disk; `sync` waits where something must be on the disk first.
"""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import msgspec

from batchgauge.core.journal import Record
from batchgauge.errors import JournalError

FLUSH_INTERVAL_S: Final = 0.25
"""The most that a crash of the whole machine can lose of what was seen; plans are synced by themselves before anything is sent."""


class _Line(msgspec.Struct):
    crc32: str
    record: msgspec.Raw


_encoder = msgspec.json.Encoder()
_line_decoder = msgspec.json.Decoder(_Line)
_record_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


class JournalFile:
    """The `Journal` of one run; an async context manager that writes the rest and closes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: list[bytes] = []
        self._writing = asyncio.Lock()
        self._flusher: asyncio.Task[None] | None = None
        self._error: JournalError | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("xb")
        except OSError as error:
            raise JournalError(path=str(path), reason=error.strerror or str(error)) from error

    async def __aenter__(self) -> Self:
        self._flusher = asyncio.create_task(self._flush_now_and_then())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._flusher is not None:
            self._flusher.cancel()
            with suppress(asyncio.CancelledError):
                await self._flusher
        try:
            await self.sync()
        finally:
            self._file.close()

    def append(self, record: Record) -> None:
        """Add a record; it is on the disk after the next `sync`, or a moment later by itself."""
        self._waiting.append(encode_line(record))

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
                    await asyncio.to_thread(self._write, b"".join(lines))
                except OSError as error:
                    self._waiting = lines + self._waiting
                    raise JournalError(path=str(self._path), reason=error.strerror or str(error)) from error

    def _write(self, data: bytes) -> None:
        position = self._file.tell()
        try:
            self._file.write(data)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            # Half a group must not stay: the next try would follow it on the same line.
            with suppress(OSError):
                self._file.seek(position)
                self._file.truncate()
            raise

    async def _flush_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_INTERVAL_S)
            with suppress(JournalError):  # the next `sync` that somebody waits for says it
                await self.sync()


def encode_line(record: Record) -> bytes:
    """A record as a line with its checksum."""
    data = _encoder.encode(record)
    return b'{"crc32":"%08x","record":%s}\n' % (zlib.crc32(data), data)


def read_journal(path: Path) -> Iterator[Record]:
    """The records of a journal, in order. A last line that was torn by a crash is left out.

    Raises:
        JournalError: the file cannot be read, or a line other than the last is damaged.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise JournalError(path=str(path), reason=error.strerror or str(error)) from error
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        record = _decode_line(line)
        if record is not None:
            yield record
        elif number < len(lines):  # a whole line ends with a newline; only what follows the last one may be torn
            raise JournalError(path=str(path), reason=f"line {number} is damaged")


def _decode_line(line: bytes) -> Record | None:
    try:
        parsed = _line_decoder.decode(line)
        if int(parsed.crc32, 16) != zlib.crc32(bytes(parsed.record)):
            return None
        return _record_decoder.decode(parsed.record)
    except (msgspec.MsgspecError, ValueError):
        return None
