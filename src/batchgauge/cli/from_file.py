"""``--scenario FILE``: a file stands in for flags; a flag that is given as well is stronger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from batchgauge import bootstrap
from batchgauge.cli.language import prefer_language
from batchgauge.cli.localised import LocalisedOption


def _take(context: click.Context, _parameter: click.Parameter, path: Path | None) -> Path | None:
    """Let the file's values be the flags' defaults; click then checks them like any other."""
    if path is None:
        return None
    from batchgauge.core.sweeps.scenario_file import options_of

    by_flag = options_of(bootstrap.read_scenario_file(path))
    prefer_language(by_flag.get("--lang"))
    defaults: dict[str, Any] = {}
    for parameter in context.command.params:
        for flag in parameter.opts:
            if flag in by_flag and parameter.name is not None:
                defaults[parameter.name] = by_flag[flag]
    context.default_map = defaults
    return path


SCENARIO_OPTIONS = (
    click.option(
        "--scenario",
        cls=LocalisedOption,
        type=click.Path(path_type=Path),
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_take,
    ),
)
