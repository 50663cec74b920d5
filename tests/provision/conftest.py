"""An account in memory, for what registration decides; the adapter is tested against a running server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from batchgauge.errors import AccessDeniedError
from batchgauge.ports import ContainerImage, ImageRepository, RegisteredDefinition


@dataclass
class MemoryAccount:
    """`Account` over plain collections."""

    region: str = "ap-northeast-1"
    roles: dict[str, str] = field(default_factory=dict)
    """ARNs by name."""
    are_roles_visible: bool = True
    images: dict[str, list[ContainerImage]] = field(default_factory=dict)
    """By repository."""
    log_groups: set[str] = field(default_factory=set)
    registered: list[Mapping[str, object]] = field(default_factory=list)

    async def account_id(self) -> str:
        return "111122223333"

    async def find_role(self, name: str) -> str | None:
        if not self.are_roles_visible:
            raise AccessDeniedError(operation="GetRole", detail="not authorized")
        return self.roles.get(name)

    async def list_repositories(self) -> tuple[ImageRepository, ...]:
        return tuple(ImageRepository(name, f"registry.example/{name}") for name in self.images)

    async def list_images(self, repository: str) -> tuple[ContainerImage, ...]:
        return tuple(self.images[repository])

    async def create_log_group(self, name: str) -> bool:
        is_new = name not in self.log_groups
        self.log_groups.add(name)
        return is_new

    async def register_job_definition(self, definition: Mapping[str, object]) -> RegisteredDefinition:
        self.registered.append(definition)
        name = str(definition["jobDefinitionName"])
        revision = sum(earlier["jobDefinitionName"] == name for earlier in self.registered)
        return RegisteredDefinition(name, revision, f"arn:aws:batch:{self.region}:111122223333:job-definition/{name}")


@pytest.fixture
def account() -> MemoryAccount:
    """With all that registration looks for."""
    return MemoryAccount(
        roles={
            "BatchExecutionRole": "arn:aws:iam::111122223333:role/service-role/BatchExecutionRole",
            "BatchJobRole": "arn:aws:iam::111122223333:role/BatchJobRole",
        },
        images={
            "web": [ContainerImage("sha256:aa", ("latest",), 1.0)],
            "my-windows-apps": [ContainerImage("sha256:bb", ("v1",), 1.0), ContainerImage("sha256:cc", ("v2",), 2.0)],
        },
    )
