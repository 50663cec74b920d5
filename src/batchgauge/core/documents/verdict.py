"""The verdict for programs: which limit held at each level, with the numbers that prove it; by variant where there are several."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from typing import Any

import msgspec

from batchgauge.core.analysis.analysis import Analysis
from batchgauge.core.limits.judging import judge_limits
from batchgauge.core.verdict import NoneReached, NotEnough, Verdict


class VerdictKind(StrEnum):
    """What a verdict says at all."""

    LIMIT = "limit"
    NONE = "none"
    """No limit was reached."""
    NOT_ENOUGH = "not-enough"
    """The evidence carries no verdict; its evidence names what is missing and the level to run next."""


class VerdictOfLimit(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One limit, or that there is none."""

    kind: VerdictKind
    code: str
    """Which limit: ``max-vcpus``, ``submit-rate`` …; ``none``, ``not-enough``."""
    level: int
    """The level that the evidence is of."""
    delay_ms: float | None = None
    """How much later each job was for it, on average; None where it delays none, or jobs failed."""
    evidence: dict[str, Any] = {}
    """The numbers that prove it; durations are in milliseconds, estimates have a value and the ends of their interval."""


class VerdictOfLevel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One level, all of its repeats together."""

    level: int
    held: VerdictOfLimit
    others: tuple[VerdictOfLimit, ...] = ()
    """Limits that were met as well, the costliest first."""


class VerdictEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What all levels say together, and each by itself."""

    variant: str | None = None
    """Where there are several, the one that it is of."""
    overall: VerdictOfLimit
    first_level: int | None
    """The lowest level at which that limit held."""
    unchanged_level: int | None
    """The highest level at which nothing had changed yet, neither there nor below."""
    levels: tuple[VerdictOfLevel, ...]


def verdict_entries(analysis: Analysis) -> Iterator[VerdictEntry]:
    """One a variant; one in all where nothing but the level varies."""
    for variant, part in analysis.parts:
        verdicts = judge_limits(part)
        if verdicts.overall is None:
            continue
        yield VerdictEntry(
            variant=variant if len(analysis.parts) > 1 else None,
            overall=_limit(verdicts.overall),
            first_level=verdicts.first_level,
            unchanged_level=verdicts.unchanged_level,
            levels=tuple(
                VerdictOfLevel(level=level.level, held=_limit(level.held), others=tuple(map(_limit, level.others)))
                for level in verdicts.levels
            ),
        )


def _limit(verdict: Verdict) -> VerdictOfLimit:
    match verdict:
        case NoneReached():
            kind = VerdictKind.NONE
        case NotEnough():
            kind = VerdictKind.NOT_ENOUGH
        case _:
            kind = VerdictKind.LIMIT
    values = {field.name: msgspec.to_builtins(getattr(verdict, field.name)) for field in fields(verdict)}
    level, delay_ms = values.pop("level"), values.pop("delay_ms", None)
    return VerdictOfLimit(
        kind=kind,
        code=verdict.code,
        level=level,
        # What weighs more than any delay has an infinite one, which JSON has no word for.
        delay_ms=delay_ms if delay_ms is not None and math.isfinite(delay_ms) else None,
        evidence={_camel(name): value for name, value in values.items()},
    )


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
