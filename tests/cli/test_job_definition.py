"""``batchgauge job-definition register`` on the embedded AWS, over HTTP."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


def test_the_packaged_template_is_registered_and_can_be_run(at_server: Command, server: Any) -> None:
    done = at_server("job-definition", "register", "--name", "mine", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["jobDefinitionName"], said["revision"], said["notes"]) == ("mine", 1, [])
    job = server.finished_job(server.submit("mine", parameters={"countdownSeconds": "0"}))
    assert job["status"] == "SUCCEEDED"


def test_what_was_found_is_printed(at_server: Command) -> None:
    done = at_server("job-definition", "register", "--name", "printed", "--log-group", "/new/group")
    assert done.returncode == 0, done.stderr
    for word in ("123456789012", "us-west-2", "windows-countdown:latest", "BatchExecutionRole", "/new/group (created)"):
        assert word in done.stdout
    assert done.stdout.splitlines()[-1].endswith("printed:1")


def test_a_dry_run_prints_the_definition_and_registers_nothing(at_server: Command, server: Any) -> None:
    done = at_server("job-definition", "register", "--name", "dry", "--log-group", "/dry", "--dry-run")
    assert json.loads(done.stdout)["jobDefinitionName"] == "dry"
    assert server.client("batch").describe_job_definitions(jobDefinitionName="dry")["jobDefinitions"] == []
    assert server.client("logs").describe_log_groups(logGroupNamePrefix="/dry")["logGroups"] == []


def test_notes_are_warnings_in_words(at_server: Command, tmp_path: Path) -> None:
    template = json.loads(at_server("job-definition", "register", "--dry-run").stdout)
    template["containerProperties"]["command"] = ["app.exe", "--seconds=Ref::countdownSeconds"]
    (tmp_path / "mine.json").write_text(json.dumps(template), encoding="utf-8")
    done = at_server("job-definition", "register", "--file", "mine.json", "--dry-run")
    assert done.returncode == 0
    [line] = done.stderr.splitlines()
    assert line.startswith("warning:")
    assert "--seconds=Ref::countdownSeconds" in line


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("--execution-role", "nobody"), 1, "--execution-role"),
        (("--job-role", "nobody"), 1, "--job-role"),
        (("--name", "not a name!"), 1, "not a name!"),
        (("--file", "missing.json"), 2, "--file"),
        (("--file", "broken.json"), 2, "broken.json:1:2"),
        (("--file", "other.json"), 2, "--file"),
    ],
)
def test_bad_input_is_one_line_with_its_remedy(
    arguments: tuple[str, str], code: int, word: str, at_server: Command, tmp_path: Path
) -> None:
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    done = at_server("job-definition", "register", *arguments)
    assert done.returncode == code
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]
    assert word in done.stderr


def test_without_credentials_it_says_how_to_get_some(batchgauge: Command) -> None:
    done = batchgauge("job-definition", "register")
    assert done.returncode == 1
    assert "aws configure" in done.stderr
