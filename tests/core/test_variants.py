"""Variants as they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.scenario import JobShape
from batchgauge.core.sweeps.variants import Variant, parse_variant, parse_variants
from batchgauge.errors import InvalidOptionError

JOB = JobShape(job_queue="queue", job_definition="definition", vcpus=1.0, memory_mib=2048)


def test_what_a_variant_does_not_name_stays_as_it_is() -> None:
    large = parse_variant("large: vcpus=4, memory=8192")
    assert large == Variant(name="large", vcpus=4.0, memory_mib=8192)
    assert large.of(JOB) == JobShape(job_queue="queue", job_definition="definition", vcpus=4.0, memory_mib=8192)


def test_a_definition_may_have_a_revision_and_a_queue_may_be_an_arn() -> None:
    arn = "arn:aws:batch:us-west-2:123456789012:job-queue/ec2"
    ec2 = parse_variant(f"ec2:queue={arn},definition=my-job:3")
    assert (ec2.of(JOB).job_queue, ec2.of(JOB).job_definition) == (arn, "my-job:3")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "large:",
        "large:vcpus",
        "large:vcpus=",
        "large:cpus=4",
        "large:vcpus=0",
        "large:vcpus=x",
        "large:vcpus=1e9",
        "large:memory=1.5",
        "a.b:vcpus=4",
        "a/b:vcpus=4",
        "large:vcpus=1,vcpus=2",
        "x" * 33 + ":vcpus=1",
        "b\u00e4:vcpus=1",
    ],
)
def test_what_is_no_variant_is_refused(text: str) -> None:
    with pytest.raises(InvalidOptionError):
        parse_variant(text)


@given(st.text(max_size=20))
def test_whatever_is_typed_is_a_variant_or_refused(text: str) -> None:
    try:
        variant = parse_variant(text)
    except InvalidOptionError:
        return
    assert "." not in variant.name


def test_a_name_alone_is_the_job_as_it_is() -> None:
    assert parse_variant("base").of(JOB) == JOB


def test_a_name_stands_once() -> None:
    assert [variant.name for variant in parse_variants(["a:vcpus=1", "b:vcpus=2"])] == ["a", "b"]
    with pytest.raises(InvalidOptionError):
        parse_variants(["a:vcpus=1", "a:vcpus=2"])
