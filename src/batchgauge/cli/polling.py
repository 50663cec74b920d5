"""What is said of watching before a run: how often, how precise the times will be, what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from batchgauge.core.polling_plan import DESCRIBED_PER_CALL, Expectation, PollingRules, expect
from batchgauge.core.scenario import Scenario
from batchgauge.messages import Translator


def watching_lines(scenario: Scenario, translate: Translator) -> Iterator[str]:
    """One line, and a warning where the budget will not hold."""
    if scenario.watches_events:
        yield "  " + translate("cli.polling.events", interval=f"{scenario.look_interval_s:g}")
        return
    rules = PollingRules(scenario.monitor_interval_s, not scenario.is_interval_planned, scenario.api_budget)
    expected = expect(rules, scenario.num_jobs)
    yield "  " + translate(
        "cli.polling.listed" if expected.is_listed else "cli.polling.described",
        interval=f"{expected.interval_s:.3g}",
        calls=expected.calls_per_look,
        per_minute=_per_minute(expected),
        share=f"{expected.share:.1%}",
        details=ceil(scenario.num_jobs / DESCRIBED_PER_CALL),
    )
    if expected.is_over_budget:
        budget = f"{scenario.api_budget:.1%}"
        warning = translate("cli.polling.over-budget", share=f"{expected.share:.1%}", budget=budget)
        yield f"{translate('cli.warning')}: {warning}"


def _per_minute(expected: Expectation) -> str:
    return f"{60 * expected.calls_per_s:,.0f}"
