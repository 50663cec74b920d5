"""Levels that are done: what is said of them at the end, and the exit code they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from batchgauge.cli.described import say_described_error
from batchgauge.cli.ending import INTERRUPTED
from batchgauge.cli.judging import THRESHOLD
from batchgauge.cli.language import current_translator
from batchgauge.cli.place import place_of
from batchgauge.cli.talk import say, say_hint, say_warning
from batchgauge.core.journal import JobsEnded, RunOutcome
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.thresholds.thresholds import not_met
from batchgauge.measure.run import RunReport

if TYPE_CHECKING:
    pass

FAILED_JOBS = 3
DEADLINE = 5
NAMED_JOBS = 3
"""Ids that a warning names."""


@dataclass(frozen=True, slots=True)
class MeasuredLevel:
    """A level that is done and saved."""

    level: int
    report: RunReport
    path: str | None
    """Its document, as a person would type it; None where it could not be written."""
    removal: str | None = None
    """What takes away the rule and the queue that this level has left behind; None where it has not."""
    cleanup: str | None = None
    """What ends whatever is left of this level's jobs; None where the AWS itself is gone."""
    shared: RunResult | None = None
    """What was written, where that is not the result as it is."""

    @property
    def document(self) -> RunResult:
        """The result as it may be shown to others."""
        return self.shared if self.shared is not None else self.report.result

    @property
    def result(self) -> RunResult:
        """The result itself."""
        return self.report.result


class MeasuredLevels(list[MeasuredLevel]):
    """The levels that were measured, and whether the deadline kept others from it."""

    is_deadline_reached = False
    wanted = 1
    """How many levels there should have been."""

    @property
    def not_met(self) -> tuple[str, ...]:
        """The thresholds that do not hold over all levels."""
        return not_met(level.result.thresholds for level in self)

    is_aws_gone = False
    """Whether the AWS was an embedded one that has ended with the command, and every job with it."""
    is_quiet = False


def say_what_went_wrong(levels: MeasuredLevels) -> None:
    """The errors that ended runs early, and the jobs that are left running."""
    from batchgauge.messages import describe_error

    translate = current_translator()
    for level in levels:
        if level.report.error is not None:
            say_described_error(level.report.error)
        # With the embedded AWS, its jobs have ended too (`is_aws_gone`).
        if level.report.end_failure is not None and not levels.is_aws_gone:
            message, hint = describe_error(level.report.end_failure, translate, place_of(level.report.end_failure))
            say_warning(translate("cli.interrupt.refused", error=message))
            say_hint(hint)
        if level.report.left_running or (level.report.unanswered and level.report.ended is None):
            if not levels.is_aws_gone:
                say_what_goes_on(level)
        elif level.report.ended is not None:
            say_what_was_ended(level, level.report.ended, is_quiet=levels.is_quiet)
        if level.report.strangers:
            names = level.report.strangers
            say_warning(translate("cli.strangers", names=_some(names), run=level.result.run_id))
        if level.removal is not None:
            say_warning(translate("cli.events.left", command=level.removal))
    refused = next(
        (level.result.tasks.error for level in levels if level.result.tasks and level.result.tasks.error), None
    )
    if refused is not None:
        say_warning(translate("cli.tasks-refused", error=refused))


def say_what_goes_on(level: MeasuredLevel) -> None:
    """The jobs that go on, those that may, and how to end them."""
    translate = current_translator()
    if level.report.left_running:
        say_left_running(level)
    if level.report.unanswered:
        names = level.report.unanswered
        say_warning(translate("cli.unanswered", count=len(names), names=_some(names)))
    if level.cleanup is not None:
        say_hint(translate("cli.deadline.end", command=level.cleanup))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED_JOBS]) + (", …" if len(names) > NAMED_JOBS else "")


def say_left_running(level: MeasuredLevel) -> None:
    """The jobs that go on."""
    ids = level.report.left_running
    named = _some(ids)
    translate = current_translator()
    if level.result.outcome is RunOutcome.DEADLINE:
        say_warning(translate("cli.deadline.left", count=len(ids), ids=named))
    elif level.report.is_left_on_purpose:
        say_warning(translate("cli.interrupt.left", count=len(ids), ids=named))
    else:
        say_warning(translate("cli.left-running", count=len(ids), run=level.result.run_id))


def say_what_was_ended(level: MeasuredLevel, ended: JobsEnded, *, is_quiet: bool) -> None:
    """That nothing is left, or that nobody could say so."""
    translate = current_translator()
    if ended.is_proven and not is_quiet:
        say(translate("cli.interrupt.proven", count=ended.asked, run=level.result.run_id))
    elif not ended.is_proven:
        say_warning(translate("cli.interrupt.unproven", count=ended.asked, run=level.result.run_id))
        if level.cleanup is not None:
            say(f"{translate('cli.hint')}: {translate('cli.interrupt.check', command=level.cleanup)}")


def exit_code(levels: MeasuredLevels, wanted: int) -> int:
    """DESIGN's table: 130, 1, 5, 3, 4, in that order; 0 where all is well."""
    if any(level.result.outcome is RunOutcome.INTERRUPTED for level in levels):
        return INTERRUPTED
    if any(level.report.error for level in levels):
        return 1
    is_late = any(level.result.outcome is RunOutcome.DEADLINE for level in levels)
    if is_late or (levels.is_deadline_reached and len(levels) < wanted):
        return DEADLINE
    breached = [level for level in levels if level.result.outcome is RunOutcome.BREACHED]
    if len(levels) < wanted and not breached:
        return INTERRUPTED
    # Jobs that we ended since a threshold was missed failed by our own doing.
    if any(level.result.failed_jobs for level in levels if level not in breached):
        return FAILED_JOBS
    return THRESHOLD if breached or levels.not_met else 0
