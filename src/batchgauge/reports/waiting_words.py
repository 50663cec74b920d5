"""Why jobs wait, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.bound import Bound
from batchgauge.core.progress.snapshot import WaitingNow
from batchgauge.core.progress.waiting import WaitingFinding, WaitingReason
from batchgauge.messages import Translator, plain
from batchgauge.reports.markdown_syntax import code, table
from batchgauge.reports.quantities import MINUTES_FROM_MS, NOT_MEASURED, count, duration
from batchgauge.reports.run_names import run_name


def reason_in_words(reason: WaitingReason, translate: Translator, quote: Callable[[str], str]) -> str:
    """A reason with its figures, and AWS's own words after it; `quote` shows foreign text."""
    name = reason.code.value
    if reason.position is None and translate.knows(f"waiting.{name}.beyond"):
        name = f"{name}.beyond"
    words = translate(
        f"waiting.{name}",
        subject=quote(reason.subject),
        used=_number(reason.used),
        limit=_number(reason.limit),
        position=count(reason.position),
        jobs=count(reason.jobs),
    )
    return translate("waiting.with-said", words=words, said=quote(reason.said)) if reason.said else words


def waiting_in_words(waiting: WaitingNow, translate: Translator) -> str:
    """``4 jobs wait, the longest for 70 s: …``."""
    return translate(
        "waiting.now",
        jobs=count(waiting.jobs),
        longest=_whole_seconds(waiting.longest_s),
        reasons="; ".join(reason_in_words(reason, translate, plain) for reason in waiting.reasons),
    )


def waited_in_words(finding: WaitingFinding, translate: Translator) -> str:
    """``4 of the jobs, the longest 11.9 – 13.0 s; seen then: …``: what became of them, and the reasons as they were."""
    return translate(
        "waiting.then",
        jobs=count(finding.jobs),
        longest=duration(_waited(finding)),
        reasons="; ".join(reason_in_words(reason, translate, plain) for reason in finding.reasons),
    )


def waiting_table(runs: Sequence[AnalysedRun], translate: Translator) -> str:
    """A row for each time that jobs of a run waited for the same reasons."""
    rows = [
        (
            run_name(run),
            "; ".join(reason_in_words(reason, translate, code) for reason in finding.reasons),
            count(finding.jobs),
            duration(_waited(finding)),
            # What a single look lasts says nothing of how long it was so.
            duration(finding.until_ms - finding.since_ms) if finding.looks > 1 else NOT_MEASURED,
        )
        for run in runs
        for finding in run.result.waiting
    ]
    names = ("level", "waiting-reasons", "waiting-jobs", "longest-wait", "seen-for")
    return table([translate(f"column.{name}") for name in names], rows, text_columns=2)


def _waited(finding: WaitingFinding) -> Bound:
    """Of a document that does not have it, at least what the last look showed."""
    return finding.waited_ms or Bound(finding.longest_wait_ms, None)


def _whole_seconds(seconds: float) -> str:
    """No more than is known of a wait that goes on."""
    return f"{seconds:.0f} s" if seconds * 1000 < MINUTES_FROM_MS else duration(seconds * 1000)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
