"""Verdicts in words: what held, what proves it, what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Final

from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.verdict import FailuresLimit, Lack, LevelVerdict, NoneReached, NotEnough, Verdict, Verdicts
from batchgauge.messages import Translator
from batchgauge.reports.quantities import NOT_MEASURED, count, duration, percent
from batchgauge.reports.run_names import names_of

Quote = Callable[[str], str]
"""How the surrounding format shows text that comes from elsewhere."""
TWICE: Final = 2
_SHARES: Final = frozenset({"share", "per_added_job"})
"""Fields that are parts of a whole."""


def verdict_in_words(verdict: Verdict, translate: Translator, quote: Quote) -> str:
    """What held, as a sentence with its numbers."""
    words = _words(verdict, translate, quote)
    if isinstance(verdict, NotEnough):
        return translate(f"verdict.not-enough.{verdict.lack}", **words)
    return translate(f"verdict.{verdict.code}", **words)


def next_in_words(verdict: Verdict, translate: Translator, quote: Quote) -> str:
    """What to do next."""
    words = _words(verdict, translate, quote)
    if isinstance(verdict, NotEnough):
        # One job alone has no lower level beside it.
        is_lowest = verdict.lack is Lack.LOWER_LEVEL and verdict.try_level > verdict.level
        return translate(f"verdict.next.not-enough.{'higher-level' if is_lowest else verdict.lack}", **words)
    return translate(f"verdict.next.{verdict.code}", next_level=count(TWICE * verdict.level), **words)


def overall_in_words(verdicts: Verdicts, translate: Translator, quote: Quote) -> str:
    """Up to where nothing changed, and what held from there on; empty where there is no run."""
    overall = verdicts.overall
    # Japanese sentences follow each other without a space.
    between = "" if translate.language == "ja" else " "
    return "" if overall is None else between.join(_overall(verdicts, overall, translate, quote))


def _overall(verdicts: Verdicts, overall: Verdict, translate: Translator, quote: Quote) -> Iterator[str]:
    if verdicts.first_level is not None and verdicts.unchanged_level is not None:
        yield translate("verdict.unchanged", level=count(verdicts.unchanged_level))
    fails_anyway = _fails_anyway(verdicts, overall)
    if verdicts.first_level is not None and len(verdicts.levels) > 1 and not fails_anyway:
        yield translate("verdict.first", level=count(verdicts.first_level))
    yield verdict_in_words(overall, translate, quote)
    if fails_anyway:
        yield translate("verdict.fails-anyway", level=count(verdicts.levels[0].level))
    if verdicts.is_submission_free:
        yield translate("verdict.submission-free")


def _fails_anyway(verdicts: Verdicts, overall: Verdict) -> bool:
    """Whether jobs fail at the lowest level already, and by all that can be said no less than higher up: not for being many at once."""
    lowest = verdicts.levels[0]
    if not isinstance(overall, FailuresLimit) or not isinstance(lowest.held, FailuresLimit):
        return False
    return overall.level > lowest.level and overall.share.low <= lowest.held.share.high


def name_of(verdict: Verdict, translate: Translator) -> str:
    """The limit's name, as a table's cell."""
    return translate(f"verdict.name.{verdict.code}")


def level_row(level: LevelVerdict, translate: Translator) -> tuple[str, str, str, str]:
    """Level, what held, how much it delayed a job, and what was met as well."""
    others = ", ".join(name_of(other, translate) for other in level.others)
    return (
        names_of(level.level, level.repeats),
        name_of(level.held, translate),
        _delay(level.held),
        others or NOT_MEASURED,
    )


def _delay(verdict: Verdict) -> str:
    if isinstance(verdict, NoneReached | NotEnough) or verdict.delay_ms == 0:
        return NOT_MEASURED
    return _milliseconds(verdict.delay_ms)


def _words(verdict: Verdict, translate: Translator, quote: Quote) -> dict[str, str]:
    words = {
        field.name: _argument(field.name, getattr(verdict, field.name), translate, quote) for field in fields(verdict)
    }
    if isinstance(verdict, NotEnough):
        words["levels"] = ", ".join(map(count, verdict.levels or (verdict.level,)))
    return words


def _argument(name: str, value: object, translate: Translator, quote: Quote) -> str:
    match value:
        case None:
            return translate("verdict.unknown")
        case Estimate():
            return estimate_in_words(value, percent if name in _SHARES else number_in_words)
        case float() if name.endswith("_ms"):
            return _milliseconds(value)
        case int():
            return count(value)
        case float():
            return number_in_words(value)
        case _:
            return quote(str(value))


def estimate_in_words(estimate: Estimate, show: Callable[[float], str]) -> str:
    """The value and its interval, where that has a width."""
    value, low, high = show(estimate.value), show(estimate.low), show(estimate.high)
    return value if low == high == value else f"{value} [{low} – {high}]"


def number_in_words(value: float) -> str:
    """To three significant digits."""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


def _milliseconds(value: float) -> str:
    return duration(value) if value < float("inf") else NOT_MEASURED
