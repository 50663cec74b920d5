"""Reading a scenario file: YAML, with the line of whatever is wrong.

Only YAML 1.2's core schema is understood (``no`` and ``12:30`` are texts), no tags, and no aliases: a file means what it shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from batchgauge.core.schedule import parse_load
from batchgauge.core.sweeps.scenario_file import FIELDS, ScenarioFile
from batchgauge.core.thresholds.thresholds import parse_threshold
from batchgauge.errors import (
    InvalidOptionError,
    ScenarioFieldError,
    ScenarioFileError,
    ScenarioSyntaxError,
    UnknownFieldError,
)

MAX_BYTES: Final = 1024 * 1024
"""A scenario takes some two thousand; whatever is far beyond is not one."""
_TAG: Final = "tag:yaml.org,2002:"
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`")
_GOT: Final = re.compile(r", got `.*`$")
_EXPECTED: Final = {
    "Expected `int`": "type-int",
    "Expected `float`": "type-number",
    "Expected `str`": "type-text",
    "Expected `bool`": "type-bool",
    "Expected `array`": "type-list",
    "Expected `object`": "type-object",
    "Expected `str | array`": "command",
    "Expected `float | str`": "duration",
    "Expected `bool | int | float | str`": "type-scalar",
    "Expected `int` >= 1": "at-least-one",
    "Expected `int` >= 0": "not-negative",
    "Expected `float` >= 0.0": "not-negative",
    "Expected `float` > 0.0": "positive",
    "Expected `float` <= 1.0": "share",
    "Expected `array` of length >= 1": "type-not-empty",
    "Expected `str` of length >= 1": "type-not-empty",
}
"""What msgspec says, as the codes of our own words; whatever else it says is shown as it is."""
_OF_FIELD: Final = {
    ("levels", "Expected `str | array`"): "levels-or-auto",
    ("levels", "Expected `str`"): "levels-or-auto",
    ("name", "Expected `str`"): "variant-name",
}
"""The same, where the field says more than the type."""
_AT: Final = re.compile(r" - at `(?:key in )?(\$.*)`$", re.DOTALL)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # it has no types
    """Only what YAML 1.2's core schema resolves."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (PyYAML's own way of telling it)


for _kind, _shape, _first in (
    ("bool", r"(?:true|false)", "tf"),
    ("int", r"[-+]?\d+", "-+0123456789"),
    ("float", r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?", "-+.0123456789"),
    ("null", r"(?:~|null|)", ["~", "n", ""]),
):
    _Loader.add_implicit_resolver(_TAG + _kind, re.compile(f"^{_shape}$", re.ASCII), list(_first))


def read_scenario_file(path: Path) -> ScenarioFile:
    """The file's fields.

    Raises:
        ScenarioFileError: it cannot be read.
        ScenarioSyntaxError: it is no YAML, or uses what is not understood.
        UnknownFieldError, ScenarioFieldError: it has a field that there is not, or a value that the field does not take.
        InvalidExpressionError: a threshold cannot be read.
    """
    text = _text(path)
    tree = _Tree(str(path))
    try:
        node = yaml.compose(text, Loader=_Loader)
        document = tree.value(node, "$") if node is not None else {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise ScenarioSyntaxError(str(path), line, column, error.problem or "") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ScenarioSyntaxError(str(path), 1, 1, str(error) or "nested too deeply") from error
    return _checked(document, tree)


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise ScenarioFileError(str(path), "no such file")
        if path.stat().st_size > MAX_BYTES:
            raise ScenarioFileError(str(path), f"larger than {MAX_BYTES // 1024} KiB")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ScenarioFileError(str(path), error.strerror or str(error)) from error
    except ValueError as error:
        raise ScenarioFileError(str(path), "not UTF-8 text") from error


@dataclass(slots=True)
class _Tree:
    """From nodes to values, and where each stands; paths are written as msgspec writes them."""

    file: str
    lines: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    def line_of(self, path: str) -> int:
        """The line of a value, or of the nearest thing around it."""
        while path not in self.lines and path not in ("", "$"):
            path = path[: max(path.rfind("."), path.rfind("["))]
        return self.lines.get(path, 1)

    def value(self, node: yaml.Node, path: str) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._seen:
            raise self._fail(node, "aliases are not understood here")
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            return [self.value(item, f"{path}[{position}]") for position, item in enumerate(node.value)]
        self.texts[path] = str(node.value)
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, item in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._fail(key, "a field's name is a word")
            if key.value in values:
                raise self._fail(key, f"{key.value} stands twice")
            self.lines[f"{path}.{key.value}"] = key.start_mark.line + 1
            values[key.value] = self.value(item, f"{path}.{key.value}")
        return values

    def _scalar(self, node: yaml.Node) -> Any:
        text = str(node.value)
        match node.tag.removeprefix(_TAG):
            case "str":
                return text
            case "bool":
                return text == "true"
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "null":
                return None
        raise self._fail(node, f"tags are not understood here: {node.tag}")

    def _fail(self, node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
        return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def _checked(document: Any, tree: _Tree) -> ScenarioFile:
    # A field without a value is one that was left out: whoever clears a line means that.
    try:
        file = msgspec.convert(_without_nothing(document), ScenarioFile)
    except msgspec.ValidationError as error:
        raise _in_place(str(error), tree) from error
    if file.load is not msgspec.UNSET:
        try:
            parse_load(file.load)
        except InvalidOptionError as error:
            line = tree.line_of("$.load")
            raise ScenarioFieldError(tree.file, line, "load", file.load, error.expected) from error
    for position, text in enumerate(file.thresholds if file.thresholds is not msgspec.UNSET else ()):
        parse_threshold(text, f"{tree.file}:{tree.line_of(f'$.thresholds[{position}]')}")
    return file


def _without_nothing(document: Any) -> Any:
    if document is None:
        return {}
    if not isinstance(document, dict):
        return document
    kept = {name: value for name, value in document.items() if value is not None}
    return {
        name: {inner: found for inner, found in value.items() if found is not None}
        if isinstance(value, dict)
        else value
        for name, value in kept.items()
    }


def _in_place(message: str, tree: _Tree) -> Exception:
    at = _AT.search(message)
    path = at.group(1) if at else "$"
    problem = _AT.sub("", message)
    if unknown := _UNKNOWN.fullmatch(problem):
        name = unknown.group(1)
        return UnknownFieldError(tree.file, tree.line_of(f"{path}.{name}"), _dotted(f"{path}.{name}"), _known(path))
    wanted = _GOT.sub("", problem)
    expected = _OF_FIELD.get((_dotted(path).rpartition(".")[2], wanted.partition(" matching ")[0])) or (
        f"type-{path.rpartition('.')[2].replace('_', '-')}"
        if wanted.startswith("Invalid enum")
        else _EXPECTED.get(wanted, problem)
    )
    return ScenarioFieldError(tree.file, tree.line_of(path), _dotted(path) or "$", tree.texts.get(path, "…"), expected)


def _dotted(path: str) -> str:
    return path.removeprefix("$").removeprefix(".")


def _known(path: str) -> str:
    prefix = _dotted(path)
    around = f"{prefix}." if prefix else ""
    return ", ".join(
        dict.fromkeys(name.removeprefix(around).split(".")[0] for name in FIELDS if name.startswith(around))
    )
