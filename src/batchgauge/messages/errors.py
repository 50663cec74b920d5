"""Errors in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from batchgauge.messages.translator import Translator

CODE_ARGUMENTS: Final = {"expected": "expected", "kind": "resource", "because": "because"}
"""Arguments that are codes themselves, and where their words stand."""


class DescribableError(Protocol):
    """An error as `batchgauge.errors` draws them: a code with arguments."""

    @property
    def code(self) -> str:
        """Names the message."""
        ...

    @property
    def arguments(self) -> Mapping[str, object]:
        """Fill its placeholders."""
        ...


def describe_error(error: DescribableError, translate: Translator, where: str = "") -> tuple[str, str | None]:
    """(message, hint): ``error.<code>``, and ``hint.<code>.<flag>`` or else ``hint.<code>``; None where there is no hint.

    `where` ends the commands that a hint holds (`core.place.place_words`).
    """
    arguments = {name: _in_words(name, value, translate) for name, value in error.arguments.items()}
    codes = (f"hint.{error.code}.{str(error.arguments.get('flag', '')).lstrip('-')}", f"hint.{error.code}")
    hint = next((translate(code, **arguments, where=where) for code in codes if translate.knows(code)), None)
    return translate(f"error.{error.code}", **arguments), hint


def _in_words(name: str, value: object, translate: Translator) -> object:
    prefix = CODE_ARGUMENTS.get(name)
    if prefix is None or not translate.knows(f"{prefix}.{value}"):
        return value
    return translate(f"{prefix}.{value}")
