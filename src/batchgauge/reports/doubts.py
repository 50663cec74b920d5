"""A run's validity in words."""

from __future__ import annotations

from collections.abc import Iterator

from batchgauge.core.result.validity import Validity, ValidityFinding, Verdict
from batchgauge.messages import Translator
from batchgauge.reports.quantities import count, duration, percent


def verdict_in_words(validity: Validity | None, translate: Translator) -> str:
    """``valid``, ``suspect`` or ``invalid``; of a file that says nothing of it, that."""
    return translate(f"validity.{validity.verdict}") if validity is not None else translate("fact.unknown")


def doubts_in_words(validity: Validity | None, translate: Translator) -> Iterator[str]:
    """A sentence for each doubt, the gravest first."""
    if validity is None:
        return
    order = list(Verdict)
    for finding in sorted(validity.findings, key=lambda finding: order.index(finding.verdict), reverse=True):
        yield _sentence(finding, translate)


def _sentence(finding: ValidityFinding, translate: Translator) -> str:
    return translate(
        f"doubt.{finding.doubt}",
        jobs=count(finding.jobs),
        of_jobs=count(finding.of_jobs),
        duration=duration(finding.duration_ms),
        share=percent(finding.share),
    )
