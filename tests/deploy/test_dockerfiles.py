"""The Dockerfiles, read: nothing in them runs in the image, and what they copy is what the build makes."""

from __future__ import annotations

import fnmatch
import json
import re
import runpy
from pathlib import Path

import pytest

from batchgauge.provision.job_definition import packaged_template

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "windows"
FILES = ("Dockerfile", "Dockerfile.linux")
WITHOUT_A_CONTAINER = {"ARG", "FROM", "COPY", "ENV", "CMD", "WORKDIR"}
"""RUN, SHELL and HEALTHCHECK need one of the image's system; ENTRYPOINT would make a job's command its arguments."""


def steps(name: str) -> list[tuple[str, str]]:
    """A Dockerfile's instructions with their words; these files continue no line."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    found = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(instruction, words) for instruction, _, words in found]


@pytest.mark.parametrize("name", FILES)
def test_no_step_runs_in_the_image(name: str) -> None:
    assert {instruction for instruction, _ in steps(name)} <= WITHOUT_A_CONTAINER


@pytest.mark.parametrize("name", FILES)
def test_what_is_copied_is_what_the_build_makes_and_what_the_context_lets_in(name: str) -> None:
    targets = runpy.run_path(str(ROOT / "scripts" / "build-countdown"), run_name="read")["TARGETS"]
    let_in = [line[1:] for line in (FOLDER / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [words.split()[-2:] for instruction, words in steps(name) if instruction == "COPY"]
    assert copied
    for source, destination in copied:
        assert Path(source).parent == Path("dist")
        assert Path(source).name in targets
        assert any(fnmatch.fnmatch(source, pattern) for pattern in let_in)
        assert destination.startswith("/"), "a drive letter is not for every builder; on Windows / is C:\\"


@pytest.mark.parametrize("name", FILES)
def test_the_command_is_in_exec_form_and_the_only_one(name: str) -> None:
    [command] = [words for instruction, words in steps(name) if instruction == "CMD"]
    assert [isinstance(word, str) for word in json.loads(command)] == [True, True]


def test_the_windows_image_has_the_program_where_the_job_definition_starts_it() -> None:
    [copied] = [words.split()[-1] for instruction, words in steps("Dockerfile") if instruction == "COPY"]
    [command] = [json.loads(words) for instruction, words in steps("Dockerfile") if instruction == "CMD"]
    in_windows_words = "C:" + copied.replace("/", "\\")
    assert command[0] == in_windows_words
    assert in_windows_words in packaged_template()["containerProperties"]["command"]


def test_the_path_of_the_windows_image_leads_to_powershell() -> None:
    [path] = [words for instruction, words in steps("Dockerfile") if instruction == "ENV"]
    folders = path.removeprefix("PATH=").strip('"').split(";")
    assert {"C:\\Windows\\system32", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0"} <= set(folders)
    assert (FOLDER / "Dockerfile").read_text().startswith("# escape=`\n"), "else \\W would be an escape"


def test_the_base_is_server_core_of_the_version_asked_for() -> None:
    [(_, argument), (_, base)] = steps("Dockerfile")[:2]
    assert re.fullmatch(r"WINDOWS_VERSION=ltsc20(19|22)", argument)
    assert base == "mcr.microsoft.com/windows/servercore:${WINDOWS_VERSION}"


def test_the_linux_image_has_a_folder_for_temporary_files() -> None:
    assert ("WORKDIR", "/tmp") in steps("Dockerfile.linux")
    assert ("FROM", "scratch") in steps("Dockerfile.linux")
