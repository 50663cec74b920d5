"""The results folder: a document a level for people, and a folder a run for what it was made from."""

from __future__ import annotations

import errno
import itertools
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from batchgauge.core.naming import run_document
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.run_result import RunResult, from_document, to_document
from batchgauge.errors import JournalError, OutputNotWritableError, ResultsExistError, SweepError
from batchgauge.store.file_names import is_possible_name
from batchgauge.store.journal import JournalFile, read_journal
from batchgauge.store.moving import move

JOURNAL_NAME: Final = "journal.jsonl"
DOCUMENT_NAME: Final = "result.json"
SWEEP_DOCUMENTS: Final = "test-case-*.json"
DERIVED: Final = (
    "performance-report.md",
    "performance-charts.png",
    "report.html",
    "summary.json",
    "jobs.csv",
    "jobs.parquet",
    "junit.xml",
)
"""What `analyze` makes of the documents; it does not read it back from a folder."""
SUPERSEDED: Final = "superseded"
"""Where the documents of a sweep go that a later one replaces: one folder a sweep, named after its time."""


class ResultsFolder:
    """`ResultStore` on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run_folder(self, run_id: str) -> Path:
        """Where a run keeps its journal and document."""
        return self.folder / "runs" / run_id

    def open_journal(self, run_id: str, on_trouble: Callable[[JournalError], None] | None = None) -> JournalFile:
        """A new run's journal; `on_trouble` is told when it cannot be written."""
        return JournalFile(self.run_folder(run_id) / JOURNAL_NAME, on_trouble)

    def take_up_journal(self, run_id: str) -> JournalFile | None:
        """The journal that another process left, to be gone on with; None where there is none.

        Raises:
            JournalInUseError: it is still written.
            JournalError: it cannot be read, or is damaged.
        """
        path = self.run_folder(run_id) / JOURNAL_NAME
        return JournalFile(path, is_taken_up=True) if path.exists() else None

    def has_document(self, run_id: str) -> bool:
        """Whether a run's document is written."""
        return (self.run_folder(run_id) / DOCUMENT_NAME).exists()

    def read_run(self, run_id: str) -> RunResult:
        """A run's document, for the sweep that is to go by it.

        Raises:
            SweepError: it cannot be read.
        """
        path = self.run_folder(run_id) / DOCUMENT_NAME
        try:
            return from_document(path.read_bytes())
        except OSError as error:
            raise SweepError(path=str(path), reason=error.strerror or str(error)) from error
        except ValueError as error:
            raise SweepError(path=str(path), reason=str(error)) from error

    def rebuild(self, run_id: str) -> RunResult:
        """What a run's journal says, whatever was taken out of its document.

        Raises:
            JournalError: it cannot be read.
        """
        return build_result(read_journal(self.run_folder(run_id) / JOURNAL_NAME))

    def save_run(self, result: RunResult) -> str:
        """Write the run's document under ``runs/<run id>/``; the path as a person would type it."""
        return self.save_document(run_document(str(result.run_id)), result)

    def save_document(self, file: str, result: RunResult) -> str:
        """Write the run's document to `file` in the results folder, or wherever an absolute path says.

        Raises:
            OutputNotWritableError: it cannot be written any more (a full disk, say); the journal has everything.
        """
        path = self.folder / file
        try:
            write_whole(path, to_document(result))
        except OSError as error:
            flag = "--output" if Path(file).is_absolute() else "--results"
            raise OutputNotWritableError(flag=flag, path=str(path), reason=error.strerror or str(error)) from error
        return str(path)

    def make_room_for_sweep(self, *, is_forced: bool) -> Path | None:
        """Guard an earlier sweep, or set its documents aside so that the new one's are not mixed with them; where they are now.

        Raises:
            ResultsExistError: there is an earlier sweep, and nobody said that it may go.
            OutputNotWritableError: a file of it cannot be moved.
        """
        earlier = sorted(self.folder.glob(SWEEP_DOCUMENTS))
        if not earlier:
            return None
        if not is_forced:
            raise ResultsExistError(folder=str(self.folder), file=earlier[0].name)
        moment = datetime.fromtimestamp(earlier[0].stat().st_mtime).astimezone()
        aside = _new_folder(self.folder / SUPERSEDED / f"{moment:%Y%m%dT%H%M%S}")
        for path in [*earlier, *(self.folder / name for name in DERIVED)]:
            if path.exists():
                _set_aside(path, aside)
        return aside


def _set_aside(path: Path, folder: Path) -> None:
    try:
        move(path, folder / path.name)
    except OSError as error:  # on Windows: somebody has it open, in a spreadsheet for example
        raise OutputNotWritableError(flag="--results", path=str(path), reason=error.strerror or str(error)) from error


def _new_folder(wanted: Path) -> Path:
    for number in itertools.count():
        folder = wanted.with_name(f"{wanted.name}-{number}") if number else wanted
        with suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder
    raise AssertionError("unreachable")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, finds the old one or the new one, never half of it.

    A link is followed; what is no file (``/dev/stdout``, a pipe) is written to and not replaced.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        move(Path(temporary), path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def may_be_asked_for(path: Path) -> bool:
    """Whether a file that only a journal names may be written: a new one, or one that is a result document already.

    A journal may come from others, and must not lead to a file that means something to a shell or another program.
    """
    try:
        path = Path(os.path.realpath(path))
        if path.suffix.lower() != ".json" or not path.parent.is_dir():
            return False
        if path.is_file() and path.stat().st_size:
            from_document(path.read_bytes())
        return path.is_file() or not path.exists()
    except (OSError, ValueError):
        return False


def require_writable_folder(flag: str, folder: Path) -> None:
    """Find out before anything is started whether a folder can be written to, and make it if it is not there.

    Raises:
        OutputNotWritableError: it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, probe = tempfile.mkstemp(dir=folder, prefix=".writable-")
        os.close(handle)
        Path(probe).unlink()
    except OSError as error:
        raise OutputNotWritableError(flag=flag, path=str(folder), reason=error.strerror or str(error)) from error


def require_writable_file(flag: str, path: Path) -> None:
    """Find out before anything is started whether a file can be written.

    Raises:
        OutputNotWritableError: it cannot.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        is_there = path.exists()
        if not is_there and not is_possible_name(path, sys.platform):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        if path.is_file() or not is_there:
            require_writable_folder(flag, Path(os.path.realpath(path)).parent)
        if is_there and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OutputNotWritableError as error:
        raise OutputNotWritableError(flag=flag, path=str(path), reason=error.reason) from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputNotWritableError(flag=flag, path=str(path), reason=reason) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
