"""Tables for the terminal, as rich renderables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.findings.kinds import Weight
from batchgauge.core.findings.rules import find
from batchgauge.core.levels import LevelSummary
from batchgauge.core.limits.judging import judge_limits
from batchgauge.core.result.run_result import RunResult, is_observed
from batchgauge.core.stats.summary import Summary
from batchgauge.messages import Translator, plain
from batchgauge.reports.attempt_section import attempts_in_words
from batchgauge.reports.cost_words import run_cost_in_words
from batchgauge.reports.doubts import doubts_in_words, verdict_in_words
from batchgauge.reports.glance import is_repeated, sweep_rows
from batchgauge.reports.ledger_words import ledger_in_words
from batchgauge.reports.load_words import arrays_in_words, load_in_short
from batchgauge.reports.quantities import NOT_MEASURED, count, duration, percent, quantity, rate
from batchgauge.reports.search_words import searches_in_words
from batchgauge.reports.source_sections import split_samples
from batchgauge.reports.statistics import maximum, mean, percentile, submission_percentile
from batchgauge.reports.verdict_words import next_in_words, overall_in_words
from batchgauge.reports.waiting_words import waited_in_words
from batchgauge.reports.wording import in_words

PERCENT: Final = 95
"""The percentile that the tables show besides the median."""
WAITING_SHOWN: Final = 3
"""The last reasons for waiting that a run's table names; the report has all."""
NUMBER_WIDTH: Final = 13
"""A range such as ``30.5 – 40.5 s`` on one line: five columns of it fit beside the longest phase."""
SWEEP_COLUMNS: Final = (
    "level",
    "succeeded",
    "submit",
    "submissions",
    "queue",
    "start-up",
    "run",
    "max-running",
    "throttles",
)
"""As many as fit into 80 columns."""


