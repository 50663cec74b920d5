"""The READMEs: every command in them exists and takes the flags that it is shown with, and both say the same."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import click
import pytest

from tests.docs.command_lines import parse

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.ja.md")
MAIN_JOB = ["./batch/quickstart.sh", "./scripts/test"]
HANDS_OVER_TO = {
    "./batch/quickstart.sh": ["quickstart"],
    "./quickstart.sh": ["quickstart"],
    "./create-job-definition.sh": ["job-definition", "register"],
    "./run-concurrency-tests.sh": ["sweep"],
    "concurrent-job-launcher.py": ["run"],
    "analyze-test-results.py": ["analyze"],
    ".venv/bin/batchgauge": [],
}
TAKES_NO_FLAGS = {
    "./scripts/test",
    "./setup.sh",
    "./batch/setup.sh",
    ".venv/bin/pip",
    ".venv/bin/python",
    "cd",
    "export",
}


def blocks(name: str) -> list[list[str]]:
    """The command lines of each block, without comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [[line for line in block.splitlines() if line and not line.startswith("#")] for block in found]


def lines(name: str) -> list[str]:
    return [line for block in blocks(name) for line in block]


def words_of(line: str) -> list[str]:
    words = shlex.split(line)
    return words[1:] if words[0] == "python3" else words


@pytest.mark.parametrize("name", READMES)
def test_the_first_block_is_the_two_commands(name: str) -> None:
    assert blocks(name)[0] == MAIN_JOB


def test_both_languages_show_the_same_commands() -> None:
    assert blocks("README.md") == blocks("README.ja.md")


@pytest.mark.parametrize("line", lines("README.md"))
def test_a_command_is_there_and_takes_its_flags(line: str) -> None:
    program, *arguments = words_of(line)
    if program.startswith(".venv") or program in ("cd", "export"):
        assert program in HANDS_OVER_TO or arguments
    else:
        path = next(folder / program for folder in (ROOT, ROOT / "batch") if (folder / program).exists())
        assert os.access(path, os.X_OK)
    if program in HANDS_OVER_TO:
        parse([*HANDS_OVER_TO[program], *arguments])
    else:
        assert program in TAKES_NO_FLAGS
        assert all((ROOT / word).exists() for word in arguments if word.startswith("scripts/"))


def test_a_wrong_flag_would_be_found() -> None:
    with pytest.raises(click.UsageError):
        parse(["run", "--no-such-flag"])
    with pytest.raises(click.UsageError):
        parse(["no-such-command"])


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_to_files_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []
