"""Prices for a measurement: the newest table there is, and what of it a run's jobs are billed by."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.talk import say_warning
from batchgauge.core.cost import system_of, why_no_cost
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.prices import PriceTable, job_prices


@cache
def newest_prices() -> PriceTable:
    """What is known; a file of the user's that cannot be read is said to be left out."""
    return bootstrap.price_table(_say_broken)


def _say_broken(path: Path, reason: str) -> None:
    say_warning(current_translator()("cli.prices.broken", path=path, reason=reason))


def with_prices(facts: EnvironmentFacts, billing_minimum_s: float | None = None) -> EnvironmentFacts:
    """The facts with what the jobs are billed by, where that is known."""
    if why_no_cost(facts) is not None:
        return facts
    prices = job_prices(newest_prices(), facts.region, system_of(facts), billing_minimum_s)
    return msgspec.structs.replace(facts, prices=prices)
