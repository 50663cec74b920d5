"""AWS's own description of the Batch API, read from botocore's data files: the routes, and what a request must look like.

The file is read as data; botocore itself, the client, is not imported here.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote

import orjson

MODEL_FILE = Path("data", "batch", "2016-08-10", "service-2.json")
INTEGER_BITS = {"integer": 32, "long": 64}
CASE_INSENSITIVE_ENUMS = frozenset({"RetryAction"})
"""The API reference: "The specified string isn't case sensitive" (EvaluateOnExit.action)."""

Json: TypeAlias = Any
Check: TypeAlias = Callable[[Json, str], Json]
"""Takes a value and its path in the request, gives the value with nulls and unknown members left out, or raises."""


class RequestShapeError(Exception):
    """A request whose body is not of its operation's shape; the message is for the one who sent it."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: where its parameters are in the request, and the check of them."""

    name: str
    check: Check
    uri_member: str | None
    """The member that stands at the end of the path (tag operations)."""
    list_query_members: tuple[tuple[str, str], ...]
    """Members that stand in the query, repeated, with their names there."""

    def parameters(self, uri_value: str, query_string: str, body: bytes) -> dict[str, Json]:
        """The request's parameters, checked; raises `RequestShapeError`."""
        parameters = _decoded(body)
        if self.uri_member is not None:
            parameters[self.uri_member] = unquote(uri_value)
        if self.list_query_members:
            pairs = parse_qsl(query_string, keep_blank_values=True)
            for member, query_name in self.list_query_members:
                parameters[member] = [value for name, value in pairs if name == query_name]
        checked: dict[str, Json] = self.check(parameters, "")
        return checked


class ServiceModel:
    """The routes of the API; `find` gives the operation of a request and what its path ends in."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.shapes: Mapping[str, Any] = document["shapes"]
        self.input_shapes = {name: each["input"]["shape"] for name, each in document["operations"].items()}
        self._exact: dict[tuple[str, str], Operation] = {}
        self._prefixes: dict[tuple[str, str], Operation] = {}
        checks = _CheckCompiler(document["shapes"])
        for name, description in document["operations"].items():
            self._add(name, description, document["shapes"], checks)

    def _add(
        self, name: str, description: Mapping[str, Any], shapes: Mapping[str, Any], checks: _CheckCompiler
    ) -> None:
        shape_name = description["input"]["shape"]
        located = {
            member: reference for member, reference in shapes[shape_name]["members"].items() if "location" in reference
        }
        uri_members = [member for member, reference in located.items() if reference["location"] == "uri"]
        operation = Operation(
            name=name,
            check=checks.of(shape_name),
            uri_member=uri_members[0] if uri_members else None,
            list_query_members=tuple(
                (member, reference["locationName"])
                for member, reference in located.items()
                if reference["location"] == "querystring"
            ),
        )
        method, uri = description["http"]["method"], description["http"]["requestUri"]
        if uri_members:
            self._prefixes[method, uri.partition("{")[0]] = operation
        else:
            self._exact[method, uri] = operation

    def find(self, method: str, raw_path: str) -> tuple[Operation, str] | None:
        """The operation of this method and path, with the rest of the path; None where AWS has none there."""
        operation = self._exact.get((method, raw_path))
        if operation is not None:
            return operation, ""
        for (its_method, prefix), candidate in self._prefixes.items():
            if method == its_method and raw_path.startswith(prefix) and len(raw_path) > len(prefix):
                return candidate, raw_path[len(prefix) :]
        return None

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All of the API."""
        return (*self._exact.values(), *self._prefixes.values())

    def route_of(self, operation: Operation) -> tuple[str, str]:
        """Method and path, or the path's beginning."""
        routes = {**self._exact, **self._prefixes}
        return next(route for route, candidate in routes.items() if candidate is operation)

    @property
    def operation_names(self) -> frozenset[str]:
        """Every operation of the API."""
        return frozenset(operation.name for operation in self.operations)


def load_service_model() -> ServiceModel:
    """Read the model that the installed botocore carries."""
    specification = find_spec("botocore")
    if specification is None or not specification.submodule_search_locations:
        raise ModuleNotFoundError("botocore", name="botocore")
    path = Path(specification.submodule_search_locations[0]) / MODEL_FILE
    compressed = path.with_name(f"{path.name}.gz")
    content = gzip.decompress(compressed.read_bytes()) if compressed.exists() else path.read_bytes()
    return ServiceModel(orjson.loads(content))


def _decoded(body: bytes) -> dict[str, Json]:
    if not body:
        return {}
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestShapeError("Request body is not valid JSON") from None
    if not isinstance(decoded, dict):
        raise RequestShapeError("Request body must be a JSON object")
    return decoded


