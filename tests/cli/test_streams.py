"""Output in the code pages of Windows."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from batchgauge.cli.streams import NEAREST, nearest, show_what_can_be_shown

CODE_PAGES = ("cp932", "cp1252", "cp437", "ascii")


def shown(text: str, encoding: str) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    show_what_can_be_shown(stream)
    stream.write(text)
    stream.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("encoding", CODE_PAGES)
@pytest.mark.parametrize("letter", [chr(number) for number in NEAREST])
def test_each_character_of_ours_is_shown_or_has_a_likeness(letter: str, encoding: str) -> None:
    try:
        expected = letter.encode(encoding).decode(encoding)  # 932 has a minus sign, and reads it as a wide one
    except UnicodeEncodeError:
        expected = NEAREST[ord(letter)]
    assert shown(f"a{letter}b", encoding) == f"a{expected}b"


def test_a_range_reads_as_one_in_japanese() -> None:
    assert shown("待ち 471 – 999 ms", "cp932") == "待ち 471 - 999 ms"


def test_what_has_no_likeness_is_a_question_mark() -> None:
    assert shown("日本 – ok", "cp1252") == "?? – ok"
    assert shown("日本 – ok", "ascii") == "?? - ok"


def test_utf_8_is_left_alone() -> None:
    assert shown("日本 – … →", "utf-8") == "日本 – … →"


def test_an_error_of_reading_is_not_its_affair() -> None:
    with pytest.raises(UnicodeDecodeError):
        nearest(UnicodeDecodeError("ascii", b"\xff", 0, 1, "reason"))


@pytest.mark.parametrize(("encoding", "language"), [("cp932", "ja"), ("cp437", "ja"), ("cp1252", "en")])
def test_no_code_page_ends_a_command(
    encoding: str, language: str, bare_environment: dict[str, str], tmp_path: Path
) -> None:
    for arguments in (["--help"], ["run", "--help"], ["run", "--nonsense"]):
        done = subprocess.run(
            [sys.executable, "-m", "batchgauge", "--lang", language, *arguments],
            env={**bare_environment, "PYTHONIOENCODING": encoding},
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert done.returncode == (2 if "--nonsense" in arguments else 0)
        assert b"Traceback" not in done.stderr
        text = (done.stdout + done.stderr).decode(encoding)
        assert "batchgauge" in text


def test_json_is_utf_8_whatever_the_console_speaks(
    server: Any, bare_environment: dict[str, str], tmp_path: Path
) -> None:
    template = {
        "jobDefinitionName": "d",
        "type": "container",
        "parameters": {"greeting": "こんにちは"},
        "containerProperties": {"image": "an/image:1", "command": ["echo", "Ref::greeting"]},
    }
    (tmp_path / "template.json").write_text(json.dumps(template), encoding="utf-8")
    pointing = {name: value for name, value in server.environment.items() if name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-m", "batchgauge", "job-definition", "register", "--file", "template.json", "--dry-run"],
        env={**bare_environment, **pointing, "PYTHONIOENCODING": "cp1252"},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode("utf-8"))["parameters"] == {"greeting": "こんにちは"}
