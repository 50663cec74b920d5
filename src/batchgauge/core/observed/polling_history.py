"""How a run's jobs were looked at, from the plans in its journal."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from batchgauge.core.journal import PollingPlanned


class PollingSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The intervals that held, and what throttles did to them."""

    shortest_interval_s: float
    longest_interval_s: float
    most_calls_per_look: int
    """As planned, of a look at all jobs."""
    listed_statuses: tuple[str, ...] = ()
    """Those that were read with ListJobs at any time; all others by DescribeJobs."""
    least_budget_factor: float = 1.0
    """The least that throttles ever left of the budget; 1 where none did."""


@dataclass(slots=True)
class PollingHistory:
    """Takes the plans in their order."""

    _summary: PollingSummary | None = None

    def add(self, planned: PollingPlanned) -> None:
        """Take in the next plan."""
        before = self._summary or PollingSummary(
            shortest_interval_s=planned.interval_s, longest_interval_s=planned.interval_s, most_calls_per_look=0
        )
        self._summary = PollingSummary(
            shortest_interval_s=min(before.shortest_interval_s, planned.interval_s),
            longest_interval_s=max(before.longest_interval_s, planned.interval_s),
            most_calls_per_look=max(before.most_calls_per_look, planned.calls_per_look),
            listed_statuses=tuple(sorted({*before.listed_statuses, *planned.listed})),
            least_budget_factor=min(before.least_budget_factor, planned.budget_factor),
        )

    def summary(self) -> PollingSummary | None:
        """None where nothing was polled."""
        return self._summary

    def usual_interval_s(self, wanted_s: float) -> float:
        """The longest that was ever planned from one look to the next; `wanted_s` where no plan was recorded."""
        return self._summary.longest_interval_s if self._summary is not None else wanted_s
