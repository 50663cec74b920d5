"""What is said to the person: on stderr, so that stdout stays data."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from batchgauge.cli.language import current_translator

if TYPE_CHECKING:
    from rich.console import RenderableType

UNLIMITED_WIDTH = 200


def say(text: str) -> None:
    """A line of talk."""
    click.echo(text, err=True)


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


def print_table(table: RenderableType) -> None:
    """A table on stdout: as wide as the terminal, or as wide as it needs to be elsewhere."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else UNLIMITED_WIDTH
    Console(file=sys.stdout, highlight=False, width=width).print(table)
