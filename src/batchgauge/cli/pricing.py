"""Prices for a measurement: the newest table there is, and what of it a run's jobs are billed by."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.talk import say_warning
from batchgauge.core.cost.cost import no_cost, price_of
from batchgauge.core.cost.prices import PriceTable
from batchgauge.core.journal import EnvironmentFacts


@cache
def newest_prices() -> PriceTable:
    """What is known; a file of the user's that cannot be read is said to be left out."""
    return bootstrap.price_table(_say_broken)


def _say_broken(path: Path, reason: str) -> None:
    say_warning(current_translator()("cli.prices.broken", path=path, reason=reason))


def with_price(facts: EnvironmentFacts, billing_minimum_s: float | None = None) -> EnvironmentFacts:
    """The facts with what a job's task costs, where it may cost anything."""
    if no_cost(facts) is not None:
        return facts
    # Of the day of the run: what its jobs cost must not change with a later table.
    return msgspec.structs.replace(facts, price=price_of(facts, newest_prices(), billing_minimum_s))
