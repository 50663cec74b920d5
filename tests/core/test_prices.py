"""Prices: read from the Price List's products, put together by their dates, and what a run is billed by them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from batchgauge import bootstrap
from batchgauge.core.bound import Bound, exactly
from batchgauge.core.cost.billing import billing_of
from batchgauge.core.cost.cost import NoCost, cost_of, price_of, system_of
from batchgauge.core.cost.price_list import read_products
from batchgauge.core.cost.prices import (
    LINUX_ARM64,
    PRICE_LIST,
    Prices,
    PriceTable,
    newest_of,
    read_price_table,
    table_document,
)
from batchgauge.core.journal import EnvironmentFacts, TaskPrice
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.task_times import TaskTimes
from batchgauge.core.observed.timeline import Instants


def product(usage: str, price: str, region: str = "us-east-1", currency: str = "USD") -> dict[str, Any]:
    dimension = {"unit": "hours", "beginRange": "0", "pricePerUnit": {currency: price}}
    return {
        "product": {"attributes": {"usagetype": usage, "regionCode": region}},
        "terms": {"OnDemand": {"term": {"priceDimensions": {"rate": dimension}}}},
    }


LINUX_PRODUCTS = [product("USE1-Fargate-vCPU-Hours:perCPU", "0.04"), product("USE1-Fargate-GB-Hours", "0.004")]
WINDOWS_PRODUCTS = [
    product("USE1-Fargate-Windows-vCPU-Hours:perCPU", "0.05"),
    product("USE1-Fargate-Windows-GB-Hours", "0.005"),
    product("USE1-Fargate-Windows-OS-Hours:perCPU", "0.046"),
]


def test_usage_types_are_matched_whole_behind_their_regions_prefix() -> None:
    misleading = [
        product("USE1-SpotUsage-Fargate-vCPU-Hours:perCPU", "0.01"),
        product("USE1-Fargate-EphemeralStorage-GB-Hours", "0.0001"),
        product("USE1-Fargate-vCPU-Hours:perCPU-Other", "9"),
        product("USE1-ECS-EC2-GB-Hours", "9"),
        product("EUW1-Fargate-GB-Hours", "9", region="eu-west-1"),
    ]
    found = read_products([*misleading, *LINUX_PRODUCTS, *WINDOWS_PRODUCTS], "us-east-1")
    assert found == {
        "LINUX": Prices(vcpu_hour=0.04, gb_hour=0.004),
        "WINDOWS": Prices(vcpu_hour=0.05, gb_hour=0.005, licence_vcpu_hour=0.046),
    }


def test_windows_without_its_licence_is_no_price_at_all() -> None:
    assert read_products(WINDOWS_PRODUCTS[:2], "us-east-1") == {}


@pytest.mark.parametrize(
    "broken",
    [{}, {"product": {}}, product("USE1-Fargate-GB-Hours", "x"), product("USE1-Fargate-GB-Hours", "1", currency="CNY")],
)
def test_what_is_no_price_is_left_out(broken: dict[str, Any]) -> None:
    assert read_products([broken], "us-east-1") == {}


def table(as_of: str, source: str = PRICE_LIST, **systems: float) -> PriceTable:
    prices = {system: Prices(vcpu_hour=price, gb_hour=0.0) for system, price in systems.items()}
    return PriceTable(
        as_of=as_of, currency="USD", billing_minimum_s={"LINUX": 60.0}, regions={"r": prices}, source=source
    )


def test_of_each_price_the_newest_counts_and_keeps_its_date() -> None:
    merged = newest_of((table("2026-07", "shipped", LINUX=1.0, WINDOWS=2.0), table("2026-07-20", LINUX=3.0)))
    linux, windows = merged.prices_of("r", "LINUX"), merged.prices_of("r", "WINDOWS")
    assert linux is not None
    assert windows is not None
    assert (linux.vcpu_hour, linux.as_of, linux.source) == (3.0, "2026-07-20", PRICE_LIST)
    assert (windows.vcpu_hour, windows.as_of, windows.source) == (2.0, "2026-07", "shipped")
    assert newest_of((table("2026-07", LINUX=1.0), table("2026-05-01", LINUX=3.0))).prices_of("r", "LINUX") == Prices(
        vcpu_hour=1.0, gb_hour=0.0, as_of="2026-07", source=PRICE_LIST
    )
    assert read_price_table(table_document(merged)) == merged


def test_the_users_newer_prices_are_taken_and_a_broken_file_is_told(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batchgauge.host.user_folders.data_folder", lambda: tmp_path)
    shipped = bootstrap.price_table()
    bootstrap.user_prices_path().write_bytes(table_document(table("2030-01-01", LINUX=7.0)))
    prices = bootstrap.price_table().prices_of("r", "LINUX")
    assert prices is not None
    assert (prices.vcpu_hour, prices.as_of) == (7.0, "2030-01-01")
    bootstrap.user_prices_path().write_text("{", encoding="utf-8")
    told: list[str] = []
    assert bootstrap.price_table(lambda path, _reason: told.append(path.name)) == shipped
    assert told == ["prices.json"]


ON_LINUX = EnvironmentFacts(
    region="us-west-2",
    tool_version="0",
    job_platform="FARGATE",
    operating_system_family="LINUX",
    job_vcpus=2.0,
    job_memory_mib=4096,
    price=TaskPrice(
        per_hour=2 * 0.04 + 4 * 0.004,
        currency="USD",
        as_of="2026-07",
        system="LINUX",
        billing_minimum_s=60.0,
        source="shipped",
    ),
)
HOURLY = 2 * 0.04 + 4 * 0.004
T0 = 1_700_000_000_000.0


def job(**fields: Any) -> JobResult:
    instants = Instants(
        created_ms=T0, starting_ms=Bound(T0 + 5_000, T0 + 10_000), started_ms=T0 + 40_000, stopped_ms=T0 + 3_640_000
    )
    changes = {"instants": instants, "status": "SUCCEEDED", **fields}
    return JobResult(job_id="id", job_name="name", submission_time="", submit_duration=0.0, **changes)


def task(**fields: Any) -> TaskTimes:
    return TaskTimes(attempt=1, task_arn="arn", **fields)


def test_a_described_task_is_billed_exactly() -> None:
    described = job(tasks=(task(pull_started_ms=T0 + 20_000, stopped_ms=T0 + 3_620_000),))
    cost = billing_of([described], ON_LINUX)
    assert cost is not None
    assert cost.vcpu_hours == exactly(2.0)
    assert cost.gb_hours == exactly(4.0)
    assert cost.cost.amount == exactly(round(HOURLY, 6))
    assert (cost.cost.as_of, cost.cost.source, cost.tasks) == ("2026-07", "shipped", 1)


def test_without_its_task_the_download_began_between_starting_and_running() -> None:
    cost = billing_of([job()], ON_LINUX)
    assert cost is not None
    assert cost.vcpu_hours == Bound(2.0, round(2 * 3635 / 3600, 6))


def test_a_short_task_is_billed_for_the_minimum_and_windows_for_its_licence() -> None:
    brief = job(tasks=(task(pull_started_ms=T0, stopped_ms=T0 + 2_000),))
    cost = billing_of([brief, brief], ON_LINUX)
    assert cost is not None
    assert cost.cost.amount == exactly(round(2 * HOURLY / 60, 6))
    on_windows = msgspec.structs.replace(
        ON_LINUX, operating_system_family="WINDOWS_SERVER_2022_CORE", region="us-east-1", price=None
    )
    licensed = PriceTable(
        as_of="2026-07",
        currency="USD",
        billing_minimum_s={"WINDOWS": 300.0},
        regions={"us-east-1": {"WINDOWS": Prices(vcpu_hour=0.04, gb_hour=0.004, licence_vcpu_hour=0.046)}},
    )
    on_windows = msgspec.structs.replace(on_windows, price=price_of(on_windows, licensed))
    windows = billing_of([brief], on_windows)
    assert windows is not None
    assert windows.cost.amount == exactly(round((HOURLY + 2 * 0.046) / 12, 6))


def test_a_job_that_was_not_seen_to_end_has_no_upper_bound() -> None:
    going = Instants(created_ms=T0, starting_ms=exactly(T0), started_ms=T0 + 1_000)
    cost = billing_of([job(instants=going, status="RUNNING")], ON_LINUX)
    assert cost is not None
    assert cost.cost.amount == Bound(0.0, None)


def test_a_job_that_never_began_may_have_cost_nothing() -> None:
    waited = Instants(created_ms=T0, stopped_ms=T0 + 10_000)
    cost = billing_of([job(instants=waited, status="FAILED")], ON_LINUX)
    assert cost is not None
    assert cost.vcpu_hours == Bound(0.0, round(2 * 60 / 3600, 6))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_local": True, "price": None}, NoCost.EMBEDDED),
        ({"job_platform": "EC2", "price": None}, NoCost.NOT_FARGATE),
        ({"job_vcpus": None}, NoCost.SIZE_UNKNOWN),
        ({"price": None}, NoCost.PRICE_UNKNOWN),
    ],
)
def test_what_cannot_be_said_is_not_guessed(changes: dict[str, Any], reason: NoCost) -> None:
    cost = billing_of([job()], msgspec.structs.replace(ON_LINUX, **changes))
    assert cost is not None
    assert (cost.cost.reason, cost.cost.amount) == (reason, None)


def test_arm_has_prices_of_its_own_and_none_of_x86s() -> None:
    on_arm = msgspec.structs.replace(ON_LINUX, cpu_architecture="ARM64")
    assert system_of(on_arm) == LINUX_ARM64
    assert cost_of(1, exactly(60.0), on_arm, table("2026-07", LINUX=1.0)).reason is NoCost.PRICE_UNKNOWN
    assert price_of(on_arm, table("2026-07", LINUX=1.0)).per_hour is None
