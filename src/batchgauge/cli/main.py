"""The ``batchgauge`` command: finds the subcommand, and turns errors into ``error:`` and ``hint:`` lines."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Final, NoReturn

import click

from batchgauge import __version__
from batchgauge.cli.described import say_described_error
from batchgauge.cli.help_layout import HelpContext
from batchgauge.cli.language import current_translator, use_language_of
from batchgauge.cli.localised import LocalisedOption, option
from batchgauge.cli.streams import show_what_can_be_shown
from batchgauge.cli.talk import say_error
from batchgauge.errors import BatchgaugeError

COMMANDS: Final = {
    "run": "batchgauge.cli.run:run",
    "sweep": "batchgauge.cli.sweep:sweep",
    "observe": "batchgauge.cli.observe:observe",
    "init": "batchgauge.cli.init:init",
    "analyze": "batchgauge.cli.analyze:analyze",
    "compare": "batchgauge.cli.compare:compare",
    "runs": "batchgauge.cli.runs:runs",
    "status": "batchgauge.cli.status:status",
    "resume": "batchgauge.cli.resume:resume",
    "quickstart": "batchgauge.cli.quickstart:quickstart",
    "check": "batchgauge.cli.check:check",
    "explain": "batchgauge.cli.explain:explain",
    "prices": "batchgauge.cli.prices:prices",
    "job-definition": "batchgauge.cli.job_definition:job_definition",
    "image": "batchgauge.cli.image:image",
    "deploy": "batchgauge.cli.deploy:deploy",
    "policy": "batchgauge.cli.policy:print_policy",
    "cleanup": "batchgauge.cli.cleanup:cleanup",
    "remove-events": "batchgauge.cli.remove_events:remove_events",
    "local": "batchgauge.cli.local:local",
}
"""Imported when they are called: ``--help`` must not wait for the AWS client."""


class LateGroup(click.Group):
    """A group whose commands are imported when they are called."""

    context_class = HelpContext

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the tool is, in the user's language."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(current_translator()("cli.help"))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A line a command, without importing any."""
        translate = current_translator()
        with formatter.section(translate("cli.commands")):
            formatter.write_dl([(name, translate(f"cli.{name}.short")) for name in COMMANDS])


@click.group(cls=LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="batchgauge", cls=LocalisedOption, help="cli.option.version")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
def cli() -> None:
    """Measure what concurrency does to jobs on AWS Batch."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with the code that DESIGN's table gives."""
    given = sys.argv[1:] if arguments is None else arguments
    show_what_can_be_shown(sys.stdout, sys.stderr)
    use_language_of(given)
    try:
        code: Any = cli.main(args=given, prog_name="batchgauge", standalone_mode=False)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "batchgauge"
        say_error(error.format_message(), current_translator()("cli.see-help", command=command))
        code = 2
    except click.ClickException as error:
        say_error(error.format_message(), None)
        code = error.exit_code
    except BatchgaugeError as error:
        say_described_error(error, given)
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = 130
    except BrokenPipeError:
        # Whoever read our output has gone (``| head``): nothing is wrong, and nothing more can be said.
        sys.stderr.close()
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
