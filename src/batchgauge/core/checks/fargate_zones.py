"""In which Availability Zones Fargate starts tasks, for the Regions where that is not all of them.

Source: Amazon ECS developer guide, "Supported Regions for Amazon ECS on AWS Fargate" (Windows as of 2023, Linux as of 2026). Zones are
named by their ids, which mean the same place in every account; names such as ``us-east-1a`` do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LINUX_ZONES: Final[Mapping[str, tuple[str, ...]]] = {
    "ap-northeast-1": ("apne1-az1", "apne1-az2", "apne1-az4"),
    "cn-north-1": ("cnn1-az1", "cnn1-az2"),
    "us-west-1": ("usw1-az1", "usw1-az3"),
}
WINDOWS_ZONES: Final[Mapping[str, tuple[str, ...]]] = {
    "ap-northeast-1": LINUX_ZONES["ap-northeast-1"],
    "ca-central-1": ("cac1-az1", "cac1-az2"),
    "us-east-1": ("use1-az1", "use1-az2", "use1-az4", "use1-az5", "use1-az6"),
    "us-west-1": LINUX_ZONES["us-west-1"],
}


def fargate_zones(region: str, *, is_windows: bool) -> tuple[str, ...]:
    """The ids of the zones that have it; empty where all of the Region's have, as far as is known."""
    return (WINDOWS_ZONES if is_windows else LINUX_ZONES).get(region, ())
