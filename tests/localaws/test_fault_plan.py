"""A fault plan is read from JSON and TOML alike, and one that is not of its shape is refused with the place."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from batchgauge.batchmodel.boundary import Distribution, ModelFaults
from batchgauge.localaws.fault_plan import FaultPlan, FaultPlanError, JobFaults, decode, read

TOML = b"""
[[requests]]
fault = "throttle"
operation = "SubmitJob"
count = 3

[events]
duplicated = 0.5

[logs]
delayMs = 2000

[jobs]
imagePullFailures = 0.1
crashAfter = { medianMs = 100 }
withheldVcpus = { "my-environment" = 4 }
"""


def test_json_and_toml_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "faults.toml").write_bytes(TOML)
    plan = read(tmp_path / "faults.toml")
    (tmp_path / "faults.json").write_text(json.dumps(plan.as_document()))
    assert read(tmp_path / "faults.json") == plan
    assert (plan.requests[0].fault, plan.requests[0].count, plan.requests[0].service) == ("throttle", 3, "batch")
    assert (plan.events.duplicated, plan.logs.delay_ms) == (0.5, 2000)


def test_the_models_part_is_said_in_the_models_words() -> None:
    faults = decode(TOML, is_toml=True).jobs.for_model()
    assert faults == ModelFaults(
        image_pull_failures=0.1, crash_after=Distribution(100, 0), withheld_vcpus={"my-environment": 4}
    )


def test_every_fault_of_the_model_can_be_asked_for() -> None:
    assert {field.name for field in dataclasses.fields(ModelFaults)} == set(JobFaults.__struct_fields__)
    assert JobFaults().for_model() == ModelFaults()


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"{", "truncated"),
        (b"\xff", ""),
        (b'{"request": []}', "request"),
        (b'{"requests": [{"fault": "explode"}]}', "$.requests[0].fault"),
        (b'{"requests": [{"fault": "slow", "share": 1.5}]}', "$.requests[0].share"),
        (b'{"requests": [{"fault": "slow", "count": 0}]}', "$.requests[0].count"),
        (b'{"jobs": {"hanging": "often"}}', "$.jobs.hanging"),
        (b'{"logs": {"delayMs": -1}}', "$.logs.delayMs"),
    ],
)
def test_a_wrong_plan_is_refused_with_the_place(content: bytes, place: str) -> None:
    with pytest.raises(FaultPlanError) as caught:
        decode(content)
    assert place in str(caught.value)


def test_nothing_is_a_plan_too() -> None:
    assert decode(b"{}") == FaultPlan()
