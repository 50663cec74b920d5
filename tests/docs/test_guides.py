"""``docs/guides/``: every command in them is run, against the embedded AWS; both languages show the same ones."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "guides"
OURS = ("behind-a-proxy", "other-programs", "windows-on-batch")
LIMIT_S = 170
FAMILIES = re.compile(r"WINDOWS_SERVER_\w+")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def blocks(name: str, language: str) -> list[str]:
    text = (GUIDES / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("guide", OURS)
def test_both_languages_show_the_same_blocks(guide: str) -> None:
    for language in ("sh", "powershell", "json", "ini"):
        assert blocks(f"{guide}.md", language) == blocks(f"{guide}.ja.md", language)


@pytest.mark.parametrize("path", sorted(GUIDES.glob("*.md")), ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []
    other = path.name.replace(".ja.md", ".md") if path.name.endswith(".ja.md") else path.name.replace(".md", ".ja.md")
    assert other in links


def sections(name: str) -> dict[str, list[str]]:
    """The command lines under each heading that has any."""
    text = (GUIDES / name).read_text(encoding="utf-8")
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)[1:]
    found = {
        heading: [line for block in re.findall(r"^```sh\n(.*?)^```$", part, re.M | re.S) for line in block.splitlines()]
        for heading, part in zip(parts[::2], parts[1::2], strict=True)
    }
    return {heading: lines for heading, lines in found.items() if lines}


SECTIONS = sections("other-programs.md")
PASTED = """set -e
batchgauge() { case $1 in run|sweep) set -- "$@" --monitor-interval 0.2 --quiet ;; esac; "$PYTHON" -P -m batchgauge "$@"; }
"""
"""Looks more often than people need, so that the test does not wait for what has ended."""


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_commands_for_other_programs_work(heading: str, server: Any, tmp_path: Path) -> None:
    """In one shell, as a reader pastes them; what is shown as a file is there under its name."""
    lines = SECTIONS[heading]
    if any(line.startswith("aws ") for line in lines) and shutil.which("aws") is None:
        pytest.skip("the AWS CLI (pip install awscli, in an environment of its own) is not on PATH")
    for text in blocks("other-programs.md", "json"):
        name = re.search(r'"jobDefinitionName": "([\w-]+)"', text)
        assert name is not None
        (tmp_path / f"{name[1]}.json").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["bash", "-c", PASTED + "\n".join(lines)],
        cwd=tmp_path,
        env={**server.environment, "PYTHON": sys.executable, "BATCHGAUGE_LANG": "en"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert {shlex.split(line)[0] for line in lines} <= {"batchgauge", "aws", "until"}
    definitions = server.client("batch").describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    registered = {found["jobDefinitionName"]: found for found in definitions}
    if any("my-program.json" in line for line in lines):
        assert registered["my-program"]["containerProperties"]["command"][-1] == "Ref::customParam"
    if any("queue-b" in line for line in lines):
        assert registered["my-ec2-program"]["platformCapabilities"] == ["EC2"]
        jobs = server.client("batch").list_jobs(jobQueue="queue-b", jobStatus="SUCCEEDED")["jobSummaryList"]
        assert len(jobs) == 2 + 2 + 4, "the warm-up, and both levels"


def test_the_guides_sections_with_commands_are_the_ones_that_are_run() -> None:
    assert len(SECTIONS) == 4
    assert sum(map(len, SECTIONS.values())) == 18


def test_the_windows_page_names_what_the_embedded_aws_takes(server: Any) -> None:
    """Families, and the pairs of vCPU and memory at their bounds; what it calls impossible is refused."""
    text = (GUIDES / "windows-on-batch.md").read_text(encoding="utf-8")
    assert FAMILIES.findall(text) == ["WINDOWS_SERVER_2019_CORE"]
    batch = server.client("batch")
    [like] = batch.describe_job_definitions(jobDefinitionName="windows-countdown-job")["jobDefinitions"]

    def register(family: str, vcpus: int, memory_gb: int, **more: Any) -> None:
        container = {**like["containerProperties"], **more}
        container["runtimePlatform"] = {
            "operatingSystemFamily": f"WINDOWS_SERVER_{family}",
            "cpuArchitecture": "X86_64",
        }
        container["resourceRequirements"] = [
            {"type": "VCPU", "value": str(vcpus)},
            {"type": "MEMORY", "value": str(memory_gb * 1024)},
        ]
        batch.register_job_definition(
            jobDefinitionName="w", type="container", platformCapabilities=["FARGATE"], containerProperties=container
        )

    for family in ("2019_CORE", "2019_FULL", "2022_CORE", "2022_FULL"):
        assert family in text
        register(family, 1, 2)
    for vcpus, least, most in re.findall(r"(\d) vCPU with (\d+)–(\d+)", text):
        register("2022_CORE", int(vcpus), int(least))
        register("2022_CORE", int(vcpus), int(most))
        with pytest.raises(batch.exceptions.ClientException):
            register("2022_CORE", int(vcpus), int(most) + 1)
    for impossible in ({"user": "me"}, {"privileged": True}, {"readonlyRootFilesystem": True}):
        with pytest.raises(batch.exceptions.ClientException):
            register("2022_CORE", 1, 2, **impossible)


@pytest.mark.parametrize("guide", OURS)
def test_the_japanese_pages_are_japanese(guide: str) -> None:
    paragraphs = (GUIDES / f"{guide}.ja.md").read_text(encoding="utf-8").split("\n\n")
    prose = [part for part in paragraphs if not part.startswith(("```", "[English]", "|")) and "```" not in part]
    assert [part for part in prose if not JAPANESE.search(part)] == []
