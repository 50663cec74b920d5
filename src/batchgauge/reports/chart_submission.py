"""Panels on submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.bound import Bound
from batchgauge.core.findings.table_facts import accepted_since_ms, submit_durations_ms
from batchgauge.messages import Translator
from batchgauge.reports.chart_style import (
    BLACK,
    SKY,
    VERMILLION,
    legend_below,
    level_axis,
    level_colours,
    level_names,
    scale_axis,
    unit_of,
)

MAX_POINTS: Final = 400
"""Jobs of a level that are drawn: every k-th of them in the order of their times, the fastest and the slowest always."""
GOLDEN: Final = 0.6180339887498949
"""Multiples of it, modulo 1, spread points evenly without chance."""
MAX_LINES: Final = 10
FEW_LINES: Final = 5
MAX_STEPS: Final = 5_000
"""Of a line: a picture is some 700 points wide."""
MEAN_STYLE: Final[Mapping[str, Any]] = {"marker": "D", "color": BLACK, "s": 45}
P95_STYLE: Final[Mapping[str, Any]] = {"marker": "_", "color": VERMILLION, "s": 300, "linewidths": 3}


def draw_submit_times(axes: Axes, runs: Sequence[AnalysedRun], translate: Translator) -> bool:
    """Sent → answered of each job, with mean and 95th percentile, against the level."""
    samples = [_submit_times_ms(run) for run in runs]
    everything = [value for sample in samples for value in sample]
    if not everything:
        return False
    factor, unit = unit_of(everything)
    for position, (run, sample) in enumerate(zip(runs, samples, strict=True)):
        shown = _thinned(sorted(sample))
        places = [position + 0.5 * ((index * GOLDEN) % 1 - 0.5) for index in range(len(shown))]
        label = translate("chart.job") if position == 0 else None
        axes.scatter(places, [value / factor for value in shown], s=14, color=SKY, alpha=0.6, linewidths=0, label=label)
        _mark(axes, position, run.summary.submit.mean, factor, MEAN_STYLE)
        _mark(axes, position, run.summary.submit.percentile(95), factor, P95_STYLE)
    axes.scatter([], [], **MEAN_STYLE, label=translate("chart.mean"))
    if any(run.summary.submit.percentile(95) is not None for run in runs):
        axes.scatter([], [], **P95_STYLE, label=translate("chart.p95"))
    scale_axis(axes, "y", [value / factor for value in everything])
    axes.set_ylabel(translate("chart.submit.axis", unit=unit))
    level_axis(axes, runs, translate("chart.level"))
    axes.legend(loc="best")
    return True


def draw_accepted(axes: Axes, runs: Sequence[AnalysedRun], translate: Translator) -> bool:
    """How many jobs AWS had accepted, over the time since the first was meant to go out."""
    series = [_accepted_ms(run) for run in runs]
    drawn = [position for position, times in enumerate(series) if times]
    if not drawn:
        return False
    # They ascend.
    ends = [value for position in drawn for value in (series[position][0], series[position][-1])]
    factor, unit = unit_of(ends)
    colours, names = level_colours(runs), level_names(runs)
    for position in evenly_chosen(drawn, MAX_LINES):
        every = max(1, len(series[position]) // MAX_STEPS)
        counts = [*range(1, len(series[position]), every), len(series[position])]
        times = [series[position][count - 1] / factor for count in counts]
        axes.step(
            times,
            counts,
            where="post",
            color=colours[position],
            linewidth=2,
            marker="o" if len(times) <= 50 else None,
            markersize=4,
            label=translate("chart.level-line", level=names[position]),
        )
    scale_axis(axes, "x", [value / factor for value in ends])
    scale_axis(axes, "y", [float(len(series[position])) for position in drawn], is_count=True)
    axes.set_xlabel(translate("chart.accepted.time", unit=unit))
    axes.set_ylabel(translate("chart.accepted.axis"))
    if len(drawn) > FEW_LINES:
        # So many names would cover the lines.
        legend_below(axes)
    else:
        axes.legend(loc="best")
    return True


def evenly_chosen(positions: Sequence[int], most: int) -> Sequence[int]:
    """At most so many of them, the first and the last always."""
    if len(positions) <= most:
        return positions
    return sorted({positions[round(index * (len(positions) - 1) / (most - 1))] for index in range(most)})


def _submit_times_ms(run: AnalysedRun) -> Sequence[float]:
    if run.table is not None:
        return _thinned(np.sort(submit_durations_ms(run.table)).tolist())
    jobs = [job for job in run.result.jobs if job.is_accepted and job.has_own_submission]
    return [job.submit_duration * 1000 for job in jobs if job.submit_duration is not None]


def _accepted_ms(run: AnalysedRun) -> list[float]:
    if run.table is not None:
        return accepted_since_ms(run.table).tolist()  # type: ignore[no-any-return]
    known = [
        job.instants for job in run.result.jobs if job.instants is not None and job.instants.accepted_ms is not None
    ]
    begins = [instants.intended_ms if instants.intended_ms is not None else instants.sent_ms for instants in known]
    first = min((begin for begin in begins if begin is not None), default=None)
    if first is None:
        return []
    return sorted(instants.accepted_ms - first for instants in known if instants.accepted_ms is not None)


def _thinned(ordered: Sequence[float]) -> Sequence[float]:
    if len(ordered) <= MAX_POINTS:
        return ordered
    return [ordered[round(index * (len(ordered) - 1) / (MAX_POINTS - 1))] for index in range(MAX_POINTS)]


def _mark(axes: Axes, position: int, value: Bound | None, factor: float, style: Mapping[str, Any]) -> None:
    if value is not None and value.earliest is not None:
        axes.scatter([position], [value.earliest / factor], zorder=4, **style)
