"""The data of ``report.html``: what its charts and its table of jobs are drawn from."""

from __future__ import annotations

from typing import Any

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.analysis.of_tables import table_of_run
from batchgauge.core.columns.concurrency import holding_of, running_of
from batchgauge.messages import Translator, plain
from batchgauge.reports.doubts import verdict_in_words
from batchgauge.reports.page_curves import QUANTILES, distributions_of, steps_of
from batchgauge.reports.page_jobs import MAX_JOBS, MIN_JOBS, jobs_of
from batchgauge.reports.page_pace import pace_of
from batchgauge.reports.quantities import count
from batchgauge.reports.run_names import run_name

MEANS = ("queue", "start_up", "run")


def page_data(analysis: Analysis, translate: Translator) -> dict[str, Any]:
    """JSON-like; the words that the page's scripts show stand in it too."""
    most = max(MIN_JOBS, MAX_JOBS // max(1, len(analysis.runs)))
    return {
        "language": translate.language,
        "words": {word: translate(f"page.{word}") for word in SCRIPT_WORDS},
        "quantiles": QUANTILES.tolist(),
        "pace": pace_of(analysis, translate),
        "runs": [_run(run, translate, most) for run in analysis.runs],
    }


def _run(run: AnalysedRun, translate: Translator, most: int) -> dict[str, Any]:
    result, summary = run.result, run.summary
    table = table_of_run(run)
    jobs = jobs_of(table, result.clock, most)
    vcpus = result.environment.job_vcpus if result.environment is not None else None
    max_vcpus = summary.occupancy.max_vcpus if summary.occupancy is not None else None
    return {
        "name": translate("page.run-name", level=count(summary.level), file=plain(run.file)),
        "level": summary.level,
        "label": plain(run_name(run)),
        "validity": verdict_in_words(result.validity, translate),
        "capacity": summary.capacity_jobs,
        "maxVcpus": max_vcpus,
        "vcpus": vcpus,
        "jobs": jobs,
        "running": steps_of(running_of(table, result.clock), jobs["base"]),
        "holding": steps_of(holding_of(table, result.clock), jobs["base"]),
        "distributions": distributions_of(table),
        "means": {
            phase: None if sample is None else [sample.mean.earliest, sample.mean.latest]
            for phase in MEANS
            for sample in [getattr(summary, phase)]
        },
    }


SCRIPT_WORDS = (
    "phase.submit",
    "phase.queue",
    "phase.start_up",
    "phase.wait",
    "phase.run",
    "legend.submit",
    "legend.queue",
    "legend.queue-or-start-up",
    "legend.start_up",
    "legend.run",
    "legend.running-on",
    "legend.surely",
    "legend.possibly",
    "legend.capacity",
    "axis.time",
    "axis.running",
    "axis.vcpus",
    "axis.share",
    "axis.duration",
    "level",
    "timeline.label",
    "timeline.chosen",
    "timeline.job",
    "running.label",
    "vcpus.label",
    "binned",
    "not-measured",
    "distribution.label",
    "distribution.left-out",
    "distribution.point",
    "levels.label",
    "table.shown",
    "table.none",
    "table.chosen",
    "table.page",
    "theme.auto",
    "theme.light",
    "theme.dark",
)
"""Codes under ``page.``."""
