"""What jobs of a queue and a definition stand on, as AWS shows it before anything is started: facts without a judgment.

A fact that could not be read is an `Unread`, with AWS's own words: it is then neither well nor wrong.
"""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

import msgspec

WINDOWS: Final = "WINDOWS"
FARGATE: Final = "FARGATE"
EC2: Final = "EC2"
SPOT_TYPES: Final = frozenset({"SPOT", "FARGATE_SPOT"})


class Facts(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The shape that all of these have."""


class Unread(Facts, frozen=True, kw_only=True):
    """Something that AWS did not show."""

    operation: str
    error: str
    """AWS's code."""
    detail: str = ""

    @property
    def is_denied(self) -> bool:
        """Whether these credentials may not read it."""
        return "AccessDenied" in self.error or self.error == "UnauthorizedOperation"


class Identity(Facts, frozen=True, kw_only=True):
    """Whose credentials these are."""

    account_id: str
    arn: str


class QueueSetup(Facts, frozen=True, kw_only=True):
    """A job queue."""

    name: str
    arn: str
    state: str
    status: str
    status_reason: str = ""
    environments: tuple[str, ...] = ()
    """ARNs, in their order."""


class EnvironmentSetup(Facts, frozen=True, kw_only=True):
    """A compute environment."""

    name: str
    state: str
    status: str
    status_reason: str = ""
    is_managed: bool = True
    type: str = ""
    """``FARGATE``, ``FARGATE_SPOT``, ``EC2`` or ``SPOT``; empty where it is unmanaged."""
    max_vcpus: int | None = None
    subnets: tuple[str, ...] = ()
    instance_types: tuple[str, ...] = ()
    """Types, families and bundles of EC2's."""

    @property
    def is_fargate(self) -> bool:
        """Whether its jobs are Fargate tasks."""
        return self.type.startswith(FARGATE)

    @property
    def is_spot(self) -> bool:
        """Whether AWS may take it back at any time."""
        return self.type in SPOT_TYPES


class LogSetup(Facts, frozen=True, kw_only=True):
    """Where a container's lines go."""

    driver: str = "awslogs"
    group: str = "/aws/batch/job"
    creates_group: bool = False
    """Whether the driver is told to make the group."""


class DefinitionSetup(Facts, frozen=True, kw_only=True):
    """A job definition, with what a submission would override in its place."""

    name: str
    revision: int
    status: str
    type: str = "container"
    platform: str = EC2
    operating_system_family: str = ""
    """Empty where there is no ``runtimePlatform``."""
    cpu_architecture: str = ""
    image: str = ""
    vcpus: float | None = None
    memory_mib: int | None = None
    execution_role: str = ""
    job_role: str = ""
    assigns_public_ip: bool = False
    log: LogSetup = LogSetup()
    command: tuple[str, ...] = ()
    parameters: dict[str, str] = {}
    timeout_s: int | None = None
    attempts: int = 1
    settings: tuple[str, ...] = ()
    """Names of the container's other settings, as AWS writes them."""

    @property
    def is_windows(self) -> bool:
        """Whether its container is a Windows one."""
        return self.operating_system_family.startswith(WINDOWS)

    @property
    def is_fargate(self) -> bool:
        """Whether it is for Fargate."""
        return self.platform == FARGATE


class RoleSetup(Facts, frozen=True, kw_only=True):
    """A role, and who may take it."""

    arn: str
    trusted_services: tuple[str, ...]


class RoleRights(Facts, frozen=True, kw_only=True):
    """What a role's own policies say; boundaries, resources' policies, conditions and what is denied are left out."""

    policies: tuple[str, ...] = ()
    """Names of those attached and of those written into it."""
    allowed: tuple[str, ...] = ()
    """Patterns of actions that a policy allows on something; ``*`` where it names only what it does not allow."""

    def may_allow(self, action: str) -> bool:
        """Whether any policy names it; where none does, the role itself certainly does not allow it."""
        return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in self.allowed)


class ImagePlatform(Facts, frozen=True, kw_only=True):
    """What an image is for."""

    system: str
    """``windows`` or ``linux``, as image manifests write it."""
    architecture: str = ""
    version: str = ""
    """Of Windows: the build, such as ``10.0.20348.2966``."""


class ImageSetup(Facts, frozen=True, kw_only=True):
    """An image in a registry."""

    digest: str
    mib: float | None = None
    platforms: tuple[ImagePlatform, ...] = ()
    """Empty where the registry does not show them."""


class Way(StrEnum):
    """Where a subnet's default route goes."""

    INTERNET_GATEWAY = "internet-gateway"
    NAT = "nat"
    OTHER = "other"
    """A transit gateway, an appliance, a peering: nobody can say from here where that leads."""
    NONE = "none"


class SubnetSetup(Facts, frozen=True, kw_only=True):
    """A subnet of a compute environment."""

    subnet_id: str
    way: Way
    vpc_id: str = ""
    free_addresses: int | None = None
    """Each task of Fargate's takes one."""
    endpoints: tuple[str, ...] = ()
    """The services that its VPC has endpoints for, such as ``ecr.api``."""
    zone_id: str = ""
    """Of its Availability Zone, such as ``use1-az4``; empty where that is not shown."""


class QuotaSetup(Facts, frozen=True, kw_only=True):
    """A quota of the account in the Region."""

    code: str
    name: str
    value: float


class OthersJobs(Facts, frozen=True, kw_only=True):
    """What stands in the queue now."""

    runnable: int = 0
    running: int = 0
    is_at_least: bool = False


class Asked(Facts, frozen=True, kw_only=True):
    """What the jobs are to be like: what is checked against."""

    queue: str
    definition: str
    num_jobs: int | None = None
    countdown_s: int | None = None
    command: tuple[str, ...] | None = None
    parameters: dict[str, str] = {}
    vcpus: float | None = None
    memory_mib: int | None = None
    profile: str | None = None
    endpoint_url: str | None = None


class Setup(Facts, frozen=True, kw_only=True):
    """All of it; None of what does not exist, or was not to be looked at (`is_quick`)."""

    region: str
    identity: Identity | Unread
    queue: QueueSetup | Unread | None = None
    environments: tuple[EnvironmentSetup, ...] | Unread = ()
    definition: DefinitionSetup | Unread | None = None
    execution_role: RoleSetup | Unread | None = None
    job_role: RoleSetup | Unread | None = None
    execution_rights: RoleRights | Unread | None = None
    job_rights: RoleRights | Unread | None = None
    image: ImageSetup | Unread | None = None
    has_log_group: bool | Unread = True
    subnets: tuple[SubnetSetup, ...] | Unread = ()
    quota: QuotaSetup | Unread | None = None
    others: OthersJobs | Unread = OthersJobs()
    is_quick: bool = False
    """Whether only that was read which can make every job fail."""
