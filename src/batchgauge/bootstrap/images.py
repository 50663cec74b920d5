"""Registries, ECR and the programs that go into images."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from batchgauge.bootstrap.gateways import ACCOUNT_ATTEMPTS, Target
from batchgauge.core.images.image import ImageReference, System
from batchgauge.errors import ProgramNotBuiltError
from batchgauge.host.clock import SystemClock
from batchgauge.ports import ImageRegistry, ImageRepositories


@asynccontextmanager
async def open_image_repositories(target: Target) -> AsyncIterator[ImageRepositories]:
    """ECR of the account and Region that are meant."""
    from batchgauge.aws.image_repositories import BotoImageRepositories
    from batchgauge.aws.session import AwsSession, Connection

    clock = SystemClock()
    connection = Connection(target.region, target.profile, target.endpoint_url, max_attempts=ACCOUNT_ATTEMPTS)
    async with AwsSession(connection, clock, os.environ) as session:
        yield BotoImageRepositories(session, clock)


def open_registry(image: ImageReference, authorization: str | None = None, profile: str | None = None) -> ImageRegistry:
    """The repository of an image.

    Raises:
        CaBundleError: the certificates that the environment or the profile names cannot be used.
    """
    from batchgauge.aws.session import usable_ca_bundle
    from batchgauge.host.image_registry import HttpImageRegistry, is_on_loopback

    # Nothing is encrypted on this computer's loopback: what is wrong with the company's certificates does not matter there.
    ca_bundle = None if is_on_loopback(image) else usable_ca_bundle(profile, os.environ)
    return HttpImageRegistry(image, authorization, ca_bundle)


def built_countdown(system: System) -> Path:
    """The build of the countdown for a system.

    Raises:
        ProgramNotBuiltError: there is none.
    """
    from batchgauge.localaws.countdowns import NATIVE_FOLDER

    name = "countdown.exe" if system == "windows" else "countdown-linux-x86_64"
    if not (NATIVE_FOLDER / name).is_file():
        raise ProgramNotBuiltError(program=name)
    return NATIVE_FOLDER / name
