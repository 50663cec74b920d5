"""An account of one's own: what the file says reaches the model, and what is not of its shape is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from batchgauge.batchmodel.boundary import Contention, Distribution, ModelSettings, StartUp, TokenBucket
from batchgauge.localaws.model_file import ModelFileError, decode

TOML = b"""
visibilityDelayMs = 1500
fargateVcpuQuota = 6
dispatchBucket = { depth = 5, ratePerS = 2 }
contention = { queueing = 0.1, free = 4 }
ec2ScaleUp = { medianMs = 90000 }

[linuxStartUp]
provisioning = { medianMs = 1000, sigma = 0.5 }
imagePull = { medianMs = 2000 }
containerStart = { medianMs = 3000 }
"""


def test_what_is_said_changes_and_the_rest_stays() -> None:
    before = ModelSettings(seed=7, time_scale=0.5)
    after = decode(TOML, is_toml=True).applied_to(before)
    assert (after.visibility_delay_ms, after.fargate_vcpu_quota) == (1500, 6)
    assert after.dispatch_bucket == TokenBucket(5, 2)
    assert after.contention == Contention(0.1, 0, 4)
    assert after.ec2_scale_up == Distribution(90_000)
    assert after.linux_start_up == StartUp(Distribution(1000, 0.5), Distribution(2000), Distribution(3000))
    assert (after.seed, after.time_scale, after.windows_start_up) == (7, 0.5, before.windows_start_up)
    assert decode(b"{}").applied_to(before) == before


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b'{"fargateVcpus": 6}', "fargateVcpus"),
        (b'{"fargateVcpuQuota": 0}', "fargateVcpuQuota"),
        (b'{"dispatchBucket": {"depth": 0.5, "ratePerS": 1}}', "depth"),
        (b'{"seed": 1}', "seed"),
        (b"[]", "object"),
        (b"{", "truncated"),
    ],
)
def test_what_is_not_of_the_shape_is_named(content: bytes, where: str) -> None:
    with pytest.raises(ModelFileError, match=where):
        decode(content)


def test_no_number_is_no_number() -> None:
    with pytest.raises(ModelFileError, match=r"registryMibPerS"):
        decode(b"registryMibPerS = nan", is_toml=True)


def test_a_job_stays_unseen_for_as_long_as_the_file_says(start_server: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text('{"visibilityDelayMs": 86400000}', encoding="utf-8")
    server = start_server("--model", str(path))
    job_id = server.submit(parameters={"countdownSeconds": "0"})
    assert server.client("batch").describe_jobs(jobs=[job_id])["jobs"] == []


def test_the_file_of_the_docs_is_one() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "reference" / "embedded-aws.md").read_text(encoding="utf-8")
    example = docs.partition("```toml\n")[2].partition("```")[0]
    after = decode(example.encode(), is_toml=True).applied_to(ModelSettings())
    defaults = ModelSettings()
    assert after.contention is not None
    off = ("dispatch_bucket", "fargate_vcpu_quota", "registry_mib_per_s", "contention")
    assert replace(after, **{name: getattr(defaults, name) for name in off}) == defaults
