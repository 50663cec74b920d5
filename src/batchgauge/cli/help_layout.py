"""Help for a terminal: Japanese letters are two columns wide, which click does not know."""

from __future__ import annotations

from collections.abc import Iterable

import click

AS_IT_STANDS = "\b\n"
"""Click's mark before lines that it is not to part anew."""


class HelpLayout(click.HelpFormatter):
    """Click's own, with texts of wide letters parted by columns."""

    def write_text(self, text: str) -> None:
        """A paragraph."""
        super().write_text(_parted(text, self.width - self.current_indent))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Flags or commands with their texts."""
        listed = list(rows)
        first = min(max((len(flag) for flag, _ in listed), default=0), col_max) + col_spacing
        room = max(self.width - first - 2, 10)
        super().write_dl([(flag, _parted(text, room)) for flag, text in listed], col_max, col_spacing)


class HelpContext(click.Context):
    """Where click takes the layout from."""

    formatter_class = HelpLayout


def _parted(text: str, width: int) -> str:
    if text.isascii():
        return text
    from batchgauge.reports.wrapping import wrapped

    return AS_IT_STANDS + "\n".join(wrapped(text, width))
