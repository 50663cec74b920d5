from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.messages import plain


@given(st.text())
def test_nothing_in_plain_text_moves_hides_or_breaks_a_line(text: str) -> None:
    shown = plain(text)
    assert all(unicodedata.category(character)[0] != "C" for character in shown)
    assert len(shown.splitlines()) <= 1
    shown.encode()


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "M"])))
def test_text_of_any_language_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


@given(st.text())
def test_plain_text_is_plain_already(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\r\nand a\ttab", "two lines and a tab"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("evil\u202egnp.exe", "evil\\u202egnp.exe"),
        ("\udc80", "\\udc80"),
        ("測定\u3000結果", "測定\u3000結果"),
    ],
)
def test_what_is_unsafe_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert plain(text) == shown
