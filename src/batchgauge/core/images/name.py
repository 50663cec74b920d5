"""The name of a container image, taken apart: ``registry/repository:tag@digest``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

ECR_REGISTRY: Final = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.(?:amazonaws\.com|on\.aws)\S*"
)
DEFAULT_TAG: Final = "latest"


@dataclass(frozen=True, slots=True)
class ImageName:
    """An image's name; `registry` is empty for Docker Hub's short names."""

    registry: str
    repository: str
    tag: str
    digest: str

    @classmethod
    def parse(cls, name: str) -> Self:
        """Take a name apart; the part before the first slash is a registry where it could be a host."""
        rest, _, digest = name.partition("@")
        first, slash, after = rest.partition("/")
        has_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
        registry, path = (first, after) if has_registry else ("", rest)
        repository, colon, tag = path.rpartition(":")
        if not colon:
            repository, tag = path, ""
        return cls(registry, repository, tag or ("" if digest else DEFAULT_TAG), digest)

    @property
    def account_id(self) -> str | None:
        """Of an image in ECR: whose registry it is."""
        found = ECR_REGISTRY.fullmatch(self.registry)
        return found["account"] if found else None

    def is_in_ecr_of(self, region: str) -> bool:
        """Whether it is in a private registry of ECR in that Region."""
        found = ECR_REGISTRY.fullmatch(self.registry)
        return found is not None and found["region"] == region
