"""``batchgauge prices`` against the embedded AWS's Price List."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from batchgauge.core.cost.prices import read_price_table

Command = Callable[..., subprocess.CompletedProcess[str]]


def test_several_regions_are_read_into_a_file(at_server: Command, tmp_path: Path) -> None:
    done = at_server("prices", "--region", "us-east-1", "--region", "ap-northeast-1", "--output", "prices.json")
    assert done.returncode == 0, done.stderr
    table = read_price_table((tmp_path / "prices.json").read_bytes())
    assert set(table.regions) == {"us-east-1", "ap-northeast-1"}
    assert set(table.regions["us-east-1"]) == {"LINUX", "LINUX_ARM64", "WINDOWS"}
    assert table.regions["us-east-1"]["WINDOWS"].licence_vcpu_hour == 0.046
    assert len(table.as_of) == len("2026-11-24")
    assert [line for line in done.stdout.splitlines() if "ap-northeast-1" in line and "0.05056" in line]


def test_what_an_embedded_aws_makes_up_is_not_kept_for_real_runs(at_server: Command, tmp_path: Path) -> None:
    done = at_server("prices", "--json")
    assert json.loads(done.stdout)["source"] == "embedded-aws"
    assert "warning" in done.stderr
    assert list(tmp_path.rglob("prices.json")) == []


def test_what_is_known_is_shown_without_asking(batchgauge: Command) -> None:
    done = batchgauge("prices", "--show", "--region", "us-west-2", "--lang", "ja")
    assert done.returncode == 0, done.stderr
    assert "同梱の表" in done.stdout
    assert "ap-northeast-1" not in done.stdout


def test_instances_of_a_queue_are_read_and_price_a_plan_there(
    at_server: Command, server: Any, batchgauge: Command, tmp_path: Path
) -> None:
    batch = server.client("batch")
    [seed] = batch.describe_compute_environments()["computeEnvironments"][:1]
    kept = {name: seed["computeResources"][name] for name in ("subnets", "securityGroupIds")}
    batch.create_compute_environment(
        computeEnvironmentName="instances",
        type="MANAGED",
        computeResources={
            **kept,
            "type": "EC2",
            "minvCpus": 0,
            "maxvCpus": 8,
            "instanceTypes": ["m6i", "c5.large"],
            "instanceRole": "arn:aws:iam::123456789012:instance-profile/BatchInstanceRole",
        },
    )
    order = [{"order": 1, "computeEnvironment": "instances"}]
    batch.create_job_queue(jobQueueName="instances", priority=1, computeEnvironmentOrder=order)
    flags = ("--job-queue", "instances", "--instance-type", "nothing9")
    done = at_server("prices", *flags, "--output", "prices.json")
    assert done.returncode == 0, done.stderr
    assert "no price on demand for nothing9" in done.stderr
    assert [line for line in done.stdout.splitlines() if "c5.large" in line and "0.085" in line and "0.177" in line]
    read = read_price_table((tmp_path / "prices.json").read_bytes()).instances["us-west-2"]
    assert {kind.partition(".")[0] for kind in read} == {"m6i", "c5"}


def test_a_region_without_prices_is_an_error(at_server: Command) -> None:
    done = at_server("prices", "--region", "nowhere-1")
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]


def test_boto3_reads_prices_page_by_page_and_quotas(server: Any) -> None:
    pricing = server.client("pricing", region_name="us-east-1")
    pages = pricing.get_paginator("get_products").paginate(ServiceCode="AmazonECS", PaginationConfig={"PageSize": 5})
    products = [json.loads(product) for page in pages for product in page["PriceList"]]
    assert len({product["product"]["sku"] for product in products}) == len(products) > 10
    quotas = server.client("service-quotas")
    quota = quotas.get_service_quota(ServiceCode="fargate", QuotaCode="L-3032A538")["Quota"]
    assert (quota["QuotaName"], quota["Value"]) == ("Fargate On-Demand vCPU resource count", 4000.0)
    try:
        quotas.get_service_quota(ServiceCode="fargate", QuotaCode="L-NONE")
    except quotas.exceptions.NoSuchResourceException:
        pass
    else:
        raise AssertionError("a quota that does not exist was answered")


def test_the_quota_is_the_models_where_it_has_one(start_server: Any, tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    model.write_text('{"fargateVcpuQuota": 6}', encoding="utf-8")
    server = start_server("--model", str(model))
    quota = server.client("service-quotas").get_service_quota(ServiceCode="fargate", QuotaCode="L-3032A538")
    assert quota["Quota"]["Value"] == 6.0
