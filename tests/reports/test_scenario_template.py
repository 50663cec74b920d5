"""The commented scenario file and its schema."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from batchgauge.core.sweeps.scenario_file import FIELDS, options_of
from batchgauge.messages import Language, translator
from batchgauge.reports.scenario_template import SET, field_help, scenario_schema, scenario_template
from batchgauge.store.scenario_file import read_scenario_file

ROOT = Path(__file__).parents[2]
BOTH: tuple[Language, ...] = ("en", "ja")


def uncommented(text: str) -> str:
    """Every field set: a comment that is a field becomes one."""
    names = tuple(f"# {path.rpartition('.')[2]}: " for path in FIELDS)
    lines = (line.replace("# ", "", 1) if line.lstrip().startswith(names) else line for line in text.splitlines())
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("language", BOTH)
def test_it_is_a_scenario_with_a_comment_for_every_field(tmp_path: Path, language: Language) -> None:
    text = scenario_template(translator(language), "schema.json")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    assert set(options_of(read_scenario_file(path))) == {FIELDS[name].flag for name in SET}
    path.write_text(uncommented(text), encoding="utf-8")
    assert set(options_of(read_scenario_file(path))) == {field.flag for field in FIELDS.values()}


@pytest.mark.parametrize("language", BOTH)
def test_it_keeps_to_its_own_schema_as_it_is_written(language: Language) -> None:
    words = translator(language)
    written = yaml.safe_load(scenario_template(words, "schema.json"))
    assert list(Draft202012Validator(json.loads(scenario_schema(words))).iter_errors(written)) == []


@pytest.mark.parametrize("language", BOTH)
def test_comments_say_all_of_the_help_in_the_readers_language(language: Language) -> None:
    text = scenario_template(translator(language), "schema.json")
    said = "".join(line.lstrip("# ") for line in text.splitlines()).replace(" ", "")
    for path in FIELDS:
        assert field_help(path, translator(language)).replace(" ", "") in said, path
    assert max(len(line) for line in text.splitlines() if "://" not in line) <= 110


def test_the_published_schema_is_up_to_date() -> None:
    checked = subprocess.run([sys.executable, ROOT / "scripts" / "scenario-schema", "--check"], check=False)
    assert checked.returncode == 0


@pytest.mark.parametrize("language", BOTH)
def test_the_schema_takes_what_we_take_and_describes_every_field(language: Language) -> None:
    schema = json.loads(scenario_schema(translator(language)))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    whole = yaml.safe_load(uncommented(scenario_template(translator(language), "x")))
    assert list(validator.iter_errors(whole)) == []
    wrongs: list[object] = [
        {"level": 1},
        {"levels": [0]},
        {"levels": []},
        {"job": {"que": "q"}},
        {"output": {"lang": "fr"}},
    ]
    for wrong in wrongs:
        assert list(validator.iter_errors(wrong)), wrong
    described = list(schema["properties"].values()) + [
        field for group in schema["$defs"].values() for field in group["properties"].values()
    ]
    assert all("description" in field or "$ref" in field for field in described)
