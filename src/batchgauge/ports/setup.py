"""What stands in an account for jobs to run on, as a check reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from batchgauge.core.checks.setup import (
    DefinitionSetup,
    EnvironmentSetup,
    Identity,
    ImageSetup,
    OthersJobs,
    QueueSetup,
    QuotaSetup,
    RoleRights,
    RoleSetup,
    SubnetSetup,
)
from batchgauge.core.images.name import ImageName


class Networks(Protocol):
    """Networks that are there already; every method raises an `AwsError` where AWS refuses."""

    @property
    def region(self) -> str:
        """The Region that is asked."""
        ...

    async def has_vpc(self, vpc_id: str) -> bool:
        """Whether there is such a VPC."""
        ...

    async def find_subnets(self, ids: Sequence[str]) -> tuple[SubnetSetup, ...]:
        """Those of the subnets that are there, with where their default routes go."""
        ...


class SetupSource(Protocol):
    """Reads and changes nothing. Not measured, so every method raises an `AwsError` where AWS refuses; None is what does not exist."""

    @property
    def region(self) -> str:
        """The Region that is asked."""
        ...

    async def identity(self) -> Identity:
        """Whose credentials these are."""
        ...

    async def queue(self, name: str) -> QueueSetup | None:
        """By name or ARN."""
        ...

    async def environments(self, names: Sequence[str]) -> tuple[EnvironmentSetup, ...]:
        """By name or ARN, in the order of the names."""
        ...

    async def definition(self, name: str) -> DefinitionSetup | None:
        """The newest active revision of a name, or the one of ``name:revision`` or an ARN."""
        ...

    async def role(self, name: str) -> RoleSetup | None:
        """By its name or ARN."""
        ...

    async def role_rights(self, name: str) -> RoleRights:
        """What the policies of a role that is there say."""
        ...

    async def image(self, name: ImageName) -> ImageSetup | None:
        """An image in a private registry of this Region."""
        ...

    async def has_log_group(self, name: str) -> bool:
        """Whether there is such a log group."""
        ...

    async def subnets(self, ids: Sequence[str]) -> tuple[SubnetSetup, ...]:
        """Subnets with where their default routes go."""
        ...

    async def fargate_quota(self, code: str) -> QuotaSetup | None:
        """A quota of Fargate's, as the account has it."""
        ...

    async def others(self, queue: str) -> OthersJobs:
        """What stands in a queue now, as far as a page of each state shows."""
        ...
