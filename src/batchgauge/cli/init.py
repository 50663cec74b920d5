"""``batchgauge init``: a commented scenario file to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import with_options
from batchgauge.cli.talk import say
from batchgauge.errors import FileExistsAlreadyError

DEFAULT_FILE: Final = "scenario.yaml"
SCHEMA_FILE: Final = "batchgauge-scenario.schema.json"

OPTIONS = (
    option("--force", is_flag=True, help="cli.option.init-force"),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.command("init", cls=LocalisedCommand)
@click.argument("file", metavar="[FILE]", type=click.Path(path_type=Path), default=Path(DEFAULT_FILE))
@with_options(OPTIONS)
def init(file: Path, **given: Any) -> None:
    """Write a scenario file with a comment for each field."""
    from batchgauge.reports.scenario_template import scenario_schema, scenario_template

    translate = current_translator()
    if file.exists() and not given["force"]:
        raise FileExistsAlreadyError(path=str(file))
    schema = file.parent / SCHEMA_FILE
    bootstrap.write_file("FILE", file, scenario_template(translate, SCHEMA_FILE).encode())
    bootstrap.write_file("FILE", schema, scenario_schema(translate))
    say(translate("cli.init.written", path=file))
    say(translate("cli.init.schema", path=schema))
    say(translate("cli.init.next", command=f"batchgauge sweep --scenario {file}"))
