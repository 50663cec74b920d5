"""Container images as registries keep them: a base's layers, one layer of ours on top, and what says so.

Media types and fields are those of the OCI image specification and of Docker's image manifest, version 2 schema 2, which it grew out of. A
layer for Windows is a tar of its own kind: what is to be on drive C lies in ``Files``, a folder ``Hives`` stands beside it (for changes to
the registry; empty here), and each file carries a security descriptor, without which Windows does not execute it. Everything is made from
its contents alone: the same program on the same base is the same image, digest and all.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import struct
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final, Literal

System = Literal["windows", "linux"]

ARCHITECTURE: Final = "amd64"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER: Final = "application/vnd.docker.image.rootfs.diff.tar.gzip"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
MANIFESTS: Final = (OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST)
EPOCH: Final = "1970-01-01T00:00:00Z"

BUILTIN_USERS: Final = struct.pack("<BB6B2I", 1, 2, 0, 0, 0, 0, 0, 5, 32, 545)
"""The security identifier S-1-5-32-545."""
SELF_RELATIVE: Final = 0x8000
DESCRIPTOR: Final = struct.pack("<BBH4I", 1, 0, SELF_RELATIVE, 20, 20 + len(BUILTIN_USERS), 0, 0) + BUILTIN_USERS * 2
"""SECURITY_DESCRIPTOR of winnt.h: owner and group are all users, and no list restricts access."""
_REFERENCE: Final = re.compile(
    r"(?P<registry>localhost(?::\d+)?|[\w-]+(?:\.[\w-]+)+(?::\d+)?|[\w-]+:\d+)/(?P<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127})|@(?P<digest>sha256:[0-9a-f]{64}))?"
)


@dataclass(frozen=True, slots=True)
class ImageReference:
    """``registry/repository:tag``, or ``@digest`` in the place of the tag."""

    registry: str
    repository: str
    version: str

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}{'@' if ':' in self.version else ':'}{self.version}"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as it is stored, and the digest of what is in it."""

    content: bytes
    diff_id: str

    @property
    def digest(self) -> str:
        """Of its stored form."""
        return digest_of(self.content)


@dataclass(frozen=True, slots=True)
class BlobReference:
    """A blob that a manifest names."""

    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Image:
    """What is to be stored beside the layers."""

    config: bytes
    manifest: bytes
    media_type: str
    os_version: str | None


def read_reference(text: str) -> ImageReference:
    """An image's name with its registry; ``latest`` where no tag is given. Raises ValueError."""
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return ImageReference(found["registry"], found["repository"], found["tag"] or found["digest"] or "latest")


def digest_of(content: bytes) -> str:
    """``sha256:…``"""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def program_layer(system: System, path: str, content: bytes, *, empty_folders: Sequence[str] = ()) -> Layer:
    """A layer with one program in it; `path` and folders are absolute, with slashes (on Windows they are on drive C)."""
    root = PurePosixPath("Files") if system == "windows" else PurePosixPath()
    target = root / path.lstrip("/")
    folders = [PurePosixPath("Files"), PurePosixPath("Hives")] if system == "windows" else []
    for whole in (*[root / folder.lstrip("/") for folder in empty_folders], target.parent):
        folders += [folder for folder in (*reversed(whole.parents), whole) if folder not in (root, PurePosixPath())]
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for folder in dict.fromkeys(folders):
            is_scratch = str(folder) in [name.strip("/") for name in empty_folders]
            tar.addfile(_entry(system, folder, tarfile.DIRTYPE, 0o1777 if is_scratch else 0o755))
        entry = _entry(system, target, tarfile.REGTYPE, 0o755)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return Layer(gzip.compress(raw.getvalue(), mtime=0), digest_of(raw.getvalue()))


def choose_manifest(index: Mapping[str, Any], system: System) -> str | None:
    """The digest of an index's entry for a system, the newest of Windows; None where there is none."""
    fitting = [
        (_os_version(entry["platform"]), str(entry["digest"]))
        for entry in index.get("manifests", ())
        if (entry.get("platform") or {}).get("os") == system and entry["platform"].get("architecture") == ARCHITECTURE
    ]
    return max(fitting)[1] if fitting else None


def is_index(document: Mapping[str, Any]) -> bool:
    """Whether a manifest is a list of manifests, one for each system."""
    return "manifests" in document


def config_of(manifest: Mapping[str, Any]) -> BlobReference:
    """The blob that says what a container of the image starts."""
    return _blob(manifest["config"])


def layers_to_store(manifest: Mapping[str, Any]) -> tuple[BlobReference, ...]:
    """A manifest's layers, without those that stay where their own addresses say (as Microsoft's did until 2023)."""
    return tuple(_blob(layer) for layer in manifest["layers"] if not layer.get("urls"))


def with_folder_on_path(config: Mapping[str, Any], folder: str, otherwise: str | None) -> Mapping[str, Any]:
    """A Windows image's configuration with a folder of drive C in front of PATH, so that a job's command may name a program without it.

    A PATH in an image's configuration takes the place of the one in its registry. Where the base names none, `otherwise` is what its
    registry holds; None where nobody knows it, and then it is left alone.
    """
    settings = dict(config.get("config", {}))
    variables = dict(variable.partition("=")[::2] for variable in settings.get("Env") or ())
    name = next((name for name in variables if name.upper() == "PATH"), "PATH")
    known = variables.get(name, otherwise)
    if known is None:
        return config
    variables[name] = f"{folder};{known}"
    return {**config, "config": {**settings, "Env": [f"{name}={value}" for name, value in variables.items()]}}


def image_on(
    manifest: Mapping[str, Any] | None, config: Mapping[str, Any], layer: Layer, system: System, command: Sequence[str]
) -> Image:
    """The image of a base with a layer more and a command of its own; of nothing but the layer, where `manifest` is None."""
    settings = {**config.get("config", {}), "Cmd": list(command)}
    for name in (
        "Entrypoint",
        "ArgsEscaped",
    ):  # a job's command would be arguments to the one; the other is of a shell's command
        settings.pop(name, None)
    created = config.get("created", EPOCH)
    history = {"created": created, "created_by": "batchgauge image push"}
    made = {
        **config,
        "architecture": ARCHITECTURE,
        "os": system,
        "created": created,
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": [*config.get("rootfs", {}).get("diff_ids", ()), layer.diff_id]},
        "history": [*config.get("history", ()), history],
    }
    encoded = json.dumps(made, separators=(",", ":")).encode()
    base = manifest or {"schemaVersion": 2, "mediaType": DOCKER_MANIFEST, "config": {"mediaType": DOCKER_CONFIG}}
    media_type = str(base.get("mediaType", OCI_MANIFEST))
    described = {
        "mediaType": DOCKER_LAYER if media_type == DOCKER_MANIFEST else OCI_LAYER,
        "size": len(layer.content),
        "digest": layer.digest,
    }
    whole = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": {"mediaType": base["config"]["mediaType"], "size": len(encoded), "digest": digest_of(encoded)},
        "layers": [*base.get("layers", ()), described],
    }
    return Image(encoded, json.dumps(whole, separators=(",", ":")).encode(), media_type, made.get("os.version"))


def _entry(system: System, path: PurePosixPath, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(str(path))
    entry.type, entry.mode = kind, mode
    if system == "windows":
        entry.pax_headers = {"MSWINDOWS.rawsd": base64.b64encode(DESCRIPTOR).decode("ascii")}
    return entry


def _blob(described: Mapping[str, Any]) -> BlobReference:
    return BlobReference(str(described["digest"]), int(described["size"]))


def _os_version(platform: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", str(platform.get("os.version", ""))))
