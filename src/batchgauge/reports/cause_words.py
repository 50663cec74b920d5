"""A cause of failure in words, and what to do about it."""

from __future__ import annotations

from batchgauge.core.diagnosis.causes import Cause
from batchgauge.messages import Translator


def cause_in_words(cause: Cause, translate: Translator) -> str:
    """The cause by itself, without the words it was read from."""
    arguments = dict(cause.arguments)
    if "meaning" in arguments:
        arguments["meaning"] = translate(f"exit-code.{arguments['meaning']}")
    return translate(f"cause.{cause.code}", **arguments)


def remedy_in_words(cause: Cause, translate: Translator, where: str = "") -> str | None:
    """What to do about it; None where that depends on the program. `where` ends commands of the AWS CLI (`core.place.place_words`)."""
    by_meaning = f"exit-code.{cause.arguments.get('meaning', '')}.fix"
    codes = (by_meaning, f"cause.{cause.code}.fix")
    return next((translate(code, **cause.arguments, where=where) for code in codes if translate.knows(code)), None)
