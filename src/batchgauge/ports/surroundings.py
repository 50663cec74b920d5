"""This side of the wire: time, the disk, and the person at the terminal."""

from __future__ import annotations

from typing import Protocol

from batchgauge.core.journal import (
    Record,
)
from batchgauge.core.progress.snapshot import ProgressSnapshot
from batchgauge.core.result.run_result import RunResult


class Clock(Protocol):
    """Time. `now_ms` never goes backwards."""

    def now_ms(self) -> float:
        """UTC milliseconds since the epoch, from one anchor and a monotonic counter."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long."""
        ...


class Journal(Protocol):
    """Where a run's records go."""

    def append(self, record: Record) -> None:
        """Add a record; it is on the disk after the next `sync`."""
        ...

    async def sync(self) -> None:
        """Return when everything appended so far is on the disk.

        Raises:
            JournalError: it cannot be written.
        """
        ...


class ResultStore(Protocol):
    """The results folder."""

    def open_journal(self, run_id: str) -> Journal:
        """A new run's journal."""
        ...

    def save_run(self, result: RunResult) -> str:
        """Write the run's document under ``runs/<run id>/``; the path as a person would type it."""
        ...

    def save_document(self, file: str, result: RunResult) -> str:
        """Write the run's document to `file` in the results folder, or wherever an absolute path says."""
        ...


class Progress(Protocol):
    """Who is told how far a run is. Must return at once."""

    def update(self, snapshot: ProgressSnapshot) -> None:
        """Show this."""
        ...


class Ask(Protocol):
    """Who can be asked what a person must decide."""

    async def leaves_jobs(self, going: int) -> bool:
        """The end was asked for, and so many jobs go on: whether they are to be left, rather than ended."""
        ...
