"""``batchgauge runs``: what a results folder keeps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import with_options
from batchgauge.cli.talk import print_table, say, say_warning

OPTIONS = (
    option("--results", type=click.Path(path_type=Path), default=Path("test-results"), help="cli.option.runs-results"),
    option("--json", "as_json", is_flag=True, help="cli.option.runs-json"),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.command("runs", cls=LocalisedCommand)
@with_options(OPTIONS)
def runs(**given: Any) -> None:
    """List the runs that are kept."""
    translate = current_translator()
    kept = bootstrap.kept_runs(given["results"])
    if given["as_json"]:
        import msgspec

        from batchgauge.core.harmless_json import harmless

        document = msgspec.json.format(msgspec.json.encode({"runs": kept}), indent=2)
        sys.stdout.buffer.write(harmless(document) + b"\n")
        sys.stdout.buffer.flush()
    elif kept:
        from batchgauge.reports.runs_table import runs_table

        print_table(runs_table(kept, translate))
    else:
        say(translate("cli.runs.none", folder=given["results"]))
    for run in kept:
        if run.reason is not None:
            say_warning(translate("cli.runs.broken", run=run.run_id, reason=run.reason))
