"""`Ref::name` in a container's command: AWS Batch fills it in only where it is an element of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

REFERENCE: Final = re.compile(r"Ref::[\w-]+")
WRAPPED_REFERENCE: Final = re.compile(r"(?:\$\()?(Ref::[\w-]+)\)?")
"""Also as the specification writes it: ``$(Ref::name)``."""
JOINING_FLAG: Final = "-command"
"""PowerShell joins with spaces what follows it, so that splitting its text at spaces changes nothing."""


def with_own_elements(command: Sequence[str]) -> tuple[str, ...]:
    """The command with the references that stand as words behind PowerShell's ``-Command`` made elements of their own.

    ``["powershell.exe", "-Command", "app.exe $(Ref::n)"]`` becomes ``[…, "app.exe", "Ref::n"]``. Quoted text is left as it is.
    """
    joined_from = next(
        (place + 1 for place, element in enumerate(command) if element.lower() == JOINING_FLAG), len(command)
    )
    split = [part for element in command[joined_from:] for part in _split(element)]
    return (*command[:joined_from], *split)


def _split(element: str) -> list[str]:
    if not REFERENCE.search(element) or "'" in element or '"' in element:
        return [element]
    parts: list[list[str]] = [[]]
    for word in element.split(" "):
        found = WRAPPED_REFERENCE.fullmatch(word)
        if found:
            parts += [[found[1]], []]
        else:
            parts[-1].append(word)
    return [text for words in parts if (text := " ".join(words)).strip()]


def embedded_references(command: Sequence[str]) -> tuple[str, ...]:
    """Elements that hold a reference and something else: AWS passes them on as they are."""
    return tuple(element for element in command if REFERENCE.search(element) and not REFERENCE.fullmatch(element))


def references_without_default(command: Sequence[str], parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the references that every submission has to give a value for, else AWS refuses it."""
    names = (element.removeprefix("Ref::") for element in command if REFERENCE.fullmatch(element))
    return tuple(dict.fromkeys(name for name in names if name not in parameters))
