"""``summary.json``: the statistics of an analysis for programs. Its schema is published (docs/reference/schemas).

Format history (`schemaVersion`): 1 (0.2.0) first; variants and what they say, searches and verdicts were added before it was released.
"""

from __future__ import annotations

import random
from dataclasses import fields
from typing import Any, Final

import msgspec

from batchgauge import __version__
from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.documents.verdict import VerdictEntry, verdict_entries
from batchgauge.core.findings.estimates import Endings, PhaseEstimate, endings, phase_estimates
from batchgauge.core.findings.kinds import Weight
from batchgauge.core.findings.repeat_drift import PhaseDrift, repeat_drifts
from batchgauge.core.findings.rules import find
from batchgauge.core.findings.scaling_law import SEED, ScalingLaw, scaling_law
from batchgauge.core.harmless_json import harmless
from batchgauge.core.journal import RunOutcome
from batchgauge.core.levels import LevelSummary
from batchgauge.core.result.validity import Validity
from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.sweeps.auto_levels import Stop
from batchgauge.core.sweeps.level_search import LevelSearch
from batchgauge.core.thresholds.thresholds import ThresholdResult
from batchgauge.core.verdict import MaxVcpusLimit, NoCapacityLimit, VcpuQuotaLimit

SUMMARY_SCHEMA_VERSION: Final = 1
SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class RunSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One run."""

    file: str
    run_id: str | None
    timestamp: str
    job_queue: str
    job_definition: str
    outcome: RunOutcome | None
    is_warm_up: bool
    variant: str | None
    """Of a sweep that varies more than the level."""
    validity: Validity | None
    statistics: LevelSummary
    thresholds: tuple[ThresholdResult, ...] = ()
    """The verdicts on what it was to be judged by."""


class FindingEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something that stands out; durations among its arguments are in milliseconds, uncertain ones pairs."""

    code: str
    weight: Weight
    arguments: dict[str, Any]
    variant: str | None = None
    """Where there are several, the one that it is of."""


class SearchEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a search for the levels has found (``--levels auto``)."""

    variant: str | None
    measured: tuple[int, ...]
    """In the order in which they were."""
    unchanged: int | None
    """The highest level at which nothing had changed."""
    limited: int | None
    """The first level with a limit."""
    limit: str | None
    """The code of that limit."""
    holds: Estimate | None
    """How many jobs fit at once, where the limit is one of room."""
    stop: Stop | None
    """Why it ended; None where it is not over."""
    next_level: int | None
    """The level that would have followed."""


class VariantEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the levels of one variant say together; the fields are those of the document."""

    variant: str | None
    """None of runs that are of no variant, beside others that are."""
    scaling: ScalingLaw | None
    drifts: tuple[PhaseDrift, ...]
    estimates: tuple[PhaseEstimate, ...]
    endings: tuple[Endings, ...]


class SkippedEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A file that is no result, and why not."""

    file: str
    reason: str


class SummaryDocument(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All runs of an analysis, in the order of their levels."""

    schema_version: int
    tool_version: str
    runs: tuple[RunSummary, ...]
    findings: tuple[FindingEntry, ...]
    skipped: tuple[SkippedEntry, ...]
    verdicts: tuple[VerdictEntry, ...] = ()
    """Which limit held, overall and at each level, with its evidence; one a variant."""
    searches: tuple[SearchEntry, ...] = ()
    """None where the levels were given."""
    scaling: ScalingLaw | None = None
    """How the pace grows with the level, or why that is not said; None of a single level. This and what follows are of an analysis without
    variants: of several, `variants` has it, since levels of different variants are not to be compared."""
    drifts: tuple[PhaseDrift, ...] = ()
    """Where a level was repeated often enough."""
    estimates: tuple[PhaseEstimate, ...] = ()
    """Percentiles of the distributions behind the phases that are known in bounds, by level."""
    endings: tuple[Endings, ...] = ()
    """How jobs ended, by level; nothing of levels at which all succeeded."""
    variants: tuple[VariantEntry, ...] = ()
    """Where there are several, each by itself, in the order of the runs."""


def summary_document(analysis: Analysis) -> SummaryDocument:
    """The summary of an analysis."""
    by_variant = tuple(_of_levels(variant, part) for variant, part in analysis.parts)
    one = by_variant[0] if len(by_variant) == 1 else _NOTHING
    return SummaryDocument(
        schema_version=SUMMARY_SCHEMA_VERSION,
        tool_version=__version__,
        runs=tuple(_run(run) for run in analysis.runs),
        findings=tuple(
            FindingEntry(
                code=finding.code,
                weight=finding.weight,
                arguments={field.name: msgspec.to_builtins(getattr(finding, field.name)) for field in fields(finding)},
                variant=variant if len(analysis.parts) > 1 else None,
            )
            for variant, part in analysis.parts
            for finding in find(part)
        ),
        skipped=tuple(SkippedEntry(file=entry.file, reason=entry.reason) for entry in analysis.skipped),
        verdicts=tuple(verdict_entries(analysis)),
        searches=tuple(map(_search, analysis.searches)),
        scaling=one.scaling,
        drifts=one.drifts,
        estimates=one.estimates,
        endings=one.endings,
        variants=by_variant if len(by_variant) > 1 else (),
    )


def summary_json(analysis: Analysis) -> bytes:
    """The same as an indented JSON document in UTF-8."""
    return harmless(msgspec.json.format(msgspec.json.encode(summary_document(analysis)), indent=2)) + b"\n"


def summary_schema() -> bytes:
    """Its JSON Schema."""
    schema = {"$schema": SCHEMA_DIALECT, "title": "batchgauge summary.json", **msgspec.json.schema(SummaryDocument)}
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"


_NOTHING: Final = VariantEntry(variant=None, scaling=None, drifts=(), estimates=(), endings=())


def _of_levels(variant: str | None, part: Analysis) -> VariantEntry:
    """What compares levels, or names nothing but a level: only within a variant."""
    return VariantEntry(
        variant=variant,
        scaling=scaling_law(part, random.Random(SEED)),  # noqa: S311  (resampling, not a secret)
        drifts=repeat_drifts(part),
        estimates=phase_estimates(part),
        endings=endings(part),
    )


def _run(run: AnalysedRun) -> RunSummary:
    result = run.result
    return RunSummary(
        file=run.file,
        run_id=result.run_id,
        timestamp=result.timestamp,
        job_queue=result.job_queue,
        job_definition=result.job_definition,
        outcome=result.outcome,
        is_warm_up=result.is_warm_up,
        variant=run.variant,
        validity=result.validity,
        statistics=run.summary,
        thresholds=run.thresholds,
    )


def _search(search: LevelSearch) -> SearchEntry:
    held = search.held
    return SearchEntry(
        variant=search.variant,
        measured=search.levels,
        unchanged=search.bracket.unchanged,
        limited=search.bracket.limited,
        limit=None if held is None else held.code,
        holds=held.jobs if isinstance(held, MaxVcpusLimit | VcpuQuotaLimit | NoCapacityLimit) else None,
        stop=None if search.end is None else search.end.stop,
        next_level=None if search.end is None else search.end.next_level,
    )
