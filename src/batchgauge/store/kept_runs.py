"""What a results folder keeps under ``runs/``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from batchgauge.core.naming import moment_in_id
from batchgauge.core.progress.run_progress import RunProgress
from batchgauge.core.result.kept_run import KeptRun, RunBrief, Standing, from_brief, from_progress
from batchgauge.errors import FolderNotFoundError, JournalError, RunAmbiguousError, RunNotFoundError
from batchgauge.store.file_lock import is_locked
from batchgauge.store.journal import read_journal, silent_s
from batchgauge.store.results import DOCUMENT_NAME, JOURNAL_NAME

SAME_MOMENT_S: Final = 2.0
"""File systems give times as coarse as that."""
LATEST: Final = "latest"
NAMED_RUNS: Final = 5
"""Ids that an error names."""

_brief_decoder = msgspec.json.Decoder(RunBrief)


def kept_runs(folder: Path, now_ms: float) -> tuple[KeptRun, ...]:
    """All runs of a results folder, newest first; those that cannot be read come last.

    Raises:
        FolderNotFoundError: there is no such folder.
    """
    runs = [_read(path, now_ms) for path in _run_folders(folder)]
    return tuple(sorted(runs, key=lambda run: (run.timestamp or "", run.run_id), reverse=True))


def find_run(folder: Path, wanted: str, now_ms: float) -> Path:
    """The folder of the one run whose id is, begins or ends so; of the newest for ``latest``.

    Raises:
        FolderNotFoundError: there is no such results folder.
        RunNotFoundError, RunAmbiguousError: no run is meant, or several are.
    """
    names = [path.name for path in _run_folders(folder)]
    if wanted == LATEST and wanted not in names:
        runs = kept_runs(folder, now_ms)
        found = [run.run_id for run in runs if run.standing is not Standing.BROKEN][:1]
        # One that cannot be read must not be passed over: whoever says latest means it.
        found = _newer_and_broken(folder, runs, found) or found
    else:
        found = [name for name in names if name == wanted] or [
            name for name in names if wanted and (name.startswith(wanted) or name.endswith(wanted))
        ]
    if not found:
        raise RunNotFoundError(run=wanted, folder=str(folder))
    if len(found) > 1:
        more = ", …" if len(found) > NAMED_RUNS else ""
        raise RunAmbiguousError(run=wanted, folder=str(folder), runs=", ".join(found[:NAMED_RUNS]) + more)
    return folder / "runs" / found[0]


def _newer_and_broken(folder: Path, runs: Sequence[KeptRun], readable: Sequence[str]) -> list[str]:
    """The newest run, where it cannot be read and a readable one is older, or there is none."""
    newest = moment_in_id(readable[0]) if readable else ""
    broken = {
        moment: run.run_id
        for run in runs
        if run.standing is Standing.BROKEN
        and newest is not None
        and (moment := moment_in_id(run.run_id)) is not None
        and moment > newest
        and (folder / "runs" / run.run_id / JOURNAL_NAME).exists()
    }
    return [broken[max(broken)]] if broken else []


def runs_being_measured(folder: Path) -> frozenset[str]:
    """The ids of the runs whose journals a process of this machine writes just now."""
    try:
        folders = _run_folders(folder)
    except FolderNotFoundError:
        return frozenset()
    return frozenset(path.name for path in folders if is_locked(path / JOURNAL_NAME))


def _run_folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FolderNotFoundError(folder=str(folder), argument="--results")
    try:
        return sorted(path for path in (folder / "runs").iterdir() if path.is_dir())
    except OSError:
        return []


def _read(path: Path, now_ms: float) -> KeptRun:
    size_bytes = _size_bytes(path)
    try:
        return _from_document(path, size_bytes) or _from_journal(path, size_bytes, now_ms)
    except JournalError as error:
        return KeptRun(run_id=path.name, standing=Standing.BROKEN, size_bytes=size_bytes, reason=error.reason)


def _from_document(path: Path, size_bytes: int) -> KeptRun | None:
    """None where there is no document, one that says nothing, or one that the journal has outgrown: it has all that is known."""
    try:
        document, journal = path / DOCUMENT_NAME, path / JOURNAL_NAME
        if journal.exists() and journal.stat().st_mtime > document.stat().st_mtime + SAME_MOMENT_S:
            return None
        return from_brief(path.name, _brief_decoder.decode(document.read_bytes()), size_bytes)
    except (OSError, ValueError):
        return None


def _from_journal(path: Path, size_bytes: int, now_ms: float) -> KeptRun:
    journal = path / JOURNAL_NAME
    progress = RunProgress()
    for record in read_journal(journal):
        progress.add(record)
    return from_progress(path.name, progress, size_bytes, silent_s(journal, now_ms))


def _size_bytes(path: Path) -> int:
    total = 0
    for file in path.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue  # taken away while we looked
    return total
