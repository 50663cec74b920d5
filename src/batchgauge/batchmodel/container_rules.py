"""What container properties must and must not have, by platform and operating system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from batchgauge.batchmodel.refusals import client_error
from batchgauge.batchmodel.resource_rules import check_ec2, check_fargate, requirement_of

NOT_ON_FARGATE: Final = ("vcpus", "memory", "instanceType", "ulimits", "privileged")
NOT_ON_WINDOWS: Final = ("linuxParameters", "privileged", "user", "ulimits", "readonlyRootFilesystem")
FAMILIES: Final = frozenset(
    {"LINUX", *(f"WINDOWS_SERVER_{year}_{kind}" for year in ("2019", "2022") for kind in ("CORE", "FULL"))}
)
RESERVED_PREFIX: Final = "AWS_BATCH"
EMPTY_LISTS: Final = ("command", "volumes", "environment", "mountPoints", "ulimits", "secrets", "resourceRequirements")


def checked_container(properties: Mapping[str, Any], platform: str) -> dict[str, Any]:
    """The container properties as AWS keeps them: checked, with its empty lists."""
    if not properties.get("image"):
        raise client_error("Container image must not be empty.")
    check_environment(properties.get("environment", ()))
    check_platform(properties, platform)
    return {**{name: [] for name in EMPTY_LISTS}, **properties}


def check_environment(variables: Sequence[Mapping[str, str]]) -> None:
    """Refuse names that are Batch's own."""
    for variable in variables:
        name = variable.get("name", "")
        if name.startswith(RESERVED_PREFIX):
            raise client_error(f"Environment variable {name} must not start with {RESERVED_PREFIX}")


def check_platform(properties: Mapping[str, Any], platform: str) -> None:
    """Refuse what this platform (``EC2``, ``FARGATE``) or operating system cannot run."""
    family = operating_system_family(properties)
    if family not in FAMILIES:
        raise client_error(f"{family} is not a supported operating system family.")
    is_windows = is_windows_family(family)
    if is_windows and platform != "FARGATE":
        raise client_error("Windows containers are only supported on FARGATE.")
    if is_windows:
        _check_windows(properties)
    if platform == "FARGATE":
        _check_fargate(properties)
        check_fargate(requirement_of(properties), is_windows)
    else:
        check_ec2(requirement_of(properties))


def operating_system_family(properties: Mapping[str, Any]) -> str:
    """``LINUX`` unless said otherwise."""
    return str((properties.get("runtimePlatform") or {}).get("operatingSystemFamily") or "LINUX").upper()


def is_windows_family(family: str) -> bool:
    """``WINDOWS_SERVER_…``."""
    return family.startswith("WINDOWS")


def _check_fargate(properties: Mapping[str, Any]) -> None:
    for name in NOT_ON_FARGATE:
        if properties.get(name):
            hint = " Use resource requirements instead." if name in ("vcpus", "memory") else ""
            raise client_error(f"{name} is not applicable for Fargate.{hint}")
    if not properties.get("executionRoleArn"):
        raise client_error("executionRoleArn is required for Fargate jobs.")
    if any(entry["type"] == "GPU" for entry in properties.get("resourceRequirements", ())):
        raise client_error("GPU is not applicable for Fargate.")


def _check_windows(properties: Mapping[str, Any]) -> None:
    for name in NOT_ON_WINDOWS:
        if properties.get(name):
            raise client_error(f"{name} is not applicable for Windows containers.")
    if any("efsVolumeConfiguration" in volume for volume in properties.get("volumes", ())):
        raise client_error("efsVolumeConfiguration is not applicable for Windows containers.")
    architecture = (properties.get("runtimePlatform") or {}).get("cpuArchitecture") or "X86_64"
    if architecture.upper() != "X86_64":
        raise client_error(f"cpuArchitecture {architecture} is not applicable for Windows containers.")
    version = (properties.get("fargatePlatformConfiguration") or {}).get("platformVersion", "LATEST")
    if version not in ("LATEST", "1.0.0"):
        raise client_error(f"Platform version {version} is not applicable for Windows containers.")
