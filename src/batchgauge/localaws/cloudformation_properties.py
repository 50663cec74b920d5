"""CloudFormation's properties as the parameters of the API: capital letters first, and numbers that may come as texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NUMBERS = {"integer": int, "long": int, "float": float, "double": float}


def parameters_of(properties: Any, shape_name: str, shapes: Mapping[str, Any]) -> Any:
    """A value of this shape of the service model; what the shape does not know is left out, what is of another type stays as it is.

    The keys of maps (parameters, tags, log options) are the user's and are kept.
    """
    shape = shapes[shape_name]
    match shape["type"], properties:
        case "structure", dict():
            members = {member.lower(): (member, reference["shape"]) for member, reference in shape["members"].items()}
            known = ((members.get(name.lower()), value) for name, value in properties.items())
            return {
                found[0]: parameters_of(value, found[1], shapes)
                for found, value in known
                if found is not None and value is not None
            }
        case "list", list():
            return [parameters_of(item, shape["member"]["shape"], shapes) for item in properties]
        case "map", dict():
            return {key: parameters_of(item, shape["value"]["shape"], shapes) for key, item in properties.items()}
        case kind, value:
            return _scalar(kind, value)


def _scalar(kind: str, value: Any) -> Any:
    if kind == "string" and isinstance(value, bool):
        return str(value).lower()
    if kind == "string" and isinstance(value, int | float):
        return str(value)
    if kind == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind in NUMBERS and isinstance(value, str):
        try:
            return NUMBERS[kind](value)
        except ValueError:
            return value
    return value
