"""Commands whose help is in the user's language: texts are found by the names of command and flag."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from batchgauge.cli.help_layout import HelpContext
from batchgauge.cli.language import current_translator
from batchgauge.cli.place import remember_place

F = TypeVar("F", bound=Callable[..., Any])


class LocalisedOption(click.Option):
    """An option whose help is ``cli.option.<flag>``, or the code that `help` gives."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The flag and its help, translated now."""
        code = self.help or f"cli.option.{self.opts[-1].lstrip('-')}"
        original, self.help = self.help, current_translator()(code)
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = original


class LocalisedCommand(click.Command):
    """A command whose help is ``cli.<name>.help``."""

    context_class = HelpContext

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's help, translated now."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(current_translator()(f"cli.{self.name}.help"))

    def invoke(self, ctx: click.Context) -> Any:
        """Call it, and keep for what is said of an error which AWS it was to ask."""
        remember_place(ctx.params)
        return super().invoke(ctx)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """``--help`` itself."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = current_translator()("cli.option.help")
        return option


class LocalisedGroup(LocalisedCommand, click.Group):
    """The group, its help and its commands' in the user's language."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A line a command."""
        translate = current_translator()
        with formatter.section(translate("cli.commands")):
            formatter.write_dl([(name, translate(f"cli.{name}.short")) for name in self.commands])


def option(*flags: str, **settings: Any) -> Callable[[F], F]:
    """`click.option` with a localised help; defaults are shown."""
    settings.setdefault("show_default", settings.get("default") not in (None, (), False))
    return click.option(*flags, cls=LocalisedOption, **settings)
