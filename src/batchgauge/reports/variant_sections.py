"""Sections of the report that compare levels: for each variant of a sweep by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from batchgauge.core.analysis.analysis import Analysis
from batchgauge.core.findings.rules import find
from batchgauge.core.limits.judging import judge_limits
from batchgauge.messages import Translator
from batchgauge.reports.markdown_syntax import code, table
from batchgauge.reports.search_words import order_in_words, searches_in_words
from batchgauge.reports.verdict_words import level_row, next_in_words, overall_in_words
from batchgauge.reports.wording import in_words

Section = Callable[[Analysis, Translator], Iterable[str]]


def by_variant(section: Section, analysis: Analysis, translate: Translator) -> Iterator[str]:
    """A section's blocks, and where there are several variants those of each after its name."""
    for variant, part in analysis.parts:
        blocks = list(section(part, translate))
        if blocks and len(analysis.parts) > 1:
            yield f"**{translate('report.variant', variant=code(str(variant)))}**"
        yield from blocks


def verdict_section(analysis: Analysis, translate: Translator) -> Iterator[str]:
    """What held, what to do next, and how the levels were found where a search found them."""
    verdicts = list(by_variant(_verdict, analysis, translate))
    if not verdicts:
        return
    yield f"## {translate('verdict.title')}"
    if len(analysis.parts) > 1:
        names = ", ".join(code(str(variant)) for variant in analysis.variants)
        yield translate("report.variants", variants=names)
    # The verdict first: how a search came to it is for who checks.
    yield from verdicts
    yield from searches_in_words(analysis, translate)
    if any("[" in block for block in verdicts):
        yield translate("verdict.interval")
    yield from order_in_words(analysis, translate)


def _verdict(analysis: Analysis, translate: Translator) -> Iterator[str]:
    verdicts = judge_limits(analysis)
    if verdicts.overall is None:
        return
    yield f"**{overall_in_words(verdicts, translate, code)}**"
    yield f"{translate('verdict.next-label')}: {next_in_words(verdicts.overall, translate, code)}"
    if len(verdicts.levels) > 1:
        header = [translate("column.level")] + [
            translate(f"verdict.column.{column}") for column in ("limit", "delay", "others")
        ]
        yield table(header, (level_row(level, translate) for level in verdicts.levels), text_columns=2)


def finding_lines(analysis: Analysis, translate: Translator) -> list[str]:
    """What stands out, each in a line, the weightiest first; of several variants with the name of its own."""
    return [
        f"**{translate(f'weight.{finding.weight}')}** — {_of(variant, analysis)}{in_words(finding, translate, code)}"
        for variant, part in analysis.parts
        for finding in find(part)
    ]


def _of(variant: str | None, analysis: Analysis) -> str:
    return "" if len(analysis.parts) == 1 else f"{code(str(variant))}: "
