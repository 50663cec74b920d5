"""Checks in words, and as lines for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.text import Text

from batchgauge.core.checks.outcome import Check, CheckStatus
from batchgauge.messages import Translator, plain
from batchgauge.reports.wrapping import wrapped

STYLES = {
    CheckStatus.OK: "green",
    CheckStatus.WARNING: "yellow",
    CheckStatus.FAILED: "bold red",
    CheckStatus.NOT_CHECKED: "dim",
}
NARROWEST = 20
"""Columns beside the status: text in fewer cannot be read."""


def check_in_words(check: Check, translate: Translator) -> str:
    """What was found, with AWS's own words after it."""
    words = translate(f"check.{check.code}", **check.arguments)
    return translate("check.with-said", words=words, said=check.said) if check.said else words


def remedy_in_words(check: Check, translate: Translator) -> str | None:
    """What to do, where it takes a sentence."""
    code = f"check.{check.code}.fix"
    return translate(code, **check.arguments) if translate.knows(code) else None


def check_lines(checks: Iterable[Check], width: int, translate: Translator) -> Iterator[Text]:
    """A check, its remedy and its command; a command is one line however long, so that it can be copied."""
    statuses = {status: translate(f"check.status.{status}") for status in CheckStatus}
    indent = max(Text(word).cell_len for word in statuses.values()) + 2
    room = max(NARROWEST, width - indent)
    for check in checks:
        status = Text(statuses[check.status], style=STYLES[check.status])
        status.append(" " * (indent - status.cell_len))
        first, *more = wrapped(check_in_words(check, translate), room)
        yield status.append(first, style="default")
        remedy = remedy_in_words(check, translate)
        for line in [*more, *(wrapped(remedy, room) if remedy else ())]:
            yield Text(" " * indent + line)
        for command in check.fix.splitlines():
            yield Text(" " * indent + plain(command), style="bold")


def summary_in_words(checks: Iterable[Check], translate: Translator) -> str:
    """How many are well, and how many are not."""
    counted = Counter(check.status for check in checks)
    return translate(
        "check.summary",
        ok=counted[CheckStatus.OK],
        warnings=counted[CheckStatus.WARNING],
        failed=counted[CheckStatus.FAILED],
        unchecked=counted[CheckStatus.NOT_CHECKED],
    )
