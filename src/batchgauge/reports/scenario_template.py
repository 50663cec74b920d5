"""A commented scenario file, and the JSON Schema that lets editors complete one; both in the reader's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from batchgauge.core.sweeps.scenario_file import FIELDS, ScenarioFile
from batchgauge.messages import Translator

WIDTH: Final = 100
"""Of the comments, in columns of a terminal."""
SET: Final = frozenset(
    {"levels", "load", "job.queue", "job.definition", "job.countdown", "thresholds", "output.results"}
)
"""The fields that stand there with a value; the others are there to be uncommented."""
SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def scenario_template(translate: Translator, schema_file: str) -> str:
    """The file's text; `schema_file` is where the schema lies, beside it."""
    return "\n".join(_lines(translate, schema_file)) + "\n"


def field_help(path: str, translate: Translator) -> str:
    """What a field means: what its flag means, where it has no words of its own."""
    own = f"scenario.field.{path.replace('_', '-')}"
    return translate(own if translate.knows(own) else f"cli.option.{FIELDS[path].flag.removeprefix('--')}")


def _variant_help(name: str, translate: Translator) -> str:
    """Of a variant's field: what the same field of the job means, but for its name."""
    return translate("scenario.field.variant.name") if name == "name" else field_help(f"job.{name}", translate)


def scenario_schema(translate: Translator) -> bytes:
    """The schema as an indented JSON document."""
    schema = msgspec.json.schema(ScenarioFile)
    definitions: dict[str, Any] = schema.pop("$defs")
    whole = definitions.pop("ScenarioFile")
    for path in FIELDS:
        around, _, name = path.rpartition(".")
        owner = whole if not around else definitions[f"{around.capitalize()}Fields"]
        owner["properties"][name]["description"] = field_help(path, translate)
    for name, described in definitions["VariantFields"]["properties"].items():
        described["description"] = _variant_help(name, translate)
    for name, definition in definitions.items():
        definition.pop("title", None)
        definition["description"] = translate(f"scenario.group.{name.removesuffix('Fields').lower()}")
    for name, described in whole["properties"].items():
        if "$ref" in described:
            # A section whose every line is a comment is null in YAML, and read as if it were not there.
            description = translate(f"scenario.group.{name}")
            whole["properties"][name] = {"description": description, "anyOf": [described, {"type": "null"}]}
    document = {
        "$schema": SCHEMA_DIALECT,
        **whole,
        "title": "batchgauge scenario",
        "description": translate("scenario.group.whole"),
        "$defs": definitions,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _lines(translate: Translator, schema_file: str) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={schema_file}"
    yield from _comment(translate("scenario.head"), "")
    groups = {path.partition(".")[0] for path in FIELDS if "." in path}
    begun: set[str] = set()
    for path, field in FIELDS.items():
        around, _, name = path.rpartition(".")
        if around in groups and around not in begun:
            begun.add(around)
            yield ""
            yield from _comment(translate(f"scenario.group.{around}"), "")
            yield f"{around}:"
        if not around:
            yield ""
        indent = "  " if around else ""
        yield from _comment(field_help(path, translate), indent)
        mark = "" if path in SET else "# "
        yield f"{indent}{mark}{name}: {field.example}"


def _comment(text: str, indent: str) -> Iterator[str]:
    """Wrapped; where words are not parted by spaces, between any two characters."""
    line, width = "", 0
    for piece in _pieces(text):
        wide = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in piece)
        if width + wide > WIDTH and line.strip():
            yield f"{indent}# {line.rstrip()}"
            line, width = "", 0
        line, width = line + (piece if line else piece.lstrip()), width + wide
    yield f"{indent}# {line.rstrip()}"


def _pieces(text: str) -> Iterator[str]:
    word = ""
    for character in text:
        is_wide = unicodedata.east_asian_width(character) in "WF"
        is_closing = character in "、。」)）・ー"
        if (is_wide and not is_closing) or character == " ":
            if word:
                yield word
            word = character
        else:
            word += character
    if word:
        yield word
