"""Register a job definition: the template's gaps filled with what the account holds, or with what the user names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from batchgauge.errors import AccessDeniedError, InvalidOptionError, ResourceMissingError
from batchgauge.ports import Account, RegisteredDefinition
from batchgauge.provision.command_references import (
    embedded_references,
    references_without_default,
    with_own_elements,
)
from batchgauge.provision.find_image import find_image

TEMPLATE_NAME: Final = "windows-countdown-job.json"
IMAGE_PLACEHOLDER: Final = "IMAGE"
ACCOUNT_PLACEHOLDER: Final = "ACCOUNT_ID"
REGION_PLACEHOLDER: Final = "REGION"
ROLES: Final = (("executionRoleArn", "execution-role"), ("jobRoleArn", "job-role"))
"""The definition's keys, with the word for each in flags and messages."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user has named; None: as the template says, or found."""

    name: str | None = None
    image: str | None = None
    execution_role: str | None = None
    job_role: str | None = None
    log_group: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something the user should know of; `code` names the message (``note.<code>``)."""

    code: str
    subject: str


@dataclass(frozen=True, slots=True)
class PreparedDefinition:
    """A definition that is ready to be registered."""

    account_id: str
    region: str
    definition: Mapping[str, Any]
    notes: tuple[Note, ...]

    @property
    def container(self) -> Mapping[str, Any]:
        """What the container is made of."""
        properties: Mapping[str, Any] = self.definition["containerProperties"]
        return properties

    @property
    def log_group(self) -> str | None:
        """The CloudWatch Logs group that it writes to; None with another log driver."""
        return _log_options(self.container).get("awslogs-group")


@dataclass(frozen=True, slots=True)
class Registration:
    """What was registered."""

    prepared: PreparedDefinition
    registered: RegisteredDefinition
    is_log_group_created: bool


def packaged_template() -> dict[str, Any]:
    """The Windows countdown job's template as it ships."""
    return read_template(files(__package__).joinpath(TEMPLATE_NAME).read_bytes(), TEMPLATE_NAME)


def read_template(text: bytes, source: str) -> dict[str, Any]:
    """A template from JSON; `source` names it in an error.

    Raises:
        InvalidOptionError: it is not JSON, or not a job definition with one container.
    """
    try:
        template: Any = json.loads(text)
    except ValueError as error:
        # Where it breaks, as editors and compilers say it.
        place = f":{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidOptionError(flag="--file", value=source + place, expected="json") from error
    container = template.get("containerProperties") if isinstance(template, dict) else None
    if not isinstance(container, dict) or not isinstance(container.get("image"), str):
        raise InvalidOptionError(flag="--file", value=source, expected="job-definition")
    return dict(template)


async def prepare(account: Account, template: Mapping[str, Any], wishes: Wishes) -> PreparedDefinition:
    """Fill the template; nothing is changed in the account.

    Raises:
        ResourceError: a role, the repository or its image is not there, or it is not clear which is meant.
        AwsError: AWS cannot be asked.
    """
    account_id = await account.account_id()
    definition = _filled(template, {ACCOUNT_PLACEHOLDER: account_id, REGION_PLACEHOLDER: account.region})
    container = definition["containerProperties"]
    notes: list[Note] = []
    if wishes.name is not None:
        definition["jobDefinitionName"] = wishes.name
    if wishes.log_group is not None:
        logs = container.setdefault("logConfiguration", {"logDriver": "awslogs"})
        logs.setdefault("options", {})["awslogs-group"] = wishes.log_group
    for (key, kind), wished in zip(ROLES, (wishes.execution_role, wishes.job_role), strict=True):
        if wished is not None or key in container:
            container[key] = await _role_arn(account, account_id, kind, wished or container[key], notes)
    if wishes.image is not None:
        container["image"] = wishes.image
    elif container["image"] == IMAGE_PLACEHOLDER:
        container["image"] = await find_image(account)
    notes += _mend_command(container, definition.get("parameters", {}))
    return PreparedDefinition(account_id, account.region, definition, tuple(notes))


async def register(account: Account, prepared: PreparedDefinition) -> Registration:
    """Make the log group where it is missing, and register the definition.

    Raises:
        AwsError: AWS refuses, or cannot be asked.
    """
    is_created = False
    if prepared.log_group is not None:
        is_created = await account.create_log_group(prepared.log_group)
    registered = await account.register_job_definition(prepared.definition)
    return Registration(prepared, registered, is_created)


def _filled(template: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """A copy of the template with placeholders replaced in every text, but not within other words (AWS_REGION)."""
    placeholders = re.compile(rf"\b({'|'.join(values)})\b")

    def fill(part: Any) -> Any:
        if isinstance(part, Mapping):
            return {key: fill(value) for key, value in part.items()}
        if isinstance(part, list):
            return [fill(value) for value in part]
        if isinstance(part, str):
            return placeholders.sub(lambda found: values[found[0]], part)
        return part

    filled: dict[str, Any] = fill(template)
    return filled


def _log_options(container: Mapping[str, Any]) -> dict[str, str]:
    logs = container.get("logConfiguration", {})
    options: dict[str, str] = logs.get("options", {}) if logs.get("logDriver") == "awslogs" else {}
    return options


async def _role_arn(account: Account, account_id: str, kind: str, role: str, notes: list[Note]) -> str:
    """The ARN of a role given by name or ARN; it must exist, as far as we may look."""
    name = role.rpartition("/")[2]
    try:
        found = await account.find_role(name)
    except AccessDeniedError:
        notes.append(Note("role-not-verified", name))
        return role if role.startswith("arn:") else f"arn:aws:iam::{account_id}:role/{role}"
    if found is None:
        raise ResourceMissingError(kind=kind, name=name, region=account.region, flag=f"--{kind}")
    return found


def _mend_command(container: dict[str, Any], parameters: Mapping[str, str]) -> list[Note]:
    given = tuple(container.get("command", ()))
    command = with_own_elements(given)
    notes = [Note("reference-without-default", name) for name in references_without_default(command, parameters)]
    notes += [Note("reference-embedded", element) for element in embedded_references(command)]
    if command != given:
        container["command"] = list(command)
        notes.append(Note("reference-split", json.dumps(command)))
    return notes
