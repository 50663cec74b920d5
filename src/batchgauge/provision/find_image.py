"""Find the container image to register: the one repository whose name speaks of it, and its newest image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from batchgauge.errors import ResourceAmbiguousError, ResourceMissingError
from batchgauge.ports import Account, ContainerImage, ImageRepository

TELLING_WORDS: Final = ("windows", "countdown")
DEFAULT_TAG: Final = "latest"
IMAGE_FLAG: Final = "--image"


async def find_image(account: Account) -> str:
    """The image's URI with its tag, or its digest where it has none.

    Raises:
        ResourceMissingError: no repository fits, or it is empty.
        ResourceAmbiguousError: more than one repository fits.
    """
    repository = _choose_repository(await account.list_repositories(), account.region)
    images = await account.list_images(repository.name)
    newest = max(images, key=lambda image: (DEFAULT_TAG in image.tags, bool(image.tags), image.pushed_ms), default=None)
    if newest is None:
        raise ResourceMissingError(kind="image", name=repository.name, region=account.region, flag=IMAGE_FLAG)
    return repository.uri + _reference(newest)


def _choose_repository(repositories: Sequence[ImageRepository], region: str) -> ImageRepository:
    """The one with the most telling words in its name."""
    telling = {repository: _count_telling(repository.name) for repository in repositories}
    most = max(telling.values(), default=0)
    best = [repository for repository, count in telling.items() if count == most]
    if most == 0:
        raise ResourceMissingError(kind="repository", name=" / ".join(TELLING_WORDS), region=region, flag=IMAGE_FLAG)
    if len(best) > 1:
        names = ", ".join(repository.name for repository in best)
        raise ResourceAmbiguousError(kind="repository", names=names, region=region, flag=IMAGE_FLAG)
    return best[0]


def _count_telling(name: str) -> int:
    return sum(word in name.lower() for word in TELLING_WORDS)


def _reference(image: ContainerImage) -> str:
    if DEFAULT_TAG in image.tags:
        return f":{DEFAULT_TAG}"
    return f":{image.tags[0]}" if image.tags else f"@{image.digest}"
