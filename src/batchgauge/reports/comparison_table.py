"""A comparison for the terminal."""

from __future__ import annotations

from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from batchgauge.core.analysis.comparison import Comparison, Direction, LevelComparison
from batchgauge.messages import Translator
from batchgauge.reports.comparison_words import (
    COLUMNS,
    cells,
    condition_lines,
    left_out,
    level_title,
    rule_lines,
    summary_lines,
)

STYLES: Final = {Direction.WORSE: "bold red", Direction.BETTER: "green"}


def comparison_table(comparison: Comparison, translate: Translator) -> Table:
    """Conditions first, then a table a level, then the rules."""
    whole = Table.grid(padding=(0, 0, 1, 0))
    whole.add_column(overflow="fold")
    whole.add_row(_lines(translate("compare.conditions"), condition_lines(comparison, translate)))
    whole.add_row(_lines(translate("compare.summary"), summary_lines(comparison, translate)))
    for level in comparison.levels:
        whole.add_row(_level(level, translate))
    for line in left_out(comparison, translate):
        whole.add_row(Text(line))
    if comparison.rules:
        whole.add_row(_lines(translate("compare.rules"), rule_lines(comparison, translate)))
    return whole


def _lines(title: str, lines: list[str]) -> Table:
    shown = Table.grid()
    shown.add_column(overflow="fold")
    shown.add_row(Text(title, style="bold"))
    for line in lines:
        shown.add_row(Text(f"  {line}"))
    return shown


def _level(level: LevelComparison, translate: Translator) -> Table:
    shown = Table(
        title=Text(level_title(level, translate)),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in COLUMNS:
        is_text = column in ("statistic", "verdict")
        shown.add_column(
            Text(translate(f"compare.column.{column}")),
            justify="left" if is_text else "right",
            overflow="fold",
            # A narrow terminal wraps the numbers: of names that are cut off one looks like another.
            no_wrap=column == "statistic",
        )
    for change in level.changes:
        style = STYLES.get(change.direction, "")
        *first, last = cells(change, translate, change.statistic)
        shown.add_row(*map(Text, first), Text(last, style=style))
    return shown
