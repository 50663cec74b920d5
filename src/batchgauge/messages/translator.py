"""From a code with arguments to words."""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from functools import cache
from typing import Final

from batchgauge.messages.language import CATALOGUES, Language
from batchgauge.messages.plain import plain

DOMAINS: Final = (
    "errors",
    "reports",
    "verdicts",
    "cli",
    "page",
    "scenario",
    "image",
    "network",
    "statistics",
    "diagnosis",
    "sweeps",
    "resuming",
    "deploy",
)


@dataclass(frozen=True, slots=True)
class Translator:
    """Words in one language: ``translate(code, **arguments)``."""

    language: Language
    catalogues: tuple[gettext.NullTranslations, ...]

    def __call__(self, code: str, /, **arguments: object) -> str:
        """The message of a code, its ``{placeholders}`` filled; arguments are shown as plain text, whatever they hold.

        A code that no catalogue has comes back as it is: a gap must never hide what was to be said.
        """
        text = self._find(code)
        if text is None:
            return plain(code)
        return text.format_map(_Arguments({name: _argument(value) for name, value in arguments.items()}))

    def knows(self, code: str) -> bool:
        """Whether some catalogue has the code."""
        return self._find(code) is not None

    def _find(self, code: str) -> str | None:
        for catalogue in self.catalogues:
            text = catalogue.gettext(code)
            if text != code:
                return text
        return None


@cache
def translator(language: Language) -> Translator:
    """The words of one language, from all domains."""
    return Translator(language, tuple(_catalogue(domain, language) for domain in DOMAINS))


def _catalogue(domain: str, language: Language) -> gettext.NullTranslations:
    return gettext.translation(domain, CATALOGUES, languages=[language])


class _Arguments(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


class _Count(int):
    """A whole number that a catalogue may decline: ``{jobs:job|jobs}`` is "1 job", ``{jobs:|was|were}`` the second word alone."""

    def __format__(self, shape: str, /) -> str:
        return _declined(str(int(self)), shape) if "|" in shape else super().__format__(shape)


class _Text(str):
    """A text, which may be a number that was written already (``1,250``): that is declined too."""

    __slots__ = ()

    def __format__(self, shape: str, /) -> str:
        return _declined(str(self), shape) if "|" in shape else super().__format__(shape)


def _declined(number: str, shape: str) -> str:
    *before, one, many = shape.split("|")
    word = one if number == "1" else many
    return word if before else f"{number} {word}"


def _argument(value: object) -> object:
    # Numbers keep their type: catalogues may format them.
    if isinstance(value, int) and not isinstance(value, bool):
        return _Count(value)
    return value if isinstance(value, bool | float) else _Text(plain(str(value)))
