"""The catalogues: complete, alike in both languages, built, and asked for nothing that they do not have."""

from __future__ import annotations

import ast
import dataclasses
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import polib
import pytest

from batchgauge import errors
from batchgauge.cli.localised import LocalisedOption
from batchgauge.cli.main import COMMANDS
from batchgauge.core.findings import kinds as finding
from batchgauge.messages.language import CATALOGUES
from batchgauge.messages.translator import DOMAINS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "batchgauge"
TRANSLATES = {"translate", "words", "say_unless", "current_translator()"}
"""How calls that translate are written in the source."""


def entries(language: str, domain: str) -> dict[str, str]:
    file = polib.pofile(str(CATALOGUES / language / "LC_MESSAGES" / f"{domain}.po"), check_for_duplicates=True)
    return {entry.msgid: entry.msgstr for entry in file if not entry.obsolete}


def all_entries(language: str) -> dict[str, str]:
    return {code: text for domain in DOMAINS for code, text in entries(language, domain).items()}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


ENGLISH = all_entries("en")
PREFIXES = "|".join(sorted({code.partition(".")[0] for code in ENGLISH}))


def test_built_catalogues_are_up_to_date() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "scripts" / "messages", "--check"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.parametrize("domain", DOMAINS)
def test_both_languages_have_the_same_codes(domain: str) -> None:
    assert list(entries("ja", domain)) == list(entries("en", domain))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_code_has_words(language: str) -> None:
    assert [code for code, text in all_entries(language).items() if not text.strip()] == []


def test_a_code_stands_in_one_domain_only() -> None:
    assert sum(len(entries("en", domain)) for domain in DOMAINS) == len(ENGLISH)


def test_both_languages_have_the_same_placeholders() -> None:
    japanese = all_entries("ja")
    assert [code for code in ENGLISH if placeholders(ENGLISH[code]) != placeholders(japanese[code])] == []


def test_no_sentence_was_left_in_english() -> None:
    """Words that are the same in both languages (``error``, ``API``) may stay; this label is for where no Japanese can be drawn."""
    words = {code: re.sub(r"\{.*?\}", "", text) for code, text in all_entries("ja").items()}
    left = {code for code, text in words.items() if text.isascii() and len(re.findall("[A-Za-z]+", text)) > 1}
    assert left == {"chart.no-font"}


def every_error() -> Iterator[type[errors.BatchgaugeError]]:
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, errors.BatchgaugeError):
            yield value


@pytest.mark.parametrize("error", list(every_error()))
def test_every_error_has_a_message_and_a_hint_made_of_its_fields(error: type[errors.BatchgaugeError]) -> None:
    fields = set(getattr(error, "__dataclass_fields__", ()))
    hints = [code for code in ENGLISH if code == f"hint.{error.code}" or code.startswith(f"hint.{error.code}.")]
    assert f"hint.{error.code}" in hints
    assert placeholders(ENGLISH[f"error.{error.code}"]) <= fields
    for code in hints:  # the commands in which end with where the failed one looked
        assert placeholders(ENGLISH[code]) <= fields | {"where"}, code


def test_every_finding_has_a_sentence_made_of_its_fields() -> None:
    types: list[Any] = [value for value in vars(finding).values() if hasattr(value, "weight")]
    assert len(types) > 10
    for kind in types:
        fields = {field.name for field in dataclasses.fields(kind)}
        codes = [kind.code] if isinstance(kind.code, str) else []
        if kind is finding.Trend:
            codes = [f"trend.{direction}" for direction in finding.Direction]
        if kind is finding.RunEndedEarly:
            codes = ["run-ended-early.interrupted", "run-ended-early.failed"]
        assert codes
        for code in codes:
            assert placeholders(ENGLISH[f"finding.{code}"]) <= fields, code


def every_source() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_every_code_in_the_source_exists() -> None:
    shape = re.compile(rf"(?:{PREFIXES})(?:\.[a-z0-9-]+)+")
    missing = [
        f"{path.name}: {node.value}"
        for path, tree in every_source()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and shape.fullmatch(node.value)
        and node.value not in ENGLISH
        and not node.value.endswith((".py", ".json", ".md", ".html", ".css", ".yaml"))
    ]
    assert missing == []


def test_every_pattern_of_codes_in_the_source_has_a_code() -> None:
    shape = re.compile(rf"(?:{PREFIXES})\.")
    missing = []
    for path, tree in every_source():
        for node in ast.walk(tree):
            if not isinstance(node, ast.JoinedStr) or not isinstance(node.values[0], ast.Constant):
                continue
            if not shape.match(str(node.values[0].value)):
                continue
            parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in node.values]
            if not any(re.fullmatch("".join(parts), code) for code in ENGLISH):
                missing.append(f"{path.name}: {ast.unparse(node)}")
    assert missing == []


def test_calls_give_every_placeholder_of_their_code() -> None:
    lacking = []
    for path, tree in every_source():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in TRANSLATES:
                continue
            given = {keyword.arg for keyword in node.keywords}
            codes = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            if None not in given:
                lacking += [
                    f"{path.name}: {code}"
                    for code in codes
                    if isinstance(code, str) and code in ENGLISH and not placeholders(ENGLISH[code]) <= given
                ]
    assert lacking == []


def every_command() -> Iterator[click.Command]:
    for target in COMMANDS.values():
        module, name = target.split(":")
        command = getattr(import_module(module), name)
        yield command
        if isinstance(command, click.Group):
            yield from command.commands.values()


@pytest.mark.parametrize("command", list(every_command()), ids=lambda command: str(command.name))
def test_every_command_and_every_flag_has_its_help(command: click.Command) -> None:
    wanted = {f"cli.{command.name}.help", f"cli.{command.name}.short"}
    for parameter in command.params:
        if isinstance(parameter, LocalisedOption):
            wanted.add(parameter.help or f"cli.option.{parameter.opts[-1].lstrip('-')}")
    assert wanted - set(ENGLISH) == set()
