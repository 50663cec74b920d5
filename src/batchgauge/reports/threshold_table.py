"""The verdicts on thresholds as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from batchgauge.core.thresholds.thresholds import ThresholdVerdict
from batchgauge.messages import Translator
from batchgauge.reports.threshold_words import Said

COLUMNS: Final = ("level", "threshold", "measured", "interval", "verdict")
STYLES: Final = {ThresholdVerdict.MET: "green", ThresholdVerdict.TOO_FEW_JOBS: "dim"}


def threshold_table(judged: Sequence[Said], translate: Translator) -> Table:
    """A row a threshold and level, its repeats together where the same is said of them."""
    shown = Table(
        title=Text(translate("threshold.title")),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in COLUMNS:
        is_number = column in ("level", "measured", "interval")
        title = Text(translate(f"threshold.column.{column}"))
        shown.add_column(title, justify="right" if is_number else "left", overflow="fold")
    for said in judged:
        style = STYLES.get(said.verdict, "bold red")
        cells = (said.short_names, said.threshold, said.measured, said.interval)
        shown.add_row(*map(Text, cells), Text(said.words, style=style))
    return shown
