"""What became of every job that was meant: a table for the report, and a line for the terminal where something is out of the ordinary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.submitting.ledger import Ledger
from batchgauge.messages import Translator
from batchgauge.reports.markdown_syntax import table
from batchgauge.reports.quantities import count
from batchgauge.reports.run_names import run_name

COLUMNS: Final = (
    "intended",
    "accepted",
    "found_again",
    "refused",
    "unanswered",
    "not_sent",
    "doubled",
    "doubled_ended",
    "lost",
)


def ledger_section(runs: Sequence[AnalysedRun], translate: Translator) -> Iterator[str]:
    """A row a run that has a ledger."""
    rows = [
        (run_name(run), *(count(getattr(run.result.ledger, name)) for name in COLUMNS))
        for run in runs
        if run.result.ledger is not None
    ]
    if not rows:
        return
    yield f"### {translate('report.ledger')}"
    yield translate("report.ledger.text")
    header = [translate("column.level"), *(translate(_code(name)) for name in COLUMNS)]
    yield table(header, rows)


def ledger_in_words(ledger: Ledger | None, translate: Translator) -> str | None:
    """``found again 3, doubled 1, of which ended 1``; None where nothing is out of the ordinary that the table does not say elsewhere."""
    if ledger is None:
        return None
    shown = [
        name for name in ("found_again", "unanswered", "doubled", "doubled_ended", "lost") if getattr(ledger, name)
    ]
    words = (f"{translate(_code(name))} {count(getattr(ledger, name))}" for name in shown)
    return ", ".join(words) or None


def _code(name: str) -> str:
    return f"ledger.{name.replace('_', '-')}"
