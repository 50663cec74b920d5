"""``junit.xml``: each run a suite, as CI systems show it: what was submitted, what succeeded, whether its numbers may be relied on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.findings.kinds import Finding, Weight
from batchgauge.core.findings.rules import find
from batchgauge.core.limits.judging import judge_limits
from batchgauge.core.result.validity import Verdict
from batchgauge.core.thresholds.thresholds import ThresholdVerdict
from batchgauge.core.verdict import Verdict as LimitVerdict
from batchgauge.messages import Translator, plain
from batchgauge.reports.doubts import doubts_in_words
from batchgauge.reports.quantities import count
from batchgauge.reports.threshold_words import interval, measured
from batchgauge.reports.threshold_words import verdict as in_short
from batchgauge.reports.verdict_words import verdict_in_words as limit_in_words
from batchgauge.reports.wording import in_words


@dataclass(frozen=True, slots=True)
class Case:
    """Something that was expected of a run; `failure` says what came instead."""

    name: str
    failure: str | None = None
    is_skipped: bool = False
    said: str | None = None
    """What is to be known of one that did not fail."""


def junit_xml(analysis: Analysis, translate: Translator) -> bytes:
    """The whole document, in UTF-8."""
    findings = {variant: list(find(part)) for variant, part in analysis.parts}
    held = {
        (variant, level.level): level.held for variant, part in analysis.parts for level in judge_limits(part).levels
    }
    root = ET.Element("testsuites", name="batchgauge")
    for run in analysis.runs:
        cases = [*_cases(run, findings[run.variant], translate), *_judged(run, analysis, translate)]
        _add_suite(root, run, cases, held.get((run.variant, run.summary.level)), translate)
    for name in ("tests", "failures", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _add_suite(
    root: ET.Element, run: AnalysedRun, cases: list[Case], held: LimitVerdict | None, translate: Translator
) -> None:
    name = translate("page.run-name", level=count(run.summary.level), file=plain(run.file))
    suite = ET.SubElement(
        root,
        "testsuite",
        name=_xml(name),
        tests=str(len(cases)),
        failures=str(sum(case.failure is not None for case in cases)),
        errors="0",
        skipped=str(sum(case.is_skipped for case in cases)),
        timestamp=_xml(run.result.timestamp),
        time=f"{(run.summary.makespan_ms or 0) / 1000:.3f}",
    )
    if held is not None:
        properties = ET.SubElement(suite, "properties")
        # The verdict is of the level: a limit is a fact, not a failure.
        for name, value in (("verdict", held.code), ("verdict-in-words", limit_in_words(held, translate, plain))):
            ET.SubElement(properties, "property", name=name, value=_xml(value))
    variant = "" if run.variant is None else f"{run.variant}."
    class_name = f"batchgauge.{variant}level-{run.summary.level}"
    for case in cases:
        entry = ET.SubElement(suite, "testcase", classname=class_name, name=_xml(case.name))
        if case.is_skipped:
            ET.SubElement(entry, "skipped")
        if case.said is not None:
            ET.SubElement(entry, "system-out").text = _xml(case.said)
        if case.failure is not None:
            ET.SubElement(entry, "failure", message=_xml(case.failure.splitlines()[0])).text = _xml(case.failure)


def _cases(run: AnalysedRun, findings: list[Finding], translate: Translator) -> Iterator[Case]:
    summary, validity = run.summary, run.result.validity
    yield Case(
        translate("page.case.submitted"),
        _said(run, findings, translate, {"jobs-refused", "jobs-unanswered"}) if summary.refused else None,
    )
    bad = summary.failed + (summary.unfinished if summary.is_monitored else 0)
    said = _said(run, findings, translate, {"jobs-failed", "jobs-unfinished"})
    yield Case(translate("page.case.succeeded"), said if bad else None, is_skipped=not summary.is_monitored)
    is_valid = validity is None or validity.verdict is not Verdict.INVALID
    doubts = "\n".join(doubts_in_words(validity, translate))
    yield Case(translate("page.case.valid"), None if is_valid else doubts, is_skipped=validity is None)


def _judged(run: AnalysedRun, analysis: Analysis, translate: Translator) -> Iterator[Case]:
    """Its thresholds, each with what was measured; one that no run was large enough for fails at the last of them."""
    judged = {
        result.threshold
        for other in analysis.runs
        for result in other.thresholds
        if result.verdict is not ThresholdVerdict.TOO_FEW_JOBS
    }
    for result in run.thresholds:
        said = ", ".join(
            (
                f"{translate('threshold.column.measured')}: {measured(result)}",
                f"{translate('threshold.column.interval')}: {interval(result, translate)}",
                in_short(result, translate),
            )
        )
        is_skipped = result.verdict is ThresholdVerdict.TOO_FEW_JOBS
        is_failed = result.verdict is not ThresholdVerdict.MET and not is_skipped
        if is_skipped and result.threshold not in judged and run is analysis.runs[-1]:
            is_failed, is_skipped = True, False
        name = f"{translate('threshold.title')}: {result.threshold}"
        yield Case(name, said if is_failed else None, is_skipped=is_skipped, said=None if is_failed else said)


def _said(run: AnalysedRun, findings: list[Finding], translate: Translator, codes: set[str]) -> str:
    """The problems that were found at the run's level, in words."""
    lines = [
        in_words(finding, translate, plain)
        for finding in findings
        if finding.weight is Weight.PROBLEM
        and finding.code in codes
        and getattr(finding, "level", None) == run.summary.level
    ]
    return "\n".join(lines) or translate("page.case.failed")


def _xml(text: str) -> str:
    """Without the characters that XML 1.0 has no place for."""
    return "".join(c for c in text if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff")
