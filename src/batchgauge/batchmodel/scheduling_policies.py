"""Fair-share scheduling policies: their record and the operations on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from batchgauge.batchmodel.identifiers import Names, check_resource_name
from batchgauge.batchmodel.pages import page_of, with_token
from batchgauge.batchmodel.refusals import client_error
from batchgauge.batchmodel.tags import checked_tags

KIND: Final = "scheduling-policy"
MAX_DECAY_S: Final = 604_800
WEIGHTS = (0.0001, 999.9999)


class SchedulingPolicy:
    """One policy."""

    def __init__(self, name: str, arn: str, fair_share: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        self.name = name
        self.arn = arn
        self.fair_share = fair_share
        self.tags = tags

    def shown(self) -> dict[str, Any]:
        """As DescribeSchedulingPolicies shows it."""
        return {"name": self.name, "arn": self.arn, "fairsharePolicy": dict(self.fair_share), "tags": dict(self.tags)}


class SchedulingPolicies:
    """Every policy by its ARN, and the operations on them."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._policies: dict[str, SchedulingPolicy] = {}
        self.is_used: Callable[[SchedulingPolicy], bool] = lambda policy: False
        self.on_change: Callable[[SchedulingPolicy], None] = lambda policy: None

    def create(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateSchedulingPolicy."""
        name = parameters["name"]
        check_resource_name(name)
        arn = self._names.arn(KIND, name)
        if arn in self._policies:
            raise client_error("Object already exists")
        policy = SchedulingPolicy(name, arn, _checked(parameters), checked_tags(parameters.get("tags", {})))
        self._policies[arn] = policy
        return {"name": name, "arn": arn}

    def update(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """UpdateSchedulingPolicy; the queues that follow it follow the new one."""
        policy = self._named(parameters["arn"])
        policy.fair_share = _checked(parameters)
        self.on_change(policy)
        return {}

    def delete(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """DeleteSchedulingPolicy: one that no queue follows."""
        policy = self._named(parameters["arn"])
        if self.is_used(policy):
            raise client_error("Cannot delete, found existing JobQueue relationship")
        del self._policies[policy.arn]
        return {}

    def describe(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """DescribeSchedulingPolicies; unknown ARNs are left out."""
        if len(parameters["arns"]) > 100:
            raise client_error("Maximum number of scheduling policies supported is 100")
        found = [self._policies[arn].shown() for arn in parameters["arns"] if arn in self._policies]
        return {"schedulingPolicies": found}

    def list(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """ListSchedulingPolicies."""
        page, token = page_of([{"arn": arn} for arn in self._policies], parameters)
        return with_token({"schedulingPolicies": page}, token)

    def find(self, arn: str) -> SchedulingPolicy | None:
        """The policy of this ARN."""
        return self._policies.get(arn)

    def _named(self, arn: str) -> SchedulingPolicy:
        policy = self._policies.get(arn)
        if policy is None:
            raise client_error(f"Scheduling policy {arn} does not exist")
        return policy


def _checked(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    if parameters.get("quotaSharePolicy"):
        raise client_error("Quota shares are not supported by the embedded AWS")
    policy: Mapping[str, Any] = parameters.get("fairsharePolicy") or {}
    if not 0 <= policy.get("shareDecaySeconds", 0) <= MAX_DECAY_S:
        raise client_error(f"shareDecaySeconds must be between 0 and {MAX_DECAY_S}")
    if not 0 <= policy.get("computeReservation", 0) <= 99:
        raise client_error("computeReservation must be between 0 and 99")
    for entry in policy.get("shareDistribution", ()):
        if not WEIGHTS[0] <= entry.get("weightFactor", 1.0) <= WEIGHTS[1]:
            raise client_error(f"weightFactor must be between {WEIGHTS[0]} and {WEIGHTS[1]}")
    return policy
