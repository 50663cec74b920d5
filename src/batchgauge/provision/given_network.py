"""A network that is there already, looked up before a stack is made in it: whether it is there, and whether jobs can start in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from batchgauge.core.checks.setup import SubnetSetup, Way
from batchgauge.core.checks.ways import without_address, without_way
from batchgauge.errors import AccessDeniedError, AwsCallError, NetworkNotUsableError
from batchgauge.ports import Networks
from batchgauge.provision.stacks import Action, Plan

PARAMETERS: Final = ("VpcId", "SubnetIds", "AssignPublicIp")


class NetworkLook(StrEnum):
    """What is known of a network."""

    WELL = "well"
    """Jobs can pull their image from there, as far as routes and endpoints show."""
    ELSEWHERE = "elsewhere"
    """A route leads to something behind which nothing is seen."""
    UNSEEN = "unseen"
    """These credentials may not look."""


async def look_at_network(networks: Networks, plan: Plan) -> NetworkLook | None:
    """None where a network is made, or stays as it is.

    Raises:
        NetworkNotUsableError: it is not there, or no job could start in it.
        AwsError: AWS cannot be asked.
    """
    parameters = plan.parameters
    if not parameters["VpcId"] or not _is_new(plan):
        return None
    wanted = [each.strip() for each in parameters["SubnetIds"].split(",") if each.strip()]
    try:
        found = await networks.find_subnets(wanted)
        has_vpc = any(each.vpc_id == parameters["VpcId"] for each in found) or await networks.has_vpc(
            parameters["VpcId"]
        )
    except (AccessDeniedError, AwsCallError):
        return NetworkLook.UNSEEN
    for because, subnets in _troubles(parameters, wanted, found, has_vpc=has_vpc).items():
        if subnets:
            named = ", ".join(subnets)
            raise NetworkNotUsableError(vpc=parameters["VpcId"], subnets=named, region=networks.region, because=because)
    return NetworkLook.ELSEWHERE if any(each.way is Way.OTHER for each in found) else NetworkLook.WELL


def _is_new(plan: Plan) -> bool:
    """What stands already was looked up when it was new, and an update that leaves it alone must not fail of it."""
    if plan.action is not Action.UPDATE or plan.current is None:
        return True
    return any(plan.current.parameters.get(name) != plan.parameters[name] for name in PARAMETERS)


def _troubles(
    parameters: Mapping[str, str], wanted: Sequence[str], found: Sequence[SubnetSetup], *, has_vpc: bool
) -> dict[str, list[str]]:
    """The subnets that each trouble is with, in the order in which they are worth saying."""
    there = {each.subnet_id for each in found}
    has_public_address = parameters["AssignPublicIp"] == "ENABLED"
    return {
        "vpc-missing": [] if has_vpc else list(wanted),
        "subnet-missing": [each for each in wanted if each not in there],
        "subnet-of-another-vpc": [each.subnet_id for each in found if each.vpc_id != parameters["VpcId"]],
        "subnet-without-way": [each.subnet_id for each in without_way(found)],
        "subnet-needs-address": [
            each.subnet_id for each in without_address(found, has_public_address=has_public_address)
        ],
    }
