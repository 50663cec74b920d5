"""The tables of the Markdown report, a row a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.bound import exactly
from batchgauge.core.levels import LevelSummary
from batchgauge.core.observed.clock_offset import MAX_DRIFT, ClockOffset
from batchgauge.core.stats.share import share_interval
from batchgauge.core.stats.summary import PERCENTILES, Summary
from batchgauge.messages import Translator
from batchgauge.reports.doubts import verdict_in_words
from batchgauge.reports.glance import is_repeated
from batchgauge.reports.markdown_syntax import code, table
from batchgauge.reports.quantities import (
    NOT_MEASURED,
    count,
    duration,
    parts_per_million,
    percent,
    percents,
    quantity,
    rate,
)
from batchgauge.reports.run_names import run_name
from batchgauge.reports.statistics import (
    held_of_capacity,
    maximum,
    mean,
    minimum,
    percentile,
    submission_percentile,
    submission_rate,
    submitted_so_far,
    success_so_far,
    variation,
)
from batchgauge.reports.verdict_words import estimate_in_words

Runs = Sequence[AnalysedRun]
KNOWN_DRIFT_PPM = 0.99 * 2 * MAX_DRIFT * 1e6
Column = tuple[str, Callable[[AnalysedRun], str]]


def submission_table(runs: Runs, translate: Translator) -> str:
    """Sent → accepted."""
    return _table(
        runs,
        translate,
        ("mean", lambda run: mean(run.summary.submit)),
        *_submit_percentiles(translate),
        ("maximum", lambda run: maximum(run.summary.submit)),
    )


def _submit_percentiles(translate: Translator) -> Iterator[Column]:
    for percent_ in PERCENTILES:
        yield (
            _percentile_name(percent_, translate),
            lambda run, percent_=percent_: submission_percentile(  # type: ignore[misc]
                run.summary, run.summary.submit, percent_, translate
            ),
        )


def _percentile_name(percent_: int, translate: Translator) -> str:
    return translate("column.median") if percent_ == 50 else translate("column.percentile", percent=percent_)


def success_table(runs: Runs, translate: Translator) -> str:
    """Rates and throughput."""
    has_unanswered = any(run.summary.unanswered for run in runs)
    rows = [
        (
            run_name(run),
            count(run.summary.accepted),
            count(run.summary.surely_refused),
            *([count(run.summary.unanswered)] if has_unanswered else ()),
            percents(submitted_so_far(run.summary)),
            _job_success(run.summary),
            submission_rate(run.summary, translate),
            mean(run.summary.submit_latency),
            maximum(run.summary.submit_latency),
        )
        for run in runs
    ]
    unanswered = ("unanswered",) if has_unanswered else ()
    names = ("level", "accepted", "refused", *unanswered, "submission-success", "job-success", "submissions-per-s")
    header = [translate(f"column.{name}") for name in (*names, "latency-mean", "latency-max")]
    return table(header, rows, text_columns=0)


def _job_success(summary: LevelSummary) -> str:
    """With Wilson's interval; of a run whose jobs have not all ended only what is known so far."""
    if summary.job_success_rate is None or summary.unfinished or summary.ended_by_us or summary.unanswered:
        return percents(success_so_far(summary))
    return estimate_in_words(share_interval(summary.succeeded, summary.level), percent)


def queue_table(runs: Runs, translate: Translator) -> str:
    """Created → RUNNABLE and created → STARTING."""
    return _phases_table(runs, translate, ("to-runnable", "queue"))


def start_up_table(runs: Runs, translate: Translator) -> str:
    """STARTING → started, and created → started."""
    return _phases_table(runs, translate, ("start-up", "wait"))


