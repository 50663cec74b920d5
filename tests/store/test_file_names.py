"""Names that Windows does not take."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, cast

import pytest

from batchgauge.store.file_names import is_possible_name

BAD_ON_WINDOWS = ["20:15.json", "what?.json", "a|b", "a<b>", 'a"b', "tab\tb", "n" * 256, "dot.", "space "]


def possible(name: str, platform: str) -> bool:
    return is_possible_name(cast(Any, PurePosixPath("results", name)), platform)


@pytest.mark.parametrize("name", BAD_ON_WINDOWS)
def test_windows_does_not_take_it_and_others_say_so_themselves(name: str) -> None:
    assert not possible(name, "win32")
    assert possible(name, "linux")


@pytest.mark.parametrize("name", ["result.json", "結果 5.json", "a b.json", "n" * 255, ".hidden"])
def test_these_are_names_everywhere(name: str) -> None:
    assert possible(name, "win32")
    assert possible(name, "linux")


@pytest.mark.parametrize("platform", ["win32", "linux", "darwin"])
def test_a_null_character_is_in_no_name(platform: str) -> None:
    assert not possible("a\0b", platform)
