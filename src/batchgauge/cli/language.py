"""Which language this call speaks: ``--lang``, then the environment."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from batchgauge import messages

if TYPE_CHECKING:
    from batchgauge.messages import Translator

_chosen: dict[str, messages.Language] = {}


def use_language_of(arguments: Sequence[str]) -> None:
    """Find ``--lang`` in a command line before it is parsed: parsing itself already speaks (help, usage errors)."""
    flag: str | None = None
    for position, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            flag = argument.partition("=")[2]
        elif argument == "--lang" and position + 1 < len(arguments):
            flag = arguments[position + 1]
    language = messages.resolve_language(flag, os.environ, locale_name=_windows_locale())
    _chosen["language"] = language
    if flag:
        _chosen["flag"] = language
    messages.speak_library(language, os.environ)


def prefer_language(language: str | None) -> None:
    """Speak this language from now on, unless ``--lang`` was given."""
    if language is None or "flag" in _chosen:
        return
    chosen = messages.resolve_language(language, os.environ)
    _chosen["language"] = chosen
    messages.speak_library(chosen, os.environ)


def current_translator() -> Translator:
    """Words in the language of this call."""
    return _translator(_chosen.get("language") or messages.resolve_language(None, os.environ))


@cache
def _translator(language: messages.Language) -> Translator:
    return messages.translator(language)


def _windows_locale() -> str | None:
    """Windows sets none of the variables that the others do."""
    if sys.platform == "win32":
        return locale.getlocale()[0]
    return None
