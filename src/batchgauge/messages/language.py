"""Which language a call speaks."""

from __future__ import annotations

import gettext
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

Language: TypeAlias = Literal["ja", "en"]

CATALOGUES: Final = Path(__file__).parent / "catalogues"
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ja")
LANGUAGE_VARIABLES: Final = ("BATCHGAUGE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
"""Ours, then POSIX's, in POSIX's order."""
LIBRARY_DOMAIN: Final = "click"


def resolve_language(flag: str | None, environ: Mapping[str, str], *, locale_name: str | None = None) -> Language:
    """The flag, the environment's variables in order, then the name of the system's locale; the first that says anything decides.

    Japanese where it begins with ``ja``, else English.
    """
    said = (flag, *(environ.get(name) for name in LANGUAGE_VARIABLES), locale_name)
    deciding = next((name for name in said if name), "")
    return "ja" if deciding.lower().startswith("ja") else "en"


def speak_library(language: Language, environ: MutableMapping[str, str]) -> None:
    """Let click's own sentences (usage errors, headings of the help) come in this language too.

    click asks `gettext` for the default domain, and gettext asks the environment for the language at each call.
    """
    gettext.bindtextdomain(LIBRARY_DOMAIN, str(CATALOGUES))
    gettext.textdomain(LIBRARY_DOMAIN)
    environ["LANGUAGE"] = language
