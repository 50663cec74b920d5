"""Put the countdown into an image and the image into a registry, with nothing but HTTP: no Docker, and nothing kept on the disk.

Of the base, only what the registry does not have yet goes through this computer, piece by piece.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from batchgauge.core.images.image import (
    BlobReference,
    Image,
    Layer,
    System,
    choose_manifest,
    config_of,
    digest_of,
    image_on,
    is_index,
    layers_to_store,
    program_layer,
    with_folder_on_path,
)
from batchgauge.errors import NoSuchImageError, RegistryError
from batchgauge.ports import ImageRegistry, ImageRepositories

TRIES: Final = 3
BASES: Final = {
    "2022": "mcr.microsoft.com/windows/servercore:ltsc2022",
    "2019": "mcr.microsoft.com/windows/servercore:ltsc2019",
}
"""The base of each version of Windows Server that Fargate runs."""
BUILDS: Final = {"2022": "10.0.20348.1", "2019": "10.0.17763.1"}
"""What they say of themselves, but for the month."""
SERVER_CORE_PATH: Final = (
    r"C:\Windows\system32;C:\Windows;C:\Windows\System32\Wbem;C:\Windows\System32\WindowsPowerShell\v1.0"
)
"""Of these bases, which name none in their configurations; the Dockerfile has the same."""
WINDOWS_FOLDER: Final = "/test/"
LINUX_FOLDER: Final = "/usr/local/bin/"
DEFAULT_SECONDS: Final = "30"

Progress = Callable[[int, int], None]
"""Told (bytes so far, bytes in all) of what is copied."""


@dataclass(frozen=True, slots=True)
class Base:
    """What the image stands on."""

    name: str
    """As a person would write it."""
    registry: ImageRegistry
    version: str
    search_path: str | None = None
    """PATH of its processes, where its configuration does not say it and we know it."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into the image."""

    system: System
    program: str
    """The program's file name."""
    content: bytes

    def layer(self) -> Layer:
        """The program where the job definition looks for it; on Linux a folder for its temporary file too, since the base is nothing."""
        if self.system == "windows":
            return program_layer("windows", WINDOWS_FOLDER + self.program, self.content)
        return program_layer("linux", LINUX_FOLDER + self.program, self.content, empty_folders=["/tmp"])  # noqa: S108 - in the image

    @property
    def command(self) -> list[str]:
        """What the container starts where the job names nothing."""
        if self.system == "windows":
            return ["C:" + WINDOWS_FOLDER.replace("/", "\\") + self.program, DEFAULT_SECONDS]
        return [LINUX_FOLDER + self.program, DEFAULT_SECONDS]


@dataclass(frozen=True, slots=True)
class PushedImage:
    """What stands in the registry now."""

    digest: str
    os_version: str | None
    """Of Windows, as the base says it: ``10.0.20348.…`` is 2022, ``10.0.17763.…`` 2019."""
    copied_bytes: int
    kept_bytes: int
    """Of the layers that were there already."""


async def name_image(
    repositories: ImageRepositories, repository: str, tag: str, contents: Contents, windows: str
) -> PushedImage:
    """The image's name and platform alone, where no registry stands behind ECR; jobs find it by its name."""
    version = BUILDS[windows] if contents.system == "windows" else ""
    platform = {"os": contents.system, "architecture": "amd64", **({"os.version": version} if version else {})}
    entry = {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": digest_of(contents.content),
        "size": len(contents.content),
        "platform": platform,
    }
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [entry]}
    digest = await repositories.keep_manifest(repository, tag, json.dumps(index))
    return PushedImage(digest, version or None, 0, 0)


async def push_image(
    target: ImageRegistry, tag: str, contents: Contents, base: Base | None, progress: Progress
) -> PushedImage:
    """Store the image under a tag; without a base, of the program alone.

    Raises:
        NoSuchImageError: the base is not for the system.
        RegistryError: a registry refused, or did not answer three times.
    """
    manifest: dict[str, Any] | None = None
    config: dict[str, Any] = {"config": {"Env": ["PATH=" + LINUX_FOLDER.rstrip("/")], "WorkingDir": "/tmp"}}  # noqa: S108 - in the image
    missing, kept = list[BlobReference](), 0
    if base is not None:
        manifest = await _manifest_of(base, contents.system)
        config = json.loads(await base.registry.read_blob(config_of(manifest).digest))
        if contents.system == "windows":
            config = dict(with_folder_on_path(config, "C:" + WINDOWS_FOLDER[:-1].replace("/", "\\"), base.search_path))
        for blob in layers_to_store(manifest):
            if await target.has_blob(blob.digest):
                kept += blob.size_bytes
            else:
                missing.append(blob)
        await _copy(missing, base.registry, target, progress)
    layer = contents.layer()
    image = image_on(manifest, config, layer, contents.system, contents.command)
    for content in (layer.content, image.config):
        await _add(target, content)
    await target.put_manifest(tag, image.manifest, image.media_type)
    return _pushed(image, sum(blob.size_bytes for blob in missing), kept)


def _pushed(image: Image, copied_bytes: int, kept_bytes: int) -> PushedImage:
    return PushedImage(digest_of(image.manifest), image.os_version, copied_bytes, kept_bytes)


async def _manifest_of(base: Base, system: System) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(await base.registry.read_manifest(base.version))
    if is_index(document):
        digest = choose_manifest(document, system)
        if digest is None:
            raise NoSuchImageError(image=base.name, system=system)
        document = json.loads(await base.registry.read_manifest(digest))
    return document


async def _copy(blobs: list[BlobReference], source: ImageRegistry, target: ImageRegistry, progress: Progress) -> None:
    copy = _Copy(source, progress, sum(blob.size_bytes for blob in blobs))
    try:
        for blob in blobs:
            await _copy_blob(copy, blob, target)
    finally:
        copy.is_given_up = True


async def _copy_blob(copy: _Copy, blob: BlobReference, target: ImageRegistry) -> None:
    for tried in range(1, TRIES + 1):
        try:
            await target.add_blob(blob.digest, blob.size_bytes, copy.pieces(blob.digest))
            break
        except RegistryError as error:
            if tried == TRIES or not error.is_passing:
                raise
    copy.done_bytes += blob.size_bytes


@dataclass(slots=True)
class _Copy:
    """How far a copy is. Its pieces are taken in a thread, which nobody can interrupt: it looks here whether they are still wanted."""

    source: ImageRegistry
    progress: Progress
    total_bytes: int
    done_bytes: int = 0
    is_given_up: bool = False

    def pieces(self, digest: str) -> Iterator[bytes]:
        so_far = self.done_bytes
        for piece in self.source.blob_pieces(digest):
            if self.is_given_up:
                raise InterruptedError
            so_far += len(piece)
            self.progress(so_far, self.total_bytes)
            yield piece


async def _add(target: ImageRegistry, content: bytes) -> None:
    digest = digest_of(content)
    if not await target.has_blob(digest):
        await target.add_blob(digest, len(content), [content])
