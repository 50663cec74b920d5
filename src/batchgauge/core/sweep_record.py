"""What a sweep is asked to do and how far it has come, so that another process can go on with it."""

from __future__ import annotations

from typing import Final

import msgspec

from batchgauge.core.journal import Sources
from batchgauge.core.scenario import Scenario

SWEEP_VERSION: Final = 1


class SweepRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Written before each level begins. Format history:

    1 (0.1.0)  first.
    """

    sweep_id: str
    levels: tuple[int, ...]
    pause_s: float
    files: tuple[str, ...]
    """Each level's document, relative to the results folder."""
    scenario: Scenario
    """Of every level, but for its number of jobs."""
    sources: Sources = Sources()
    region: str
    endpoint_url: str | None = None
    profile: str | None = None
    has_own_server: bool = False
    """Whether it is measured on an embedded AWS of its own, which ends with it."""
    runs: tuple[str, ...] = ()
    """The ids of the levels' runs, as far as they were begun."""
    version: int = SWEEP_VERSION

    def with_run(self, position: int, run_id: str) -> SweepRecord:
        """The same with the run of a level (from 1) that is about to begin; an earlier one of that level was never begun, then."""
        return msgspec.structs.replace(self, runs=(*self.runs[: position - 1], run_id))

    def file_of(self, run_id: str) -> str | None:
        """The document of a run's level."""
        return self.files[self.runs.index(run_id)] if run_id in self.runs else None
