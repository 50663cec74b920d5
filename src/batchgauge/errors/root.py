"""The root of the tree."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import ClassVar


class BatchgaugeError(Exception):
    """The root: `code` names the message, the instance's fields are its arguments."""

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1

    @property
    def arguments(self) -> dict[str, object]:
        """The fields by name, for the message and the hint."""
        return {field.name: getattr(self, field.name) for field in fields(self)} if is_dataclass(self) else {}

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.code}({shown})"
