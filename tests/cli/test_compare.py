"""``batchgauge compare`` over saved results."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from batchgauge.core.result.run_result import to_document
from tests.reports.runs import Setting, measured

Command = Callable[..., subprocess.CompletedProcess[str]]


def keep(folder: Path, *levels: int, **setting: object) -> Path:
    folder.mkdir()
    for level in levels:
        document = to_document(measured(level, Setting(**setting)))  # type: ignore[arg-type]
        (folder / f"test-case-{level}.json").write_bytes(document)
    return folder


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return keep(tmp_path / "base", 5, 40), keep(tmp_path / "new", 40, capacity=8)


def test_conditions_come_first_then_what_changed(batchgauge: Command, folders: tuple[Path, Path]) -> None:
    done = batchgauge("compare", *folders)
    assert done.returncode == 0, done.stderr
    conditions, changes = done.stdout.index("maxvCpus"), done.stdout.index("median(wait_s)")
    assert conditions < changes
    assert "worse" in done.stdout
    assert "Only in the base, and not compared: level 5." in done.stdout


def test_a_change_that_is_not_to_be_exits_with_4(batchgauge: Command, folders: tuple[Path, Path]) -> None:
    done = batchgauge("compare", *folders, "--fail-if", "wait_s +20%", "--fail-if", "run_s +20%", "--quiet")
    assert done.returncode == 4
    assert done.stdout == ""
    assert "median(wait_s) +20%" in done.stderr
    assert "run_s" not in done.stderr
    assert batchgauge("compare", *folders, "--fail-if", "run_s +20%").returncode == 0


def test_documents_can_be_compared_and_the_answer_be_json(batchgauge: Command, folders: tuple[Path, Path]) -> None:
    done = batchgauge("compare", *(folder / "test-case-40.json" for folder in folders), "--json", "--quiet")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["conditions"][0]["condition"] == "max-vcpus"
    assert said["levels"][0]["level"] == 40


def test_markdown_is_written_in_the_readers_language(
    batchgauge: Command, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    assert batchgauge("compare", *folders, "--output", "comparison.md", "--lang", "ja").returncode == 0
    text = (tmp_path / "comparison.md").read_text(encoding="utf-8")
    assert text.startswith("# 測定結果の比較\n")
    assert "| `median(wait_s)` |" in text
    assert text.index("## 測定条件") < text.index("## 多重度 40")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["base", "nowhere"], 2, "nowhere"),
        (["base", "base", "--fail-if", "queue_s"], 2, "from character 8 on"),
        (["base/test-case-5.json", "new"], 1, "no concurrency level in common"),
        (["base", "notes.json"], 1, "notes.json"),
    ],
)
@pytest.mark.usefixtures("folders")
def test_what_cannot_be_compared_is_said(
    batchgauge: Command, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    (tmp_path / "notes.json").write_text("[]")
    done = batchgauge("compare", *arguments)
    assert done.returncode == code
    assert said in done.stderr


@pytest.mark.parametrize("argument", ["BASE", "NEW"])
def test_a_folder_that_is_not_there_is_named_by_its_argument(
    batchgauge: Command, folders: tuple[Path, Path], argument: str
) -> None:
    base, new = folders
    sides = (base / "none", new) if argument == "BASE" else (base, new / "none")
    done = batchgauge("compare", *sides)
    assert done.returncode == 2
    assert done.stderr.startswith(
        f"error: {argument}: there is no folder {sides[argument == 'NEW']}\nhint: give a folder"
    )
