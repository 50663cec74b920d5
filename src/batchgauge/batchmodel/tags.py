"""Tags of resources: checked the same way wherever they come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from batchgauge.batchmodel.refusals import client_error

MAX_TAGS: Final = 50


class Tagged(Protocol):
    """Whatever has tags."""

    tags: Mapping[str, str]


def checked_tags(tags: Mapping[str, str]) -> Mapping[str, str]:
    """The tags, if AWS would take them."""
    if len(tags) > MAX_TAGS:
        raise client_error(f"The number of tags must be less than or equal to {MAX_TAGS}")
    for key in tags:
        if key.lower().startswith("aws:"):
            raise client_error(f"Tag key {key} is reserved: keys must not start with aws:")
    return tags


class TagOperations:
    """TagResource, UntagResource and ListTagsForResource."""

    def __init__(self, find: Callable[[str], Tagged | None]) -> None:
        self._find = find

    def tag(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """TagResource."""
        resource = self._resource(parameters["resourceArn"])
        resource.tags = checked_tags({**resource.tags, **parameters["tags"]})
        return {}

    def untag(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """UntagResource; keys that are not there are no error."""
        resource = self._resource(parameters["resourceArn"])
        keys: Sequence[str] = parameters["tagKeys"]
        resource.tags = {key: value for key, value in resource.tags.items() if key not in keys}
        return {}

    def list_tags(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """ListTagsForResource."""
        return {"tags": dict(self._resource(parameters["resourceArn"]).tags)}

    def _resource(self, arn: str) -> Tagged:
        resource = self._find(arn)
        if resource is None:
            raise client_error(f"Resource {arn} not found")
        return resource
