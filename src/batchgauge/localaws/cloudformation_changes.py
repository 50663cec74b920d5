"""What an update of a stack changes: both templates with parameters, conditions and mappings put in, resource by resource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PLACEHOLDER = re.compile(r"\$\{([^!}.]+)\}")


@dataclass(frozen=True, slots=True)
class Changes:
    """The logical names; those to change in the template's order."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def is_none(self) -> bool:
        """Whether every resource stays as it is."""
        return not (self.added or self.changed or self.removed)


def changes_between(old: Any, new: Any) -> Changes:
    """From one loaded resource map of moto's to another; a condition or a parameter that differs counts like other text."""
    before, after = _active(old), _active(new)
    return Changes(
        added=tuple(name for name in after if name not in before),
        changed=tuple(name for name in after if name in before and after[name] != before[name]),
        removed=tuple(name for name in before if name not in after),
    )


def _active(resources: Any) -> dict[str, Any]:
    """The resources whose condition holds, resolved as far as that needs no resource."""
    template = resources._template
    known = {**resources.resolved_parameters}
    return {
        name: _resolved(body, known, resources.lazy_condition_map)
        for name, body in template.get("Resources", {}).items()
        if "Condition" not in body or resources.lazy_condition_map[body["Condition"]]
    }


def _resolved(value: Any, parameters: Mapping[str, Any], conditions: Mapping[str, Any]) -> Any:
    match value:
        case {"Ref": name} if name in parameters:
            return parameters[name]
        case {"Fn::If": [condition, yes, no]}:
            return _resolved(yes if conditions[condition] else no, parameters, conditions)
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": PLACEHOLDER.sub(lambda found: str(parameters.get(found[1], found[0])), text)}
        case dict():
            return {key: _resolved(part, parameters, conditions) for key, part in value.items()}
        case list():
            return [_resolved(part, parameters, conditions) for part in value]
        case _:
            return value
