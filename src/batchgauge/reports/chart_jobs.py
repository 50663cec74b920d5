"""Panels on what the jobs went through: phases, start-up, concurrency over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, NullFormatter

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.bound import Bound
from batchgauge.core.columns.concurrency import running_of
from batchgauge.core.levels import LevelSummary, running_over_time
from batchgauge.messages import Translator
from batchgauge.reports.chart_style import (
    BLUE,
    GREEN,
    GREY,
    MAX_LABELLED,
    ORANGE,
    VERMILLION,
    from_zero,
    legend_below,
    level_axis,
    level_colours,
    level_names,
    plain_numbers,
    scale_axis,
    unit_of,
)
from batchgauge.reports.chart_submission import MAX_LINES, evenly_chosen
from batchgauge.reports.page_curves import steps_of
from batchgauge.reports.quantities import duration

BAR_WIDTH: Final = 0.62


def draw_phases(axes: Axes, runs: Sequence[AnalysedRun], translate: Translator) -> bool:
    """The mean job's time by phase. What cannot be told to be queueing or start-up is drawn as such."""
    bars = {position: _phase_ends(run.summary) for position, run in enumerate(runs)}
    known = {position: ends for position, ends in bars.items() if ends is not None and ends[-1] > 0}
    if not known:
        return False
    factor, unit = unit_of([ends[-1] for ends in known.values()])
    styles = (("queue", ORANGE, ""), ("either", "#F3D9A4", "///"), ("start-up", BLUE, ""), ("run", GREEN, ""))
    for part, (name, colour, hatch) in enumerate(styles):
        begins = [ends[part - 1] / factor if part else 0.0 for ends in known.values()]
        heights = [ends[part] / factor - begin for ends, begin in zip(known.values(), begins, strict=True)]
        if not any(height > 0 for height in heights):
            continue
        axes.bar(
            list(known),
            heights,
            BAR_WIDTH,
            begins,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.5,
            label=translate(f"chart.phases.{name}"),
        )
    for position, ends in known.items() if len(runs) <= MAX_LABELLED else ():
        total = _total(runs[position].summary, ends[-1])
        axes.annotate(
            duration(total),
            (position, ends[-1] / factor),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            fontsize=10,
        )
    axes.margins(y=0.12)
    from_zero(axes, "y")
    axes.set_ylabel(translate("chart.phases.axis", unit=unit))
    level_axis(axes, runs, translate("chart.level"))
    legend_below(axes)
    return True


def draw_start_up(axes: Axes, runs: Sequence[AnalysedRun], translate: Translator) -> bool:
    """Mean queueing and start-up time with their bounds, and their exact sum."""
    series = {
        "queue": (ORANGE, "o", -0.2, [run.summary.queue for run in runs]),
        "start-up": (BLUE, "s", 0.0, [run.summary.start_up for run in runs]),
        "wait": (GREY, "D", 0.2, [run.summary.wait for run in runs]),
    }
    means = [sample.mean for _, _, _, samples in series.values() for sample in samples if sample is not None]
    ends = [end for mean in means for end in (mean.earliest, mean.latest) if end is not None]
    if not ends:
        return False
    factor, unit = unit_of(ends)
    for name, (colour, marker, offset, samples) in series.items():
        axes.plot([], [], color=colour, marker=marker, linewidth=5, alpha=0.8, label=translate(f"phase.{name}"))
        for position, sample in enumerate(samples):
            if sample is not None:
                _draw_bound(axes, position + offset, sample.mean, factor, {"color": colour, "marker": marker})
    if any(mean.earliest is not None and mean.latest is None for mean in means):
        axes.plot([], [], color=GREY, marker="^", markersize=10, linewidth=0, label=translate("chart.at-least"))
    scale_axis(axes, "y", [end / factor for end in ends])
    axes.set_ylabel(translate("chart.start-up.axis", unit=unit))
    level_axis(axes, runs, translate("chart.level"))
    legend_below(axes)
    return True