def run_time_table(runs: Runs, translate: Translator) -> str:
    """Started → stopped."""
    return _table(
        runs,
        translate,
        ("sample", lambda run: count(run.summary.run.count if run.summary.run else None)),
        ("mean", lambda run: mean(run.summary.run)),
        ("minimum", lambda run: minimum(run.summary.run)),
        ("maximum", lambda run: maximum(run.summary.run)),
        ("standard-deviation", lambda run: duration(run.summary.run.standard_deviation if run.summary.run else None)),
        ("variation", lambda run: variation(run.summary.run)),
        ("censored", lambda run: count(run.summary.run.censored if run.summary.run else None)),
    )


def concurrency_table(runs: Runs, translate: Translator) -> str:
    """How many ran at once, and how long it all took."""
    return _table(
        runs,
        translate,
        ("max-running", lambda run: count(run.summary.max_running)),
        # At a glance it stands already, of repeats only together; of a million jobs it takes its time.
        *([("places-held", held_of_capacity)] if is_repeated(runs) else ()),
        ("running-mean", _running_mean),
        ("reserved-vcpus", _reserved_vcpus),
        ("capacity", lambda run: count(run.summary.capacity_jobs)),
        ("succeeded", lambda run: count(run.summary.succeeded)),
        ("failed", lambda run: count(run.summary.failed)),
        ("unfinished", lambda run: count(run.summary.unfinished)),
        ("makespan", lambda run: duration(run.summary.makespan_ms)),
        ("jobs-per-s", lambda run: rate(run.summary.jobs_per_s)),
    )


def resources_table(runs: Runs, translate: Translator) -> str:
    """What the jobs reserved, by phase."""
    sizes = ("vcpu_s", "gb_s")
    rows = [
        (
            run_name(run),
            *(
                quantity(getattr(sums, phase)) if sums is not None else NOT_MEASURED
                for sums in (getattr(run.result.resources, size, None) for size in sizes)
                for phase in ("start_up", "run", "total")
            ),
        )
        for run in runs
    ]
    names = [f"{unit}-{phase}" for unit in ("vcpu-s", "gb-s") for phase in ("start-up", "run", "total")]
    return table([translate(f"column.{name}") for name in ("level", *names)], rows, text_columns=0)


def validity_table(runs: Runs, translate: Translator) -> str:
    """Whether a run's figures may be relied on."""
    rows = [(run_name(run), verdict_in_words(run.result.validity, translate)) for run in runs]
    return table([translate("column.level"), translate("column.validity")], rows, text_columns=0)


def clock_table(runs: Runs, translate: Translator) -> str:
    """AWS's clock against ours."""
    rows = [
        (run_name(run), _offset(clock, translate), _drift(clock), count(clock.jobs))
        for run in runs
        if (clock := run.result.clock) is not None
    ]
    header = [translate(f"column.{name}") for name in ("level", "clock-offset", "clock-drift", "jobs")]
    return table(header, rows, text_columns=0)


def _offset(clock: ClockOffset, translate: Translator) -> str:
    offset = duration(clock.offset_ms)
    return f"{offset} ({translate('report.exactness.contradicted')})" if clock.is_contradicted else offset


def _drift(clock: ClockOffset) -> str:
    """A dash where the run was too short to tell anything that was not taken for granted."""
    width = clock.drift_ppm.width if clock.drift_ppm is not None else None
    return NOT_MEASURED if width is None or width > KNOWN_DRIFT_PPM else parts_per_million(clock.drift_ppm)


def _running_mean(run: AnalysedRun) -> str:
    return quantity(run.summary.occupancy.running_mean if run.summary.occupancy is not None else None)


def _reserved_vcpus(run: AnalysedRun) -> str:
    """The most at once, of what the environments allow."""
    occupancy = run.summary.occupancy
    if occupancy is None or occupancy.reserved_vcpus is None:
        return NOT_MEASURED
    held = quantity(occupancy.reserved_vcpus)
    return held if occupancy.max_vcpus is None else f"{held} / {count(occupancy.max_vcpus)}"


