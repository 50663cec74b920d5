"""Reading scenario files: every field, and the line of whatever is wrong."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.sweeps.scenario_file import FIELDS, ScenarioFile, options_of
from batchgauge.errors import (
    InvalidExpressionError,
    ScenarioFieldError,
    ScenarioFileError,
    ScenarioSyntaxError,
    UnknownFieldError,
    UsageError,
)
from batchgauge.store.scenario_file import read_scenario_file


def read(tmp_path: Path, text: str) -> ScenarioFile:
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return read_scenario_file(path)


def refused(tmp_path: Path, text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    return caught.value


def test_a_file_says_what_the_flags_say(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        "levels: [2, 20]\n"
        "job:\n"
        "  queue: q\n"
        "  command: [countdown.exe, '30']\n"
        "  parameters: { countdownSeconds: 30, mode: fast, is_on: true }\n"
        "watching: { tasks: false, interval: 2 }\n"
        "budget: { deadline: 90 }\n",
    )
    assert options_of(file) == {
        "--levels": "2,20",
        "--job-queue": "q",
        "--command": '["countdown.exe", "30"]',
        "--parameter": ["countdownSeconds=30", "mode=fast", "is_on=true"],
        "--no-tasks": True,
        "--monitor-interval": 2.0,
        "--deadline": "90",
    }


@pytest.mark.parametrize("text", ["", "# nothing\n", "job:\n", "levels:\nbudget:\n  deadline:\n", "~\n", "\ufeff"])
def test_what_is_left_empty_is_left_out(tmp_path: Path, text: str) -> None:
    assert options_of(read(tmp_path, text)) == {}


@pytest.mark.parametrize("path", FIELDS)
def test_every_fields_example_is_a_value_of_it(tmp_path: Path, path: str) -> None:
    around, _, name = path.rpartition(".")
    line = f"{name}: {FIELDS[path].example}\n"
    file = read(tmp_path, f"{around}:\n  {line}" if around else line)
    assert list(options_of(file)) == [FIELDS[path].flag]


def test_a_search_and_variants_become_what_the_flags_take(tmp_path: Path) -> None:
    text = "levels: auto:2,5\nvariants:\n  - name: base\n  - { name: large, vcpus: 4.0, memory: 8192, queue: q }\n"
    assert options_of(read(tmp_path, text)) == {
        "--levels": "auto:2,5",
        "--variant": ["base", "large:queue=q,vcpus=4,memory=8192"],
    }


@pytest.mark.parametrize(
    ("text", "line", "field", "expected"),
    [
        ("levels: [1, 0]\n", 1, "levels[1]", "at-least-one"),
        ("\nlevels:\n  - 1\n  - two\n", 4, "levels[1]", "type-int"),
        ("levels: []\n", 1, "levels", "type-not-empty"),
        ("levels: automatic\n", 1, "levels", "levels-or-auto"),
        ("levels: 3\n", 1, "levels", "levels-or-auto"),
        ("order: upwards\n", 1, "order", "type-order"),
        ("variants: [{ name: a.b }]\n", 1, "variants[0].name", "variant-name"),
        ("variants:\n  - { name: a, vcpus: 0 }\n", 2, "variants[0].vcpus", "positive"),
        ("job: 3\n", 1, "job", "type-object"),
        ("job:\n  queue: q\n  vcpus: 0\n", 3, "job.vcpus", "positive"),
        ("watching:\n  api_budget: 2\n", 2, "watching.api_budget", "share"),
        ("output: { lang: fr }\n", 1, "output.lang", "type-lang"),
        ("array: yes\n", 1, "array", "type-bool"),
        ("pause: 0:30\n", 1, "pause", "type-number"),
        ("job:\n  parameters:\n    a: [1]\n", 2, "job.parameters[...]", "type-scalar"),
        ("load: sometimes\n", 1, "load", "load"),
        ("load: rate:0\n", 1, "load", "load-rate"),
        ("- 1\n", 1, "$", "type-object"),
    ],
)
def test_a_wrong_value_is_named_by_line_field_and_by_what_it_takes(
    tmp_path: Path, text: str, line: int, field: str, expected: str
) -> None:
    error = refused(tmp_path, text)
    assert isinstance(error, ScenarioFieldError)
    assert (error.line, error.field, error.expected) == (line, field, expected)


def test_a_field_that_there_is_not_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    error = refused(tmp_path, "levels: [1]\njob:\n  queue: q\n  que: q\n")
    assert isinstance(error, UnknownFieldError)
    assert (error.line, error.field) == (4, "job.que")
    assert error.known.startswith("queue, definition, countdown")
    error = refused(tmp_path, "level: [1]\n")
    assert isinstance(error, UnknownFieldError)
    assert "job" in error.known.split(", ")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("levels: [1\njob: 2\n", 2, ""),
        ("job:\n  queue: a\n  queue: b\n", 3, "queue stands twice"),
        ("job: &job\n  queue: a\noutput: *job\n", 1, "aliases"),
        ("job: !!python/object:os.system {}\n", 1, "tags"),
        ("load: !secret x\n", 1, "tags"),
        ("levels: [1]\n---\nlevels: [2]\n", 2, ""),
        ("? [a]\n: 1\n", 1, "a field's name is a word"),
        ("\tlevels: 1\n", 1, ""),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    error = refused(tmp_path, text)
    assert isinstance(error, ScenarioSyntaxError | ScenarioFieldError)
    assert error.line == line
    assert said in getattr(error, "detail", said)


def test_a_threshold_that_cannot_be_read_names_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, "thresholds:\n  - throttles < 5\n  - p95(queue) < 5\n")
    assert isinstance(error, InvalidExpressionError)
    assert error.flag.endswith("scenario.yaml:3")
    assert error.position == 5


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(ScenarioFileError):
            read_scenario_file(path)
    (tmp_path / "latin").write_bytes(b"load: \xe9\n")
    with pytest.raises(ScenarioFileError, match="UTF-8"):
        read_scenario_file(tmp_path / "latin")
    (tmp_path / "large").write_bytes(b"#" * 2_000_000)
    with pytest.raises(ScenarioFileError, match="larger"):
        read_scenario_file(tmp_path / "large")


def test_deep_nesting_and_many_aliases_end_quickly(tmp_path: Path) -> None:
    assert isinstance(refused(tmp_path, "[" * 5000), ScenarioSyntaxError)
    bomb = "a: &a [x]\n" + "".join(f"{name}: &{name} [*{before}, *{before}]\n" for before, name in ("ab", "bc", "cd"))
    assert isinstance(refused(tmp_path, bomb), ScenarioSyntaxError)


@given(st.text())
def test_no_text_does_anything_but_be_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8", errors="replace")
    with suppress(UsageError):
        read_scenario_file(path)


def test_ours_alone_resolves_by_the_core_schema() -> None:
    """What PyYAML's other loaders understand stays as it was."""
    assert yaml.safe_load("a: no") == {"a": False}
