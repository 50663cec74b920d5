"""What a sweep is asked to do and how far it has come, so that another process can go on with it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from batchgauge.core.journal import Delivery, Sources
from batchgauge.core.scenario import Scenario
from batchgauge.core.sweeps.auto_levels import PASSING, AutoRules, Stop
from batchgauge.core.sweeps.steps import GIVEN, SweepStep
from batchgauge.core.sweeps.variants import Variant

SWEEP_VERSION: Final = 2


class SearchBudget(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a sweep that finds its levels by itself may take."""

    max_jobs: int | None = None
    max_cost: float | None = None
    cost_per_job: dict[str, float] = {}
    """What a job may cost at the most, by variant; the empty name where there is none."""


class SearchEnd(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Why the search for a variant's levels ended."""

    stop: Stop
    variant: str | None = None
    next_level: int | None = None
    """The level that would have followed."""


class AutoSearch(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Of a sweep that finds its levels by itself: by which rules, for each variant in turn, and how far it has come."""

    rules: dict[str, AutoRules]
    """By variant; the empty name where there is none."""
    budget: SearchBudget = SearchBudget()
    ends: tuple[SearchEnd, ...] = ()


class SweepRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Written before each run begins. Format history:

    1 (0.1.0)  first: ``levels`` and ``files`` in the place of ``steps``.
    2 (0.2.0)  steps, with what only warms up, repeats and variants; the order; searches whose steps grow.
    """

    sweep_id: str
    steps: tuple[SweepStep, ...]
    """As far as they are known: a search adds to them."""
    pause_s: float
    scenario: Scenario
    """Of every run, but for its number of jobs and what its variant changes."""
    order: str = GIVEN
    variants: tuple[Variant, ...] = ()
    auto: AutoSearch | None = None
    sources: Sources = Sources()
    delivery: Delivery = Delivery()
    """Of every run's document."""
    region: str
    endpoint_url: str | None = None
    profile: str | None = None
    has_own_server: bool = False
    """Whether it is measured on an embedded AWS of its own, which ends with it."""
    runs: tuple[str, ...] = ()
    """The ids of the steps' runs, as far as they were begun."""
    version: int = SWEEP_VERSION

    def with_run(self, position: int, run_id: str) -> SweepRecord:
        """The same with the run of a step (from 1) that is about to begin; an earlier one of that step was never begun, then."""
        return msgspec.structs.replace(self, runs=(*self.runs[: position - 1], run_id))

    def file_of(self, run_id: str) -> str | None:
        """The document of a run's step."""
        return self.steps[self.runs.index(run_id)].file if run_id in self.runs else None

    @property
    def is_planned(self) -> bool:
        """Whether no further step can follow those that are known."""
        return self.auto is None or len(self.auto.ends) == len(self.auto.rules)


def taken_up(record: SweepRecord) -> SweepRecord:
    """A record for the process that goes on with it: without the ends that only held for the one that met them."""
    if record.auto is None:
        return record
    ends = tuple(end for end in record.auto.ends if end.stop not in PASSING)
    return msgspec.structs.replace(record, auto=msgspec.structs.replace(record.auto, ends=ends))


def as_version_2(document: dict[str, Any]) -> dict[str, Any]:
    """A record of version 1 as one of version 2; it held no word of what only warms up."""
    if document.get("version") != 1 or "levels" not in document:
        return document
    files = document.get("files", ())
    steps = [{"level": level, "file": file} for level, file in zip(document["levels"], files, strict=True)]
    kept = {name: value for name, value in document.items() if name not in ("levels", "files")}
    return {**kept, "steps": steps, "version": SWEEP_VERSION}
