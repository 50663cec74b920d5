from __future__ import annotations

import gettext
import os
from collections.abc import Iterator

import pytest
from click import Choice, Command, Group, Option, UsageError

from batchgauge.messages import Language, resolve_language, speak_library


@pytest.mark.parametrize(
    ("flag", "environ", "locale_name", "language"),
    [
        (None, {}, None, "en"),
        ("ja", {"BATCHGAUGE_LANG": "en", "LANG": "en_US.UTF-8"}, None, "ja"),
        ("en", {"LANG": "ja_JP.UTF-8"}, None, "en"),
        (None, {"BATCHGAUGE_LANG": "ja", "LC_ALL": "C"}, None, "ja"),
        (None, {"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, None, "en"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "ja_JP.UTF-8", "LANG": "C"}, None, "ja"),
        (None, {"LANG": "ja_JP.eucJP"}, None, "ja"),
        (None, {}, "Japanese_Japan.932", "ja"),
        (None, {"LANG": "de_DE.UTF-8"}, "Japanese_Japan.932", "en"),
        (None, {"LANG": "JA"}, None, "ja"),
    ],
)
def test_the_first_that_says_anything_decides(
    flag: str | None, environ: dict[str, str], locale_name: str | None, language: str
) -> None:
    assert resolve_language(flag, environ, locale_name=locale_name) == language


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LANGUAGE", "")
    domain = gettext.textdomain()
    yield
    gettext.textdomain(domain)


@pytest.mark.usefixtures("restored")
def test_the_library_speaks_the_language_too() -> None:
    languages: tuple[Language, ...] = ("ja", "en")
    said = {}
    for language in languages:
        speak_library(language, os.environ)
        command = Command("x", params=[Option(["--number"], type=int), Option(["--choice"], type=Choice(["a", "b"]))])
        for arguments in (["--number", "x"], ["--choice", "c"], ["--nothing"], ["extra"]):
            with pytest.raises(UsageError) as raised:
                command.main(arguments, standalone_mode=False)
            said[language, arguments[0]] = raised.value.format_message()
        said[language, "help"] = command.get_help(command.make_context("x", []))
    assert said["en", "--number"] == "Invalid value for '--number': 'x' is not a valid integer."
    assert said["ja", "--number"] == "'--number' の値が正しくありません: 'x' は数値 (integer) ではありません。"
    assert "使い方:" in said["ja", "help"]
    assert [key for key in said if key[0] == "ja" and said[key].isascii()] == []
    assert [key for key in said if key[0] == "en" and not said[key].isascii()] == []


@pytest.mark.usefixtures("restored")
def test_a_command_that_does_not_exist_is_said_in_japanese() -> None:
    speak_library("ja", os.environ)
    with pytest.raises(UsageError) as raised:
        Group("x").main(["nothing"], standalone_mode=False)
    assert "コマンド 'nothing' はありません" in raised.value.format_message()
