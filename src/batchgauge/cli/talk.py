"""What is said to the person: on stderr, so that stdout stays data."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from batchgauge.cli.language import current_translator

if TYPE_CHECKING:
    from rich.console import Console


def say(text: str) -> None:
    """A line of talk."""
    print(text, file=sys.stderr, flush=True)


def say_error(message: str, hint: str | None) -> None:
    """The two lines of an error."""
    translate = current_translator()
    say(f"{translate('cli.error')}: {message}")
    if hint:
        say(f"{translate('cli.hint')}: {hint}")


def say_warning(message: str) -> None:
    """A line of warning."""
    say(f"{current_translator()('cli.warning')}: {message}")


def data_console() -> Console:
    """Where tables go: stdout, in its own width on a terminal, wide enough for any table elsewhere."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 200)
