"""The runs of a sweep, one after the other: which level, which repeat, which variant, and the document of each."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

import msgspec

from batchgauge.core.naming import level_file_name, warm_up_file_name

GIVEN: Final = "given"
RANDOM: Final = "random"


class SweepStep(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One run."""

    level: int
    file: str = ""
    """Its document besides the one under ``runs/``, relative to the results folder; empty for none."""
    repeat: int = 1
    variant: str | None = None
    is_warm_up: bool = False
    """Whether it only warms up: marked, and judged by nothing."""


def order_text(order: str, seed: int | None) -> str:
    """``given``, or ``random@SEED``: what brings the same order about again."""
    return order if seed is None else f"{order}@{seed}"


def steps_of(
    levels: Sequence[int],
    *,
    repeats: int = 1,
    warm_ups: int = 0,
    variants: Sequence[str | None] = (None,),
    seed: int | None = None,
) -> tuple[SweepStep, ...]:
    """First what warms up, at the first level; then all levels of all variants, and all again, `repeats` times.

    With a `seed` each of these rounds is shuffled by itself: every level is then measured once in every stretch of time, so that what
    drifts is not taken for a level's doing, and neither is what one level leaves behind for the next.
    """
    chance = None if seed is None else random.Random(seed)  # noqa: S311  (an order, not a secret)
    steps = [
        SweepStep(level=levels[0], file=warm_up_file_name(number, variant), variant=variant, is_warm_up=True)
        for variant in variants
        for number in range(1, warm_ups + 1)
    ]
    for repeat in range(1, repeats + 1):
        one_round = [
            SweepStep(
                level=level, file=level_file_name(position, level, repeat, variant), repeat=repeat, variant=variant
            )
            for variant in variants
            for position, level in enumerate(levels, start=1)
        ]
        if chance is not None:
            chance.shuffle(one_round)
        steps += one_round
    return tuple(steps)


def steps_of_level(position: int, level: int, repeats: int, variant: str | None) -> tuple[SweepStep, ...]:
    """The repeats of a level that a search has chosen, its `position`-th."""
    return tuple(
        SweepStep(level=level, file=level_file_name(position, level, repeat, variant), repeat=repeat, variant=variant)
        for repeat in range(1, repeats + 1)
    )
