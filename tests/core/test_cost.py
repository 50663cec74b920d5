"""What jobs cost, by the dated table; and what nobody knows."""

from __future__ import annotations

import msgspec
import pytest

from batchgauge import bootstrap
from batchgauge.core.bound import Bound, exactly
from batchgauge.core.cost.cost import NoCost, cost_of, system_of
from batchgauge.core.cost.prices import PriceTable, read_price_table
from batchgauge.core.journal import EnvironmentFacts

TABLE = bootstrap.price_table()
ON_LINUX = EnvironmentFacts(
    region="us-west-2",
    tool_version="0",
    job_platform="FARGATE",
    operating_system_family="LINUX",
    job_vcpus=1.0,
    job_memory_mib=2048,
)
ON_WINDOWS = msgspec.structs.replace(ON_LINUX, operating_system_family="WINDOWS_SERVER_2022_CORE")
HOUR = exactly(3600.0)


def test_an_hour_on_linux_is_its_vcpus_and_its_memory() -> None:
    cost = cost_of(10, HOUR, ON_LINUX, TABLE)
    assert cost.amount == exactly(round(10 * (0.04048 + 2 * 0.004445), 4))
    assert (cost.currency, cost.as_of, cost.is_provisional) == ("USD", "2026-07", False)


def test_windows_adds_its_licence_and_its_prices_are_provisional() -> None:
    cost = cost_of(10, HOUR, ON_WINDOWS, TABLE)
    assert cost.amount == exactly(round(10 * (0.046552 + 0.046 + 2 * 0.0051117), 4))
    assert cost.is_provisional


@pytest.mark.parametrize(("environment", "minimum_s"), [(ON_LINUX, 60.0), (ON_WINDOWS, 300.0)])
def test_short_tasks_are_billed_for_the_minimum(environment: EnvironmentFacts, minimum_s: float) -> None:
    short = cost_of(3600, exactly(1.0), environment, TABLE)
    assert short.amount == cost_of(3600, exactly(minimum_s), environment, TABLE).amount
    assert short.billing_minimum_s == minimum_s
    assert cost_of(3600, exactly(1.0), environment, TABLE, 1.0).most < short.most


def test_a_range_of_times_is_a_range_of_costs_and_a_guard_looks_at_its_end() -> None:
    cost = cost_of(1000, Bound(3600.0, 7200.0), ON_LINUX, TABLE)
    assert cost.amount is not None
    assert cost.amount.earliest is not None
    assert cost.most == pytest.approx(2 * cost.amount.earliest, abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "billed_s", "reason"),
    [
        ({"is_local": True}, HOUR, NoCost.EMBEDDED),
        ({"job_platform": "EC2"}, HOUR, NoCost.NOT_FARGATE),
        ({"job_vcpus": None}, HOUR, NoCost.SIZE_UNKNOWN),
        ({"job_memory_mib": None}, HOUR, NoCost.SIZE_UNKNOWN),
        ({"region": "eu-west-1"}, HOUR, NoCost.PRICE_UNKNOWN),
        (
            {"region": "ap-northeast-1", "operating_system_family": "WINDOWS_SERVER_2019_FULL"},
            HOUR,
            NoCost.PRICE_UNKNOWN,
        ),
        ({}, None, NoCost.RUN_TIME_UNKNOWN),
    ],
)
def test_what_is_not_known_is_said_and_not_guessed(
    changes: dict[str, object], billed_s: Bound | None, reason: NoCost
) -> None:
    cost = cost_of(10, billed_s, msgspec.structs.replace(ON_LINUX, **changes), TABLE)
    assert (cost.reason, cost.amount, cost.most) == (reason, None, 0.0)
    assert cost.is_known == (reason is NoCost.EMBEDDED)


def test_a_definition_that_names_no_system_is_for_linux() -> None:
    assert system_of(msgspec.structs.replace(ON_LINUX, operating_system_family=None)) == "LINUX"


def test_the_table_is_read_whole_or_not_at_all() -> None:
    assert isinstance(TABLE, PriceTable)
    assert set(TABLE.regions) == {"us-east-1", "us-west-2", "ap-northeast-1"}
    with pytest.raises(ValueError, match="asOf"):
        read_price_table(b'{"currency": "USD"}')
