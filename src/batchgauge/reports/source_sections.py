"""What other sources than looks told, as sections of the Markdown report: only where there is something to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.observed.container_insights import ClusterUse
from batchgauge.core.observed.program_report import ProgramSummary
from batchgauge.core.observed.task_times import TaskSummary
from batchgauge.core.program_load import LoadSummary
from batchgauge.core.stats.summary import Summary
from batchgauge.messages import Translator
from batchgauge.reports.markdown_syntax import code, table
from batchgauge.reports.quantities import NOT_MEASURED, count, percent, rate
from batchgauge.reports.run_names import run_name
from batchgauge.reports.statistics import maximum, mean, percentile

Runs = Sequence[AnalysedRun]

SPLIT: Final[dict[str, Callable[[TaskSummary], Summary]]] = {
    "dispatch": lambda tasks: tasks.dispatch,
    "provisioning": lambda tasks: tasks.provisioning,
    "image-pull": lambda tasks: tasks.image_pull,
    "container-start": lambda tasks: tasks.container_start,
}
"""The steps of start-up in their order."""


def split_section(runs: Runs, translate: Translator) -> Iterator[str]:
    """What start-up was made of."""
    described = [run for run in runs if run.summary.tasks is not None]
    refused = {run.result.tasks.error for run in runs if run.result.tasks is not None and run.result.tasks.error}
    if not described and not refused:
        return
    yield f"### {translate('report.split')}"
    if refused:
        yield translate("report.split.refused", error=", ".join(code(error) for error in sorted(refused)))
    if described:
        yield translate("report.split.text")
        yield _split_table(described, translate)


def _split_table(runs: Runs, translate: Translator) -> str:
    header = [translate(f"column.{name}") for name in ("phase", "level", "sample", "mean", "median")]
    header += [translate("column.percentile", percent=95), translate("column.maximum"), translate("column.censored")]
    rows = [
        (translate(f"phase.{step}"), run_name(run), *_statistics(pick(run.summary.tasks), translate))
        for step, pick in SPLIT.items()
        for run in runs
        if run.summary.tasks is not None
    ]
    return table(header, rows)


def _statistics(sample: Summary, translate: Translator) -> Iterator[str]:
    yield count(sample.count)
    yield mean(sample)
    yield percentile(sample, 50, translate)
    yield percentile(sample, 95, translate)
    yield maximum(sample)
    yield count(sample.censored)


def program_section(runs: Runs, translate: Translator) -> Iterator[str]:
    """What the programs say of themselves."""
    speaking = [(run, run.summary.programs) for run in runs if run.summary.programs is not None]
    if not speaking:
        return
    yield f"### {translate('report.programs')}"
    yield translate("report.programs.text")
    names = ("level", "jobs", "lines-numbered", "lines-missing", "lines-doubled", "lines-disordered", "incomplete")
    rows = [
        (
            run_name(run),
            count(programs.jobs),
            count(programs.lines),
            count(programs.missing),
            count(programs.duplicates),
            count(programs.disordered),
            count(programs.incomplete),
        )
        for run, programs in speaking
    ]
    yield table([translate(f"column.{name}") for name in names], rows, text_columns=0)
    yield _measured_table(speaking, translate)
    loaded = [(run, programs.load) for run, programs in speaking if programs.load is not None]
    if loaded:
        yield translate("report.loads.text")
        yield _load_table(loaded, translate)


def _load_table(loaded: Sequence[tuple[AnalysedRun, LoadSummary]], translate: Translator) -> str:
    names = (
        "level",
        "cpu-share-mean",
        "cpu-share-min",
        "rounds-mean",
        "memory-first-pass-mean",
        "memory-pass-max",
        "write-rate-mean",
        "write-max",
        "short",
    )
    rows = [
        (
            run_name(run),
            percent(load.cpu_share.mean.latest),
            percent(load.cpu_share.minimum.latest),
            rate(load.cpu_rounds_per_s.mean.latest),
            mean(load.memory_first_pass_ms),
            maximum(load.memory_worst_pass_ms),
            _mib_per_s(load.written_bytes_per_s.mean.latest),
            maximum(load.io_worst_ms),
            count(load.memory_short + load.io_short),
        )
        for run, load in loaded
    ]
    return table([translate(f"column.{name}") for name in names], rows, text_columns=0)


def _mib_per_s(bytes_per_s: float | None) -> str:
    return NOT_MEASURED if bytes_per_s is None else f"{bytes_per_s / 2**20:,.1f} MiB/s"


def _measured_table(speaking: Sequence[tuple[AnalysedRun, ProgramSummary]], translate: Translator) -> str:
    names = ("level", "outside-mean", "drift-max", "worst-tick-max", "cpu-mean", "cpu-max", "peak-memory-max")
    rows = [
        (
            run_name(run),
            mean(programs.outside),
            maximum(programs.drift),
            maximum(programs.worst_tick),
            mean(programs.cpu),
            maximum(programs.cpu),
            _mib(programs.peak_memory_kib),
        )
        for run, programs in speaking
    ]
    return table([translate(f"column.{name}") for name in names], rows, text_columns=0)


def _mib(peak_kib: Summary) -> str:
    largest = peak_kib.maximum.latest
    return NOT_MEASURED if not peak_kib.count or largest is None else f"{largest / 1024:,.1f} MiB"


def event_section(runs: Runs, translate: Translator) -> Iterator[str]:
    """How events came."""
    told = [(run, run.result.events) for run in runs if run.result.events is not None]
    if not told:
        return
    yield f"### {translate('report.events')}"
    yield translate("report.events.text")
    names = ("level", "events", "events-doubled", "events-disordered", "mean", "median", "maximum")
    rows = [
        (
            run_name(run),
            count(events.events),
            count(events.duplicates),
            count(events.disordered),
            mean(events.delay),
            percentile(events.delay, 50, translate),
            maximum(events.delay),
        )
        for run, events in told
    ]
    yield table([translate(f"column.{name}") for name in names], rows, text_columns=0)


def insights_section(runs: Runs, translate: Translator) -> Iterator[str]:
    """What Container Insights says was used."""
    uses = [(run, use) for run in runs for use in run.result.container_insights or ()]
    if not uses:
        return
    yield f"### {translate('report.insights')}"
    yield translate("report.insights.text")
    names = ("level", "cluster", "minutes", "cpu-used-mean", "cpu-used-max", "memory-used-mean", "memory-used-max")
    rows = [(run_name(run), code(use.cluster), *_use(use, translate)) for run, use in uses]
    yield table([translate(f"column.{name}") for name in names], rows, text_columns=2)


def _use(use: ClusterUse, translate: Translator) -> Iterator[str]:
    if use.error is not None:
        yield translate("cell.unreadable", error=code(use.error))
    else:
        yield count(use.minutes) if use.minutes else translate("cell.no-metrics")
    for units in (use.cpu_units_mean, use.cpu_units_max):
        yield NOT_MEASURED if units is None else f"{units / 1024:.2f} vCPU"
    for mib in (use.memory_mib_mean, use.memory_mib_max):
        yield NOT_MEASURED if mib is None else f"{mib:,.0f} MiB"


def split_samples(tasks: TaskSummary | None) -> Iterator[tuple[str, Summary]]:
    """The steps of start-up with their statistics, where anything is known of them."""
    if tasks is None:
        return
    for step, pick in SPLIT.items():
        if pick(tasks).count:
            yield step, pick(tasks)
