"""A sweep's variants, asked for wrongly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from batchgauge.errors.usage import UsageError


@dataclass(eq=False)
class UnknownVariantError(UsageError):
    """No run of that variant is there; `known` are those that are."""

    flag: str
    variant: str
    known: str
    code: ClassVar[str] = "unknown-variant"


@dataclass(eq=False)
class SeveralVariantsError(UsageError):
    """The runs of a side are of several variants, and nobody said which is meant."""

    flag: str
    known: str
    code: ClassVar[str] = "several-variants"
