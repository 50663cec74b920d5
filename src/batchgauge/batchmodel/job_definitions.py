"""Job definitions: revisions that are registered, looked up and made inactive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from batchgauge.batchmodel.container_rules import checked_container
from batchgauge.batchmodel.identifiers import Names, check_resource_name, name_in, split_revision
from batchgauge.batchmodel.pages import page_of, with_token
from batchgauge.batchmodel.refusals import client_error
from batchgauge.batchmodel.retries import checked_retry_strategy
from batchgauge.batchmodel.tags import checked_tags

KIND: Final = "job-definition"
MIN_TIMEOUT_S: Final = 60
MAX_PRIORITY: Final = 9999
ELSEWHERE: Final = ("nodeProperties", "eksProperties", "ecsProperties", "consumableResourceProperties")


class JobDefinition:
    """One revision; only its status and tags ever change."""

    __slots__ = ("arn", "container", "description", "name", "platform", "revision", "status", "tags")

    def __init__(self, arn: str, name: str, revision: int, platform: str, description: Mapping[str, Any]) -> None:
        self.arn = arn
        self.name = name
        self.revision = revision
        self.platform = platform
        """``FARGATE`` or ``EC2``."""
        self.description = description
        """As DescribeJobDefinitions shows it, without what changes."""
        self.container: Mapping[str, Any] = description["containerProperties"]
        self.status = "ACTIVE"
        self.tags: Mapping[str, str] = {}

    def shown(self) -> dict[str, Any]:
        """As DescribeJobDefinitions shows it."""
        return {**self.description, "status": self.status, "tags": dict(self.tags)}


class JobDefinitions:
    """Every definition by name, and the operations on them."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._revisions: dict[str, list[JobDefinition]] = {}
        """Revision n stands at n - 1."""
        self._meant: dict[str, JobDefinition] = {}
        """What SubmitJobs have named, and what they meant; until any definition changes."""

    def register(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """RegisterJobDefinition."""
        name = parameters["jobDefinitionName"]
        check_resource_name(name)
        platform = _platform(parameters)
        described = _description(parameters, platform)
        tags = checked_tags(parameters.get("tags", {}))
        revisions = self._revisions.setdefault(name, [])
        revision = len(revisions) + 1
        arn = self._names.arn(KIND, f"{name}:{revision}")
        identity = {"jobDefinitionName": name, "jobDefinitionArn": arn, "revision": revision}
        definition = JobDefinition(arn, name, revision, platform, {**identity, **described})
        definition.tags = tags
        revisions.append(definition)
        self._meant.clear()
        return identity

    def deregister(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """DeregisterJobDefinition: the revision must be named."""
        given = parameters["jobDefinition"]
        name, revision = split_revision(name_in(given, KIND))
        definition = self._revision(name, revision) if revision is not None else None
        if definition is None:
            raise client_error(f"JobDefinition {given} not found.")
        definition.status = "INACTIVE"
        self._meant.clear()
        return {}

    def describe(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """DescribeJobDefinitions: by ids, or by name and status; a name may carry its revision."""
        status = parameters.get("status")
        asked = parameters.get("jobDefinitions")
        if asked and len(asked) > 100:
            raise client_error("Maximum number of job definitions supported is 100")
        found = self._by_ids(asked) if asked else self._by_name(parameters.get("jobDefinitionName"))
        listed = [definition for definition in found if status is None or definition.status == status]
        page, token = page_of(listed, parameters)
        return with_token({"jobDefinitions": [definition.shown() for definition in page]}, token)

    def _by_ids(self, ids: Iterable[str]) -> list[JobDefinition]:
        found: list[JobDefinition] = []
        for given in ids:
            name, revision = split_revision(name_in(given, KIND))
            known = self._revisions.get(name, ()) if revision is None else (self._revision(name, revision),)
            found += [definition for definition in known if definition is not None]
        return found

    def _by_name(self, name: str | None) -> list[JobDefinition]:
        if name is not None:
            return self._by_ids([name])[::-1]
        return [definition for revisions in self._revisions.values() for definition in reversed(revisions)]

    def active(self, given: str) -> JobDefinition:
        """The definition that SubmitJob means: a name (its newest active revision), ``name:revision`` or an ARN of either."""
        known = self._meant.get(given)
        if known is None:
            known = self._meant[given] = self._active(given)
        return known

    def _active(self, given: str) -> JobDefinition:
        name, revision = split_revision(name_in(given, KIND))
        if revision is not None:
            definition = self._revision(name, revision)
        else:
            revisions = self._revisions.get(name, ())
            definition = next((newest for newest in reversed(revisions) if newest.status == "ACTIVE"), None)
        if definition is None and given.startswith("arn:"):
            raise client_error(f"JobDefinition {given} not found.")
        if definition is None or definition.status != "ACTIVE":
            raise client_error(f"JobDefinition name {given} does not exist or is not in ACTIVE status")
        return definition

    def by_arn(self, arn: str) -> JobDefinition | None:
        """The revision of this ARN."""
        name, revision = split_revision(name_in(arn, KIND))
        return self._revision(name, revision) if revision is not None else None

    def _revision(self, name: str, revision: int) -> JobDefinition | None:
        revisions = self._revisions.get(name, ())
        return revisions[revision - 1] if 0 < revision <= len(revisions) else None


def _platform(parameters: Mapping[str, Any]) -> str:
    kind = parameters["type"]
    if kind != "container" or any(parameters.get(name) for name in ELSEWHERE):
        raise client_error(
            f"Job definitions of type {kind} with these properties are not supported by the embedded AWS"
        )
    if "containerProperties" not in parameters:
        raise client_error("containerProperties must not be null for a job definition of type container")
    capabilities = parameters.get("platformCapabilities") or ["EC2"]
    if len(capabilities) != 1:
        raise client_error("platformCapabilities must have exactly one entry")
    return str(capabilities[0])


def _description(parameters: Mapping[str, Any], platform: str) -> dict[str, Any]:
    check_timeout(parameters.get("timeout"))
    check_priority(parameters.get("schedulingPriority"))
    described: dict[str, Any] = {
        "type": "container",
        "parameters": dict(parameters.get("parameters", {})),
        "containerProperties": checked_container(parameters["containerProperties"], platform),
        "containerOrchestrationType": "ECS",
    }
    if "retryStrategy" in parameters:
        described["retryStrategy"] = checked_retry_strategy(parameters["retryStrategy"])
    for name in ("timeout", "schedulingPriority", "propagateTags", "platformCapabilities"):
        if name in parameters:
            described[name] = parameters[name]
    return described


def check_timeout(timeout: Mapping[str, Any] | None) -> None:
    """Refuse a time-out below AWS's minimum."""
    if timeout is not None and timeout.get("attemptDurationSeconds", MIN_TIMEOUT_S) < MIN_TIMEOUT_S:
        raise client_error(f"Timeout attemptDurationSeconds must be at least {MIN_TIMEOUT_S} seconds")


def check_priority(priority: int | None) -> None:
    """Refuse a scheduling priority out of range."""
    if priority is not None and not 0 <= priority <= MAX_PRIORITY:
        raise client_error(f"Scheduling priority must be between 0 and {MAX_PRIORITY}")
