"""What is said of watching before a run: how often, how precise the times will be, what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from batchgauge.core.polling_plan import DESCRIBED_PER_CALL, Expectation, PollingRules, expect
from batchgauge.core.scenario import Scenario
from batchgauge.core.submitting.plan import array_sizes
from batchgauge.messages import Translator


def watching_lines(scenario: Scenario, translate: Translator) -> Iterator[str]:
    """One line, and a warning where the budget will not hold."""
    if scenario.watches_events:
        yield "  " + translate("cli.polling.events", interval=f"{scenario.look_interval_s:g}")
        return
    rules = PollingRules(scenario.monitor_interval_s, not scenario.is_interval_planned, scenario.api_budget)
    expected = expect(rules, scenario.num_jobs, array_sizes(scenario.num_jobs) if scenario.is_array else ())
    yield "  " + translate(
        "cli.polling.listed" if expected.is_listed else "cli.polling.described",
        interval=_range(f"{expected.interval_s:.3g}", f"{expected.longest_interval_s:.3g}"),
        calls=_range(f"{expected.calls_per_look:,}", f"{expected.most_calls_per_look:,}"),
        per_minute=_per_minute(expected),
        share=f"{expected.share:.1%}",
        details=ceil(scenario.num_jobs / DESCRIBED_PER_CALL),
    )
    if expected.is_over_budget:
        budget = f"{scenario.api_budget:.1%}"
        warning = translate("cli.polling.over-budget", share=f"{expected.share:.1%}", budget=budget)
        yield f"{translate('cli.warning')}: {warning}"


def _range(least: str, most: str) -> str:
    """``1 – 10``, as the tables show what is only known to lie between two numbers."""
    return least if least == most else f"{least} – {most}"


def _per_minute(expected: Expectation) -> str:
    return f"{60 * expected.calls_per_s:,.0f}"
