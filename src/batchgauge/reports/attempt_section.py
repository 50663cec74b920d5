"""Jobs that were tried again, attempt by attempt: a section of the Markdown report, and a line of a run's table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.levels import LevelSummary
from batchgauge.core.observed.attempts import AttemptSummary
from batchgauge.messages import Translator
from batchgauge.reports.markdown_syntax import table
from batchgauge.reports.quantities import count
from batchgauge.reports.run_names import run_name
from batchgauge.reports.statistics import maximum, mean


def attempt_section(runs: Sequence[AnalysedRun], translate: Translator) -> Iterator[str]:
    """A row an attempt number, of the runs in which jobs were tried again."""
    retried = [run for run in runs if run.summary.by_attempt]
    if not retried:
        return
    yield f"### {translate('report.attempts')}"
    yield translate("report.attempts.text")
    names = ("level", "attempt", "sample", "attempt-queue", "start-up-mean", "run-mean", "run-max", "exit-codes")
    rows = [
        (
            run_name(run),
            count(entry.number),
            count(entry.count),
            mean(entry.queue),
            mean(entry.start_up),
            mean(entry.run),
            maximum(entry.run),
            _exit_codes(entry, translate),
        )
        for run in retried
        for entry in run.summary.by_attempt
    ]
    yield table([translate(f"column.{name}") for name in names], rows, text_columns=0)


def attempts_in_words(summary: LevelSummary, translate: Translator) -> Iterator[tuple[str, str]]:
    """The line of a run's table, where any job was tried again."""
    if summary.retried:
        numbers = {"jobs": summary.retried, "total": summary.accepted, "attempts": summary.attempts}
        words = translate("run.attempts-value", **{name: count(number) for name, number in numbers.items()})
        yield translate("run.attempts"), words


def _exit_codes(entry: AttemptSummary, translate: Translator) -> str:
    """``1 (9), 0 (6)``: an exit code and how many attempts ended with it."""
    return ", ".join(
        f"{translate('cell.none') if ended.exit_code is None else ended.exit_code} ({count(ended.count)})"
        for ended in entry.exit_codes
    )
