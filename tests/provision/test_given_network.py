"""A network of the user's own is looked up before anything is made in it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from batchgauge.core.checks.setup import SubnetSetup, Way
from batchgauge.errors import AccessDeniedError, AwsError, EndpointUnreachableError, NetworkNotUsableError
from batchgauge.ports import Stack
from batchgauge.provision.given_network import NetworkLook, look_at_network
from batchgauge.provision.stacks import Action, Plan

ENDPOINTS = ("ecr.api", "ecr.dkr", "logs", "s3")


@dataclass
class FakeNetworks:
    """An account with one VPC."""

    subnets: tuple[SubnetSetup, ...] = ()
    refusal: AwsError | None = None

    region = "us-west-2"

    async def has_vpc(self, vpc_id: str) -> bool:
        return vpc_id == "vpc-1"

    async def find_subnets(self, ids: Sequence[str]) -> tuple[SubnetSetup, ...]:
        if self.refusal is not None:
            raise self.refusal
        return tuple(each for each in self.subnets if each.subnet_id in ids)


def subnet(way: Way, endpoints: tuple[str, ...] = (), vpc_id: str = "vpc-1") -> SubnetSetup:
    return SubnetSetup(subnet_id="subnet-1", way=way, vpc_id=vpc_id, endpoints=endpoints)


def plan(vpc: str = "vpc-1", public_ip: str = "ENABLED", before: dict[str, str] | None = None) -> Plan:
    parameters = {"VpcId": vpc, "SubnetIds": "subnet-1" if vpc else "", "AssignPublicIp": public_ip}
    current = Stack("id", "s", "CREATE_COMPLETE", parameters=before) if before is not None else None
    return Plan("s", Action.UPDATE if current else Action.CREATE, "", {}, parameters, current)


def looked(planned: Plan, *subnets: SubnetSetup, refusal: AwsError | None = None) -> NetworkLook | None:
    return asyncio.run(look_at_network(FakeNetworks(subnets, refusal), planned))


@pytest.mark.parametrize(
    ("planned", "found", "because"),
    [
        (plan("vpc-2"), (), "vpc-missing"),
        (plan(), (), "subnet-missing"),
        (plan(), (subnet(Way.NAT, vpc_id="vpc-9"),), "subnet-of-another-vpc"),
        (plan(), (subnet(Way.NONE, ENDPOINTS[:3]),), "subnet-without-way"),
        (plan(public_ip="DISABLED"), (subnet(Way.INTERNET_GATEWAY),), "subnet-needs-address"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_where_no_job_could_start_nothing_is_made(planned: Plan, found: tuple[SubnetSetup, ...], because: str) -> None:
    with pytest.raises(NetworkNotUsableError) as raised:
        looked(planned, *found)
    assert raised.value.because == because
    assert raised.value.subnets == "subnet-1"


def test_a_way_or_endpoints_will_do_and_what_is_behind_a_gateway_is_left_open() -> None:
    assert looked(plan(), subnet(Way.INTERNET_GATEWAY)) is NetworkLook.WELL
    assert looked(plan(public_ip="DISABLED"), subnet(Way.NAT)) is NetworkLook.WELL
    assert looked(plan(public_ip="DISABLED"), subnet(Way.NONE, ENDPOINTS)) is NetworkLook.WELL
    assert looked(plan(), subnet(Way.OTHER)) is NetworkLook.ELSEWHERE


def test_whoever_may_not_look_is_told_so_and_no_way_to_aws_is_an_error() -> None:
    denied = AccessDeniedError(operation="DescribeSubnets", detail="no")
    assert looked(plan(), refusal=denied) is NetworkLook.UNSEEN
    with pytest.raises(EndpointUnreachableError):
        looked(plan(), refusal=EndpointUnreachableError(endpoint="e", reason="r"))


def test_a_network_that_is_made_or_stays_is_not_asked_about() -> None:
    assert looked(plan("")) is None
    stands = plan()
    assert looked(plan(before=dict(stands.parameters))) is None
    with pytest.raises(NetworkNotUsableError):
        looked(plan(before={**stands.parameters, "SubnetIds": "subnet-2"}))