def run_table(result: RunResult, summary: LevelSummary, translate: Translator) -> Table:
    """A finished run: its jobs, its limits, and its times by phase."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column()
    facts.add_column(overflow="fold")
    for label, value in _facts(result, summary, translate):
        facts.add_row(Text(label, style="bold"), Text(value))
    whole = Table.grid(padding=(0, 0, 1, 0))
    # A reason may hold a word longer than the line, an image's name: folded, its end can be read.
    whole.add_column(overflow="fold")
    whole.add_row(Text(_title(result, summary, translate), style="bold"))
    whole.add_row(verdict_lines(analyse([(str(result.run_id), result)]), translate))
    whole.add_row(facts)
    for finding in result.waiting[-WAITING_SHOWN:]:
        whole.add_row(Text(translate("run.waited", waiting=waited_in_words(finding, translate)), style="yellow"))
    for problem in _problems(result, translate):
        whole.add_row(Text(problem, style="red"))
    whole.add_row(_phases(summary, translate, is_observed=is_observed(result)))
    return whole


def verdict_lines(analysis: Analysis, translate: Translator) -> Table:
    """What held, and what to do next."""
    lines = Table.grid(padding=(0, 2))
    lines.add_column()
    # Japanese has no spaces to break lines at: what is longer than one is folded, not cut.
    lines.add_column(overflow="fold")
    for words in searches_in_words(analysis, translate):
        lines.add_row(Text(translate("search.label"), style="bold"), Text(words))
    for variant, part in analysis.parts:
        verdicts = judge_limits(part)
        if verdicts.overall is None:
            continue
        if len(analysis.parts) > 1:
            lines.add_row(Text(""), Text(translate("report.variant", variant=variant), style="bold underline"))
        words = overall_in_words(verdicts, translate, plain)
        lines.add_row(Text(translate("verdict.run-label"), style="bold"), Text(words, style="bold"))
        advice = next_in_words(verdicts.overall, translate, plain)
        lines.add_row(Text(translate("verdict.next-label"), style="bold"), Text(advice))
    return lines


def sweep_table(analysis: Analysis, translate: Translator) -> Table:
    """All levels side by side: a row a level, its repeats taken together."""
    table = Table(
        title=Text(translate("sweep.title")),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption=Text(translate("glance.caption")) if is_repeated(analysis.runs) else None,
        caption_justify="left",
        pad_edge=False,
        padding=0,
    )
    for column in SWEEP_COLUMNS:
        table.add_column(Text(translate(f"sweep.column.{column}")), justify="right")
    for row in sweep_rows(analysis.runs, translate):
        table.add_row(*map(Text, row))
    return table


def _title(result: RunResult, summary: LevelSummary, translate: Translator) -> str:
    code = "run.title-one" if summary.level == 1 else "run.title"
    title = translate(code, level=count(summary.level), queue=result.job_queue)
    environment = result.environment
    if environment is None or not environment.is_local:
        return title
    return f"{title} ({translate('run.embedded', scale=environment.time_scale)})"


def _facts(result: RunResult, summary: LevelSummary, translate: Translator) -> Iterator[tuple[str, str]]:
    numbers = {
        name: count(getattr(summary, name)) for name in ("accepted", "succeeded", "failed", "unfinished", "refused")
    }
    numbers["refused"] = count(summary.surely_refused)
    watched = "run.jobs-watched" if summary.is_monitored else "run.jobs-unwatched"
    jobs = translate(watched, **numbers)
    if summary.unanswered:  # AWS took them or did not: nobody knows
        jobs += translate("run.jobs-unanswered", count=count(summary.unanswered))
    yield translate("run.jobs"), jobs
    yield from attempts_in_words(summary, translate)
    yield translate("run.submission"), _submission(result, summary, translate)
    if (ledger := ledger_in_words(result.ledger, translate)) is not None:
        yield translate("run.ledger"), ledger
    late = result.lateness
    if late is not None and (late.late or late.waited_for_connection):
        yield (
            translate("run.late"),
            translate(
                "run.late-value",
                count=count(late.late),
                submissions=count(late.submissions),
                tolerance=duration(late.tolerance_ms),
                worst=duration(late.lateness_ms.maximum),
                without=count(late.waited_for_connection),
            ),
        )
    if summary.max_running is not None:
        code = "run.running-value" if summary.capacity_jobs is None else "run.running-capacity"
        words = translate(code, maximum=count(summary.max_running), capacity=count(summary.capacity_jobs))
        yield translate("run.running"), words
    if summary.makespan_ms is not None:
        makespan, per_second = duration(summary.makespan_ms), rate(summary.jobs_per_s)
        yield translate("run.completion"), translate("run.completion-value", makespan=makespan, rate=per_second)
    yield from _reserved(result, translate)
    if result.billing is not None and result.billing.tasks:
        yield translate("run.cost"), run_cost_in_words(result.billing, translate)
    if result.api is not None:
        calls, throttles = count(result.api.calls), count(result.api.throttles)
        yield translate("run.api"), translate("run.api-value", calls=calls, throttles=throttles)
    yield from _told_by_others(result, summary, translate)
    if result.validity is not None:
        yield translate("validity"), verdict_in_words(result.validity, translate)


def _submission(result: RunResult, summary: LevelSummary, translate: Translator) -> str:
    if is_observed(result):
        return translate("run.submission-others")
    if summary.arrays:
        return arrays_in_words(summary, translate)
    if summary.level == 1:
        return translate("run.submission-one", success=percent(summary.submission_success_rate))
    return translate(
        "run.submission-value",
        success=percent(summary.submission_success_rate),
        rate=rate(summary.submissions_per_s),
        load=NOT_MEASURED if result.scenario is None else load_in_short(result.scenario, translate),
    )


def _reserved(result: RunResult, translate: Translator) -> Iterator[tuple[str, str]]:
    sums = result.resources.vcpu_s if result.resources is not None else None
    if sums is not None:
        parts = {name: quantity(getattr(sums, name)) for name in ("total", "start_up", "run")}
        yield translate("run.reserved"), translate("run.reserved-value", **parts)


def _told_by_others(result: RunResult, summary: LevelSummary, translate: Translator) -> Iterator[tuple[str, str]]:
    """Events, tasks that could not be described, and what the programs say of themselves."""
    if (events := result.events) is not None:
        delay = duration(events.delay.percentile(50) or events.delay.mean)
        words = translate(
            "run.events-value", events=count(events.events), duplicates=count(events.duplicates), delay=delay
        )
        yield translate("run.events"), words
    if result.tasks is not None and result.tasks.error is not None:
        yield translate("run.split"), translate("run.split-refused", error=result.tasks.error)
    if (programs := summary.programs) is not None:
        words = translate(
            "run.programs-value",
            lines=count(programs.lines),
            missing=count(programs.missing),
            disordered=count(programs.disordered),
            cpu=mean(programs.cpu),
        )
        yield translate("run.programs"), words


def _problems(result: RunResult, translate: Translator) -> Iterator[str]:
    """What went wrong, with the reasons that AWS gave."""
    for finding in find(analyse([(str(result.run_id), result)])):
        if finding.weight is Weight.PROBLEM:
            yield in_words(finding, translate, plain)
    yield from doubts_in_words(result.validity, translate)


def _phases(summary: LevelSummary, translate: Translator, *, is_observed: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column(Text(translate("column.phase")))
    names = [translate(f"column.{column}") for column in ("sample", "mean", "median")]
    for name in (*names, translate("column.percentile", percent=PERCENT), translate("column.maximum")):
        table.add_column(Text(name), justify="right", min_width=NUMBER_WIDTH if name != names[0] else None)
    samples = {
        "submit": None if is_observed else summary.submit,
        "submit-latency": summary.submit_latency,
        "to-runnable": summary.to_runnable,
        "queue": summary.queue,
        "start-up": summary.start_up,
        **dict(split_samples(summary.tasks)),
        "wait": summary.wait,
        "run": summary.run,
    }
    for phase, sample in samples.items():
        if sample is not None:
            cells = (translate(f"phase.{phase}"), *_statistics(phase, sample, summary, translate))
            table.add_row(*(Text(plain(cell)) for cell in cells))
    return table


def _statistics(phase: str, sample: Summary, summary: LevelSummary, translate: Translator) -> Iterator[str]:
    yield count(sample.count)
    yield mean(sample)
    for wanted in (50, PERCENT):
        if phase.startswith("submit"):
            yield submission_percentile(summary, sample, wanted, translate)
        else:
            yield percentile(sample, wanted, translate)
    yield maximum(sample)
