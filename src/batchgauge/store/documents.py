"""Reading a folder of result documents, whatever else lies in it.

What is read: the ``*.json`` files of the folder itself, as `sweep` and the specification's tools leave them. Where none of them is a
result, the folder may hold single runs only: then every ``runs/<run id>/result.json`` is read (or ``<run id>/result.json``, where the
folder is that of the runs itself). A run that was cut off before it had a document is read from its journal.
"""

from __future__ import annotations

import codecs
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from batchgauge.core.analysis.analysis import SkippedFile
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.run_result import RunResult, from_document
from batchgauge.errors import FolderNotFoundError, JournalError, NoResultsError
from batchgauge.store.journal import read_journal
from batchgauge.store.results import DERIVED, DOCUMENT_NAME, JOURNAL_NAME

MAX_DOCUMENT_BYTES: Final = 512 * 1024 * 1024
"""A document of 10,000 jobs takes some 20 MB; whatever is far beyond that is not one."""

MAX_NUMBER: Final = 1e15
"""No number of a document is larger; UTC milliseconds come to that in the year 33658."""

Documents: TypeAlias = list[tuple[str, RunResult]]

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""PowerShell's ``>`` and ``Out-File`` write them."""


def read_documents(folder: Path) -> tuple[Documents, list[SkippedFile]]:
    """(name in the folder, result) of every document, and what was skipped, both in the order of their names.

    Raises:
        FolderNotFoundError: there is no such folder.
        NoResultsError: not one file of it is a result.
    """
    if not folder.is_dir():
        raise FolderNotFoundError(folder=str(folder))
    documents, skipped = _read_all(folder, [path for path in _entries(folder, "*.json") if path.name not in DERIVED])
    for pattern in ("runs/*", "*"):
        if not documents:
            documents, of_runs = _read_all(folder, _of_runs(folder, pattern))
            skipped += of_runs
    if not documents:
        reasons = tuple((entry.file, entry.reason) for entry in skipped)
        raise NoResultsError(folder=str(folder), skipped=len(skipped), reasons=reasons)
    return documents, skipped


def read_document(path: Path) -> tuple[Documents, list[SkippedFile]]:
    """As `read_documents`, of one file: a document or a journal.

    Raises:
        NoResultsError: it is no result.
    """
    documents, skipped = _read_all(path.parent, [path])
    if not documents:
        reasons = tuple((entry.file, entry.reason) for entry in skipped)
        raise NoResultsError(folder=str(path), skipped=len(skipped), reasons=reasons)
    return documents, skipped


def _of_runs(folder: Path, pattern: str) -> list[Path]:
    """A run's document, or its journal where the run ended before it had one."""
    candidates = [(run / DOCUMENT_NAME, run / JOURNAL_NAME) for run in _entries(folder, pattern)]
    return [next(path for path in pair if path.exists()) for pair in candidates if any(path.exists() for path in pair)]


def _entries(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def _read_all(folder: Path, paths: Iterable[Path]) -> tuple[Documents, list[SkippedFile]]:
    documents: Documents = []
    skipped: list[SkippedFile] = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            is_journal = path.name == JOURNAL_NAME
            result = build_result(read_journal(path)) if is_journal else from_document(_utf8(_read(path)))
            _require_usable(result)
            documents.append((name, result))
        except (OSError, ValueError, RecursionError, JournalError) as error:
            skipped.append(SkippedFile(name, _reason(error)))
    return documents, skipped


def _read(path: Path) -> bytes:
    # Not a regular file (a directory, a pipe that would never end): said by name instead of waited for.
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("not a regular file")
    if status.st_size > MAX_DOCUMENT_BYTES:
        raise ValueError(f"larger than {MAX_DOCUMENT_BYTES // 1024**2} MiB")
    return path.read_bytes()


def _utf8(data: bytes) -> bytes:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding).encode()
    return data


def _require_usable(result: RunResult) -> None:
    if not result.jobs:
        raise ValueError("jobs is empty")
    if result.total_jobs < 1:
        raise ValueError(f"totalJobs is {result.total_jobs}")
    waiting: list[object] = [msgspec.to_builtins(result)]
    while waiting:
        match waiting.pop():
            case dict() as fields:
                waiting.extend(fields.values())
            case list() | tuple() as items:
                waiting.extend(items)
            case int() | float() as number if abs(number) > MAX_NUMBER:
                raise ValueError(f"number out of range: {number:g}")


def _reason(error: Exception) -> str:
    if isinstance(error, JournalError):
        return error.reason
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error) or type(error).__name__