def probe_table(runs: Runs, translate: Translator) -> str:
    """What our own doing cost, a row a run."""
    rows = [
        (
            run_name(run),
            count(api.calls),
            quantity(exactly(api.calls / run.summary.level)) if run.summary.level else NOT_MEASURED,
            count(api.throttles),
            duration(api.back_off_ms),
            duration(None if api.cpu_s is None else api.cpu_s * 1000),
            percent(api.cpu_share),
            *_sent_late(run),
        )
        for run in runs
        if (api := run.result.api) is not None
    ]
    names = (
        "level",
        "calls",
        "calls-per-job",
        "throttles",
        "back-off",
        "own-cpu",
        "own-cpu-share",
        "sent-late",
        "worst-lateness",
    )
    return table([translate(f"column.{name}") for name in names], rows, text_columns=0)


def _sent_late(run: AnalysedRun) -> tuple[str, str]:
    """How many submissions of an open load were sent later than meant, and the worst; a closed one has no such time."""
    late = run.result.lateness
    if late is None:
        return NOT_MEASURED, NOT_MEASURED
    return f"{count(late.late)}/{count(late.submissions)}", duration(late.lateness_ms.maximum)


def api_table(runs: Runs, translate: Translator) -> str:
    """A row an operation of each run."""
    names = ("operation", "level", "calls", "throttles", "failed-calls", "retries", "back-off", "call-time")
    rows = [
        (
            code(operation),
            run_name(run),
            count(usage.calls),
            count(usage.throttled),
            count(usage.failed),
            count(usage.retried),
            duration(usage.back_off_ms),
            duration(usage.call_ms / usage.calls) if usage.calls else NOT_MEASURED,
        )
        for run in runs
        if run.result.api is not None
        for operation, usage in run.result.api.operations.items()
    ]
    return table([translate(f"column.{name}") for name in names], rows)


def log_table(runs: Runs, translate: Translator) -> str:
    """How long CloudWatch Logs took."""
    return _table(
        runs,
        translate,
        ("logs-read", lambda run: count(run.summary.logs.jobs if run.summary.logs else None)),
        ("log-lines", lambda run: count(run.summary.logs.lines if run.summary.logs else None)),
        ("without-lines", lambda run: count(run.summary.logs.jobs_without_lines if run.summary.logs else None)),
        *_statistics(lambda summary: summary.logs.delay if summary.logs else None, translate, (50, 95)),
    )


def _statistics(
    pick: Callable[[LevelSummary], Summary | None], translate: Translator, percents: Sequence[int]
) -> Iterator[Column]:
    yield translate("column.mean"), lambda run: mean(pick(run.summary))
    for percent_ in percents:
        name = _percentile_name(percent_, translate)
        yield name, lambda run, percent_=percent_: percentile(pick(run.summary), percent_, translate)  # type: ignore[misc]
    yield translate("column.maximum"), lambda run: maximum(pick(run.summary))


def _phases_table(runs: Runs, translate: Translator, phases: tuple[str, str]) -> str:
    """Rows of level and phase: the two read against each other."""
    names = ("phase", "level", "sample", "mean", "median")
    header = [translate(f"column.{name}") for name in names]
    header += [translate("column.percentile", percent=95), translate("column.maximum"), translate("column.censored")]
    rows = [
        (
            translate(f"phase.{phase}"),
            run_name(run),
            count(sample.count if sample else None),
            mean(sample),
            percentile(sample, 50, translate),
            percentile(sample, 95, translate),
            maximum(sample),
            count(sample.censored if sample else None),
        )
        for phase in phases
        for run in runs
        for sample in [getattr(run.summary, phase.replace("-", "_"))]
    ]
    return table(header, rows)


def _table(runs: Runs, translate: Translator, *columns: Column) -> str:
    header = [translate("column.level")]
    header += [translate(f"column.{name}") if translate.knows(f"column.{name}") else name for name, _ in columns]
    rows = [[run_name(run), *(value(run) for _, value in columns)] for run in runs]
    return table(header, rows, text_columns=0)
