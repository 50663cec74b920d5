"""Container images, and the registries that keep them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from batchgauge.errors.root import BatchgaugeError
from batchgauge.errors.usage import UsageError


@dataclass(eq=False)
class RegistryError(BatchgaugeError):
    """A registry refused (`status` is HTTP's), or could not be reached (`status` 0)."""

    image: str
    status: int
    detail: str
    code: ClassVar[str] = "registry"

    @property
    def is_passing(self) -> bool:
        """Whether another try may go better."""
        return self.status in (0, 408, 429) or self.status >= 500


@dataclass(eq=False)
class NoSuchImageError(BatchgaugeError):
    """The base has no image for the system that is wanted."""

    image: str
    system: str
    code: ClassVar[str] = "no-such-image"


@dataclass(eq=False)
class ProgramNotBuiltError(UsageError):
    """The countdown that is to go into the image is not there."""

    program: str
    code: ClassVar[str] = "program-not-built"
