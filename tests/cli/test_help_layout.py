"""``--help`` in both languages keeps to the terminal's width, counted in columns."""

from __future__ import annotations

from importlib import import_module

import click
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from batchgauge.cli.language import use_language_of
from batchgauge.cli.main import COMMANDS, cli


def paths(name: str) -> list[list[str]]:
    """The command and all below it."""
    module, attribute = COMMANDS[name].split(":")
    command = getattr(import_module(module), attribute)
    below = list(command.commands) if isinstance(command, click.Group) else []
    return [[name], *([name, each] for each in below)]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_line_is_wider_than_80_columns(language: str) -> None:
    use_language_of(["--lang", language])
    try:
        for path in [[], *(path for name in COMMANDS for path in paths(name))]:
            shown = CliRunner().invoke(cli, [*path, "--help"], prog_name="batchgauge", terminal_width=78)
            assert shown.exit_code == 0, shown.output
            assert [line for line in shown.output.splitlines() if cell_len(line) > 80] == [], path
    finally:
        use_language_of(["--lang", "en"])
