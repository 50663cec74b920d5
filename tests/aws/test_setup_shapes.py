"""What jobs stand on, in the many ways in which AWS writes it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest

from batchgauge.aws.download import download_text
from batchgauge.aws.prices import price_list_region
from batchgauge.aws.role_rights import allowed_actions
from batchgauge.aws.setup_shapes import (
    read_definition_setup,
    read_image_configuration,
    read_platforms,
    read_role_setup,
    read_subnets,
)
from batchgauge.core.checks.setup import ImagePlatform, Way

TASKS = "ecs-tasks.amazonaws.com"
ALLOW = {"Effect": "Allow", "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("statement", "services"),
    [
        ({**ALLOW, "Principal": {"Service": TASKS}}, (TASKS,)),
        ([{**ALLOW, "Principal": {"Service": ["ec2.amazonaws.com", TASKS]}}], ("ec2.amazonaws.com", TASKS)),
        ([{**ALLOW, "Effect": "Deny", "Principal": {"Service": TASKS}}], ()),
        ([{**ALLOW, "Principal": {"AWS": "arn:aws:iam::1:root"}}], ()),
        ([{**ALLOW, "Principal": "*"}], ()),
    ],
)
@pytest.mark.parametrize("is_encoded", [False, True])
def test_whom_a_role_trusts(statement: Any, services: tuple[str, ...], is_encoded: bool) -> None:
    policy: Any = {"Statement": statement}
    document = quote(json.dumps(policy)) if is_encoded else policy
    role = read_role_setup({"Arn": "arn", "AssumeRolePolicyDocument": document})
    assert role.trusted_services == services


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ({"Effect": "Allow", "Action": "ecr:*"}, ["ecr:*"]),
        ([{"Effect": "Allow", "Action": ["a:B", "c:D"]}, {"Effect": "Deny", "Action": "a:B"}], ["a:B", "c:D"]),
        ({"Effect": "Allow", "NotAction": "iam:*"}, ["*"]),
        ([], []),
    ],
)
@pytest.mark.parametrize("is_encoded", [False, True])
def test_what_a_policy_may_allow(statement: Any, allowed: list[str], is_encoded: bool) -> None:
    policy: Any = {"Statement": statement}
    assert list(allowed_actions(quote(json.dumps(policy)) if is_encoded else policy)) == allowed


def test_a_policy_that_cannot_be_read_may_allow_everything() -> None:
    assert list(allowed_actions("{'Statement': []}")) == ["*"]


def test_an_index_names_its_platforms_and_no_attestation() -> None:
    manifests = [
        {"platform": {"os": "windows", "architecture": "amd64", "os.version": "10.0.20348.1"}},
        {"platform": {"os": "unknown", "architecture": "unknown"}},
        {},
    ]
    assert read_platforms({"manifests": manifests}) == (
        ImagePlatform(system="windows", architecture="amd64", version="10.0.20348.1"),
    )


def test_a_single_image_is_told_by_its_layers_or_its_configuration() -> None:
    foreign = {"layers": [{"mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"}]}
    assert read_platforms(foreign) == (ImagePlatform(system="windows"),)
    assert read_platforms({"layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"}]}) == ()
    configuration = {"os": "windows", "architecture": "amd64", "os.version": "10.0.17763.1", "config": {}}
    assert read_image_configuration(configuration) == (
        ImagePlatform(system="windows", architecture="amd64", version="10.0.17763.1"),
    )
    assert read_image_configuration({}) == ()


def test_empty_settings_are_none_and_linuxs_platform_version_is_one() -> None:
    container = {
        "image": "i",
        "ulimits": [],
        "privileged": False,
        "user": "app",
        "fargatePlatformConfiguration": {"platformVersion": "1.4.0"},
        "volumes": [{"name": "v", "efsVolumeConfiguration": {}}],
    }
    definition = read_definition_setup(
        {"jobDefinitionName": "d", "revision": 1, "status": "ACTIVE", "containerProperties": container}
    )
    assert definition.settings == ("user", "efsVolumeConfiguration", "platformVersion=1.4.0")


@pytest.mark.parametrize("shape", ["ecsProperties", "eksProperties", "nodeProperties"])
def test_a_definition_of_another_shape_is_not_taken_for_a_container_without_settings(shape: str) -> None:
    definition = read_definition_setup({"jobDefinitionName": "d", "revision": 1, "type": "container", shape: {}})
    assert definition.type == shape


SUBNET = {"SubnetId": "s", "VpcId": "v"}


def table(route: dict[str, Any], association: dict[str, Any]) -> dict[str, Any]:
    return {"VpcId": "v", "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", **route}], "Associations": [association]}


MAIN, OWN = {"Main": True}, {"SubnetId": "s"}


@pytest.mark.parametrize(
    ("tables", "way"),
    [
        ([table({"GatewayId": "igw-1"}, MAIN)], Way.INTERNET_GATEWAY),
        ([table({"GatewayId": "igw-1"}, MAIN), table({"NatGatewayId": "nat-1"}, OWN)], Way.NAT),
        ([table({"TransitGatewayId": "tgw-1"}, OWN)], Way.OTHER),
        ([table({"NatGatewayId": "nat-1", "State": "blackhole"}, OWN)], Way.NONE),
        ([table({"GatewayId": "igw-1"}, {"SubnetId": "other"})], Way.NONE),
        ([], Way.NONE),
    ],
)
def test_a_subnets_own_table_comes_before_the_main_one(tables: list[dict[str, Any]], way: Way) -> None:
    [subnet] = read_subnets([SUBNET], tables, [])
    assert subnet.way is way


def test_endpoints_are_those_of_the_subnets_vpc() -> None:
    endpoints = [
        {"VpcId": "v", "ServiceName": "com.amazonaws.us-west-2.ecr.api", "State": "available"},
        {"VpcId": "v", "ServiceName": "com.amazonaws.us-west-2.logs", "State": "pending"},
        {"VpcId": "w", "ServiceName": "com.amazonaws.us-west-2.s3"},
    ]
    [subnet] = read_subnets([SUBNET | {"AvailabilityZoneId": "usw2-az1"}], [], endpoints)
    assert (subnet.endpoints, subnet.zone_id) == (("ecr.api",), "usw2-az1")


@pytest.fixture
def web() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"os": "linux"}' if self.path == "/small" else b"x" * (2 << 20)
            self.send_response(404 if self.path == "/none" else 200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_configuration_is_downloaded_and_nothing_else_is(web: str) -> None:
    read = [asyncio.run(download_text(f"{web}/{path}")) for path in ("small", "large", "none")]
    assert read == ['{"os": "linux"}', "", ""]
    assert asyncio.run(download_text("file:///etc/hosts")) == ""
    assert asyncio.run(download_text("http://127.0.0.1:9/")) == ""


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [
        ("us-west-2", "us-east-1"),
        ("ap-northeast-1", "ap-south-1"),
        ("eu-north-1", "eu-central-1"),
        ("sa-east-1", "us-east-1"),
    ],
)
def test_the_price_list_is_asked_in_one_of_its_three_regions(region: str, endpoint: str) -> None:
    assert price_list_region(region) == endpoint