class _CheckCompiler:
    """Turns shapes into checks, each once; a shape that contains itself finds its own check by name, later."""

    def __init__(self, shapes: Mapping[str, Any]) -> None:
        self._shapes = shapes
        self._checks: dict[str, Check] = {}

    def of(self, name: str) -> Check:
        if name not in self._checks:
            self._checks[name] = self._later(name)
            self._checks[name] = self._compiled(name, self._shapes[name])
        return self._checks[name]

    def _later(self, name: str) -> Check:
        def check(value: Json, path: str) -> Json:
            return self._checks[name](value, path)

        return check

    def _compiled(self, name: str, shape: Mapping[str, Any]) -> Check:
        match shape["type"]:
            case "structure":
                check = self._structure(shape)
            case "list":
                check = _list_check(self.of(shape["member"]["shape"]), shape)
            case "map":
                check = _map_check(self.of(shape["key"]["shape"]), self.of(shape["value"]["shape"]), shape)
            case "string":
                check = _string_check(shape, name in CASE_INSENSITIVE_ENUMS)
            case "boolean":
                check = _boolean_check
            case "integer" | "long":
                check = _integer_check(INTEGER_BITS[shape["type"]], shape)
            case _:
                check = _number_check
        return check

    def _structure(self, shape: Mapping[str, Any]) -> Check:
        members = {member: self.of(reference["shape"]) for member, reference in shape["members"].items()}
        required = tuple(shape.get("required", ()))
        # Clients send an empty map of tags where there are none (snakemake's plugin does), and AWS takes it, whatever its model says.
        may_be_empty = {
            member
            for member, reference in shape["members"].items()
            if member not in required
            and "min" in (given := self._shapes[reference["shape"]])
            and given["type"] == "map"
        }

        def check(value: Json, path: str) -> Json:
            if not isinstance(value, dict):
                raise RequestShapeError(f"{path or 'Request'} must be an object")
            prefix = f"{path}." if path else ""
            checked = {
                member: members[member](given, prefix + member)
                for member, given in value.items()
                if given is not None and member in members and not (given == {} and member in may_be_empty)
            }
            for member in required:
                if member not in checked:
                    raise RequestShapeError(f"{prefix}{member} must not be null")
            return checked

        return check


def _check_length(length: int, path: str, shape: Mapping[str, Any]) -> None:
    if length < shape.get("min", 0):
        raise RequestShapeError(f"{path} must have length greater than or equal to {shape['min']}")
    if "max" in shape and length > shape["max"]:
        raise RequestShapeError(f"{path} must have length less than or equal to {shape['max']}")


def _list_check(check_item: Check, shape: Mapping[str, Any]) -> Check:
    def check(value: Json, path: str) -> Json:
        if not isinstance(value, list):
            raise RequestShapeError(f"{path} must be a list")
        _check_length(len(value), path, shape)
        try:
            return [check_item(item, path) for item in value]
        except RequestShapeError:  # found again, to say where
            return [check_item(item, f"{path}[{index}]") for index, item in enumerate(value)]

    return check


def _map_check(check_key: Check, check_value: Check, shape: Mapping[str, Any]) -> Check:
    def check(value: Json, path: str) -> Json:
        if not isinstance(value, dict):
            raise RequestShapeError(f"{path} must be a map")
        _check_length(len(value), path, shape)
        return {check_key(key, f"{path} key"): check_value(item, f"{path}.{key}") for key, item in value.items()}

    return check


def _string_check(shape: Mapping[str, Any], is_case_insensitive: bool) -> Check:
    allowed = frozenset(shape.get("enum", ()))
    has_bounds = "min" in shape or "max" in shape

    def check(value: Json, path: str) -> Json:
        if not isinstance(value, str):
            raise RequestShapeError(f"{path} must be a string")
        if has_bounds:
            _check_length(len(value), path, shape)
        if allowed and (value.upper() if is_case_insensitive else value) not in allowed:
            raise RequestShapeError(f"{path} must satisfy enum value set: [{', '.join(sorted(allowed))}]")
        return value

    return check


def _boolean_check(value: Json, path: str) -> Json:
    if not isinstance(value, bool):
        raise RequestShapeError(f"{path} must be a boolean")
    return value


def _integer_check(bits: int, shape: Mapping[str, Any]) -> Check:
    least = max(-(1 << bits - 1), shape.get("min", -(1 << bits - 1)))
    most = min((1 << bits - 1) - 1, shape.get("max", (1 << bits - 1) - 1))

    def check(value: Json, path: str) -> Json:
        if not isinstance(value, int) or isinstance(value, bool):
            raise RequestShapeError(f"{path} must be an integer")
        if not least <= value <= most:
            raise RequestShapeError(f"{path} must be between {least} and {most}")
        return value

    return check


def _number_check(value: Json, path: str) -> Json:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise RequestShapeError(f"{path} must be a number")
    return value
