"""What a run leaves: its journal and its documents, also where not all of it can be written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.core.documents.redaction import Redactor
from batchgauge.core.naming import run_document
from batchgauge.core.result.run_result import RunResult
from batchgauge.errors import JournalError, OutputNotWritableError
from batchgauge.measure.run import RunReport

if TYPE_CHECKING:
    from batchgauge.cli.progress import View

T = TypeVar("T")


async def with_journal(
    journal: AbstractAsyncContextManager[T], carry_out: Callable[[T], Awaitable[RunReport]]
) -> RunReport:
    """What `carry_out` reports, also where the end of its journal is not on the disk.

    Raises:
        JournalError: there is nothing to report.
    """
    report: RunReport | None = None
    try:
        async with journal as opened:
            report = await carry_out(opened)
    except JournalError as error:
        if report is None:
            raise
        report = replace(report, error=report.error or error)
    return report


def journal_trouble(view: View) -> Callable[[JournalError], None]:
    """Says in the view that the journal cannot be written at the moment."""
    return lambda error: view.say(current_translator()("cli.journal-trouble", path=error.path, reason=error.reason))


def save(
    report: RunReport, results: Path, files: Sequence[str], redactor: Redactor | None
) -> tuple[RunReport, RunResult, str | None]:
    """Write the run's own document and those of `files`.

    Returns:
        (the report, with the error where one could not be written; what was written; where to).
    """
    shared = redactor.result(report.result) if redactor is not None else report.result
    path: str | None = None
    for file in (run_document(str(report.result.run_id)), *files):
        try:
            path = bootstrap.results_folder(results).save_document(file, shared)
        except OutputNotWritableError as error:
            # On stdout, or in the other file, it may still get through.
            report = replace(report, error=report.error or error)
    return report, shared, path
