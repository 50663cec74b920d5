"""Findings in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

from batchgauge.core.bound import Bound
from batchgauge.core.finding import ConditionsDiffer, Finding, Phase, Reason
from batchgauge.messages import Translator
from batchgauge.reports.quantities import count, duration, percent

Quote = Callable[[str], str]
"""How the surrounding format shows text that comes from elsewhere."""


def in_words(finding: Finding, translate: Translator, quote: Quote) -> str:
    """A finding as a sentence."""
    arguments = {field.name: getattr(finding, field.name) for field in fields(finding)}
    words = {name: _argument(value, translate, quote) for name, value in arguments.items()}
    if isinstance(finding, ConditionsDiffer):
        words["values"] = ", ".join(_condition(finding.condition, value, translate, quote) for value in finding.values)
        words["condition"] = translate(f"condition.{finding.condition}")
    return translate(f"finding.{finding.code}", **words)


def _argument(value: object, translate: Translator, quote: Quote) -> str:  # noqa: PLR0911  (one line a type)
    match value:
        case Bound():
            return duration(value)
        case int():
            return count(value)
        case float():
            return percent(value)
        case Phase():
            return translate(f"finding.phase.{value}")
        case Reason():
            return _reason(value, translate, quote)
        case tuple():
            separator = translate("finding.separator") if any(isinstance(entry, Reason) for entry in value) else ", "
            return separator.join(_argument(entry, translate, quote) for entry in value)
        case _:
            return quote(str(value))


def _reason(reason: Reason, translate: Translator, quote: Quote) -> str:
    text = quote(reason.text) if reason.text else translate("finding.reason-unknown")
    if reason.exit_code is None:
        return translate("finding.reason", text=text, count=count(reason.count))
    return translate("finding.reason-exit", text=text, exit_code=reason.exit_code, count=count(reason.count))


def _condition(condition: str, value: str, translate: Translator, quote: Quote) -> str:
    code = f"condition.{condition}.{value}"
    return translate(code) if translate.knows(code) else quote(value)
