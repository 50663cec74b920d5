"""What jobs cost on instances of EC2: a range from full instances to one for each job, and nothing where that is not known."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from batchgauge.core.bound import Bound, exactly
from batchgauge.core.cost.billing import billing_of
from batchgauge.core.cost.cost import Cost, NoCost, cost_of, price_of
from batchgauge.core.cost.instance_cost import IDLE_S
from batchgauge.core.cost.instance_list import filters_of, read_instances, sought
from batchgauge.core.cost.prices import InstancePrices, PriceTable, newest_of, read_price_table, table_document
from batchgauge.core.journal import ComputeEnvironmentFacts, EnvironmentFacts
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.timeline import Instants

ORDINARY = {
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
    "licenseModel": "No License required",
}


def product(kind: str, price: str, system: str = "Linux", **attributes: str) -> dict[str, Any]:
    size = {"vcpu": "4", "memory": "1,024 GiB", "regionCode": "r", "instanceType": kind, "operatingSystem": system}
    dimension = {"beginRange": "0", "pricePerUnit": {"USD": price}}
    return {
        "product": {"attributes": {**ORDINARY, **size, **attributes}},
        "terms": {"OnDemand": {"term": {"priceDimensions": {"rate": dimension}}}},
    }


def test_only_the_ordinary_instance_on_demand_counts_and_windows_with_its_licence() -> None:
    others = [
        product("m6i.xlarge", "0.2", "Windows", licenseModel="Bring your own license"),
        product("m6i.xlarge", "9", tenancy="Dedicated"),
        product("m6i.xlarge", "9", preInstalledSw="SQL Std"),
        product("m6i.xlarge", "9", capacitystatus="UnusedCapacityReservation"),
        product("m6i.xlarge", "9", regionCode="other"),
        product("m6i.xlarge", "0.0"),
        product("m6i.xlarge", "0.3", "RHEL"),
        product("m7i.xlarge", "0.2", vcpu="NA"),
        {},
    ]
    found = read_instances(
        [*others, product("m6i.xlarge", "0.2"), product("m6i.xlarge", "0.4", "Windows"), *others], "r"
    )
    assert found == {
        "m6i.xlarge": InstancePrices(vcpus=4, memory_mib=1024 * 1024, hour={"LINUX": 0.2, "WINDOWS": 0.4}),
    }


def test_bundles_are_their_families_and_families_are_asked_for_by_a_part_of_the_name() -> None:
    assert sought(["optimal", "m6i", "c5.large"]) == ("m6i", "c6i", "r6i", "c7i", "c5.large")
    assert filters_of("m6i")[0] == ("CONTAINS", "instanceType", "m6i.")
    assert filters_of("m6i.large")[0] == ("TERM_MATCH", "instanceType", "m6i.large")


def table(**hours: float) -> PriceTable:
    """Of types of 4 vCPUs and 16 GiB."""
    types = {
        kind.replace("_", "."): InstancePrices(vcpus=4, memory_mib=16384, hour={"LINUX": hour})
        for kind, hour in hours.items()
    }
    return PriceTable(as_of="2026-11-25", currency="USD", billing_minimum_s={}, regions={}, instances={"r": types})


def on_ec2(*types: str, kind: str = "EC2") -> EnvironmentFacts:
    environment = ComputeEnvironmentFacts(name="e", type=kind, instance_types=types)
    return EnvironmentFacts(
        region="r",
        tool_version="0",
        job_platform="EC2",
        job_vcpus=1.0,
        job_memory_mib=8192,
        compute_environments=(environment,),
    )


TABLE = table(m5_xlarge=0.2, r5_xlarge=0.3)


def test_the_range_is_from_full_instances_to_one_of_the_dearest_for_each_job() -> None:
    cost = cost_of(10, exactly(3600.0), on_ec2("m5", "r5.xlarge"), TABLE)
    assert cost.amount == Bound(10 * 0.2 / 2, 10 * 0.3 * (3600 + IDLE_S) / 3600)  # by memory two fit, by vCPUs four
    assert (cost.idle_s, cost.system, cost.as_of) == (IDLE_S, "LINUX", "2026-11-25")


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        (on_ec2("m5", "c5.large"), NoCost.PRICE_UNKNOWN),
        (on_ec2("c5"), NoCost.PRICE_UNKNOWN),
        (on_ec2("optimal"), NoCost.PRICE_UNKNOWN),
        (
            msgspec.structs.replace(on_ec2("m5"), operating_system_family="WINDOWS_SERVER_2022_CORE"),
            NoCost.PRICE_UNKNOWN,
        ),
        (msgspec.structs.replace(on_ec2("m5"), job_vcpus=8.0), NoCost.PRICE_UNKNOWN),
        (on_ec2("m5", kind="SPOT"), NoCost.NOT_FARGATE),
        (on_ec2(), NoCost.NOT_FARGATE),
        (msgspec.structs.replace(on_ec2("m5"), compute_environments=()), NoCost.NOT_FARGATE),
    ],
)
def test_what_the_table_lacks_or_spot_costs_is_not_guessed(environment: EnvironmentFacts, reason: NoCost) -> None:
    assert cost_of(1, exactly(60.0), environment, TABLE).reason is reason


def test_a_bundle_s_families_that_a_region_lacks_are_no_hindrance() -> None:
    assert cost_of(1, exactly(60.0), on_ec2("optimal"), table(m6i_xlarge=0.2)).is_known


def billed(**changes: Any) -> Cost:
    facts = on_ec2("m5.xlarge")
    facts = msgspec.structs.replace(facts, price=price_of(facts, TABLE))
    seen = {"created_ms": 0.0, "starting_ms": exactly(0.0), "started_ms": 0.0, "stopped_ms": 3_600_000.0, **changes}
    job = JobResult(
        job_id="j", job_name="n", submission_time="", submit_duration=0.0, countdown_seconds=1, status="SUCCEEDED"
    )
    billing = billing_of([msgspec.structs.replace(job, instants=Instants(**seen))] * 2, facts)
    assert billing is not None
    return billing.cost


def test_a_run_s_cost_is_such_a_range_too() -> None:
    cost = billed()
    assert cost.amount == Bound(2 * 0.1, round(2 * 0.2 * (3600 + IDLE_S) / 3600, 6))
    assert cost.idle_s == IDLE_S


def test_the_table_keeps_instances_by_their_dates() -> None:
    older = msgspec.structs.replace(table(m5_xlarge=0.1, c5_xlarge=0.1), as_of="2026-01")
    merged = newest_of((older, TABLE))
    assert read_price_table(table_document(merged)) == merged
    assert {kind: each.hour["LINUX"] for kind, each in merged.instances["r"].items()} == {
        "m5.xlarge": 0.2,
        "c5.xlarge": 0.1,
        "r5.xlarge": 0.3,
    }
    known = merged.instance_of("r", "c5.xlarge")
    assert known is not None
    assert known.as_of == "2026-01"
