"""Reading a journal while another process, or another machine, writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from batchgauge.core.journal import Record
from batchgauge.errors import JournalDamagedError, JournalError
from batchgauge.store.compact_looks import LookMemory
from batchgauge.store.file_lock import is_locked
from batchgauge.store.journal import parse_line, silent_s


class JournalTail:
    """Yields what was added since it was last asked. A line that is not whole yet is left for the next time."""

    def __init__(self, path: Path, now_ms: Callable[[], float]) -> None:
        self.path = path
        self._now_ms = now_ms
        self._read = 0
        """Bytes that were taken in."""
        self._line = 0
        self._memory = LookMemory()

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.path.parent.name

    def silent_s(self) -> float:
        """How long ago something was added.

        Raises:
            JournalError: it is not there.
        """
        return silent_s(self.path, self._now_ms())

    def is_written_here(self) -> bool:
        """Whether a process of this machine holds it just now; on a shared folder another machine's may all the same."""
        return is_locked(self.path)

    def new_records(self) -> Iterator[Record]:
        """The records that came since, in order.

        Raises:
            JournalError: the file cannot be read, a line that others follow is damaged, or a later version wrote it.
        """
        lines = self._added().split(b"\n")
        whole = lines[:-1]  # what follows the last newline is still being written
        for number, line in enumerate(whole):
            record = parse_line(line, self.path, self._line + 1) if line else None
            if line and record is None:
                if number == len(whole) - 1:
                    return  # a network file system may show the end of a line before its middle
                raise JournalDamagedError(path=str(self.path), reason=f"line {self._line + 1} is damaged")
            self._line += 1
            self._read += len(line) + 1
            if record is not None:
                yield self._memory.whole(record)

    def _added(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(self._read)
                return file.read()
        except OSError as error:
            raise JournalError(path=str(self.path), reason=error.strerror or str(error)) from error
