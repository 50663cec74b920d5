"""``performance-charts.png``: eight panels, two for each of the questions that a measurement of concurrency answers."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.messages import Language, Translator, plain, translator
from batchgauge.reports.chart_jobs import draw_phases, draw_running, draw_start_up
from batchgauge.reports.chart_levels import draw_limits, draw_outcomes, draw_throughput
from batchgauge.reports.chart_style import GREY, japanese_font, settings
from batchgauge.reports.chart_submission import draw_accepted, draw_submit_times

Draw = Callable[[Axes, tuple[AnalysedRun, ...], Translator], bool]
"""Draws a panel; False where no run carries what it shows."""

PANELS: Final[dict[str, Draw]] = {
    "submit": draw_submit_times,
    "accepted": draw_accepted,
    "outcome": draw_outcomes,
    "throughput": draw_throughput,
    "phases": draw_phases,
    "start-up": draw_start_up,
    "running": draw_running,
    "limits": draw_limits,
}
COLUMNS: Final = 2
PANEL_WIDTH_IN: Final = 7.2
PANEL_HEIGHT_IN: Final = 4.3
HEADER_IN: Final = 1.0
MAX_NAME: Final = 60


def has_font_for(language: Language) -> bool:
    """Whether labels can be drawn in this language."""
    return language != "ja" or japanese_font() is not None


def performance_charts(analysis: Analysis, translate: Translator) -> bytes:
    """A PNG. Its labels are in English, and say why, where the Japanese font is missing."""
    words = translate if has_font_for(translate.language) else translator("en")
    rows = -(-len(PANELS) // COLUMNS)
    with mpl.rc_context(dict(settings(words.language))):
        figure = Figure(figsize=(COLUMNS * PANEL_WIDTH_IN, rows * PANEL_HEIGHT_IN + HEADER_IN), layout="constrained")
        FigureCanvasAgg(figure)
        figure.get_layout_engine().set(w_pad=0.15, h_pad=0.15, wspace=0.03, hspace=0.04)  # type: ignore[union-attr,call-arg]
        for axes, (name, draw) in zip(figure.subplots(rows, COLUMNS).flat, PANELS.items(), strict=True):
            axes.set_title(words(f"chart.{name}.title"))
            if not draw(axes, analysis.runs, words):
                _leave_empty(axes, words)
        _head(figure, analysis, words, is_font_missing=words is not translate)
        picture = io.BytesIO()
        figure.savefig(picture, format="png", facecolor="white", metadata={"Software": "batchgauge"})
    return picture.getvalue()


def _leave_empty(axes: Axes, translate: Translator) -> None:
    axes.set_axis_off()
    axes.text(0.5, 0.5, translate("chart.not-measured"), ha="center", va="center", color=GREY, transform=axes.transAxes)


def _head(figure: Figure, analysis: Analysis, translate: Translator, *, is_font_missing: bool) -> None:
    queues = _names({run.result.job_queue for run in analysis.runs})
    definitions = _names({run.result.job_definition for run in analysis.runs})
    lines = [translate("chart.title", queue=queues, definition=definitions)]
    scales = {
        run.result.environment.time_scale
        for run in analysis.runs
        if run.result.environment is not None and run.result.environment.is_local
    }
    if scales:
        shown = ", ".join(f"{scale:g}" for scale in sorted(scale for scale in scales if scale is not None))
        lines.append(translate("chart.embedded", scale=shown or "1"))
    if is_font_missing:
        lines.append(translate("chart.no-font"))
    figure.suptitle("\n".join(lines), fontsize=15, linespacing=1.5)


def _names(names: set[str]) -> str:
    text = plain(", ".join(sorted(names)))
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…"
