"""Fonts, colours, axes and units that all panels share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from matplotlib import colormaps, font_manager, ticker
from matplotlib.axes import Axes

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.messages import Language
from batchgauge.reports.run_names import name_of, run_name

FONT_PACKAGE: Final = "matplotlib_fontja"
FONT_FILE: Final = "fonts/ipaexg.ttf"

# M. Okabe and K. Ito, "Color Universal Design", 2008: told apart with every common kind of colour vision.
BLUE: Final = "#0072B2"
SKY: Final = "#56B4E9"
GREEN: Final = "#009E73"
YELLOW: Final = "#F0E442"
ORANGE: Final = "#E69F00"
VERMILLION: Final = "#D55E00"
GREY: Final = "#8C8C8C"
BLACK: Final = "#222222"

LOG_FROM_RATIO: Final = 30.0
"""Values that differ by more than this share a logarithmic axis: on a linear one the small ones could not be seen."""
LOG_SMALLEST: Final = 1e-6
"""What is smaller than this is as good as zero in any unit of ours, and has no place on a logarithmic axis."""
MAX_TICKS: Final = 14
LEGEND_COLUMNS: Final = 5
LEGEND_LETTERS: Final = 72
"""So many, in all columns together, are as wide as a panel."""
WIDE_FROM: Final = "\u2e80"
"""Characters from here on are as wide as two letters."""
MAX_LABELLED: Final = 10
"""Beyond so many runs side by side the numbers above them would cover each other."""
MIN_PLACES: Final = 4
_UNITS: Final = ((7_200_000.0, 3_600_000.0, "h"), (300_000.0, 60_000.0, "min"), (1000.0, 1000.0, "s"))


def japanese_font() -> Path | None:
    """The font file inside `matplotlib-fontja`; the package itself is not imported, since that changes matplotlib for everybody."""
    found = find_spec(FONT_PACKAGE)
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / FONT_FILE
    return path if path.is_file() else None


def settings(language: Language) -> Mapping[str, Any]:
    """matplotlib's settings for one figure."""
    families = ["DejaVu Sans"]
    path = japanese_font() if language == "ja" else None
    if path is not None:
        font_manager.fontManager.addfont(path)
        # One font for all: two would set kana and Latin letters on different lines.
        families.insert(0, font_manager.FontProperties(fname=path).get_name())
    return {
        "font.family": families,
        "font.size": 11,
        "text.parse_math": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": False,
        "axes.titlesize": 13,
        "axes.titleweight": "normal",
        "axes.titlelocation": "left",
        "axes.titlepad": 12,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": "#E4E4E4",
        "legend.frameon": False,
        "legend.fontsize": 9.5,
        "figure.dpi": 100,
    }


def level_colours(runs: Sequence[AnalysedRun]) -> list[Any]:
    """From dark to light with the level; viridis is ordered in lightness too. Its palest end is left out: it cannot be seen on white."""
    steps = max(1, len(runs) - 1)
    return [colormaps["viridis"](0.85 * position / steps) for position in range(len(runs))]


def level_names(runs: Sequence[AnalysedRun]) -> list[str]:
    """The level of each run; repeats are numbered."""
    return [run_name(run) for run in runs]


def level_axis(axes: Axes, runs: Sequence[AnalysedRun], label: str) -> None:
    """Runs side by side, evenly spaced: levels may differ by thousands."""
    names = [_tick(run) for run in runs]
    step = max(1, math.ceil(len(names) / MAX_TICKS))
    axes.set_xticks(range(0, len(names), step), names[::step])
    # A single level is not drawn as wide as a whole panel.
    margin = 0.6 + max(0, MIN_PLACES - len(names)) / 2
    axes.set_xlim(-margin, len(names) - 1 + margin)
    axes.set_xlabel(label)


def _tick(run: AnalysedRun) -> str:
    """A variant's name below the level's: beside it there is no room."""
    name = name_of(run.summary.level, run.repeat)
    return name if run.variant is None else f"{name}\n{run.variant}"


def apart(points: Sequence[tuple[int, float]], runs: Sequence[AnalysedRun]) -> list[tuple[float, float]]:
    """Points of a line, with a gap where another variant begins: from one to the other nothing grows or falls."""
    drawn: list[tuple[float, float]] = []
    for position, value in points:
        if drawn and runs[int(drawn[-1][0])].variant != runs[position].variant:
            drawn.append((position - 0.5, math.nan))
        drawn.append((position, value))
    return drawn


def unit_of(milliseconds: Sequence[float]) -> tuple[float, str]:
    """(milliseconds of the unit, its symbol) that suits the largest of them."""
    largest = max((abs(value) for value in milliseconds), default=0.0)
    for threshold, factor, unit in _UNITS:
        if largest >= threshold:
            return factor, unit
    return 1.0, "ms"


def spread(values: Sequence[float]) -> float:
    """Largest over smallest of the positive ones; 1 for none."""
    positive = [value for value in values if value > 0]
    return max(positive) / min(positive) if positive else 1.0


def scale_axis(axes: Axes, which: str, values: Sequence[float], *, is_count: bool = False) -> None:
    """Linear from zero; logarithmic where the values differ too much and none is zero or below."""
    axis = getattr(axes, f"{which}axis")
    if spread(values) > LOG_FROM_RATIO and min(values) >= LOG_SMALLEST:
        getattr(axes, f"set_{which}scale")("log")
        axis.set_major_formatter(plain_numbers())
        axis.set_minor_formatter(ticker.NullFormatter())
        return
    if is_count:
        axis.set_major_locator(ticker.MaxNLocator(integer=True))
    if min(values, default=0) >= 0:
        from_zero(axes, which)
    axis.set_major_formatter(plain_numbers())


def from_zero(axes: Axes, which: str) -> None:
    """Let an axis begin at zero; one of nothing but zeros ends at one."""
    _, end = getattr(axes, f"get_{which}lim")()
    getattr(axes, f"set_{which}lim")(0, end if end > 0 else 1)


def plain_numbers() -> ticker.Formatter:
    """``1,000``, never powers of ten."""
    return ticker.FuncFormatter(lambda value, _: f"{value:,.10g}")


def legend_below(axes: Axes) -> None:
    """Below the panel, where it covers no data."""
    _, labels = axes.get_legend_handles_labels()
    widest = max((len(label) + sum(letter >= WIDE_FROM for letter in label) for label in labels), default=1)
    columns = max(1, min(LEGEND_COLUMNS, LEGEND_LETTERS // widest))
    has_two_lines = any("\n" in label.get_text() for label in axes.get_xticklabels())
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(0, -0.24 if has_two_lines else -0.16),
        ncols=columns,
        borderaxespad=0,
        columnspacing=1.4,
        handlelength=1.6,
    )
