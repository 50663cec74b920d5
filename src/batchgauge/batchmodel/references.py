"""``Ref::name`` in a job definition's command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from batchgauge.batchmodel.refusals import client_error

MARK: Final = "Ref::"


def substituted(command: Sequence[str], parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The command with its placeholders replaced: whole elements only, anything longer is left as it is."""
    return tuple(_value(element, parameters) for element in command)


def _value(element: str, parameters: Mapping[str, str]) -> str:
    if not element.startswith(MARK):
        return element
    name = element.removeprefix(MARK)
    if name not in parameters:
        raise client_error(f"Unable to substitute value. No parameter found for reference {name}")
    return parameters[name]
