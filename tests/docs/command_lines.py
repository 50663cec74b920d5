"""Command lines of documents and of our own output, parsed as the command parses them."""

from __future__ import annotations

import click

from batchgauge.cli.main import cli


def parse(arguments: list[str]) -> None:
    """Parse as the command does, without running anything.

    Raises:
        click.UsageError: no such command or flag, or a value that it does not take.
    """
    command: click.Command = cli
    context = click.Context(command, info_name="batchgauge")
    while isinstance(command, click.Group):
        _, found, arguments = command.resolve_command(context, arguments)
        assert found is not None
        command = found
    command.make_context(command.name, arguments, parent=context)
