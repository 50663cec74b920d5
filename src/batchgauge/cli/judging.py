"""Flags about what must hold, what is said of it, and what it does to the exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from batchgauge.cli.durations import parse_duration_s
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import option
from batchgauge.cli.talk import print_table, say_error
from batchgauge.core.scenario import Scenario
from batchgauge.core.thresholds.thresholds import FLAG, parse_thresholds
from batchgauge.errors import MissingOptionError, SampleTooSmallError

if TYPE_CHECKING:
    from batchgauge.core.analysis.analysis import Analysis

THRESHOLD: Final = 4
"""The exit code where one was not met."""
DEFAULT_GRACE: Final = "10s"

JUDGING_OPTIONS = (
    option("--threshold", "thresholds", multiple=True, metavar="TEXT"),
    option("--abort-on-breach", is_flag=True),
    option("--abort-grace", metavar="DURATION", default=DEFAULT_GRACE),
)


def judged_by(
    scenario: Scenario, given: dict[str, Any], levels: Sequence[int], is_given: Callable[[str], bool]
) -> Scenario:
    """The scenario with what it is to be judged by.

    Raises:
        InvalidExpressionError: a threshold cannot be read.
        MissingOptionError: one is of what nobody watches.
        SampleTooSmallError: one could be shown by none of the levels; better said before than after.
    """
    thresholds = parse_thresholds(given["thresholds"])
    for threshold in thresholds:
        if threshold.jobs_needed > max(levels):
            raise SampleTooSmallError(FLAG, threshold.text, threshold.jobs_needed, max(levels))
    grace_s = parse_duration_s("--abort-grace", given["abort_grace"])
    if given["abort_on_breach"] and not thresholds:
        raise MissingOptionError(flag=FLAG)
    is_watching_needed = any(not threshold.statistic.is_of_submission for threshold in thresholds)
    if (given["abort_on_breach"] or is_watching_needed) and not scenario.is_monitored:
        raise MissingOptionError(flag="--monitor")
    if is_given("abort_grace") and not given["abort_on_breach"]:
        raise MissingOptionError(flag="--abort-on-breach")
    return msgspec.structs.replace(
        scenario,
        thresholds=tuple(threshold.text for threshold in thresholds),
        abort_grace_s=grace_s if given["abort_on_breach"] else None,
    )


def show_verdicts(analysis: Analysis, *, is_quiet: bool) -> None:
    """The table of verdicts on stdout."""
    from batchgauge.reports.threshold_table import threshold_table
    from batchgauge.reports.threshold_words import judged_together

    judged = list(judged_together(analysis, current_translator()))
    if judged and not is_quiet:
        print_table(threshold_table(judged, current_translator()))
        sys.stdout.flush()


def say_not_met(thresholds: Iterable[str]) -> None:
    """An error line for each: it is why the exit code is what it is."""
    for threshold in thresholds:
        say_error(current_translator()("cli.breach.not-met", threshold=threshold), None)
