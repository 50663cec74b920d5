"""Comparing measurements that have variants: like with like, or one variant with another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from batchgauge.core.analysis.analysis import Analysis
from batchgauge.core.analysis.comparison import Comparison, FailRule, compare
from batchgauge.errors import SeveralVariantsError, UnknownVariantError

BASE_FLAG = "--base-variant"
NEW_FLAG = "--new-variant"


def of_variant(analysis: Analysis, name: str | None, flag: str) -> Analysis:
    """Only the runs of a variant; all, where none is named.

    Raises:
        UnknownVariantError: there is no run of it.
    """
    if name is None:
        return analysis
    runs = tuple(run for run in analysis.runs if run.variant == name)
    if not runs:
        raise UnknownVariantError(flag=flag, variant=name, known=_named(analysis))
    return replace(analysis, runs=runs)


def compare_variants(base: Analysis, new: Analysis, rules: Sequence[FailRule] = ()) -> Comparison:
    """Level by level; where a side has several variants, each with its namesake.

    Raises:
        SeveralVariantsError: they have no variant in common, so somebody must say which to take.
    """
    if len(base.variants) < 2 and len(new.variants) < 2:
        return compare(base, new, rules)
    after = dict(new.parts)
    pairs = [(name, part, after[name]) for name, part in base.parts if name in after]
    if not pairs:
        flag, side = (BASE_FLAG, base) if len(base.variants) > 1 else (NEW_FLAG, new)
        raise SeveralVariantsError(flag=flag, known=_named(side))
    found = [(name, compare(before, now, rules)) for name, before, now in pairs]
    return Comparison(
        conditions=found[0][1].conditions if len(found) == 1 else compare(base, new).conditions,
        levels=tuple(msgspec.structs.replace(level, variant=name) for name, one in found for level in one.levels),
        only_base=tuple(sorted({level for _, one in found for level in one.only_base})),
        only_new=tuple(sorted({level for _, one in found for level in one.only_new})),
        rules=tuple(msgspec.structs.replace(rule, variant=name) for name, one in found for rule in one.rules),
    )


def _named(analysis: Analysis) -> str:
    return ", ".join(name for name in analysis.variants if name is not None) or "–"
