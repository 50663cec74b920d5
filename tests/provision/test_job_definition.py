from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from batchgauge.errors import InvalidOptionError, ResourceMissingError
from batchgauge.provision.job_definition import (
    Note,
    PreparedDefinition,
    Wishes,
    packaged_template,
    prepare,
    read_template,
    register,
)

BATCH_TEMPLATE = Path(__file__).parents[2] / "batch" / "job-definitions" / "windows-countdown-job.json"


def prepared(account: Any, template: dict[str, Any] | None = None, **wishes: str) -> PreparedDefinition:
    return asyncio.run(prepare(account, packaged_template() if template is None else template, Wishes(**wishes)))


def test_the_file_in_batch_is_the_one_that_ships() -> None:
    assert read_template(BATCH_TEMPLATE.read_bytes(), str(BATCH_TEMPLATE)) == packaged_template()


def test_the_definition_is_one_that_aws_takes_for_windows(account: Any) -> None:
    """AWS-FACTS, Windows: Fargate only, sizes in resourceRequirements only, an execution role, `Ref::` as its own element."""
    definition = prepared(account).definition
    container = definition["containerProperties"]
    assert definition["platformCapabilities"] == ["FARGATE"]
    assert definition["parameters"] == {"countdownSeconds": "30"}
    assert container["runtimePlatform"] == {
        "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE",
        "cpuArchitecture": "X86_64",
    }
    assert {entry["type"]: entry["value"] for entry in container["resourceRequirements"]} == {
        "VCPU": "1",
        "MEMORY": "2048",
    }
    assert container["command"][-1] == "Ref::countdownSeconds"
    assert container["executionRoleArn"] == "arn:aws:iam::111122223333:role/service-role/BatchExecutionRole"
    assert container["jobRoleArn"] == "arn:aws:iam::111122223333:role/BatchJobRole"
    assert container["image"] == "registry.example/my-windows-apps:v2"
    assert container["logConfiguration"] == {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/aws/batch/windows-jobs", "awslogs-region": "ap-northeast-1"},
    }
    forbidden = {"vcpus", "memory", "linuxParameters", "privileged", "user", "ulimits", "readonlyRootFilesystem"}
    assert not forbidden & set(container)


def test_the_definition_fits_botocores_model_and_no_placeholder_is_left(account: Any) -> None:
    definition = prepared(account).definition
    model = botocore.session.get_session().get_service_model("batch").operation_model("RegisterJobDefinition")
    assert not ParamValidator().validate(definition, model.input_shape).has_errors()
    text = json.dumps(definition)
    assert not any(placeholder in text for placeholder in ("ACCOUNT_ID", "REGION", '"IMAGE"'))


def test_what_the_user_names_wins(account: Any) -> None:
    account.roles["mine"] = "arn:aws:iam::111122223333:role/mine"
    account.images.clear()
    ready = prepared(account, name="other", image="x/y:1", execution_role="mine", job_role="mine", log_group="/mine")
    assert ready.definition["jobDefinitionName"] == "other"
    assert ready.container["image"] == "x/y:1"
    assert ready.container["executionRoleArn"] == ready.container["jobRoleArn"] == account.roles["mine"]
    assert ready.log_group == "/mine"


def test_an_image_in_the_file_is_taken_as_it_is(account: Any) -> None:
    template = packaged_template()
    template["containerProperties"]["image"] = "ACCOUNT_ID.example/my-app:3"
    account.images.clear()
    assert prepared(account, template).container["image"] == "111122223333.example/my-app:3"


def test_a_log_group_is_taken_also_where_the_file_has_none(account: Any) -> None:
    template = packaged_template()
    del template["containerProperties"]["logConfiguration"]
    assert prepared(account, template).log_group is None
    assert prepared(account, template, log_group="/mine").log_group == "/mine"


def test_a_placeholder_within_another_word_is_left_alone(account: Any) -> None:
    template = packaged_template()
    template["containerProperties"]["environment"] = [{"name": "AWS_REGION", "value": "REGION"}]
    assert prepared(account, template).container["environment"] == [{"name": "AWS_REGION", "value": "ap-northeast-1"}]


def test_the_specifications_customisation_works(account: Any) -> None:
    template = packaged_template()
    template["containerProperties"]["command"] = [
        "powershell.exe",
        "-Command",
        "C:\\test\\your-app.exe $(Ref::customParam)",
    ]
    template["parameters"] = {"customParam": "default-value"}
    ready = prepared(account, template)
    assert ready.container["command"][2:] == ["C:\\test\\your-app.exe", "Ref::customParam"]
    assert ready.definition["parameters"] == {"customParam": "default-value"}
    assert [note.code for note in ready.notes] == ["reference-split"]


def test_a_reference_that_aws_will_not_fill_in_is_warned_of(account: Any) -> None:
    template = packaged_template()
    template["containerProperties"]["command"] = ["app.exe", "--seconds=Ref::countdownSeconds", "Ref::other"]
    assert prepared(account, template).notes == (
        Note("reference-without-default", "other"),
        Note("reference-embedded", "--seconds=Ref::countdownSeconds"),
    )


@pytest.mark.parametrize(("role", "kind"), [("BatchExecutionRole", "execution-role"), ("BatchJobRole", "job-role")])
def test_a_role_that_is_not_there_is_named_with_its_flag(account: Any, role: str, kind: str) -> None:
    del account.roles[role]
    with pytest.raises(ResourceMissingError) as caught:
        prepared(account)
    assert caught.value.arguments == {"kind": kind, "name": role, "region": "ap-northeast-1", "flag": f"--{kind}"}


def test_roles_that_may_not_be_looked_at_are_used_as_named(account: Any) -> None:
    account.are_roles_visible = False
    ready = prepared(account, job_role="mine")
    assert ready.container["executionRoleArn"] == "arn:aws:iam::111122223333:role/BatchExecutionRole"
    assert ready.container["jobRoleArn"] == "arn:aws:iam::111122223333:role/mine"
    assert ready.notes == (Note("role-not-verified", "BatchExecutionRole"), Note("role-not-verified", "mine"))


def test_a_template_without_a_job_role_needs_none(account: Any) -> None:
    template = packaged_template()
    del template["containerProperties"]["jobRoleArn"]
    del account.roles["BatchJobRole"]
    assert "jobRoleArn" not in prepared(account, template).container


def test_preparing_changes_nothing_and_registering_makes_the_log_group_once(account: Any) -> None:
    ready = prepared(account)
    assert (account.registered, account.log_groups) == ([], set())
    first = asyncio.run(register(account, ready))
    second = asyncio.run(register(account, ready))
    assert (first.is_log_group_created, second.is_log_group_created) == (True, False)
    assert [first.registered.revision, second.registered.revision] == [1, 2]


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ('{"a": 1,}', "mine.json:1:9", "json"),
        ("[]", "mine.json", "job-definition"),
        ('{"containerProperties": {}}', "mine.json", "job-definition"),
        ("\udcff", "mine.json", "json"),
    ],
)
def test_a_file_that_is_no_definition_is_refused(text: str, value: str, expected: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        read_template(text.encode("utf-8", "surrogateescape"), "mine.json")
    assert caught.value.arguments == {"flag": "--file", "value": value, "expected": expected}
