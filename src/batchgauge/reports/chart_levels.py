"""Panels with one value a level: outcomes, throughput, limits."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from matplotlib.axes import Axes

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.findings.rules import most_surely_held
from batchgauge.core.findings.scaling_law import SEED, FoundLaw, pace_of_run, scaling_law
from batchgauge.core.levels import LevelSummary
from batchgauge.messages import Translator
from batchgauge.reports.chart_style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    MAX_LABELLED,
    ORANGE,
    SKY,
    VERMILLION,
    YELLOW,
    apart,
    legend_below,
    level_axis,
    scale_axis,
)
from batchgauge.reports.quantities import percents
from batchgauge.reports.statistics import submitted_so_far, success_so_far

OUTCOMES: dict[str, tuple[str, str, Callable[[LevelSummary], int]]] = {
    "succeeded": (GREEN, "", lambda summary: summary.succeeded),
    "accepted": (SKY, "", lambda summary: 0 if summary.is_monitored else summary.unfinished),
    "unfinished": (YELLOW, "..", lambda summary: summary.unfinished if summary.is_monitored else 0),
    "failed": (VERMILLION, "//", lambda summary: summary.failed),
    "unanswered": (GREY, "\\\\", lambda summary: summary.unanswered),
    "refused": (BLACK, "xx", lambda summary: summary.surely_refused),
}
"""Colour, hatching (for prints without colour) and number."""


def draw_outcomes(axes: Axes, runs: Sequence[AnalysedRun], translate: Translator) -> bool:
    """What became of the jobs of each level, as parts of all."""
    positions = range(len(runs))
    bottoms = [0.0] * len(runs)
    for name, (colour, hatch, number) in OUTCOMES.items():
        shares = [100 * number(run.summary) / max(1, run.summary.accepted + run.summary.refused) for run in runs]
        if not any(shares):
            continue
        label = translate(f"chart.outcome.{name}")
        axes.bar(
            positions, shares, 0.62, bottoms, color=colour, hatch=hatch, edgecolor="white", linewidth=0.5, label=label
        )
        bottoms = [bottom + share for bottom, share in zip(bottoms, shares, strict=True)]
    for position, run in zip(positions, runs, strict=True) if len(runs) <= MAX_LABELLED else ():
        success = success_so_far(run.summary) if run.summary.is_monitored else submitted_so_far(run.summary)
        axes.text(position, 102, percents(success), ha="center", va="bottom", fontsize=10)
    axes.set_ylim(0, 112)
    axes.set_yticks([0, 20, 40, 60, 80, 100])
    axes.set_ylabel(translate("chart.outcome.axis"))
    level_axis(axes, runs, translate("chart.level"))
    legend_below(axes)
    return True


def draw_throughput(axes: Axes, runs: Sequence[AnalysedRun], translate: Translator) -> bool:
    """Jobs submitted and completed per second."""
    lines = {
        "submitted": (BLUE, "o", 8, [run.summary.submissions_per_s for run in runs]),
        "completed": (ORANGE, "s", -16, [run.summary.jobs_per_s for run in runs]),
    }
    is_one = len({run.variant for run in runs}) < 2  # a law over variants would be one over other jobs
    law = scaling_law(Analysis(runs=tuple(runs)), random.Random(SEED)) if is_one else None  # noqa: S311  (resampling, not a secret)
    paces = [pace_of_run(run) for run in runs] if isinstance(law, FoundLaw) else []
    values = [value for *_, line in lines.values() for value in line if value is not None]
    values += [pace for pace in paces if pace is not None]
    if not values:
        return False
    for name, (colour, marker, offset, line) in lines.items():
        points = [(position, value) for position, value in enumerate(line) if value is not None]
        if not points:
            continue
        label = translate(f"chart.throughput.{name}")
        axes.plot(
            *zip(*apart(points, runs), strict=True),
            color=colour,
            marker=marker,
            markersize=7,
            linewidth=1.5,
            label=label,
        )
        for position, value in points if len(runs) <= MAX_LABELLED else []:
            axes.annotate(
                f"{value:.3g}" if value < 1000 else f"{value:,.0f}",
                (position, value),
                xytext=(0, offset),
                textcoords="offset points",
                ha="center",
                fontsize=9,
                color=colour,
            )
    if isinstance(law, FoundLaw):
        _draw_law(axes, runs, law, paces, translate)
    axes.margins(y=0.2)
    scale_axis(axes, "y", values)
    axes.set_ylabel(translate("chart.throughput.axis"))
    level_axis(axes, runs, translate("chart.level"))
    legend_below(axes)
    return True


def _draw_law(
    axes: Axes, runs: Sequence[AnalysedRun], law: FoundLaw, paces: Sequence[float | None], translate: Translator
) -> None:
    """The pace while most ran at once: as measured, and by the law."""
    points = [(place, pace) for place, pace in enumerate(paces) if pace is not None]
    axes.plot(
        *zip(*points, strict=True),
        color=GREEN,
        marker="D",
        markersize=6,
        markerfacecolor="white",
        linestyle="",
        label=translate("chart.throughput.pace"),
    )
    name = translate(f"scaling.name.{law.scaling.law}")
    axes.plot(
        range(len(runs)),
        [law.scaling.at(run.summary.level) for run in runs],
        color=GREEN,
        linestyle="--",
        linewidth=1.5,
        label=translate("chart.throughput.law", law=name),
    )


def draw_limits(axes: Axes, runs: Sequence[AnalysedRun], translate: Translator) -> bool:
    """How many jobs ran at once, against how many were asked for and how many fit; with the calls that were throttled."""
    reached = [
        (place, run.summary.max_running) for place, run in enumerate(runs) if run.summary.max_running is not None
    ]
    held = [(place, most_surely_held(runs[place])) for place, _ in reached]
    capacity = [
        (place, run.summary.capacity_jobs) for place, run in enumerate(runs) if run.summary.capacity_jobs is not None
    ]
    if not reached:
        return False
    asked = [run.summary.level for run in runs]
    axes.plot(
        *zip(*apart(list(enumerate(asked)), runs), strict=True),
        color=GREY,
        marker="o",
        markersize=13,
        markerfacecolor="white",
        label=translate("chart.limits.asked"),
    )
    for place, jobs in capacity:
        label = translate("chart.capacities") if place == capacity[0][0] else None
        axes.plot(
            [place - 0.35, place + 0.35], [jobs, jobs], color=VERMILLION, linestyle="--", linewidth=2, label=label
        )
    axes.plot(
        *zip(*apart(held, runs), strict=True),
        color=BLUE,
        marker="D",
        markersize=8,
        linewidth=2,
        label=translate("chart.limits.held"),
    )
    if held != reached:
        # A place is held from STARTING on: jobs shorter than their start-up never run all at once, and fill the house none the less.
        axes.plot(
            *zip(*apart(reached, runs), strict=True),
            color=GREEN,
            marker="o",
            markersize=5,
            linewidth=1.5,
            linestyle=":",
            label=translate("chart.limits.reached"),
        )
    for place, jobs in held if len(runs) <= MAX_LABELLED else ():
        axes.annotate(f"{jobs:,}", (place, jobs), xytext=(11, -13), textcoords="offset points", ha="left", color=BLUE)
    _draw_throttles(axes, runs, translate)
    axes.margins(y=0.25)
    scale_axis(
        axes,
        "y",
        [float(value) for value in (*asked, *(jobs for _, jobs in (*reached, *held, *capacity)))],
        is_count=True,
    )
    axes.set_ylabel(translate("chart.limits.axis"))
    level_axis(axes, runs, translate("chart.level"))
    legend_below(axes)
    return True


def _draw_throttles(axes: Axes, runs: Sequence[AnalysedRun], translate: Translator) -> None:
    """Above each level, at the panel's upper edge, where no line is."""
    throttled = {place: run.summary.throttles for place, run in enumerate(runs) if run.summary.throttles}
    for place, calls in throttled.items():
        axes.text(
            place, 0.99, f"{calls:,}", color=VERMILLION, ha="center", va="top", transform=axes.get_xaxis_transform()
        )
    if throttled:
        axes.scatter([], [], color=VERMILLION, marker="s", s=50, label=translate("chart.limits.throttled"))
