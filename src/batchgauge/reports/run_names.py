"""How a run is called in tables, charts and sentences: by its level, and where that is not enough by a number after it."""

from __future__ import annotations

from batchgauge.core.analysis import AnalysedRun
from batchgauge.reports.quantities import count


def run_name(run: AnalysedRun) -> str:
    """``15``, and ``15 #2`` for the second run of that level."""
    return name_of(run.summary.level, run.repeat)


def name_of(level: int, repeat: int) -> str:
    """The same from the two numbers."""
    return count(level) if repeat == 1 else f"{count(level)} #{repeat}"
