"""``performance-report.md``: the first screen for whoever decides, the rest for whoever checks."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.findings.repeats import PICKS, SEED, repeated_levels
from batchgauge.core.result.run_result import is_observed
from batchgauge.messages import Translator
from batchgauge.reports.attempt_section import attempt_section
from batchgauge.reports.conditions import condition_rows
from batchgauge.reports.cost_words import cost_table
from batchgauge.reports.doubts import doubts_in_words
from batchgauge.reports.estimate_sections import endings_section, estimate_section
from batchgauge.reports.glance import glance_notes, glance_table
from batchgauge.reports.ledger_words import ledger_section
from batchgauge.reports.level_tables import (
    api_table,
    clock_table,
    concurrency_table,
    log_table,
    probe_table,
    queue_table,
    resources_table,
    run_time_table,
    start_up_table,
    submission_table,
    success_table,
    validity_table,
)
from batchgauge.reports.markdown_syntax import bullets, code, document, table
from batchgauge.reports.quantities import count, duration, per_second, percents
from batchgauge.reports.run_names import run_name
from batchgauge.reports.scaling_section import drift_section, law_of, no_law_note, scaling_section
from batchgauge.reports.source_sections import event_section, insights_section, program_section, split_section
from batchgauge.reports.threshold_words import not_met_lines, threshold_section, warm_up_note
from batchgauge.reports.variant_sections import by_variant, finding_lines, verdict_section
from batchgauge.reports.waiting_words import waiting_table


def markdown_report(analysis: Analysis, translate: Translator, *, charts_file: str | None = None) -> str:
    """The whole report; `charts_file` is shown where it was made."""
    return document(
        [
            f"# {translate('report.title')}",
            *_summary(analysis, translate),
            f"![{translate('report.charts')}]({charts_file})" if charts_file else "",
            *_submission(analysis, translate),
            *_contention(analysis, translate),
            *by_variant(_repeats, analysis, translate),
            *_limits(analysis, translate),
            *_scaling(analysis, translate),
            *_conditions(analysis, translate),
            *_exactness(analysis, translate),
            *_files(analysis, translate),
        ]
    )


def _summary(analysis: Analysis, translate: Translator) -> Iterator[str]:
    runs = analysis.runs
    yield from _embedded(runs, translate)
    yield translate(
        "report.subject",
        jobs=count(sum(run.summary.level for run in runs)),
        runs=count(len(runs)),
        levels=", ".join(count(level) for level in sorted({run.summary.level for run in runs})),
        queue=", ".join(sorted({code(run.result.job_queue) for run in runs})),
        definition=", ".join(sorted({code(run.result.job_definition) for run in runs})),
    )
    yield from verdict_section(analysis, translate)
    yield from threshold_section(analysis, translate)
    yield from warm_up_note(analysis, translate)
    yield f"## {translate('report.findings')}"
    yield bullets(
        [*not_met_lines(analysis, translate), *finding_lines(analysis, translate)] or [translate("finding.none")]
    )
    yield f"## {translate('report.glance')}"
    yield glance_table(runs, translate)
    yield from glance_notes(runs, translate)
    yield translate("report.dash")
    laws = {variant: law_of(part) for variant, part in analysis.parts}
    yield from by_variant(lambda part, words: no_law_note(laws[part.variants[0]], words), analysis, translate)


def _embedded(runs: tuple[AnalysedRun, ...], translate: Translator) -> Iterator[str]:
    embedded = [run for run in runs if run.result.environment is not None and run.result.environment.is_local]
    if not embedded:
        return
    scales = {run.result.environment.time_scale for run in embedded if run.result.environment is not None}
    shown = ", ".join(f"{scale:g}" for scale in sorted(scale for scale in scales if scale is not None))
    if len(embedded) == len(runs):
        text = translate("report.embedded", scale=shown or "1")
    else:
        files = ", ".join(code(run.file) for run in embedded)
        text = translate("report.embedded-some", scale=shown or "1", files=files)
    yield f"> **{text}**"


def _submission(analysis: Analysis, translate: Translator) -> Iterator[str]:
    yield f"## {translate('report.submission')}"
    ours = [run for run in analysis.runs if not is_observed(run.result)]
    if len(ours) < len(analysis.runs):
        yield translate("report.submission.others")
    if not ours:
        return
    yield f"### {translate('report.submission.time')}"
    yield translate("report.submission.time-text")
    yield submission_table(ours, translate)
    yield f"### {translate('report.submission.success')}"
    yield translate("report.submission.success-text")
    rates = success_table(ours, translate)
    yield rates
    if "[" in rates:
        yield translate("success.interval")
    yield from ledger_section(ours, translate)


def _contention(analysis: Analysis, translate: Translator) -> Iterator[str]:
    yield f"## {translate('report.contention')}"
    watched = [run for run in analysis.runs if run.summary.wait is not None or run.summary.run is not None]
    if not watched:
        yield translate("report.contention.unmeasured")
        return
    for name, make in (("queue", queue_table), ("start-up", start_up_table), ("run", run_time_table)):
        yield f"### {translate(f'report.contention.{name}')}"
        yield translate(f"report.contention.{name}-text")
        yield make(watched, translate)
        if name == "start-up":
            yield from by_variant(estimate_section, analysis, translate)
            yield from split_section(watched, translate)
    yield from by_variant(endings_section, analysis, translate)
    yield from attempt_section(watched, translate)


def _repeats(analysis: Analysis, translate: Translator) -> Iterator[str]:
    levels = repeated_levels(analysis, random.Random(SEED))  # noqa: S311  (resampling, not a secret)
    if not levels:
        return
    yield f"### {translate('repeats.title')}"
    yield translate("repeats.text")
    phases = [translate(f"phase.{phase}") for phase in PICKS]
    rows = (
        (
            count(level.level),
            count(level.repeats),
            *(duration(level.means.get(phase)) for phase in PICKS),
            per_second(level.jobs_per_s),
            percents(level.success),
        )
        for level in levels
    )
    others = [translate(f"repeats.column.{name}") for name in ("jobs-per-s", "success")]
    yield table([translate("column.level"), translate("repeats.column.repeats"), *phases, *others], rows)
    yield from drift_section(analysis, translate)


def _limits(analysis: Analysis, translate: Translator) -> Iterator[str]:
    yield f"## {translate('report.limits')}"
    yield f"### {translate('report.limits.concurrency')}"
    watched = [run for run in analysis.runs if run.summary.max_running is not None]
    if watched:
        yield translate("report.limits.concurrency-text")
        yield concurrency_table(watched, translate)
    else:
        yield translate("report.contention.unmeasured")
    reserved = [run for run in watched if run.result.resources is not None and run.result.resources.vcpu_s is not None]
    if reserved:
        yield f"### {translate('report.limits.resources')}"
        yield translate("report.limits.resources-text")
        yield resources_table(reserved, translate)
    billed = [run for run in watched if run.result.billing is not None and run.result.billing.tasks]
    if billed:
        yield f"### {translate('report.limits.cost')}"
        yield translate("report.limits.cost-text")
        yield cost_table(billed, translate)
    yield f"### {translate('report.limits.api')}"
    counted = [run for run in analysis.runs if run.result.api is not None]
    if counted:
        yield translate("report.limits.api-text")
        yield api_table(counted, translate)
        yield translate("report.limits.probe-text")
        yield probe_table(counted, translate)
    else:
        yield translate("report.limits.api-unmeasured")
    waited = [run for run in analysis.runs if run.result.waiting]
    if waited:
        yield f"### {translate('report.limits.waiting')}"
        yield translate("report.limits.waiting-text")
        yield waiting_table(waited, translate)
    yield f"### {translate('report.limits.logs')}"
    read = [run for run in analysis.runs if run.summary.logs is not None]
    if read:
        yield translate("report.limits.logs-text")
        yield log_table(read, translate)
    else:
        yield translate("report.limits.logs-unmeasured")
    for section in (program_section, event_section, insights_section):
        yield from section(analysis.runs, translate)


def _scaling(analysis: Analysis, translate: Translator) -> Iterator[str]:
    yield from by_variant(lambda part, words: scaling_section(law_of(part), words), analysis, translate)


def _conditions(analysis: Analysis, translate: Translator) -> Iterator[str]:
    yield f"## {translate('report.conditions')}"
    header = [translate("column.item"), translate("column.value")]
    yield table(header, condition_rows(analysis, translate), text_columns=2)


def _exactness(analysis: Analysis, translate: Translator) -> Iterator[str]:
    yield f"## {translate('report.exactness')}"
    notes = ("stamps", "bounds", "additive", "censored", "percentiles")
    yield bullets(translate(f"report.exactness.{note}") for note in notes)
    judged = [run for run in analysis.runs if run.result.validity is not None]
    if judged:
        yield translate("report.exactness.validity")
        yield validity_table(judged, translate)
        yield bullets(_doubts(judged, translate))
    clocked = [run for run in analysis.runs if run.result.clock is not None and run.result.clock.is_known]
    if clocked:
        yield translate("report.exactness.clock")
        yield clock_table(clocked, translate)


def _doubts(runs: Sequence[AnalysedRun], translate: Translator) -> Iterator[str]:
    """Each doubt once, with the runs that it is about."""
    about: dict[str, list[str]] = {}
    for run in runs:
        for doubt in dict.fromkeys(doubts_in_words(run.result.validity, translate)):
            about.setdefault(doubt, []).append(run_name(run))
    for doubt, names in about.items():
        yield f"{translate('column.level')} {', '.join(names)}: {doubt}"


def _files(analysis: Analysis, translate: Translator) -> Iterator[str]:
    yield f"## {translate('report.files')}"
    header = [translate(f"column.{name}") for name in ("file", "began", "run-id", "outcome", "level")]
    yield table(header, (_file_row(run, translate) for run in analysis.runs), text_columns=4)
    if analysis.skipped:
        yield translate("report.files.skipped")
        rows = ((code(entry.file), code(entry.reason)) for entry in analysis.skipped)
        yield table([translate("column.file"), translate("column.reason")], rows, text_columns=2)


def _file_row(run: AnalysedRun, translate: Translator) -> tuple[str, ...]:
    result = run.result
    return (
        code(run.file),
        code(result.timestamp),
        code(result.run_id) if result.run_id else translate("fact.unknown"),
        translate(f"outcome.{result.outcome}") if result.outcome else translate("fact.unknown"),
        run_name(run),
    )
