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
from batchgauge.cli.options import require, with_options
from batchgauge.cli.talk import print_table, say, say_warning
from batchgauge.errors import NoResultsError

if TYPE_CHECKING:
    from batchgauge.core.analysis.analysis import Analysis
    from batchgauge.messages import Translator

REPORT_FILE: Final = "performance-report.md"
CHARTS_FILE: Final = "performance-charts.png"
"""Both names are the specification's."""
PAGE_FILE: Final = "report.html"
FORMATS: Final = {"csv": "jobs.csv", "parquet": "jobs.parquet", "junit": "junit.xml", "summary": "summary.json"}
"""What is made where it is asked for, and how it is called."""

ANALYZE_OPTIONS = (
    option("--output", type=click.Path(path_type=Path), metavar="DIR", help="cli.option.analysis-output"),
    option("--redact", is_flag=True, help="cli.option.analysis-redact"),
    option("--format", "formats", metavar="NAME,…", default="", help="cli.option.analysis-format"),
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
    page: Path | None = None
    """None for the same reason."""
    others: tuple[Path, ...] = ()
    """Of the formats that were asked for."""


@click.command("analyze", cls=LocalisedCommand)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@with_options(ANALYZE_OPTIONS)
@click.pass_context
def analyze(context: click.Context, /, folder: Path, **given: Any) -> None:
    """Make the report and the charts."""
    from batchgauge.cli.judging import THRESHOLD, say_not_met
    from batchgauge.core.thresholds.thresholds import parse_thresholds

    formats = parse_formats(given["formats"])
    thresholds = [threshold.text for threshold in parse_thresholds(given["thresholds"])]
    written = show_analysis(
        folder,
        output=given["output"],
        as_json=given["as_json"],
        is_quiet=given["quiet"],
        formats=formats,
        is_redacted=given["redact"],
        thresholds=thresholds or None,
    )
    say_not_met(written.analysis.not_met)
    context.exit(THRESHOLD if written.analysis.not_met else 0)


def parse_formats(text: str) -> tuple[str, ...]:
    """``csv,junit`` or ``all``, as names of `FORMATS`.

    Raises:
        InvalidOptionError: there is no such format.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    require(all(word in {*FORMATS, "all"} for word in words), "--format", text, "formats")
    return tuple(FORMATS) if "all" in words else tuple(dict.fromkeys(words))


def show_analysis(
    folder: Path,
    *,
    output: Path | None = None,
    as_json: bool = False,
    is_quiet: bool = False,
    formats: Sequence[str] = (),
    is_redacted: bool = False,
    thresholds: Sequence[str] | None = None,
) -> WrittenAnalysis:
    """Write the report and the charts, print the table (or JSON) on stdout, and say what was skipped and where the files are.

    Raises:
        FolderNotFoundError, NoResultsError, OutputNotWritableError: there is nothing to read, or no way to write.
    """
    translate = current_translator()
    try:
        written = write_analysis(
            folder, translate, output=output, formats=formats, is_redacted=is_redacted, thresholds=thresholds
        )
    except NoResultsError as error:
        for file, reason in error.reasons:
            say_warning(translate("cli.analyze.skipped", file=file, reason=reason))
        raise
    for entry in written.analysis.skipped:
        say_warning(translate("cli.analyze.skipped", file=entry.file, reason=entry.reason))
    if as_json:
        from batchgauge.core.documents.summary import summary_json

        sys.stdout.buffer.write(summary_json(written.analysis))
        sys.stdout.buffer.flush()
    elif not is_quiet:
        from batchgauge.reports.terminal import sweep_table, verdict_lines

        print_table(verdict_lines(written.analysis, translate))
        print_table(sweep_table(written.analysis, translate))
        from batchgauge.cli.judging import show_verdicts

        show_verdicts(written.analysis, is_quiet=is_quiet)
    if not is_quiet:
        say(translate("cli.saved.report", path=written.report))
        if written.charts is not None:
            say(translate("cli.saved.charts", path=written.charts))
        if written.page is not None:
            say(translate("cli.saved.page", path=written.page))
        for path in written.others:
            say(translate("cli.saved.other", path=path))
    return written


def write_analysis(
    folder: Path,
    translate: Translator,
    *,
    output: Path | None = None,
    formats: Sequence[str] = (),
    is_redacted: bool = False,
    thresholds: Sequence[str] | None = None,
) -> WrittenAnalysis:
    """Analyse the results of a folder and write the reports into `output`, or beside the results.

    Where it `is_redacted`, no name gets into any of them; the documents stay as they are.

    Raises:
        FolderNotFoundError, NoResultsError, OutputNotWritableError: as `show_analysis`.
    """
    from batchgauge.reports.markdown import markdown_report

    beside = folder.parent if folder.is_file() else folder
    target, flag = (beside, "DIR") if output is None else (output, "--output")
    # Columns cannot be redacted: nothing may be shared that only seems to be.
    require(not (is_redacted and folder.is_file()), "--redact", folder, "redacted-folder")
    analysis = bootstrap.read_analysis(folder, is_redacted=is_redacted, thresholds=thresholds)
    drawn = _draw(analysis, translate)
    charts = None if drawn is None else target / CHARTS_FILE
    if charts is not None and drawn is not None:
        bootstrap.write_file(flag, charts, drawn)
    text = markdown_report(analysis, translate, charts_file=CHARTS_FILE if charts is not None else None)
    report = target / REPORT_FILE
    bootstrap.write_file(flag, report, text.encode())
    made = {
        PAGE_FILE: _page(analysis, translate),
        **{FORMATS[name]: _other(name, analysis, translate) for name in formats},
    }
    for name, data in made.items():
        if data is not None:
            bootstrap.write_file(flag, target / name, data)
    paths = [target / name for name, data in made.items() if data is not None]
    page = next((path for path in paths if path.name == PAGE_FILE), None)
    return WrittenAnalysis(analysis, report, charts, page, tuple(path for path in paths if path != page))


def _page(analysis: Analysis, translate: Translator) -> bytes | None:
    try:
        from batchgauge.reports.page import report_page
    except ModuleNotFoundError as error:
        _say_missing(error, PAGE_FILE, translate)
        return None
    return report_page(analysis, translate)


def _other(name: str, analysis: Analysis, translate: Translator) -> bytes | None:
    """A file of `FORMATS`."""
    try:
        match name:
            case "csv":
                from batchgauge.reports.job_files import jobs_csv

                return jobs_csv(analysis)
            case "parquet":
                from batchgauge.reports.job_files import jobs_parquet

                return jobs_parquet(analysis)
            case "junit":
                from batchgauge.reports.junit import junit_xml

                return junit_xml(analysis, translate)
        from batchgauge.core.documents.summary import summary_json

        return summary_json(analysis)
    except ModuleNotFoundError as error:
        _say_missing(error, FORMATS[name], translate)
        return None


def _say_missing(error: ModuleNotFoundError, file: str, translate: Translator) -> None:
    """What an installation without the `report` extra cannot make is said; the rest is worth having."""
    if error.name is None or error.name.startswith("batchgauge"):
        raise error
    say_warning(translate("cli.analyze.not-made", file=file, module=error.name))
    say(f"{translate('cli.hint')}: {translate('hint.missing-extra', extra='report')}")


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
