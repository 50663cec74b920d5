"""Why jobs wait or failed, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from batchgauge.core.diagnosis.causes import Cause, CauseCode, Certainty
from batchgauge.core.diagnosis.explanation import CauseGroup, Explanation
from batchgauge.messages import Translator, plain
from batchgauge.reports.cause_words import cause_in_words, remedy_in_words
from batchgauge.reports.quantities import count, duration
from batchgauge.reports.waiting_words import reason_in_words
from batchgauge.reports.wrapping import wrapped

STYLES = {Certainty.KNOWN: "bold red", Certainty.LIKELY: "yellow", Certainty.UNKNOWN: "dim"}
INDENT = "  "


def explanation_lines(explanation: Explanation, width: int, translate: Translator, place: str = "") -> Iterator[Text]:
    """One job, for the terminal: hostile text in it is shown as plain text; `place` ends the commands of remedies."""
    title = translate(
        "explain.title",
        name=explanation.job_name,
        job_id=explanation.job_id,
        state=translate(f"explain.state.{explanation.state}"),
    )
    yield from _wrapped(title, width, "", style="bold")
    where = translate("explain.where", queue=explanation.job_queue, definition=explanation.job_definition)
    yield from _wrapped(where, width, "")
    yield from _waiting_lines(explanation, width, translate, place)
    yield from cause_lines(explanation.causes, width, translate, place)
    for attempt in explanation.earlier:
        yield from _wrapped(translate("explain.attempt", number=attempt.number), width, "", style="bold")
        yield from cause_lines(attempt.causes, width, translate, place)
    if explanation.last_lines:
        heading = translate("explain.lines", group=explanation.log_group, stream=explanation.log_stream)
        yield from _wrapped(heading, width, "", style="bold")
        for line in explanation.last_lines:
            yield Text(INDENT + plain(line))
    for call in explanation.unread:
        yield from _wrapped(translate("explain.unread", call=call), width, "", style="dim")


def group_lines(groups: Sequence[CauseGroup], width: int, translate: Translator, place: str = "") -> Iterator[Text]:
    """A run's failures by their causes."""
    for group in groups:
        names = ", ".join(map(plain, group.names)) + (", …" if group.jobs > len(group.names) else "")
        yield from _wrapped(translate("explain.group", jobs=count(group.jobs), names=names), width, "", style="bold")
        yield from cause_lines(group.causes, width, translate, place)


def cause_lines(causes: Iterable[Cause], width: int, translate: Translator, place: str = "") -> Iterator[Text]:
    """A cause, how sure it is, what AWS said, and what to do."""
    for cause in causes:
        certainty = translate(f"explain.certainty.{cause.certainty}")
        words = translate("explain.cause", certainty=certainty, words=cause_in_words(cause, translate))
        yield from _wrapped(words, width, INDENT, style=STYLES[cause.certainty])
        if cause.said and cause.code is not CauseCode.UNKNOWN:
            yield from _wrapped(translate("explain.said", said=cause.said), width, INDENT * 2)
        elif cause.said:
            yield from _wrapped(plain(cause.said), width, INDENT * 2)
        remedy = remedy_in_words(cause, translate, place)
        if remedy is not None:
            yield from _wrapped(translate("explain.remedy", remedy=remedy), width, INDENT * 2)


def _waiting_lines(explanation: Explanation, width: int, translate: Translator, place: str) -> Iterator[Text]:
    if explanation.waited_s is not None:
        waited = translate("explain.waited", waited=duration(explanation.waited_s * 1000))
        yield from _wrapped(waited, width, INDENT)
    if explanation.is_cancelled:
        yield from _wrapped(translate("explain.cancelled"), width, INDENT, style="yellow")
    for reason in explanation.waiting:
        words = reason_in_words(reason, translate, plain)
        yield from _wrapped(words, width, INDENT, style="yellow")
        code = f"waiting.{reason.code}.fix"
        if translate.knows(code):
            remedy = translate(code, subject=reason.subject, where=place)
            yield from _wrapped(translate("explain.remedy", remedy=remedy), width, INDENT * 2)


def _wrapped(text: str, width: int, indent: str, style: str = "") -> Iterator[Text]:
    for line in wrapped(text, max(20, width - len(indent))):
        yield Text(indent + line, style=style)
