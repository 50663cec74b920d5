"""What provisioning needs of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ImageRepository:
    """A repository of container images."""

    name: str
    uri: str


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """An image in a repository; without tags, only its digest names it."""

    digest: str
    tags: tuple[str, ...]
    pushed_ms: float


@dataclass(frozen=True, slots=True)
class RegisteredDefinition:
    """A job definition that AWS has taken."""

    name: str
    revision: int
    arn: str


class Account(Protocol):
    """What stands in the account and Region beside Batch's jobs. Not measured, so every method raises an `AwsError` where AWS refuses."""

    @property
    def region(self) -> str:
        """The Region that is asked."""
        ...

    async def account_id(self) -> str:
        """Whose credentials these are."""
        ...

    async def find_role(self, name: str) -> str | None:
        """The role's ARN; None where there is no such role."""
        ...

    async def list_repositories(self) -> tuple[ImageRepository, ...]:
        """All repositories."""
        ...

    async def list_images(self, repository: str) -> tuple[ContainerImage, ...]:
        """All images of a repository."""
        ...

    async def create_log_group(self, name: str) -> bool:
        """Make a log group; False where it exists already."""
        ...

    async def register_job_definition(self, definition: Mapping[str, object]) -> RegisteredDefinition:
        """Register a definition in AWS's own shape: its first revision, or the next."""
        ...
