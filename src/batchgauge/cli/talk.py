"""What is said to the person: on stderr, so that stdout stays data."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

from batchgauge.cli.language import current_translator
from batchgauge.cli.streams import write_data
from batchgauge.core.harmless_json import harmless
from batchgauge.messages.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import Console, RenderableType

UNLIMITED_WIDTH = 200
BEGINNING_OF_AN_EMPTY_LINE = "\r\x1b[K"
"""Not a new line: a view that draws in place counts its lines."""


def say(text: str) -> None:
    """A line of talk, or several; whatever stands in them moves no cursor."""
    click.echo("\n".join(plain(line) for line in text.split("\n")), err=True)


def say_error(message: str, hint: str | None) -> None:
    """The two lines of an error."""
    say(f"{current_translator()('cli.error')}: {message}")
    say_hint(hint)


def say_hint(hint: str | None) -> None:
    """The remedy, where there is one."""
    if hint:
        say(f"{current_translator()('cli.hint')}: {hint}")


def say_warning(message: str) -> None:
    """A line of warning."""
    say(f"{current_translator()('cli.warning')}: {message}")


def wipe_echo() -> None:
    """At a terminal, what it showed of the key that was pressed (``^C``): what is said next begins a line."""
    if sys.stderr.isatty() and sys.platform != "win32" and os.environ.get("TERM", "dumb") != "dumb":
        click.echo(BEGINNING_OF_AN_EMPTY_LINE, err=True, nl=False)


def print_table(table: RenderableType) -> None:
    """A table on stdout: as wide as the terminal, or, elsewhere, as COLUMNS says or as wide as it needs to be."""
    _console().print(table)


def print_lines(make: Callable[[int], Iterable[RenderableType]], *, on_stderr: bool = False) -> None:
    """Lines, on stdout unless they are talk, as they are made for its width; those that are longer are not cut."""
    console = _console(sys.stderr if on_stderr else sys.stdout)
    for line in make(console.width):
        console.print(line, soft_wrap=True)


def _console(file: TextIO | None = None) -> Console:
    from rich.console import Console

    file = file or sys.stdout
    columns = os.environ.get("COLUMNS", "")
    elsewhere = int(columns) if columns.isdecimal() and int(columns) > 0 else UNLIMITED_WIDTH
    return Console(file=file, highlight=False, width=None if file.isatty() else elsewhere)


def print_json(value: object) -> None:
    """A value on stdout as indented JSON, in which nothing moves a terminal's cursor."""
    write_data(harmless(json.dumps(value, indent=2, ensure_ascii=False).encode()) + b"\n")
