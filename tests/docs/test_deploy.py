"""The deployment guide and the policies' page: their commands run, in their order, and both languages say the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from batchgauge.cli.deploy import template, up
from batchgauge.core.iam.permissions import Use
from tests.deploy.everything import everything, push_image
from tests.docs.command_lines import parse

ROOT = Path(__file__).parents[2]
GUIDE, POLICY = "docs/guides/deploy", "docs/reference/policy"
LIMIT_S = 120


def text(page: str, language: str = "") -> str:
    return (ROOT / f"{page}{language}.md").read_text(encoding="utf-8")


def commands(page: str, language: str = "") -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", text(page, language), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("page", [GUIDE, POLICY])
def test_both_languages_show_the_same(page: str) -> None:
    assert commands(page) == commands(page, ".ja")
    for pattern in (r"`(--[a-z0-9-]+)", r"(?m)^\| `([a-z-]+)` \|", r"`(\w+:\w+)`"):
        assert sorted(re.findall(pattern, text(page))) == sorted(re.findall(pattern, text(page, ".ja"))), pattern


@pytest.mark.parametrize("page", [GUIDE, POLICY])
@pytest.mark.parametrize("language", ["", ".ja"])
def test_links_lead_somewhere(page: str, language: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", text(page, language))
    folder = (ROOT / page).parent
    assert [link for link in links if "://" not in link and not (folder / link).exists()] == []


def test_the_guide_from_its_beginning_to_its_end(server: Any, tmp_path: Path) -> None:
    """Line by line in one folder, against an AWS that holds nothing of it before and after."""
    if shutil.which("aws") is None:
        pytest.skip("needs the AWS CLI (PyPI's awscli) on PATH")
    program = tmp_path / "bin" / "batchgauge"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m batchgauge "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environment = {**server.environment, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    before = everything(server)
    said = ""
    for line in commands(GUIDE):
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=tmp_path,
            env={**environment, "BATCHGAUGE_LANG": "en"},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        said += done.stdout + done.stderr
        if said.count("RepositoryUri") == 1 and "RepositoryUri" in done.stdout:  # the guide's third step
            push_image(server, "batchgauge-countdown", "linux")
    assert "MaxvCpus: 16 -> 64" in said
    assert said.count("nothing is left") == 2
    assert everything(server) == before


def test_the_policies_are_printed(batchgauge_words: list[list[str]]) -> None:
    assert len(batchgauge_words) == 4
    for words in batchgauge_words:
        parse(words)


@pytest.fixture
def batchgauge_words() -> list[list[str]]:
    return [line.split()[1:] for line in commands(POLICY) if line.startswith("batchgauge ")]


def test_every_use_and_every_flag_is_on_the_page() -> None:
    assert set(re.findall(r"(?m)^\| `([a-z][a-z-]+)` \|", text(POLICY))) == {use.value for use in Use}
    from batchgauge.cli.policy import print_policy

    flags = {flag for parameter in print_policy.params for flag in parameter.opts if flag.startswith("--")}
    assert flags - {"--lang", "--help"} <= set(re.findall(r"`(--[a-z0-9-]+)", text(POLICY)))


def test_the_guide_names_every_flag_of_the_template() -> None:
    flags = {flag for parameter in template.params for flag in parameter.opts if flag.startswith("--")}
    named = set(re.findall(r"(--[a-z0-9-]+)", text(GUIDE)))
    assert flags - {"--lang", "--help"} <= named
    taken = {flag for parameter in up.params for flag in parameter.opts}
    assert {flag for flag in flags if flag not in taken} == set()
