"""What a container cannot start without: its log group, and its image where the account's own registry is to hold it."""

from __future__ import annotations

from typing import Protocol

from batchgauge.batchmodel.boundary import StartProcess
from batchgauge.localaws import seed
from batchgauge.localaws.settings import ServerSettings


class Holdings(Protocol):
    """What the account holds at this moment."""

    def has_log_group(self, name: str) -> bool:
        """Whether CloudWatch Logs knows the group."""

    def has_repository(self, name: str) -> bool:
        """Whether ECR knows the repository."""

    def has_image(self, repository: str, tag: str, digest: str) -> bool:
        """Whether the repository holds it; by its digest where that is not empty."""


class SeedOnly:
    """The account before moto is loaded: whoever makes something in it waits for moto, so the seed is all that is there."""

    def has_log_group(self, name: str) -> bool:
        """See `Holdings`."""
        return name in seed.LOG_GROUPS

    def has_repository(self, name: str) -> bool:
        """See `Holdings`."""
        return name in (seed.REPOSITORY, *seed.OTHER_REPOSITORIES)

    def has_image(self, repository: str, tag: str, digest: str) -> bool:
        """See `Holdings`; what a digest names is not known yet, and taken for there."""
        return self.has_repository(repository) and (bool(digest) or tag == seed.IMAGE_TAG)


def why_not_started(start: StartProcess, settings: ServerSettings, holdings: Holdings) -> str | None:
    """What ECS says where the container's log group or image is missing; None where both are there."""
    if start.must_find_log_group and not holdings.has_log_group(start.log_group):
        return (
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
            "failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist."
        )
    return _why_not_pulled(start.image, settings, holdings)


def _why_not_pulled(image: str, settings: ServerSettings, holdings: Holdings) -> str | None:
    """Of an image of this account's own ECR; other registries are not looked into."""
    registry = f"{settings.account_id}.dkr.ecr.{settings.region}.amazonaws.com/"
    if not image.startswith(registry):
        return None
    name, _, digest = image.removeprefix(registry).partition("@")
    repository, _, tag = name.partition(":")
    if holdings.has_image(repository, tag or ("" if digest else "latest"), digest):
        return None
    known = holdings.has_repository(repository)
    more = "" if known else f": name unknown: The repository with name '{repository}' does not exist"
    return (
        f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: "
        f"{image}: not found{more}"
    )