def draw_running(axes: Axes, runs: Sequence[AnalysedRun], translate: Translator) -> bool:
    """How many jobs ran at each moment, with what the compute environments hold."""
    colours, names = level_colours(runs), level_names(runs)
    series = {position: _running(run) for position, run in enumerate(runs)}
    drawn = [position for position, (times, _) in series.items() if times]
    if not drawn:
        return False
    factor, unit = unit_of([series[position][0][-1] for position in drawn])
    for position in evenly_chosen(drawn, MAX_LINES):
        times, running = series[position]
        label = translate("chart.level-line", level=names[position])
        axes.step(
            [time / factor for time in times],
            running,
            where="post",
            color=colours[position],
            linewidth=1.8,
            label=label,
        )
    for jobs in sorted({runs[position].summary.capacity_jobs for position in drawn} - {None}, key=str):
        label = translate("chart.capacity", jobs=f"{jobs:,}")
        axes.axhline(jobs or 0, color=VERMILLION, linestyle="--", linewidth=1.5, label=label)
    peaks = [float(max(series[position][1])) for position in drawn]
    if max(peaks) > 100 * min(peaks):
        axes.set_yscale("symlog", linthresh=10)
        axes.yaxis.set_major_formatter(plain_numbers())
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(y=0.1)
    from_zero(axes, "x")
    from_zero(axes, "y")
    axes.set_xlabel(translate("chart.running.time", unit=unit))
    axes.set_ylabel(translate("chart.running.axis"))
    legend_below(axes)
    return True


def _phase_ends(summary: LevelSummary) -> tuple[float, float, float, float] | None:
    """Where queueing surely ends, where start-up surely begins, where the run begins and where it ends (means, milliseconds)."""
    if summary.wait is None or summary.wait.mean.earliest is None:
        return None
    wait = summary.wait.mean.earliest
    queue = summary.queue.mean if summary.queue is not None else Bound(None, None)
    surely_queue = min(wait, max(0.0, queue.earliest or 0.0))
    perhaps_queue = wait if queue.latest is None else min(wait, max(surely_queue, queue.latest))
    run = summary.run.mean.earliest if summary.run is not None else None
    return surely_queue, perhaps_queue, wait, wait + max(0.0, run or 0.0)


def _total(summary: LevelSummary, until_ms: float) -> Bound:
    samples = [sample for sample in (summary.wait, summary.run) if sample is not None]
    return Bound(until_ms, None if any(sample.censored for sample in samples) else until_ms)


def _draw_bound(axes: Axes, place: float, value: Bound, factor: float, style: Mapping[str, Any]) -> None:
    ends = [end / factor for end in (value.earliest, value.latest) if end is not None]
    colour = style["color"]
    if value.is_exact:
        axes.plot([place], ends[:1], markersize=7, **style)
    elif value.earliest is not None and value.latest is not None:
        axes.plot([place, place], ends, color=colour, linewidth=5, alpha=0.6, solid_capstyle="butt")
        axes.plot([place, place], ends, color=colour, marker="_", markersize=12, linewidth=0)
    elif value.earliest is not None:
        axes.plot([place], ends, color=colour, marker="^", markersize=10)


def _running(run: AnalysedRun) -> tuple[list[float], list[int]]:
    if run.table is not None:
        steps = steps_of(running_of(run.table, run.result.clock), float(np.nanmin(run.table.numbers["created_ms"])))
        return ([], []) if steps is None else ([0.0, *steps["times"]], [0, *(int(held) for held in steps["surely"])])
    created = [
        job.instants.created_ms
        for job in run.result.jobs
        if job.instants is not None and job.instants.created_ms is not None
    ]
    series = running_over_time(job for job in run.result.jobs if job.is_accepted)
    if not created or not series.times_ms:
        return [], []
    first = min(created)
    return [0.0, *(time - first for time in series.times_ms)], [0, *series.running]
