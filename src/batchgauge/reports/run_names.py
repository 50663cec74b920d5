"""How a run is called in tables, charts and sentences: by its level, and where that is not enough by a number and a variant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.reports.quantities import count

NAMED: Final = 3
"""Repeats that a list of names has one by one."""


def run_name(run: AnalysedRun) -> str:
    """``15``, ``15 #2`` for the second run of that level, and ``small 15 #2`` where it is of a variant."""
    name = name_of(run.summary.level, run.repeat)
    return name if run.variant is None else f"{run.variant} {name}"


def name_of(level: int, repeat: int) -> str:
    """The same from the two numbers."""
    return count(level) if repeat == 1 else f"{count(level)} #{repeat}"


def names_of(level: int, repeats: Sequence[int]) -> str:
    """Of several runs of a level: ``15, 15 #2``, and ``15 … 15 #7`` where they are many."""
    names = [name_of(level, repeat) for repeat in repeats]
    return ", ".join(names) if len(names) <= NAMED else f"{names[0]} … {names[-1]}"
