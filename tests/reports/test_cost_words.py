"""What a run cost, in words: the amount with what it stands on, or why there is none."""

from __future__ import annotations

import pytest

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.cost.billing import Billing
from batchgauge.core.cost.cost import Cost, NoCost
from batchgauge.messages import translator
from batchgauge.reports.cost_words import amount, run_cost_in_words
from batchgauge.reports.quantities import NOT_MEASURED

ENGLISH, JAPANESE = translator("en"), translator("ja")
COST = Cost(
    amount=Bound(0.1234, 0.1312),
    currency="USD",
    as_of="2026-11-24",
    source="price-list-api",
    region="us-west-2",
    system="WINDOWS",
    billing_minimum_s=300.0,
)


def billing(cost: Cost) -> Billing:
    return Billing(cost=cost, vcpu_hours=exactly(1.5), gb_hours=exactly(3.0), tasks=4)


def test_an_amount_names_its_prices_its_minimum_and_the_licence() -> None:
    assert run_cost_in_words(billing(COST), ENGLISH) == (
        "0.12 – 0.13 USD for 1.50 vCPU·h and 3.00 GB·h "
        "(prices of 2026-11-24, AWS's Price List, at least 300 s a task, Windows licence included)"
    )
    assert "2026-11-24 の料金、AWS の価格表" in run_cost_in_words(billing(COST), JAPANESE)


@pytest.mark.parametrize("reason", NoCost)
@pytest.mark.parametrize("translate", [ENGLISH, JAPANESE])
def test_where_there_is_no_amount_what_was_used_is_said_all_the_same(reason: NoCost, translate: object) -> None:
    words = run_cost_in_words(billing(Cost(reason=reason)), translate)  # type: ignore[arg-type]
    assert "1.50" in words
    assert "{" not in words
    assert "no-cost." not in words


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        (exactly(0.0), "0.00"),
        (exactly(0.00001), "< 0.0001"),
        (exactly(0.00123), "0.0012"),
        (exactly(1234.5), "1,234.50"),
        (Bound(1.0, None), "≥ 1.00"),
        (Bound(0.5, 2.0), "0.5 – 2.00"),
        (None, NOT_MEASURED),
    ],
)
def test_small_amounts_keep_digits_that_say_something(bound: Bound | None, words: str) -> None:
    assert amount(bound) == words
