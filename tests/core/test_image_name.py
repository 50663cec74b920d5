from __future__ import annotations

import pytest

from batchgauge.core.images.name import ImageName

ECR = "111122223333.dkr.ecr.us-west-2.amazonaws.com"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("busybox", ImageName("", "busybox", "latest", "")),
        ("library/busybox:1.36", ImageName("", "library/busybox", "1.36", "")),
        (f"{ECR}/team/app:v2", ImageName(ECR, "team/app", "v2", "")),
        (f"{ECR}/app@sha256:aa", ImageName(ECR, "app", "", "sha256:aa")),
        (f"{ECR}/app:v1@sha256:aa", ImageName(ECR, "app", "v1", "sha256:aa")),
        ("localhost:5000/app", ImageName("localhost:5000", "app", "latest", "")),
    ],
)
def test_a_name_is_taken_apart_as_docker_does(text: str, name: ImageName) -> None:
    assert ImageName.parse(text) == name


def test_only_a_private_registry_of_the_region_counts() -> None:
    assert ImageName.parse(f"{ECR}/app").is_in_ecr_of("us-west-2")
    assert not ImageName.parse(f"{ECR}/app").is_in_ecr_of("us-east-1")
    assert not ImageName.parse("public.ecr.aws/app").is_in_ecr_of("us-west-2")
    assert ImageName.parse("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/app").account_id == "111122223333"
