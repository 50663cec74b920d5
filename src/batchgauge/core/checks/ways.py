"""Whether a Fargate task in a subnet can reach what it needs in order to start; an instance of EC2 has ways of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from batchgauge.core.checks.setup import SubnetSetup, Way

WAY_TO_IMAGES: Final = ("ecr.api", "ecr.dkr", "s3", "logs")
"""The endpoints that a subnet without any way out needs: to find an image, to read its layers, and to write the log."""


def missing_endpoints(subnet: SubnetSetup) -> list[str]:
    """Those that its VPC has not."""
    return [service for service in WAY_TO_IMAGES if service not in subnet.endpoints]


def without_address(subnets: Iterable[SubnetSetup], *, has_public_address: bool) -> list[SubnetSetup]:
    """Those whose internet gateway lets nobody through who has no public address, and that have no endpoints instead."""
    if has_public_address:
        return []
    return [each for each in subnets if each.way is Way.INTERNET_GATEWAY and missing_endpoints(each)]


def without_way(subnets: Iterable[SubnetSetup]) -> list[SubnetSetup]:
    """Those that lead nowhere, and have no endpoints instead."""
    return [each for each in subnets if each.way is Way.NONE and missing_endpoints(each)]
