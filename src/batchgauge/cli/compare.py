"""``batchgauge compare``: two measurements side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from batchgauge import bootstrap
from batchgauge.cli.judging import THRESHOLD
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import with_options
from batchgauge.cli.talk import print_table, say, say_error, say_warning
from batchgauge.errors import FolderNotFoundError, NoResultsError, NothingInCommonError

if TYPE_CHECKING:
    from batchgauge.core.analysis.analysis import Analysis

OPTIONS = (
    option("--fail-if", "rules", multiple=True, metavar="TEXT"),
    option("--base-variant", metavar="NAME"),
    option("--new-variant", metavar="NAME"),
    option("--output", type=click.Path(path_type=Path), metavar="FILE", help="cli.option.compare-output"),
    option("--json", "as_json", is_flag=True, help="cli.option.compare-json"),
    option("--quiet", is_flag=True, help="cli.option.compare-quiet"),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.command("compare", cls=LocalisedCommand)
@click.argument("base", metavar="BASE", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path))
@with_options(OPTIONS)
@click.pass_context
def compare(context: click.Context, /, base: Path, new: Path, **given: Any) -> None:
    """Compare two measurements level by level."""
    from batchgauge.core.analysis.comparison import parse_fail_rule
    from batchgauge.core.analysis.variant_comparison import BASE_FLAG, NEW_FLAG, compare_variants, of_variant
    from batchgauge.reports.comparison_words import comparison_report

    translate = current_translator()
    rules = [parse_fail_rule(text) for text in given["rules"]]
    before = of_variant(_analysis(base, "BASE"), given["base_variant"], BASE_FLAG)
    after = of_variant(_analysis(new, "NEW"), given["new_variant"], NEW_FLAG)
    comparison = compare_variants(before, after, rules)
    if not comparison.levels:
        raise NothingInCommonError(
            base=", ".join(map(str, comparison.only_base)), new=", ".join(map(str, comparison.only_new))
        )
    if given["output"] is not None:
        text = comparison_report(
            comparison, (_name(base, given["base_variant"]), _name(new, given["new_variant"])), translate
        )
        bootstrap.write_file("--output", given["output"], text.encode())
    if given["as_json"]:
        import msgspec

        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(comparison), indent=2) + b"\n")
    elif not given["quiet"]:
        from batchgauge.reports.comparison_table import comparison_table

        print_table(comparison_table(comparison, translate))
        say(translate("compare.note"))
    for rule in comparison.failed:
        say_error(translate("compare.failed", rule=rule), None)
    context.exit(THRESHOLD if comparison.failed else 0)


def _name(path: Path, variant: str | None) -> str:
    return str(path) if variant is None else f"{path} ({variant})"


def _analysis(path: Path, argument: str) -> Analysis:
    from batchgauge.core.analysis.analysis import analyse

    try:
        documents, skipped = bootstrap.read_results(path)
    except (FolderNotFoundError, NoResultsError) as error:
        error.argument = argument
        raise
    analysis = analyse(documents, skipped)
    for entry in analysis.skipped:
        say_warning(current_translator()("cli.analyze.skipped", file=entry.file, reason=entry.reason))
    return analysis
