"""The seed is what AWS itself would take."""

from __future__ import annotations

import re

import orjson
import pytest

from batchgauge.localaws.seed import batch_calls, network_of
from batchgauge.localaws.service_model import load_service_model
from batchgauge.localaws.settings import Credentials, ServerSettings

SETTINGS = ServerSettings(region="eu-central-1", max_vcpus=7, credentials=Credentials("AKIA", "x"))


def test_every_call_has_the_shape_of_its_operation() -> None:
    model = load_service_model()
    for operation, parameters in batch_calls(SETTINGS):
        found = model.find("POST", f"/v1/{operation.lower()}")
        assert found is not None
        assert found[0].parameters("", "", orjson.dumps(parameters)) == parameters


@pytest.mark.parametrize("name", ["windows-countdown-job", "linux-countdown-job"])
def test_the_job_definitions_are_valid_on_fargate(name: str) -> None:
    [definition] = [call for _, call in batch_calls(SETTINGS) if call.get("jobDefinitionName") == name]
    container = definition["containerProperties"]
    assert definition["platformCapabilities"] == ["FARGATE"]
    assert container["executionRoleArn"].endswith(":role/BatchExecutionRole")
    assert {requirement["type"] for requirement in container["resourceRequirements"]} == {"VCPU", "MEMORY"}
    assert "Ref::countdownSeconds" in container["command"]
    assert definition["timeout"]["attemptDurationSeconds"] >= 3600
    assert container["image"].startswith("123456789012.dkr.ecr.eu-central-1.amazonaws.com/")


def test_the_network_has_the_same_ids_each_time_and_others_elsewhere() -> None:
    network = network_of(SETTINGS)
    assert network == network_of(SETTINGS)
    assert network != network_of(ServerSettings(credentials=SETTINGS.credentials))
    for resource_id in (network.vpc_id, network.security_group_id, *network.subnet_ids):
        assert re.fullmatch(r"(vpc|sg|subnet)-[0-9a-f]{17}", resource_id)
    assert len(set(network.subnet_ids)) == 3


def test_credentials_are_made_new_and_in_awss_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BATCHGAUGE_LOCAL_ACCESS_KEY_ID", raising=False)
    first, second = Credentials.from_environment_or_new(), Credentials.from_environment_or_new()
    assert first != second
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", first.access_key_id)
    assert re.fullmatch(r"[A-Za-z0-9]{40}", first.secret_access_key)
    assert first.secret_access_key not in repr(first)
