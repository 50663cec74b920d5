from __future__ import annotations

import asyncio
from typing import Any

import pytest

from batchgauge.errors import ResourceAmbiguousError, ResourceMissingError
from batchgauge.ports import ContainerImage
from batchgauge.provision.find_image import find_image

IMAGE = ContainerImage("sha256:aa", ("latest",), 1.0)


def test_the_newest_tagged_image_is_taken(account: Any) -> None:
    assert asyncio.run(find_image(account)) == "registry.example/my-windows-apps:v2"


def test_latest_is_taken_where_somebody_has_set_it(account: Any) -> None:
    account.images["my-windows-apps"].append(ContainerImage("sha256:dd", ("v0", "latest"), 0.0))
    assert asyncio.run(find_image(account)) == "registry.example/my-windows-apps:latest"


def test_an_image_without_tags_is_named_by_its_digest(account: Any) -> None:
    account.images["my-windows-apps"] = [ContainerImage("sha256:dd", (), 0.0)]
    assert asyncio.run(find_image(account)) == "registry.example/my-windows-apps@sha256:dd"


def test_the_repository_that_says_most_is_taken(account: Any) -> None:
    account.images["windows-countdown"] = [IMAGE]
    assert asyncio.run(find_image(account)) == "registry.example/windows-countdown:latest"


def test_two_that_say_the_same_are_both_named(account: Any) -> None:
    account.images["other-windows"] = [IMAGE]
    with pytest.raises(ResourceAmbiguousError) as caught:
        asyncio.run(find_image(account))
    assert caught.value.names == "my-windows-apps, other-windows"
    assert caught.value.flag == "--image"


def test_no_fitting_repository_is_an_error_that_names_the_flag(account: Any) -> None:
    del account.images["my-windows-apps"]
    with pytest.raises(ResourceMissingError) as caught:
        asyncio.run(find_image(account))
    assert (caught.value.kind, caught.value.flag) == ("repository", "--image")


def test_an_empty_repository_is_an_error(account: Any) -> None:
    account.images["my-windows-apps"].clear()
    with pytest.raises(ResourceMissingError) as caught:
        asyncio.run(find_image(account))
    assert (caught.value.kind, caught.value.name) == ("image", "my-windows-apps")
