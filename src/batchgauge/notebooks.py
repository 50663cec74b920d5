"""What notebooks and scripts use: saved results and their analysis as values and as data frames.

Nothing here draws or prints. A data frame is polars' or pandas', whichever is installed (polars where both are, unless `library` says
otherwise); both are imported only where a frame is asked for.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from batchgauge import bootstrap
from batchgauge.core.analysis.analysis import AnalysedRun, Analysis, SkippedFile, analyse, variant_of
from batchgauge.core.bound import Bound
from batchgauge.core.findings.estimates import Endings, PhaseEstimate, endings, phase_estimates
from batchgauge.core.findings.repeat_drift import PhaseDrift, repeat_drifts
from batchgauge.core.findings.scaling_law import SEED, ScalingLaw, scaling_law
from batchgauge.core.limits.judging import judge_limits
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.thresholds.statistic import FIGURES, FUNCTIONS, PHASES, Statistic
from batchgauge.core.thresholds.thresholds import parse_thresholds
from batchgauge.core.verdict import Verdicts
from batchgauge.errors import MissingExtraError
from batchgauge.messages import Language, translator
from batchgauge.reports.markdown import markdown_report

Library: TypeAlias = Literal["polars", "pandas"]
LIBRARIES: Final[tuple[Library, ...]] = ("polars", "pandas")
_INSTANTS: Final = ("intended", "sent", "accepted", "created", "started", "stopped")
_ENTRIES: Final = ("runnable", "starting")
_FACTS: Final = ("index", "job_id", "job_name", "status", "error", "status_reason", "exit_code", "submit_tries")
_Rows: TypeAlias = Iterator[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Results:
    """The runs of a folder, or of one document."""

    documents: tuple[tuple[str, RunResult], ...]
    """(file name, result)."""
    skipped: tuple[SkippedFile, ...] = ()
    """What else lay there, and why it is no result."""

    def __len__(self) -> int:
        return len(self.documents)

    def __iter__(self) -> Iterator[RunResult]:
        return (result for _, result in self.documents)

    def jobs(self, library: Library | None = None) -> Any:
        """A row a job: its run, what became of it, its instants (UTC milliseconds) and its phases (milliseconds).

        What is only known to lie between two values has two columns, ``…_least_ms`` and ``…_most_ms``; a most that is missing is a job
        that had not got so far when it was seen last.

        Raises:
            MissingExtraError: neither polars nor pandas is installed, or not the one that was asked for.
        """
        return _frame((_job_row(file, result, job) for file, result in self.documents for job in result.jobs), library)


@dataclass(frozen=True, slots=True)
class AnalysedResults:
    """The analysis of some runs."""

    analysis: Analysis

    @property
    def runs(self) -> tuple[AnalysedRun, ...]:
        """Each with its statistics, by level and time; runs that only warmed up are not among them."""
        return self.analysis.runs

    @property
    def not_met(self) -> tuple[str, ...]:
        """The thresholds that do not hold over all runs."""
        return self.analysis.not_met

    @property
    def verdicts(self) -> Mapping[str | None, Verdicts]:
        """Which limit held, overall and at each level, by variant; under None where nothing but the level varies."""
        return {variant: judge_limits(part) for variant, part in self.analysis.parts}

    @property
    def by_variant(self) -> Mapping[str | None, AnalysedResults]:
        """The same of each variant by itself: what compares levels (`scaling`, `drifts`, `estimates`, `endings`) is to be asked there."""
        return {variant: AnalysedResults(part) for variant, part in self.analysis.parts}

    @property
    def scaling(self) -> ScalingLaw | None:
        """The law by which the pace grows with the level, or why none is named; None of a single level."""
        return scaling_law(self.analysis, random.Random(SEED))  # noqa: S311  (resampling, not a secret)

    @property
    def drifts(self) -> tuple[PhaseDrift, ...]:
        """Whether repeats drift, a phase each; nothing below four repeats of a level."""
        return repeat_drifts(self.analysis)

    @property
    def estimates(self) -> tuple[PhaseEstimate, ...]:
        """Percentiles of queueing and start-up of jobs like these, with intervals, by level."""
        return phase_estimates(self.analysis)

    @property
    def endings(self) -> tuple[Endings, ...]:
        """How jobs like these end, by level; nothing of levels at which all succeeded."""
        return endings(self.analysis)

    def levels(self, library: Library | None = None) -> Any:
        """A row a run: its level, its counts of jobs and its rates."""
        return _frame(map(_level_row, self.runs), library)

    def statistics(self, library: Library | None = None) -> Any:
        """A row a run and statistic, by the names that ``--threshold`` takes: ``p95(queue_s)``, ``success_rate``.

        The value lies between ``least`` and ``most``; both are missing where the sample carries no such statistic.
        """
        return _frame((row for run in self.runs for row in _statistic_rows(run)), library)

    def thresholds(self, library: Library | None = None) -> Any:
        """A row a run and threshold, with the measured value and the verdict."""
        return _frame((row for run in self.runs for row in _threshold_rows(run)), library)

    def report(self, language: Language = "en") -> str:
        """The report as Markdown, without its charts."""
        return markdown_report(self.analysis, translator(language))


def load_results(path: str | os.PathLike[str]) -> Results:
    """Read a folder of results, or one document (ours or of the specification's own shape).

    Raises:
        FolderNotFoundError, NoResultsError: there is nothing there, or nothing that is a result.
    """
    documents, skipped = bootstrap.read_results(Path(path))
    return Results(tuple(documents), tuple(skipped))


def analyze(results: Results | str | os.PathLike[str], *, thresholds: Sequence[str] | None = None) -> AnalysedResults:
    """Analyse results, or what lies at a path; `thresholds` stand in the place of those that the runs were given.

    Raises:
        FolderNotFoundError, NoResultsError: as `load_results`.
        InvalidExpressionError: a threshold cannot be read.
    """
    loaded = results if isinstance(results, Results) else load_results(results)
    texts = None if thresholds is None else [threshold.text for threshold in parse_thresholds(thresholds)]
    return AnalysedResults(analyse(loaded.documents, loaded.skipped, texts))


def _frame(rows: _Rows, library: Library | None) -> Any:
    wanted = (library,) if library is not None else LIBRARIES
    found = next((name for name in wanted if find_spec(name) is not None), None)
    if found is None:
        raise MissingExtraError(extra="report", module=wanted[0])
    listed = list(rows)
    columns = {name: [row[name] for row in listed] for name in (listed[0] if listed else ())}
    module = import_module(found)
    return module.DataFrame(columns, strict=False) if found == "polars" else module.DataFrame(columns)


def _run(file: str, result: RunResult, level: int) -> dict[str, object]:
    return {"file": file, "run_id": result.run_id, "level": level, "variant": variant_of(result)}


def _job_row(file: str, result: RunResult, job: JobResult) -> dict[str, object]:
    row = {**_run(file, result, result.total_jobs), "is_warm_up": result.is_warm_up}
    row |= {name: getattr(job, name) for name in _FACTS}
    row["submit_duration_s"] = job.submit_duration
    row |= {f"{name}_ms": getattr(job.instants, f"{name}_ms", None) for name in _INSTANTS}
    for name in _ENTRIES:
        bound: Bound | None = getattr(job.instants, f"{name}_ms", None)
        row[f"{name}_earliest_ms"], row[f"{name}_latest_ms"] = _ends(bound)
    for name in PHASES:
        phase = name.removesuffix("_s")
        row[f"{phase}_least_ms"], row[f"{phase}_most_ms"] = _ends(getattr(job.phases, f"{phase}_ms", None))
    return row


def _level_row(run: AnalysedRun) -> dict[str, object]:
    summary = run.summary
    counts = ("accepted", "refused", "unanswered", "succeeded", "failed", "unfinished")
    figures = ("max_running", "capacity_jobs", "throttles")
    rates = ("submission_success_rate", "job_success_rate", "submissions_per_s", "jobs_per_s", "makespan_ms")
    return {
        **_run(run.file, run.result, summary.level),
        "timestamp": run.result.timestamp,
        "outcome": str(run.result.outcome) if run.result.outcome is not None else None,
        **{name: getattr(summary, name) for name in (*counts, *figures, *rates)},
    }


def _statistic_rows(run: AnalysedRun) -> _Rows:
    named = [Statistic(phase, function) for phase in PHASES for function in FUNCTIONS if function != "p50"]
    for statistic in (*named, *map(Statistic, FIGURES)):
        least, most = _ends(statistic.value(run.summary))
        yield {
            **_run(run.file, run.result, run.summary.level),
            "statistic": str(statistic),
            "unit": str(statistic.unit),
            "jobs": statistic.sample_size(run.summary),
            "jobs_needed": statistic.jobs_needed,
            "least": least,
            "most": most,
        }


def _threshold_rows(run: AnalysedRun) -> _Rows:
    for result in run.thresholds:
        least, most = _ends(result.value)
        yield {
            **_run(run.file, run.result, run.summary.level),
            "threshold": result.threshold,
            "verdict": str(result.verdict),
            "least": least,
            "most": most,
            **dict(zip(("interval_least", "interval_most"), _ends(result.interval), strict=True)),
            "interval_of": str(result.interval_of) if result.interval_of is not None else None,
        }


def _ends(bound: Bound | None) -> tuple[float | None, float | None]:
    return (None, None) if bound is None else (bound.earliest, bound.latest)
