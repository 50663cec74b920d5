"""Which load a run was under, in words."""

from __future__ import annotations

from batchgauge.core.levels import LevelSummary
from batchgauge.core.scenario import Scenario
from batchgauge.core.schedule import Poisson, Ramp, Rate, Workers
from batchgauge.messages import Translator
from batchgauge.reports.quantities import count, percent, rate


def load_in_words(scenario: Scenario, translate: Translator) -> str:
    """The load in a sentence of its own."""
    if scenario.is_array and isinstance(scenario.load_shape, Workers):
        return translate("fact.load.array")
    return _in_words("fact.load", scenario, translate)


def load_in_short(scenario: Scenario, translate: Translator) -> str:
    """The load in a few words, for a line that says more than that."""
    return _in_words("load", scenario, translate)


def arrays_in_words(summary: LevelSummary, translate: Translator) -> str:
    """How the submission of array jobs went; a single one has no rate."""
    code = "run.submission-array" if summary.is_one_array else "run.submission-arrays"
    return translate(
        code,
        success=percent(summary.submission_success_rate),
        rate=rate(summary.submissions_per_s),
        calls=count(summary.submit.count),
        jobs=count(summary.accepted),
    )


def _in_words(prefix: str, scenario: Scenario, translate: Translator) -> str:
    load = scenario.load_shape
    code = f"{prefix}.{load.kind}"
    match load:
        case Workers():
            return translate(code, workers=count(scenario.max_workers))
        case Rate():
            return translate(code, rate=f"{load.per_s:g}")
        case Ramp():
            begin, end, seconds = (f"{value:g}" for value in (load.from_per_s, load.to_per_s, load.seconds))
            return translate(code, begin=begin, end=end, seconds=seconds)
        case Poisson():
            return translate(code, rate=f"{load.per_s:g}", seed=load.seed)
    return translate(code)
