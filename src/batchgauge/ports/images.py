"""Where container images are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol


class ImageRegistry(Protocol):
    """One repository of one registry. Every method raises `RegistryError` where the registry refuses or cannot be reached."""

    async def read_manifest(self, version: str) -> bytes:
        """The manifest of a tag or a digest, or the list of manifests that it is."""
        ...

    async def read_blob(self, digest: str) -> bytes:
        """A small blob."""
        ...

    def blob_pieces(self, digest: str) -> Iterator[bytes]:
        """A large one, read piece by piece; whoever takes the pieces waits for them."""
        ...

    async def has_blob(self, digest: str) -> bool:
        """Whether it is there already."""
        ...

    async def add_blob(self, digest: str, size_bytes: int, pieces: Iterable[bytes]) -> None:
        """Store a blob; the registry holds it against its digest."""
        ...

    async def put_manifest(self, version: str, manifest: bytes, media_type: str) -> None:
        """Make the image known under a tag; its blobs must be there."""
        ...


class ImageRepositories(Protocol):
    """ECR. Every method raises an `AwsError` where AWS refuses."""

    async def find_or_create(self, name: str) -> str:
        """The URI of a repository, which is made where it is missing."""
        ...

    async def authorization(self) -> str:
        """What the registry is to be shown in the header ``Authorization``, for twelve hours."""
        ...

    async def has_registry(self) -> bool:
        """Whether images can be pushed there: an embedded AWS's ECR has names of images and nothing behind them."""
        ...

    async def keep_manifest(self, name: str, tag: str, manifest: str) -> str:
        """Put a manifest under a tag by ECR's own call, which asks for no layers; its digest."""
        ...
