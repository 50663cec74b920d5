"""A check's outcome as a closed type: a code with arguments, and the command that mends it where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from batchgauge.core.checks.setup import Asked, Unread
from batchgauge.core.harmless_json import harmless
from batchgauge.core.place import placed_command

CHECK_SCHEMA_VERSION: Final = 1
SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Argument: TypeAlias = str | int | float
Facts: TypeAlias = Mapping[str, Argument]
NO_FACTS: Final[Facts] = {}


class CheckStatus(StrEnum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"
    """Jobs start; something will go otherwise than it seems."""
    FAILED = "failed"
    """Jobs cannot start, or each will fail."""
    NOT_CHECKED = "not-checked"


class CheckKind(StrEnum):
    """What is looked at, in the order that jobs come to need it."""

    CREDENTIALS = "credentials"
    JOB_QUEUE = "job-queue"
    COMPUTE_ENVIRONMENT = "compute-environment"
    CAPACITY = "capacity"
    QUOTA = "quota"
    OTHERS_JOBS = "others-jobs"
    JOB_DEFINITION = "job-definition"
    PLATFORM = "platform"
    SIZE = "size"
    COMMAND = "command"
    TIMEOUT = "timeout"
    EXECUTION_ROLE = "execution-role"
    JOB_ROLE = "job-role"
    IMAGE = "image"
    LOGS = "logs"
    NETWORK = "network"


class CheckCode(StrEnum):
    """What was found. The words are ``check.<code>``; what to do, where it takes a sentence, ``check.<code>.fix``."""

    CREDENTIALS_OK = "credentials-ok"
    CREDENTIALS_UNUSABLE = "credentials-unusable"
    QUEUE_OK = "queue-ok"
    QUEUE_MISSING = "queue-missing"
    QUEUE_DISABLED = "queue-disabled"
    QUEUE_INVALID = "queue-invalid"
    ENVIRONMENT_OK = "environment-ok"
    ENVIRONMENT_MISSING = "environment-missing"
    ENVIRONMENT_DISABLED = "environment-disabled"
    ENVIRONMENT_INVALID = "environment-invalid"
    CAPACITY_OK = "capacity-ok"
    CAPACITY_NONE = "capacity-none"
    CAPACITY_TOO_SMALL = "capacity-too-small"
    CAPACITY_BELOW_LEVEL = "capacity-below-level"
    QUOTA_OK = "quota-ok"
    QUOTA_TOO_SMALL = "quota-too-small"
    QUOTA_BELOW_LEVEL = "quota-below-level"
    QUEUE_EMPTY = "queue-empty"
    QUEUE_SHARED = "queue-shared"
    DEFINITION_OK = "definition-ok"
    DEFINITION_MISSING = "definition-missing"
    DEFINITION_INACTIVE = "definition-inactive"
    DEFINITION_OTHER_TYPE = "definition-other-type"
    PLATFORM_OK = "platform-ok"
    PLATFORM_MISMATCH = "platform-mismatch"
    WINDOWS_ON_EC2 = "windows-on-ec2"
    WINDOWS_ON_SPOT = "windows-on-spot"
    WINDOWS_ARCHITECTURE = "windows-architecture"
    WINDOWS_SETTINGS = "windows-settings"
    RUNTIME_PLATFORM_MISSING = "runtime-platform-missing"
    RUNTIME_PLATFORM_DOUBTFUL = "runtime-platform-doubtful"
    SIZE_OK = "size-ok"
    SIZE_INVALID = "size-invalid"
    SIZE_MISSING = "size-missing"
    COMMAND_OK = "command-ok"
    REFERENCE_EMBEDDED = "reference-embedded"
    REFERENCE_WITHOUT_VALUE = "reference-without-value"
    TIMEOUT_OK = "timeout-ok"
    TIMEOUT_NONE = "timeout-none"
    TIMEOUT_BELOW_COUNTDOWN = "timeout-below-countdown"
    ROLE_OK = "role-ok"
    ROLE_NOT_GIVEN = "role-not-given"
    ROLE_MISSING = "role-missing"
    ROLE_UNTRUSTING = "role-untrusting"
    ROLE_LACKS_RIGHTS = "role-lacks-rights"
    ROLE_WITHOUT_POLICIES = "role-without-policies"
    IMAGE_OK = "image-ok"
    IMAGE_PRESENT = "image-present"
    IMAGE_MISSING = "image-missing"
    IMAGE_OTHER_PLATFORM = "image-other-platform"
    IMAGE_ELSEWHERE = "image-elsewhere"
    LOGS_OK = "logs-ok"
    LOG_DRIVER = "log-driver"
    LOG_GROUP_MISSING = "log-group-missing"
    NETWORK_OK = "network-ok"
    ADDRESSES_BELOW_LEVEL = "addresses-below-level"
    SUBNET_NEEDS_PUBLIC_IP = "subnet-needs-public-ip"
    SUBNET_WITHOUT_WAY = "subnet-without-way"
    SUBNET_WAY_UNKNOWN = "subnet-way-unknown"
    SUBNET_ZONE_WITHOUT_FARGATE = "subnet-zone-without-fargate"
    NETWORK_OF_INSTANCES = "network-of-instances"
    DENIED = "denied"
    UNREADABLE = "unreadable"


class Check(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One thing that was looked at."""

    kind: CheckKind
    status: CheckStatus
    code: CheckCode
    arguments: dict[str, Argument] = {}
    """What the words need; names as they are in AWS."""
    said: str = ""
    """AWS's own words, where it gave some."""
    fix: str = ""
    """A command that mends it, for a POSIX shell or PowerShell, or several, a line each; empty where none would."""


class CheckReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What ``batchgauge check --json`` prints."""

    schema_version: int
    region: str
    job_queue: str
    job_definition: str
    outcome: CheckStatus
    """The worst of all that were checked."""
    checks: tuple[Check, ...]


def outcome_of(checks: Iterable[Check]) -> CheckStatus:
    """The worst of those that were checked; `OK` where nothing is wrong."""
    found = {check.status for check in checks}
    return next((status for status in (CheckStatus.FAILED, CheckStatus.WARNING) if status in found), CheckStatus.OK)


def report_of(region: str, asked: Asked, checks: tuple[Check, ...]) -> CheckReport:
    """The report of some checks."""
    return CheckReport(
        schema_version=CHECK_SCHEMA_VERSION,
        region=region,
        job_queue=asked.queue,
        job_definition=asked.definition,
        outcome=outcome_of(checks),
        checks=checks,
    )


def report_document(report: CheckReport) -> bytes:
    """Indented JSON with a final newline."""
    return harmless(msgspec.json.format(msgspec.json.encode(report), indent=2)) + b"\n"


def check_schema() -> bytes:
    """The published JSON Schema of `CheckReport`."""
    schema = {"$schema": SCHEMA_DIALECT, "title": "batchgauge check --json", **msgspec.json.schema(CheckReport)}
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"


def ok(kind: CheckKind, code: CheckCode, facts: Facts = NO_FACTS, **more: Argument) -> Check:
    """Nothing is wrong."""
    return Check(kind=kind, status=CheckStatus.OK, code=code, arguments={**facts, **more})


def warning(
    kind: CheckKind, code: CheckCode, facts: Facts = NO_FACTS, *, fix: str = "", said: str = "", **more: Argument
) -> Check:
    """Something to know."""
    return Check(kind=kind, status=CheckStatus.WARNING, code=code, arguments={**facts, **more}, fix=fix, said=said)


def failed(
    kind: CheckKind, code: CheckCode, facts: Facts = NO_FACTS, *, fix: str = "", said: str = "", **more: Argument
) -> Check:
    """Jobs cannot start, or each will fail."""
    return Check(kind=kind, status=CheckStatus.FAILED, code=code, arguments={**facts, **more}, fix=fix, said=said)


def not_checked(kind: CheckKind, unread: Unread) -> Check:
    """AWS did not show it."""
    return Check(
        kind=kind,
        status=CheckStatus.NOT_CHECKED,
        code=CheckCode.DENIED if unread.is_denied else CheckCode.UNREADABLE,
        arguments={"operation": unread.operation, "error": unread.error},
        said=unread.detail,
    )


def unknown(kind: CheckKind, code: CheckCode, **arguments: Argument) -> Check:
    """Nobody can say from here."""
    return Check(kind=kind, status=CheckStatus.NOT_CHECKED, code=code, arguments=arguments)


def aws_command(asked: Asked, region: str, *words: str) -> str:
    """A command line of the AWS CLI, for the account, Region and endpoint that were looked at."""
    return placed_command(["aws", *words], region, asked.profile, asked.endpoint_url)


def our_command(asked: Asked, region: str, *words: str) -> str:
    """The same of ``batchgauge`` itself."""
    return placed_command(["batchgauge", *words], region, asked.profile, asked.endpoint_url)
