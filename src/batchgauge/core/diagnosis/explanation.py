"""A job explained: what it is, where it stands, why it waits or failed, and what its log said last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import msgspec

from batchgauge.core.diagnosis.causes import Cause, CauseCode, Ending, diagnose
from batchgauge.core.harmless_json import harmless
from batchgauge.core.job import JobState
from batchgauge.core.progress.waiting import WaitingReason
from batchgauge.core.result.run_result import RunResult

EXPLANATION_SCHEMA_VERSION: Final = 1
SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
NAMED_JOBS: Final = 5
"""Of a group, the jobs that are named."""


class AttemptExplained(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An attempt that failed before the last one."""

    number: int
    causes: tuple[Cause, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One job."""

    job_id: str
    job_name: str
    state: JobState
    job_queue: str
    job_definition: str
    causes: tuple[Cause, ...] = ()
    """Of a job that failed, the surest first."""
    waiting: tuple[WaitingReason, ...] = ()
    """Of one that has not started, the weightiest first."""
    waited_s: float | None = None
    """How long it has been before its start, by this computer's clock."""
    is_cancelled: bool = False
    """Whether it will not start any more, although AWS still shows it as waiting."""
    earlier: tuple[AttemptExplained, ...] = ()
    log_group: str | None = None
    log_stream: str | None = None
    last_lines: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    """The calls that AWS refused, so that something may be missing here."""


class CauseGroup(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Jobs of a run that failed of the same."""

    causes: tuple[Cause, ...]
    jobs: int
    names: tuple[str, ...]
    """Some of them."""


class ExplanationReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What ``batchgauge explain --json`` prints: one job, or a run's failures by their causes."""

    schema_version: int = EXPLANATION_SCHEMA_VERSION
    region: str | None = None
    job: Explanation | None = None
    run_id: str | None = None
    failed: int | None = None
    groups: tuple[CauseGroup, ...] | None = None


def group_failures(result: RunResult) -> tuple[CauseGroup, ...]:
    """The failed jobs of a run by their causes, the most frequent first."""
    groups: dict[tuple[tuple[CauseCode, str], ...], list[tuple[str, tuple[Cause, ...]]]] = defaultdict(list)
    for job in result.jobs:
        if job.is_failed:
            ending = Ending(status_reason=job.status_reason or "", reason=job.reason or "", exit_code=job.exit_code)
            causes = diagnose(ending)
            groups[_kind(causes)].append((job.job_name, causes))
    sized = sorted(groups.values(), key=len, reverse=True)
    return tuple(
        CauseGroup(causes=jobs[0][1], jobs=len(jobs), names=tuple(name for name, _ in jobs[:NAMED_JOBS]))
        for jobs in sized
    )


def _kind(causes: Iterable[Cause]) -> tuple[tuple[CauseCode, str], ...]:
    """Unknown ones are told apart by their words, known ones by their arguments."""
    return tuple(
        (cause.code, cause.said if cause.code is CauseCode.UNKNOWN else str(sorted(cause.arguments.items())))
        for cause in causes
    )


def explanation_document(report: ExplanationReport) -> bytes:
    """Indented JSON with a final newline."""
    return harmless(msgspec.json.format(msgspec.json.encode(report), indent=2)) + b"\n"


def explanation_schema() -> bytes:
    """The published JSON Schema of `ExplanationReport`."""
    schema = {"$schema": SCHEMA_DIALECT, "title": "batchgauge explain --json", **msgspec.json.schema(ExplanationReport)}
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"
