"""``batchgauge analyze``: a folder of results becomes a report, charts and a table."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import with_options
from batchgauge.cli.talk import print_table, say, say_warning
from batchgauge.errors import NoResultsError

if TYPE_CHECKING:
    from batchgauge.core.analysis import Analysis
    from batchgauge.messages import Translator

REPORT_FILE: Final = "performance-report.md"
CHARTS_FILE: Final = "performance-charts.png"
"""Both names are the specification's."""

ANALYZE_OPTIONS = (
    option("--output", type=click.Path(path_type=Path), metavar="DIR", help="cli.option.analysis-output"),
    option("--threshold", "thresholds", multiple=True, metavar="TEXT", help="cli.option.analysis-threshold"),
    option("--json", "as_json", is_flag=True, help="cli.option.analysis-json"),
    option("--quiet", is_flag=True, help="cli.option.analysis-quiet"),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@dataclass(frozen=True, slots=True)
class WrittenAnalysis:
    """An analysis and where its files are."""

    analysis: Analysis
    report: Path
    charts: Path | None
    """None where the part of the installation that draws them is missing."""


@click.command("analyze", cls=LocalisedCommand)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@with_options(ANALYZE_OPTIONS)
@click.pass_context
def analyze(context: click.Context, /, folder: Path, **given: Any) -> None:
    """Make the report and the charts."""
    from batchgauge.cli.judging import THRESHOLD, say_not_met
    from batchgauge.core.thresholds import parse_thresholds

    thresholds = [threshold.text for threshold in parse_thresholds(given["thresholds"])]
    written = show_analysis(
        folder,
        output=given["output"],
        as_json=given["as_json"],
        is_quiet=given["quiet"],
        thresholds=thresholds or None,
    )
    say_not_met(written.analysis.not_met)
    context.exit(THRESHOLD if written.analysis.not_met else 0)


def show_analysis(
    folder: Path,
    *,
    output: Path | None = None,
    as_json: bool = False,
    is_quiet: bool = False,
    thresholds: Sequence[str] | None = None,
) -> WrittenAnalysis:
    """Write the report and the charts, print the table (or JSON) on stdout, and say what was skipped and where the files are.

    Raises:
        FolderNotFoundError, NoResultsError, OutputNotWritableError: there is nothing to read, or no way to write.
    """
    translate = current_translator()
    try:
        written = write_analysis(folder, translate, output=output, thresholds=thresholds)
    except NoResultsError as error:
        for file, reason in error.reasons:
            say_warning(translate("cli.analyze.skipped", file=file, reason=reason))
        raise
    for entry in written.analysis.skipped:
        say_warning(translate("cli.analyze.skipped", file=entry.file, reason=entry.reason))
    if as_json:
        sys.stdout.buffer.write(_as_json(written.analysis))
        sys.stdout.buffer.flush()
    elif not is_quiet:
        from batchgauge.reports.terminal import sweep_table

        print_table(sweep_table(written.analysis, translate))
        from batchgauge.cli.judging import show_verdicts

        show_verdicts(written.analysis, is_quiet=is_quiet)
    if not is_quiet:
        say(translate("cli.saved.report", path=written.report))
        if written.charts is not None:
            say(translate("cli.saved.charts", path=written.charts))
    return written


def write_analysis(
    folder: Path, translate: Translator, *, output: Path | None = None, thresholds: Sequence[str] | None = None
) -> WrittenAnalysis:
    """Analyse the results of a folder and write the report and the charts into `output`, or beside the results.

    Raises:
        FolderNotFoundError, NoResultsError, OutputNotWritableError: as `show_analysis`.
    """
    from batchgauge.core.analysis import analyse
    from batchgauge.reports.markdown import markdown_report

    target, flag = (folder, "DIR") if output is None else (output, "--output")
    analysis = analyse(*bootstrap.read_documents(folder), thresholds=thresholds)
    drawn = _draw(analysis, translate)
    charts = None if drawn is None else target / CHARTS_FILE
    if charts is not None and drawn is not None:
        bootstrap.write_file(flag, charts, drawn)
    text = markdown_report(analysis, translate, charts_file=CHARTS_FILE if charts is not None else None)
    report = target / REPORT_FILE
    bootstrap.write_file(flag, report, text.encode())
    return WrittenAnalysis(analysis, report, charts)


def _draw(analysis: Analysis, translate: Translator) -> bytes | None:
    """None where matplotlib is missing: the report is worth having without its charts."""
    try:
        from batchgauge.reports.charts import has_font_for, performance_charts
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("batchgauge"):
            raise
        say_warning(translate("cli.analyze.no-charts", module=error.name))
        say(f"{translate('cli.hint')}: {translate('hint.missing-extra', extra='report')}")
        return None
    if not has_font_for(translate.language):
        say_warning(translate("cli.analyze.english-charts"))
    return performance_charts(analysis, translate)


def _as_json(analysis: Analysis) -> bytes:
    import msgspec

    document = {
        "runs": [
            {"file": run.file, "runId": run.result.run_id, "statistics": run.summary, "thresholds": run.thresholds}
            for run in analysis.runs
        ],
        "skipped": [{"file": entry.file, "reason": entry.reason} for entry in analysis.skipped],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
