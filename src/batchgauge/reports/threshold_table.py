"""The verdicts on thresholds as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from batchgauge.core.thresholds import ThresholdVerdict
from batchgauge.messages import Translator
from batchgauge.reports.threshold_words import Judged, interval, measured, verdict

COLUMNS: Final = ("level", "threshold", "measured", "interval", "verdict")
STYLES: Final = {ThresholdVerdict.MET: "green", ThresholdVerdict.TOO_FEW_JOBS: "dim"}


def threshold_table(judged: Sequence[Judged], translate: Translator) -> Table:
    """A row a level and threshold."""
    shown = Table(
        title=Text(translate("threshold.title")), box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False, padding=0
    )
    for column in COLUMNS:
        is_number = column in ("level", "measured", "interval")
        shown.add_column(Text(translate(f"threshold.column.{column}")), justify="right" if is_number else "left")
    for name, result in judged:
        style = STYLES.get(result.verdict, "bold red")
        cells = (name, f"  {result.threshold}", measured(result), "  " + interval(result, translate))
        shown.add_row(*map(Text, cells), Text("  " + verdict(result, translate), style=style))
    return shown
