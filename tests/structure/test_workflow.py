"""The workflow for continuous integration: what it names is there, what it uses is pinned, and it may do no more than read."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.batch.test_powershell import parameters
from tests.docs.command_lines import parse
from tests.docs.test_readme import HANDS_OVER_TO

ROOT = Path(__file__).parents[2]
WORKFLOW: dict[Any, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
TEST = WORKFLOW["jobs"]["test"]
STEPS: list[dict[str, Any]] = TEST["steps"]
LINES = [(step, line.strip()) for step in STEPS for line in step.get("run", "").splitlines() if line.strip()]
FOREIGN = {"python", "cd", "sudo", "ruff", "mypy", "Get-Help", "if"}
"""Programs, and words of shells, that are no file of the repository."""


def commands(line: str) -> list[str]:
    return shlex.split(line.replace("\\", "/"))


def test_it_may_only_read() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [job for job in WORKFLOW["jobs"].values() if "permissions" in job] == []
    checkout = next(step for step in STEPS if step.get("uses", "").startswith("actions/checkout@"))
    assert checkout["with"]["persist-credentials"] is False
    assert "secrets." not in str(WORKFLOW)
    assert "pull_request_target" not in str(WORKFLOW)


def test_every_action_is_pinned_to_a_commit() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert len(used) >= 2
    assert all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action) for action in used)


def test_it_runs_on_the_systems_and_pythons_that_are_promised() -> None:
    matrix = TEST["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]


@pytest.mark.parametrize("line", sorted({line for _, line in LINES}))
def test_a_command_names_what_is_there(line: str) -> None:
    program, *arguments = commands(line)
    if program == "batchgauge":
        if arguments != ["--version"]:
            parse(arguments)
        return
    if program in FOREIGN:
        for argument in arguments:
            if argument.startswith(("tests/", "./batch/")):
                assert (ROOT / argument).exists()
        return
    assert (ROOT / program).is_file()
    if program.endswith(".ps1"):
        named = [argument[1:] for argument in arguments if argument.startswith("-")]
        assert [name for name in named if name not in parameters(ROOT / program)] == []
    elif f"./{Path(program).name}" in HANDS_OVER_TO:
        parse([*HANDS_OVER_TO[f"./{Path(program).name}"], *arguments])


def test_both_powershells_run_every_script_that_needs_no_account() -> None:
    for shell in ("powershell", "pwsh"):
        said = "\n".join(step["run"] for step in STEPS if step.get("shell") == shell)
        for name in ("setup.ps1", "quickstart.ps1", "run-concurrency-tests.ps1"):
            assert name in said


def test_no_script_that_fails_goes_unnoticed() -> None:
    for step in (step for step in STEPS if step.get("shell") in ("powershell", "pwsh")):
        lines = step["run"].splitlines()
        for line, following in pairwise(lines):
            if ".ps1" in line and not line.startswith("Get-Help"):
                assert following == "if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }", line
        assert ".ps1" in lines[-1]  # whose exit code is the step's


def test_the_wheel_is_built_installed_and_tried() -> None:
    lines = [line for _, line in LINES]
    built = lines.index("python -m build --wheel")
    installed = next(number for number, line in enumerate(lines) if "dist/*.whl" in line)
    tried = lines.index("batchgauge --version")
    assert built < installed < tried
