"""Findings in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Final

from batchgauge.core.bound import Bound
from batchgauge.core.diagnosis.causes import Cause, CauseCode, Certainty, diagnose, ending_of
from batchgauge.core.findings.kinds import (
    Difference,
    FarJob,
    Finding,
    JobsFailed,
    NotMonitored,
    OfLevel,
    Phase,
    Reason,
    RepeatsDrifted,
    TookFarLonger,
    Trend,
)
from batchgauge.core.stats.estimate import Estimate
from batchgauge.messages import Translator
from batchgauge.reports.cause_words import cause_in_words, remedy_in_words
from batchgauge.reports.quantities import count, duration, percent
from batchgauge.reports.run_names import name_of
from batchgauge.reports.verdict_words import estimate_in_words

SAYS_NO_MORE: Final = frozenset({CauseCode.PROGRAM_FAILED, CauseCode.EXITED_WITHOUT_CODE})
"""Causes whose words only repeat the exit code that stands there already."""
Quote = Callable[[str], str]
"""How the surrounding format shows text that comes from elsewhere."""


def in_words(finding: Finding, translate: Translator, quote: Quote) -> str:
    """A finding as a sentence."""
    arguments = {field.name: getattr(finding, field.name) for field in fields(finding)}
    words = {name: _argument(value, translate, quote) for name, value in arguments.items()}
    if isinstance(finding, OfLevel):
        words["level"] = _listed([name_of(finding.level, repeat) for repeat in finding.repeats], translate)
    if isinstance(finding, TookFarLonger):
        words["phase"] = translate(f"phase.{finding.phase}")
    if isinstance(finding, RepeatsDrifted):
        words["phases"] = _listed([translate(f"phase.{phase}") for phase in finding.phases], translate)
    if isinstance(finding, NotMonitored) and finding.repeats:
        names = [name_of(*pair) for pair in zip(finding.levels, finding.repeats, strict=True)]
        words["levels"] = ", ".join(names)
    if isinstance(finding, JobsFailed):
        return _failures(finding, words, translate, quote)
    said = translate(f"finding.{finding.code}", **words)
    if isinstance(finding, Trend) and finding.times is not None:
        return f"{said}{translate('finding.trend.times', times=words['times'])}"
    return said


def _failures(finding: JobsFailed, words: dict[str, str], translate: Translator, quote: Quote) -> str:
    """With the causes that are known or likely beside AWS's reasons, and what to do about them."""
    causes = [diagnose(ending_of(reason.text, reason.exit_code))[0] for reason in finding.reasons]
    shown = (
        _with_cause(_reason(reason, translate, quote), cause, translate)
        for reason, cause in zip(finding.reasons, causes, strict=True)
    )
    sentence = translate(f"finding.{finding.code}", **{**words, "reasons": translate("finding.separator").join(shown)})
    telling = [cause for cause in causes if cause.code not in SAYS_NO_MORE]
    remedies = dict.fromkeys(remedy for cause in telling if (remedy := remedy_in_words(cause, translate)))
    return translate("finding.with-remedy", words=sentence, remedies=" ".join(remedies)) if remedies else sentence


def _with_cause(reason: str, cause: Cause, translate: Translator) -> str:
    if cause.certainty is Certainty.UNKNOWN or cause.code in SAYS_NO_MORE:
        return reason
    meaning = cause.arguments.get("meaning")
    # The exit code itself stands there already.
    words = translate(f"exit-code.{meaning}") if meaning else cause_in_words(cause, translate).rstrip(".。")
    certainty = translate(f"explain.certainty.{cause.certainty}")
    return translate("finding.reason-cause", reason=reason, certainty=certainty, cause=words)


def _argument(value: object, translate: Translator, quote: Quote) -> str:  # noqa: PLR0911  (a line or two a type)
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
        case Estimate():
            return estimate_in_words(value, lambda times: f"{times:.3g}")
        case FarJob():
            times = f"{value.times:.3g}"
            return translate("finding.far-job", name=quote(value.name), duration=duration(value.duration), times=times)
        case Difference():
            return _difference(value, translate, quote)
        case tuple():
            is_said = any(isinstance(entry, Reason | Difference | FarJob) for entry in value)
            separator = translate("finding.separator") if is_said else ", "
            return separator.join(_argument(entry, translate, quote) for entry in value)
        case _:
            return quote(str(value))


def _reason(reason: Reason, translate: Translator, quote: Quote) -> str:
    text = quote(reason.text) if reason.text else translate("finding.reason-unknown")
    if reason.exit_code is None:
        return translate("finding.reason", text=text, count=count(reason.count))
    return translate("finding.reason-exit", text=text, exit_code=reason.exit_code, count=count(reason.count))


def _listed(names: Sequence[str], translate: Translator) -> str:
    if len(names) < 2:
        return "".join(names)
    return translate("finding.listed", names=translate("finding.list-separator").join(names[:-1]), last=names[-1])


def _difference(difference: Difference, translate: Translator, quote: Quote) -> str:
    name = translate(f"condition.{difference.condition}")
    if not difference.values:
        return name
    values = (_condition(difference.condition, value, translate, quote) for value in difference.values)
    return translate("finding.difference", condition=name, values=", ".join(values))


def _condition(condition: str, value: str, translate: Translator, quote: Quote) -> str:
    code = f"condition.{condition}.{value}"
    return translate(code) if translate.knows(code) else quote(value)
